"""A picture of a run: how many of each class get a value action through, on a logarithmic scale."""

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from support_desk.verification.simulation.running import Result
from support_desk.verification.simulation.targets import MOST, VALUE_ACTIONS, VALUE_CELLS

_LEAST = 1e-7


def plot(result: Result, path: Path) -> None:
    """Write the picture, its kind by the ending of the name (.png, .svg); ValueError for an unknown ending."""
    figure = Figure(figsize=(10, 6), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    names = list(result.cells)
    for number, action in enumerate(VALUE_ACTIONS):
        tier = max(
            (tier for name, tier in VALUE_CELLS if name == action),
            key=lambda tier, action=action: max(  # type: ignore[misc]
                result.cells[name][action, tier].rate for name in names if name != "owner"
            ),
        )
        shares = [result.cells[name][action, tier] for name in names]
        rates = [max(share.rate, _LEAST) for share in shares]
        low = [max(0.0, rate - max(share.interval[0], _LEAST)) for rate, share in zip(rates, shares, strict=True)]
        high = [max(0.0, share.interval[1] - rate) for rate, share in zip(rates, shares, strict=True)]
        places = [place + (number - len(VALUE_ACTIONS) / 2) * 0.09 for place in range(len(names))]
        axes.errorbar(rates, places, xerr=[low, high], fmt="o", markersize=4, capsize=2, label=f"{action} {tier}")
    for place, name in enumerate(names):
        if MOST.get(name):
            axes.plot([MOST[name]] * 2, [place - 0.45, place + 0.45], color="black", linewidth=2)
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, 2)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.set_xlabel("share that gets the action through (black: target; whiskers: 95 %)")
    axes.set_title(f"Policy {result.policy_version}, {result.population}, {result.trials:,} a class (assumptions)")
    figure.legend(fontsize="small", loc="outside right upper")
    figure.savefig(path)
