"""Validation loss against training steps, beside what a model with a stated, limited memory would reach."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.cells import at_longest_gap, many_seeds
from seqbench.analysis.findings import Findings
from seqbench.events import VALIDATION, Baseline, Level, TaskFacts
from seqbench.report.figures import baselines, lines, marked, panels, seeds, told
from seqbench.report.figures.lines import BASELINE, thinned
from seqbench.report.figures.plot import Plot, ids

Tasks = Mapping[str, TaskFacts]


def plots(found: Findings) -> Iterator[Plot]:
    """Where a loss was recorded."""
    curves, tasks = found.curves[found.curves.metric == f"{VALIDATION}loss"], found.record.tasks
    if np.isfinite(curves.value).any():
        figure = _draw(curves, tasks, found.looks)
        caption = _caption(curves, found.done, tasks) + found.gaps_drawn
        yield Plot("loss", "Validation loss through training", caption, figure, ids(curves))


def _draw(curves: pd.DataFrame, tasks: Tasks, looks: Mapping[str, Look]) -> Figure:
    """A row per task with its baselines, a column per gap, a thin line per seed; many seeds are a band without ends."""
    many = many_seeds(curves)
    figure, axes = panels.by_gap(curves, lambda ax, here, looks: _panel(ax, here, looks, many), looks, labelled=True)
    rows = {row: [ax for (of, _), ax in axes.items() if of == row] for row, _ in axes}
    for (task, _), row in rows.items():
        _frame(row, curves[curves.task == task], tasks[task])
    told = baselines.named(rows, {task: tasks[task].baselines for task, _ in rows})
    solved = "solved, run stops" if curves.gap.any() else "solved"
    ends = [] if many else [lines.mark(solved, "o"), lines.mark("diverged", "x")]
    marks = [seeds.mark(many), lines.line("median of the seeds", width=2.4), *ends]
    panels.legend(figure, looks, marks, told)
    return figure


def _panel(ax: Axes, curves: pd.DataFrame, looks: Mapping[str, Look], many: bool) -> None:
    for arm, look in marked.by_arm(ax, panels.present(looks, curves)):
        runs = curves[curves.arm == arm]
        values = thinned(_kept(runs))
        if many:
            seeds.band(ax, values, look)
        for _, run in runs.groupby("run_id") if not many else ():
            _seed(ax, run.sort_values("step"), look)
        median = values.median(axis=1).replace(np.inf, np.nan)
        ax.plot(median.index, median, color=look.colour, linestyle=look.linestyle, linewidth=2.2, zorder=3)
        _tell(ax, runs, values, median)


def _tell(ax: Axes, runs: pd.DataFrame, values: pd.DataFrame, median: pd.Series) -> None:
    """Of the median over seeds, from the least to the greatest."""
    where, ends = _where(runs), (values.min(axis=1), values.max(axis=1))
    told.along(ax, median.index, median, f"{where}, median at step {{:,.0f}}".format, wording.level, ids(runs), ends)


def _where(runs: pd.DataFrame) -> str:
    return wording.at(runs.task.iloc[0], runs.gap.iloc[0])


def _seed(ax: Axes, run: pd.DataFrame, look: Look) -> None:
    seen = run[np.isfinite(run.value)]
    if seen.empty:
        return
    points = thinned(seen.set_index("step").value)
    ax.plot(points.index, points, color=look.colour, linewidth=0.7, alpha=0.55, zorder=2)
    end = seen.iloc[-1]
    outcome = run.outcome.iloc[0]
    said = f"{outcome}, validation loss {wording.level(end.value)} at step {wording.count(end.step)}"
    told.tell(ax, end.step, end.value, [told.Tip(f"{_where(run)}, seed {end.seed}", said, runs=(end.run_id,))])
    if outcome == "solved":
        ax.plot(end.step, end.value, look.marker, color=look.colour, markersize=5, markeredgecolor="white",
                markeredgewidth=0.6, zorder=4)  # fmt: skip
    elif outcome == "diverged":
        # At the upper edge: its last losses may lie far above the panel.
        ax.plot(end.step, 0.96, "x", transform=ax.get_xaxis_transform(), color=look.colour, markersize=6.5,
                markeredgewidth=1.8, zorder=4)  # fmt: skip


def _kept(runs: pd.DataFrame) -> pd.DataFrame:
    """Loss of each run (column) at each step (row), for the median over seeds.

    A run that has stopped keeps its last value (and counts as infinite once it has diverged): leaving it out would
    make the median one of the runs that have not solved the task yet.
    """
    diverged = runs[runs.outcome == "diverged"].run_id.unique()
    values = runs.pivot_table(index="step", columns="run_id", values="value", aggfunc="last").ffill()
    for run in set(diverged) & set(values.columns):
        values.loc[values.index > runs[runs.run_id == run].step.max(), run] = np.inf
    return values


def _frame(row: Sequence[Axes], curves: pd.DataFrame, facts: TaskFacts) -> None:
    """Limits, labels and baselines of a row of panels."""
    worst = max((baseline.loss for baseline in facts.baselines), default=np.inf)
    seen = curves.value[np.isfinite(curves.value) & (curves.value > 0)]
    if len(seen):
        # A diverging run may leave the panel at the top; stretching the axis to it would flatten all others.
        row[0].set_ylim(seen.min() * 0.7, min(max(seen.max() * 1.4, worst * 1.4), worst * 6))
    panels.log_axis(row[0])
    row[0].set_ylabel(f"validation loss\n{facts.loss_name}")
    for ax in row:
        panels.steps_axis(ax, curves.step.min(), curves.step.max())
        for baseline in facts.baselines:
            ax.axhline(baseline.loss, color="#777777", linewidth=0.9, linestyle=BASELINE.line, zorder=1.5)


def _caption(curves: pd.DataFrame, done: pd.DataFrame, tasks: Tasks) -> list[str]:
    """How many runs solved, and at which level the others ended by their tests, beside the closed-form baselines."""
    ends = curves[np.isfinite(curves.value)].sort_values("step").groupby("run_id").last()
    many = many_seeds(curves)
    parts = [_by_outcome(ends, many)]
    for task, runs in at_longest_gap(done[(done.outcome == "unsolved") & done.run_id.isin(ends.index)]).groupby("task"):
        parts.append(f"On {wording.at(task, runs.gap.max())}, {_where_unsolved_ended(runs, tasks[task])}.")
    parts.append("The thick line is the median over seeds, in which a run that has stopped keeps its last loss.")
    if many:
        parts[-1] += " Bands hold four fifths of the seeds, from the 10th to the 90th percentile."
    return parts


def _by_outcome(ends: pd.DataFrame, many: bool) -> str:
    by_outcome = ends.outcome.value_counts()
    solved, diverged = int(by_outcome.get("solved", 0)), int(by_outcome.get("diverged", 0))
    told = (
        f"Loss on validation sequences through training; {BASELINE.word} lines are what the named strategies score "
        f"{_known_from(ends)}. {wording.share(solved, len(ends))} solved the task"
        f"{' and stopped' if ends.gap.all() else ''}{'' if many else ' (marker at the end of the line)'}."
    )
    if diverged:
        told = f"{told[:-1]}, and {wording.plural(diverged, 'run')} diverged{'' if many else ' (cross)'}."
    return told


def _known_from(runs: pd.DataFrame) -> str:
    """What has no gap to set is text, on which the baselines are counted."""
    return "in theory" if runs.gap.all() else "in theory, or on the test text" if runs.gap.any() else "on the test text"


def _where_unsolved_ended(runs: pd.DataFrame, facts: TaskFacts) -> str:
    """Arms that ended at the same level are named together."""
    medians = runs.groupby("arm").test_loss.median()
    alike: dict[str, list[str]] = {}
    for arm in arms_in_order(runs.arm):
        alike.setdefault(_of_arm(runs[runs.arm == arm], facts.baselines), []).append(arm)
    return "; ".join(
        f"the unsolved runs of {wording.arms(arms)} ended {where}, with a median test loss of {_range(medians[arms])}"
        for where, arms in alike.items()
    )


def _of_arm(runs: pd.DataFrame, known: tuple[Baseline, ...]) -> str:
    """Where its runs ended, the commonest place first; counted where they ended at several."""
    levels = [Level("loss", loss, error) for loss, error in zip(runs.test_loss, runs.test_loss_error, strict=True)]
    places = Counter(_beside(level, known) for level in levels).most_common()
    return places[0][0] if len(places) == 1 else wording.listed(f"{place} ({count})" for place, count in places)


def _range(values: pd.Series) -> str:
    low, high = wording.level(values.min()), wording.level(values.max())
    return low if low == high else f"{low} to {high}"


def _beside(test: Level, known: tuple[Baseline, ...]) -> str:
    """Where a test loss lies among the baselines."""
    near = next((baseline for baseline in known if test.at(baseline)), None)
    if near is not None:
        return f"at the level of “{near.name}” ({wording.level(near.loss)})"
    above = [baseline for baseline in known if test.better_than(baseline)]
    if not above:
        return "above every baseline" if known else "with no baseline to compare"
    return f"below “{min(above, key=lambda baseline: baseline.loss).name}”"
