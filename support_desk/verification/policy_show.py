"""Renders the policy as Markdown: the tables people read are the rule the program follows."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations

from support_desk.verification.deciding import decide
from support_desk.verification.policy import (
    Alternative,
    Context,
    Evidence,
    Policy,
    Route,
    Row,
    Tier,
)

# What a customer may still have, and what that lets them show at best.
KEEPABLE = ("e-mail", "phone", "saved code", "order history", "address")
_SHOWS = {
    "e-mail": ("email_code",),
    "phone": ("sms_code",),
    "saved code": ("recovery_code",),
    "order history": ("order_recall",),
    "address": ("letter_code", "id_mail"),
}


def render_policy(policy: Policy) -> str:
    """The policy as a Markdown page, ending with the cases that have no route."""
    return "\n".join(
        [
            "# The verification policy",
            "",
            f"Version {policy.version}. Written by `support-desk policy show`; do not edit.",
            "",
            *_levels(policy),
            *_actions(policy),
            *_notes(policy),
            *_no_routes(policy),
        ]
    )


def evidence_of(policy: Policy, kept: Sequence[str], at: datetime) -> list[Evidence]:
    """The most that somebody can show who has kept these of KEEPABLE: old channels, full order history."""
    bits = policy.history_tiers[-1]
    return [
        Evidence(policy.kinds[kind].group, kind, at, bits=bits, channel_since=at - timedelta(days=3650))
        for thing in kept
        for kind in _SHOWS[thing]
    ]


def cases_without_route(policy: Policy) -> Iterator[tuple[str, Tier, tuple[str, ...], tuple[str, ...]]]:
    """(action, tier, what is kept, what would open it) for each combination that no wait and no work opens.

    A notice can be delivered and a reset has taken effect: both follow from asking.
    """
    at = datetime(2026, 1, 1, tzinfo=UTC)
    context = Context(reset_at=at, notice_at=at)
    for action in policy.rows:
        for tier in Tier:
            for kept in _combinations():
                verdict = decide(policy, evidence_of(policy, kept, at), tier, action, context, at)
                if not verdict.allowed:
                    yield action, tier, kept, verdict.needs


def _combinations() -> Iterator[tuple[str, ...]]:
    for count in range(len(KEEPABLE) + 1):
        yield from combinations(KEEPABLE, count)


def _levels(policy: Policy) -> Iterator[str]:
    yield from ("## Levels", "", "| level | any of |", "| --- | --- |")
    for level in policy.levels:
        routes = "; ".join(_route(policy, route) for route in level.routes)
        if level.hold:
            start = " from a delivered notice" if level.notice else ""
            routes += f". Hold {duration_text(level.hold)}{start}"
        yield f"| `{level.name}` | {routes} |"
    yield ""


def _route(policy: Policy, route: Route) -> str:
    parts = []
    for need in route.needs:
        if need.kind:
            parts.append(_title(policy.kinds[need.kind].titles))
        else:
            tier = f" tier {need.tier}" if need.tier else ""
            parts.append(_title(policy.groups[need.group]) + tier)
    hold = f" (hold at least {duration_text(route.hold)})" if route.hold else ""
    return " + ".join(parts) + hold


def _title(titles: Mapping[str, str]) -> str:
    return titles["en"]


def _actions(policy: Policy) -> Iterator[str]:
    tiers = " | ".join(Tier)
    yield from ("## Actions", "", f"| action | asks | {tiers} | hold | agents |")
    yield "| --- | --- |" + " --- |" * (len(Tier) + 2)
    for row in policy.rows.values():
        cells = " | ".join(cell_text(row.cells[tier]) for tier in Tier)
        holds = _per_tier([duration_text(row.holds[tier]) for tier in Tier])
        agents = _per_tier([str(row.agents[tier]) for tier in Tier])
        yield f"| `{row.action}` | {_title(row.titles)} | {cells} | {holds} | {agents} |"
    yield ""


def _notes(policy: Policy) -> Iterator[str]:
    tiers = ", ".join(f"tier {n} from {bits:g} bits" for n, bits in enumerate(policy.history_tiers, start=1))
    yield f"- Order history: {tiers}."
    yield (
        f"- A channel younger than {policy.channel_age.days} days"
        f" ({policy.channel_age_set_by_desk.days} if set by the desk) weighs nothing, except in "
        + _listed(row.action for row in policy.rows.values() if row.young_channels)
        + "."
    )
    contested = policy.contested
    yield (
        f"- Contested (a stop, a rival claim): `{contested.level}`, {duration_text(contested.hold)}"
        f" and {contested.agents} agents in every row; nothing else counts."
    )
    for level in policy.levels:
        if level.notice:
            yield (
                f"- `{level.name}` counts only where a notice reached a registered channel,"
                f" and its {duration_text(level.hold)} run from there."
            )
    for row in policy.rows.values():
        yield from _row_notes(row)
    yield ""


def _row_notes(row: Row) -> Iterator[str]:
    if row.after_replacement:
        yield f"- `{row.action}` falls under `{row.after_replacement}` once a channel was replaced."
    if row.other_than_reset:
        yield f"- `{row.action}` asks for a group that did not open the reset."
    if row.limit_times and row.limit_window:
        yield f"- `{row.action}`: {row.limit_times} in {row.limit_window.days} days."
    if row.ends_after:
        yield f"- `{row.action}` ends after {duration_text(row.ends_after)} or at the next ordinary sign-in."


def _no_routes(policy: Policy) -> Iterator[str]:
    yield from ("## No route", "")
    yield f"Tried: each of {', '.join(KEEPABLE)} kept or lost, for every action and tier."
    yield "Shown: the most that one can keep and still have no route; whoever keeps less of it has none either."
    yield "The reason is each time that none of what would open it can be shown."
    yield ""
    grouped: dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, list[Tier]]] = {}
    for action, tier, kept, needs in _furthest(policy):
        grouped.setdefault((kept, needs), {}).setdefault(action, []).append(tier)
    if not grouped:
        yield "None."
        return
    yield from ("| kept | would open it | closed |", "| --- | --- | --- |")
    for (kept, needs), actions in grouped.items():
        closed = ", ".join(f"`{action}` {_tiers(tiers)}" for action, tiers in actions.items())
        yield f"| {', '.join(kept) or 'nothing'} | {_listed(needs)} | {closed} |"
    yield ""


def _furthest(policy: Policy) -> Iterator[tuple[str, Tier, tuple[str, ...], tuple[str, ...]]]:
    """Cases without a route that are not part of another one of the same action and tier."""
    cases = list(cases_without_route(policy))
    for action, tier, kept, needs in cases:
        others = [set(more) for act, at_tier, more, _ in cases if (act, at_tier) == (action, tier)]
        if not any(set(kept) < other for other in others):
            yield action, tier, kept, needs


def _tiers(tiers: list[Tier]) -> str:
    return tiers[0] if len(tiers) == 1 else f"{tiers[0]} to {tiers[-1]}"


def cell_text(cell: tuple[Alternative, ...]) -> str:
    """A cell as it stands in the file: `strong, or basic + 72 h`."""
    return ", or ".join(
        each.level + ("" if each.wait is None else f" + {duration_text(each.wait)}") for each in cell
    )


def duration_text(value: timedelta) -> str:
    """`0`, `72 h` or, from four days on, `7 d`."""
    hours = int(value.total_seconds() // 3600)
    if hours >= 96 and hours % 24 == 0:
        return f"{hours // 24} d"
    return f"{hours} h" if hours else "0"


def _per_tier(values: list[str]) -> str:
    return values[0] if len(set(values)) == 1 else ", ".join(values)


def _listed(items: Iterable[str]) -> str:
    return ", ".join(f"`{item}`" for item in items)
