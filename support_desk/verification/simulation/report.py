"""What a run found, as a page of Markdown and as one JSON object."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from support_desk.verification.policy import Tier
from support_desk.verification.simulation.running import Judged, Result, Share
from support_desk.verification.simulation.targets import PUBLISHED, VALUE_ACTIONS

WARNING = "The inputs are assumptions (`assumptions.toml`, `--set`): results of a model, not rates from the field."


def render(result: Result) -> str:
    """The page."""
    return "\n".join(
        [
            "# The attack simulation",
            "",
            WARNING,
            "",
            *_setting(result),
            "",
            *_targets(result),
            *_cells(result),
            *_history(result),
            "## Published figures",
            "",
            "Of other methods and other people: printed beside, not compared.",
            "",
            *[f"- {line}" for line in PUBLISHED],
            "",
        ]
    )


def _setting(result: Result) -> Iterator[str]:
    worth = ", ".join(f"{tier} {share:.1%}" for tier, share in result.tier_shares.items())
    yield (
        f"Policy {result.policy_version}; {result.population} population, tables over {result.accounts} accounts"
        f" ({result.quiz_share:.0%} can be given the quiz)."
    )
    yield f"{result.trials:,} people a class, seed {result.seed}. Value of the accounts: {worth}."
    yield "Intervals are Clopper-Pearson, 95 %."


def _targets(result: Result) -> Iterator[str]:
    yield from (
        "## Targets",
        "",
        "| who | bound | came out | 95 % | tends to | worst case | |",
        "| --- |" + " --- |" * 6,
    )
    for each in result.judged:
        low, high = each.share.interval
        bound = f"≥ {each.bound:g}" if each.at_least else f"≤ {each.bound:g}"
        cell = f"`{each.cell[0]}` {each.cell[1]}" if each.cell else ""
        verdict = "met" if each.met else "**missed**"
        cells = (
            each.who,
            bound,
            _rate(each.share.rate),
            f"{_rate(low)} to {_rate(high)}",
            _rate(each.expected),
            cell,
            verdict,
        )
        yield f"| {' | '.join(cells)} |"
    works = result.owner["e-mail works"]
    yield f"| owner, e-mail works | printed only | {_rate(works.rate)} | | | | |"
    yield ""
    for each in result.judged:
        if not each.met and each.cell:
            yield from _why(result, each)
    if any(each.reasons for each in result.judged):
        yield "Halved: of `cancel`, the cases that nobody stops."
        yield ""


def _why(result: Result, judged: Judged) -> Iterator[str]:
    yield f"### Missed: {judged.who}, at most {judged.bound:g}"
    yield ""
    yield "| action | missed at | in the worst, one assumption halved | what alone would meet the bound there |"
    yield "| --- | --- | --- | --- |"
    for each in judged.reasons:
        action, worst = each.cell
        tiers = [tier for name, tier in judged.missed if name == action]
        shares = ", ".join(f"{tier} {_rate(result.cells[judged.who][action, tier].rate)}" for tier in tiers)
        halved = ", ".join(f"`{key}` {_rate(rate)}" for key, rate in each.rests_on)
        needed = ", ".join(f"`{mend.key}` {mend.needed:.3g}, not {mend.assumed:g}" for mend in each.mends)
        yield f"| `{action}` | {shares} | {worst}: {halved} | {needed or 'none'} |"
    yield ""


def _cells(result: Result) -> Iterator[str]:
    tiers = list(Tier)
    for action in VALUE_ACTIONS:
        yield from (
            f"## `{action}`",
            "",
            "| class | " + " | ".join(tiers) + " |",
            "| --- |" + " --- |" * len(tiers),
        )
        for name, cells in result.cells.items():
            yield f"| {name} | " + " | ".join(_share(cells[action, tier]) for tier in tiers) + " |"
        yield ""


def _history(result: Result) -> Iterator[str]:
    yield from ("## Order history", "", "Shares that reach tier 1, 2, 3.", "")
    yield from ("| class | one quiz | one recall | all attempts of a year |", "| --- | --- | --- | --- |")
    for name, history in result.history.items():
        parts = (history.quiz, history.recall, history.year)
        yield f"| {name} | " + " | ".join(", ".join(_rate(rate) for rate in part) for part in parts) + " |"
    yield ""


def _share(share: Share) -> str:
    if not share.found:
        return f"0 (≤ {_rate(share.interval[1])})"
    return _rate(share.rate)


def _rate(rate: float) -> str:
    if rate in (0.0, 1.0):
        return f"{rate:g}"
    return f"{rate:.3f}" if 0.01 <= rate <= 0.9995 else f"{rate:.1e}" if rate < 0.01 else f"{rate:.5f}"


def as_json(result: Result) -> dict[str, Any]:
    """Everything, as plain values."""
    return {
        "warning": WARNING,
        "policy_version": result.policy_version,
        "population": result.population,
        "accounts_count": result.accounts,
        "tier_shares": {tier.value: share for tier, share in result.tier_shares.items()},
        "quiz_share": result.quiz_share,
        "seed": result.seed,
        "trials_count": result.trials,
        "assumptions": result.assumptions.table,
        "targets": [_judged(each) for each in result.judged],
        "owner": {name: _json_share(share) for name, share in result.owner.items()},
        "cells": [
            {"class": name, "action": action, "tier": tier.value, **_json_share(share)}
            for name, cells in result.cells.items()
            for (action, tier), share in cells.items()
        ],
        "order_history": {name: asdict(history) for name, history in result.history.items()},
        "published": list(PUBLISHED),
    }


def _judged(judged: Judged) -> dict[str, Any]:
    return {
        "who": judged.who,
        "bound": judged.bound,
        "at_least": judged.at_least,
        "met": judged.met,
        **_json_share(judged.share),
        "expected": judged.expected,
        "worst": _json_cell(judged.cell) if judged.cell else None,
        "missed": [_json_cell(cell) for cell in judged.missed],
        "reasons": [
            {
                **_json_cell(each.cell),
                "halved": dict(each.rests_on),
                "would_meet": [asdict(mend) for mend in each.mends],
            }
            for each in judged.reasons
        ],
    }


def _json_cell(cell: tuple[str, Tier]) -> dict[str, str]:
    return {"action": cell[0], "tier": cell[1].value}


def _json_share(share: Share) -> dict[str, Any]:
    low, high = share.interval
    return {"found": share.found, "trials": share.trials, "rate": share.rate, "low": low, "high": high}
