"""What is to be seen in each figure, said from the data: every number and every choice of words is computed.

A caption is a list of paragraphs: what is drawn, then a finding per task, then what else to know.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from seqbench import statistics
from seqbench.record import Baseline, TaskFacts
from seqbench.report import palette, tables, wording
from seqbench.report.figures.gradient_by_lag import at_longest_gap

TELLING_FACTOR = 1.0
"""Difference in log10 from which two gradients are called different: seeds vary by less than a factor of ten."""


def success(summary: pd.DataFrame) -> list[str]:
    """Who solved which gaps, and where the intervals tell the arms apart."""
    counted = summary[summary.finished > 0]
    number = sorted(counted.finished.unique())
    seeds = wording.plural(number[0], "run") if len(number) == 1 else f"{number[0]} to {number[-1]} runs"
    parts = [f"Share of runs that solved the task, {seeds} to a point, with 95 % Wilson intervals."]
    for task, rows in counted.groupby("task"):
        parts.append(_joined(longest(task, rows), _told_apart(task, rows)))
    if counted.arm.nunique() > 1:
        parts.append("The arms are drawn a little beside and above one another, so that equal results stay visible.")
    return parts


def answer(task: str, rows: pd.DataFrame) -> str:
    """Who got farthest on a task, and who least far, by the point estimates; `rows` are its rows of the summary."""
    arms = {arm: rows[rows.arm == arm] for arm in palette.ordered(rows.arm)}
    if len(arms) == 1 or len({tuple(sorted(cells.gap)) for cells in arms.values()}) > 1:
        return longest(task, rows)
    reach = {arm: statistics.gap50(*_counts(cells)) for arm, cells in arms.items()}
    best, worst = max(reach.values()), min(reach.values())
    first = [arm for arm in arms if reach[arm] == best]
    farthest = f"On {task}, {wording.listed(first)} got"
    if best == worst:
        return f"{farthest} equally far: at least half of the runs succeeded {_reach(rows)}."
    last = [arm for arm in arms if reach[arm] == worst]
    return (
        f"{farthest} farthest: at least half of the runs succeeded {_reach(arms[first[0]])}. "
        f"{wording.listed(last)} got least far: {_reach(arms[last[0]])}."
    )


def longest(task: str, rows: pd.DataFrame) -> str:
    """One sentence on how far each arm got on a task; `rows` are its rows of the summary."""
    reach = [f"{arm} {_reach(rows[rows.arm == arm])}" for arm in palette.ordered(rows.arm)]
    return f"On {task}, at least half of the runs succeeded: {'; '.join(reach)}."


def _reach(cells: pd.DataFrame) -> str:
    gaps = sorted(int(gap) for gap in cells.gap)
    cells = cells.set_index("gap").loc[gaps]
    found = statistics.bracket(gaps, cells.solved, cells.finished)
    solved = [gap for gap in gaps if 2 * cells.solved[gap] >= cells.finished[gap]]
    if found.solved is None:
        return f"at none of the gaps tested ({wording.listed(gaps)})" if len(gaps) > 1 else f"not at gap {gaps[0]}"
    if found.unsolved is None:
        return f"at every gap tested, up to {gaps[-1]}" if len(gaps) > 1 else f"at gap {gaps[0]}, the only one tested"
    if found.monotone:
        return f"up to gap {found.solved}, not at {found.unsolved}"
    return f"at gap {wording.listed(solved)}, but not at {wording.listed(gap for gap in gaps if gap not in solved)}"


def _told_apart(task: str, rows: pd.DataFrame) -> str:
    """Whether the intervals of the best and the worst arm overlap, gap by gap."""
    compared = {int(gap): cells for gap, cells in rows.groupby("gap") if len(cells) > 1}
    apart = [gap for gap, cells in compared.items() if cells.wilson_low.max() > cells.wilson_high.min()]
    if not compared:
        return ""
    if not apart:
        return f"On {task} the intervals of the best and the worst arm overlap at every gap: none is shown to be better."
    cells = compared[apart[-1]]
    best, worst = cells.loc[cells.wilson_low.idxmax()], cells.loc[cells.wilson_high.idxmin()]
    example = f"at gap {apart[-1]}, {best.arm} solved {_tally(best)} and {worst.arm} {_tally(worst)}"
    if len(apart) == len(compared):
        return f"The intervals of the best and the worst arm are apart {_everywhere(apart)}; {example}."
    return (
        f"The intervals of the best and the worst arm are apart at gap {wording.listed(apart)} ({example}) "
        f"and overlap at {wording.listed(gap for gap in compared if gap not in apart)}."
    )


def _everywhere(gaps: list[int]) -> str:
    return "at every gap" if len(gaps) > 1 else "at the one gap compared"


def _tally(cell: pd.Series) -> str:
    return f"{cell.solved} of {cell.finished}"


def loss(curves: pd.DataFrame, tasks: Mapping[str, TaskFacts]) -> list[str]:
    """How many runs solved, and at which level the others ended, beside the closed-form baselines."""
    ends = curves[np.isfinite(curves.value)].sort_values("step").groupby("run_id").last()
    by_outcome = ends.outcome.value_counts()
    solved, diverged = int(by_outcome.get("solved", 0)), int(by_outcome.get("diverged", 0))
    parts = [
        "Loss on validation sequences through training; dotted lines are what the named strategies score in theory. "
        f"{_how_many(solved, len(ends))} solved the task and stopped (marker at the end of the line)."
    ]
    if diverged:
        parts[0] += f" {wording.plural(diverged, 'run')} diverged (cross)."
    unsolved = ends[ends.outcome == "unsolved"]
    for task, runs in at_longest_gap(unsolved).groupby("task"):
        parts.append(f"On {task} at gap {runs.gap.max()}, {_ends(runs, tasks[task])}.")
    parts.append("The thick line is the median over seeds, in which a run that has stopped keeps its last loss.")
    return parts


def _how_many(part: int, whole: int) -> str:
    if part in (0, whole):
        return f"{'None' if part == 0 else 'All'} of the {wording.plural(whole, 'run')}"
    return f"{part} of {wording.plural(whole, 'run')}"


def _ends(runs: pd.DataFrame, facts: TaskFacts) -> str:
    by_arm = [(arm, runs[runs.arm == arm].value) for arm in palette.ordered(runs.arm)]
    return "; ".join(
        f"the {wording.plural(len(values), 'unsolved run')} of {arm} ended at a median loss of "
        f"{wording.level(values.median())}, {_beside(values.median(), facts.baselines)}"
        for arm, values in by_arm
    )


def _beside(value: float, baselines: tuple[Baseline, ...]) -> str:
    """Where a loss lies among the baselines; within a tenth of one counts as at its level."""
    for baseline in baselines:
        if abs(value / baseline.loss - 1) <= 0.1:
            return f"at the level of “{baseline.name}” ({wording.level(baseline.loss)})"
    above = [baseline for baseline in baselines if value < baseline.loss]
    if not above:
        return "above every baseline" if baselines else "with no baseline to compare"
    return f"below “{min(above, key=lambda baseline: baseline.loss).name}”"


def gradient_by_lag(lags: pd.DataFrame, summary: pd.DataFrame, state: str) -> list[str]:
    """How much gradient is left at the lag of the evidence, and whether more of it went with more success."""
    names = {"h": "hidden state", "c": "cell state"}
    parts = [
        f"Gradient of the loss at one scored step with respect to the {names.get(state, state)} so many steps earlier, "
        "relative to the hidden state at lag 0; line: median over seeds, band: from the least to the greatest seed."
    ]
    for task, rows in at_longest_gap(lags).groupby("task"):
        cells = summary[(summary.task == task) & (summary.gap == rows.gap.max()) & summary.arm.isin(rows.arm)]
        parts += _at_the_gap(rows) if state != "h" else [_joined(_remains(task, cells), _exceptions(cells))]
    return parts


def _at_the_gap(rows: pd.DataFrame) -> list[str]:
    """Read off the curves themselves, at lag = gap: the record's numbers at the evidence are of the hidden state."""
    gap = rows.gap.max()
    there = rows[(rows.lag == gap) & (rows.stage == "end")].groupby("arm").log10_gradient.median().dropna()
    values = [f"{wording.from_log10(there[arm])} for {arm}" for arm in palette.ordered(there.index)]
    return [f"After training on {rows.task.iloc[0]}, at lag {gap} it is {wording.listed(values)}."] if values else []


def _remains(task: str, cells: pd.DataFrame) -> str:
    told = []
    for arm in palette.ordered(cells.arm):
        cell = cells[cells.arm == arm].iloc[0]
        before, after = cell.log10_gradient_at_gap_init, cell.log10_gradient_at_gap_end
        told.append(
            f"{wording.from_log10(before)} before and {wording.from_log10(after)} after training for {arm} "
            f"({_tally(cell)} solved)"
        )
    return f"On {task} at gap {cells.gap.max()}, the share of it that reaches the evidence is {wording.listed(told)}."


def _exceptions(cells: pd.DataFrame) -> str:
    """Pairs of arms in which ten times the gradient after training went with less success."""
    known = cells[np.isfinite(cells.log10_gradient_at_gap_end)].set_index("arm")
    share, gradient = known.solved / known.finished, known.log10_gradient_at_gap_end
    pairs = [(a, b) for a in known.index for b in known.index if gradient[a] - gradient[b] >= TELLING_FACTOR]
    against = [(more, less) for more, less in pairs if share[more] < share[less]]
    if not pairs:
        return ""
    if against:
        named = wording.listed(f"{more} solved less often than {less}" for more, less in against)
        return f"More gradient did not always go with more success: with at least ten times the gradient, {named}."
    if all(share[more] == share[less] for more, less in pairs):
        return "Arms whose gradients differ by ten times or more were equally successful here."
    return "No arm with at least ten times the gradient of another solved less often than it."


def gradient_norm(curves: pd.DataFrame, clip: float | None) -> list[str]:
    """Typical and largest norms, and how often clipping acted."""
    usable = curves[np.isfinite(curves.value)]
    parts = ["Norm of the whole gradient before clipping; records are averaged (in the logarithm) over short stretches."]
    for task, rows in at_longest_gap(usable).groupby("task"):
        middle = rows.groupby("arm").value.median()
        values = [f"{wording.number(middle[arm])} for {arm}" for arm in palette.ordered(rows.arm)]
        parts.append(f"On {task} at gap {rows.gap.max()} its median over all records is {wording.listed(values)}.")
    parts.append(_joined(_largest(usable), _clipped(usable, clip), _left_out(len(curves) - len(usable))))
    return parts


def _largest(usable: pd.DataFrame) -> str:
    top = usable.loc[usable.value.idxmax()]
    return (
        f"The largest norm recorded is {wording.number(top.value)} ({top.arm}, {top.task}, gap {top.gap}, "
        f"seed {top.seed}, step {wording.count(top.step)})."
    )


def _clipped(usable: pd.DataFrame, clip: float | None) -> str:
    if clip is None:
        return ""
    return f"{wording.percent((usable.value > clip).mean())} of all records lie above {clip:g}, where clipping acts."


def _left_out(number: int) -> str:
    return f"Records without a finite value ({wording.count(number)}) are left out." if number else ""


def gradient_blocks(curves: pd.DataFrame, names: Mapping[str, str]) -> list[str]:
    """Which part of the model receives how much gradient at the longest gap."""
    shown = at_longest_gap(curves[np.isfinite(curves.value) & curves.metric.isin(list(names))])
    parts = ["The same norm by part of the model, at the longest gap of each task."]
    for task, rows in shown.groupby("task"):
        middle = rows.groupby(["arm", "metric"]).value.median().unstack()
        blocks = [block for block in names if block in middle]
        told = [f"{arm} {' / '.join(wording.number(middle.loc[arm, block]) for block in blocks)}"
                for arm in palette.ordered(rows.arm)]  # fmt: skip
        parts.append(f"Medians on {task} ({' / '.join(names[block] for block in blocks)}): {'; '.join(told)}.")
    return parts


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
