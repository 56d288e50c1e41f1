"""The policy in words an agent reads: what an action is called, and what is still needed for it."""

from __future__ import annotations

from dataclasses import dataclass

from support_desk.verification.policy import NOTICE, OTHER_GROUP, RESET, Group, Policy
from support_desk.verification.policy_file import policy_in_force
from support_desk.verification.verdict_service import ACCOUNT
from support_desk.web.language import Texts

_CONDITIONS = {
    ACCOUNT: "need_account",
    NOTICE: "need_notice",
    RESET: "need_reset",
    OTHER_GROUP: "need_other_group",
}


@dataclass(frozen=True)
class PolicyWords:
    """The policy in force, in one language."""

    policy: Policy
    t: Texts

    def action(self, name: str) -> str:
        """What an action is called."""
        row = self.policy.rows.get(name)
        return row.titles[self.t.language] if row else name

    def group(self, name: str) -> str:
        """What a group of evidence is called."""
        return self.policy.groups[Group(name)][self.t.language]

    def kind(self, name: str) -> str:
        """What a kind of evidence is called."""
        kind = self.policy.kinds.get(name)
        return kind.titles[self.t.language] if kind else name

    def need(self, need: str) -> str:
        """One set of what is missing: `MEM.2 + TEL` in words."""
        return " + ".join(self._part(part) for part in need.split(" + "))

    def _part(self, part: str) -> str:
        if part in _CONDITIONS:
            return self.t(_CONDITIONS[part])
        group, _, qualifier = part.partition(".")
        if group == Group.MEM and qualifier:
            return self.t("history_tier", history=self.group(group), tier=qualifier)
        return self.kind(qualifier) if qualifier else self.group(group)


def policy_words(t: Texts) -> PolicyWords:
    """The words of the policy in force."""
    return PolicyWords(policy_in_force(), t)
