"""Steps to solve against gap, with the fitted power law."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import times
from seqbench.report.figures import crowd, lines, marked, panels, told
from seqbench.report.figures.plot import IdsBy, Plot, ids, ids_by
from seqbench.statistics.growth import Growth

Growths = Mapping[tuple[str, str], Growth]


def plots(found: Findings) -> Iterator[Plot]:
    """Where arms were tested at several gaps of a task that some run solved."""
    if growths := found.growths:
        drawn = found.timed[found.timed.task.isin([task for task, _ in growths])]
        caption, figure = _caption(growths), _draw(drawn, growths, found.looks)
        yield Plot("growth", "Growth of the time to solve with the gap", caption, figure, ids(drawn))


def _draw(runs: pd.DataFrame, growths: Growths, looks: Mapping[str, Look]) -> Figure:
    """A panel per task: a point per run, hollow at its budget if it did not solve, and a line per fitted arm."""
    tasks = list(dict.fromkeys(task for task, _ in growths))
    figure, shown = panels.by_task(tasks, 3.7, panels.present(looks, runs))
    for task, ax, own, first in shown:
        _panel(ax, runs[runs.task == task], {arm: fit for (of, arm), fit in growths.items() if of == task}, own)
        ax.set_ylabel("steps to solve (log scale)" if first else "")
    shown[0].ax.set_ylim(np.min(times(runs).steps) / 1.5, runs.budget.max() * 1.5)
    panels.log_axis(shown[0].ax)
    marks = [lines.mark("not solved within the budget", "o", filled=False), lines.line("fitted power law", width=1.8)]
    panels.legend(figure, looks, marks)
    return figure


def _panel(ax: Axes, runs: pd.DataFrame, growths: Mapping[str, Growth], looks: Mapping[str, Look]) -> None:
    panels.gap_axis(ax, runs.gap.unique())
    ax.set_xlabel("gap (steps, log scale)")
    present = panels.present(looks, runs)
    places, most = crowd.places(present), len(crowd.front(present))
    for arm, look in marked.by_arm(ax, present):
        shift = places[arm] * min(7, 28 / max(1, most))
        own = runs[runs.arm == arm]
        _points(ax, own, look, shift)
        if arm in growths:
            _line(ax, own, growths[arm], look)


def _points(ax: Axes, runs: pd.DataFrame, look: Look, shift: float) -> None:
    """Moved sideways by points (1/72 inch), so that arms do not cover one another."""
    moved = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    solved = runs[runs.outcome == "solved"]
    unsolved = runs[runs.outcome != "solved"].drop_duplicates(["gap", "budget"])
    ax.plot(
        solved.gap, times(solved).steps, look.marker, color=look.colour, markersize=5, alpha=0.75,
        markeredgecolor="white", markeredgewidth=0.5, transform=moved, zorder=3,
    )  # fmt: skip
    ax.plot(
        unsolved.gap, unsolved.budget, look.marker, color=look.colour, markersize=6, markerfacecolor="white",
        markeredgewidth=1.2, transform=moved, zorder=2.5,
    )  # fmt: skip
    told.tell(ax, solved.gap, times(solved).steps, map(_tip, solved.itertuples()), moved)
    never = ids_by(runs[runs.outcome != "solved"], "gap", "budget")
    told.tell(ax, unsolved.gap, unsolved.budget, [_never(run, never) for run in unsolved.itertuples()], moved)


def _tip(run: Any) -> told.Tip:
    where = f"{wording.at(run.task, run.gap)}, seed {run.seed}"
    return told.Tip(where, f"solved after {wording.count(run.steps)} steps", runs=(run.run_id,))


def _never(run: Any, ids: IdsBy) -> told.Tip:
    own = ids[run.gap, run.budget]
    said = f"{wording.plural(len(own), 'run')} not solved within {wording.count(run.budget)} steps"
    return told.Tip(wording.at(run.task, run.gap), said, runs=own)


def _line(ax: Axes, runs: pd.DataFrame, fit: Growth, look: Look) -> None:
    """Over the gaps tested, as far as the budget: nothing was seen beyond. None where the interval is open."""
    if not np.isfinite([fit.low, fit.high]).all():
        return
    gaps = np.geomspace(runs.gap.min(), runs.gap.max(), 200)
    medians = np.array([fit.median_steps(gap) for gap in gaps])
    seen = medians <= runs.budget.max()
    ax.plot(gaps[seen], medians[seen], color=look.colour, linestyle=look.linestyle, linewidth=1.8, zorder=2)


def _caption(growths: Growths) -> list[str]:
    """The exponent of each arm with its interval, task by task."""
    parts = [
        "Steps to solve against gap, a point per run; hollow points did not solve their task within their budget. "
        "Lines: median steps growing as a power of the gap.",
        "The lines are fitted to all runs, unsolved ones counting as longer than watched, and drawn as far as the "
        "budget.",
    ]
    for task in dict.fromkeys(task for task, _ in growths):
        told = [f"{arm} {_grows(fit)}" for (of, arm), fit in growths.items() if of == task]
        parts.append(f"On {task}, the steps grow with the gap to the power of: {'; '.join(told)}.")
    parts.append(
        "In brackets: 95 % intervals of the exponent; where the runs bound it on one side only, as when all "
        "that solved were at one gap, the interval alone. An exponent of 1 means that twice the gap takes twice the "
        "steps. The fit supposes that every run would solve its task in the end."
    )
    return parts


def _grows(fit: Growth) -> str:
    tally = f"{wording.tally(fit.solved, fit.runs)} runs solved"
    if math.isnan(fit.exponent):
        return f"none, it never solved it ({tally})"
    if math.isinf(fit.low) and math.isinf(fit.high):
        return f"not known, too few solved runs for an interval ({tally})"
    return f"{_exponent(fit)}, {tally}"


def _exponent(fit: Growth) -> str:
    low, value, high = (
        f"{round(number, 2) + 0.0:.2f}".replace("-", "−") for number in (fit.low, fit.exponent, fit.high)
    )
    return wording.estimate(value, None if math.isinf(fit.low) else low, None if math.isinf(fit.high) else high)
