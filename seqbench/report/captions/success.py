"""How far each arm got, and where the runs tell the arms apart."""

import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.statistics import thresholds
from seqbench.wording import joined, tally


def success(summary: pd.DataFrame) -> list[str]:
    """Who solved which gaps, and where the intervals tell the arms apart."""
    counted = summary[summary.finished > 0]
    number = sorted(counted.finished.unique())
    seeds = wording.plural(number[0], "run") if len(number) == 1 else f"{number[0]} to {number[-1]} runs"
    parts = [f"Share of runs that solved the task, {seeds} to a point, with 95 % Wilson intervals."]
    for task, rows in counted.groupby("task"):
        parts.append(joined(longest(task, rows), _told_apart(rows)))
    if counted.arm.nunique() > 1:
        parts.append("The arms are drawn a little beside and above one another, so that equal results stay visible.")
    return parts


def answer(task: str, rows: pd.DataFrame) -> str:
    """Who got farthest on a task, and who least far, by the point estimates; `rows` are its rows of the summary."""
    tested = rows.groupby("arm").gap.agg(frozenset)
    if len(tested) == 1 or tested.nunique() > 1:
        return longest(task, rows)
    alike = _alike(rows)
    reaches = sorted(alike, key=lambda reach: _gap50(rows[rows.arm == alike[reach][0]]))
    least, most = reaches[0], reaches[-1]
    first = f"On {task}, {wording.listed(alike[most])} got"
    if most == least:
        return f"{first} equally far: at least half of the runs succeeded {most}."
    return (
        f"{first} farthest: at least half of the runs succeeded {most}. "
        f"{wording.listed(alike[least])} got least far: {least}."
    )


def longest(task: str, rows: pd.DataFrame) -> str:
    """One sentence on how far each arm got on a task; `rows` are its rows of the summary."""
    told = [f"{wording.listed(arms)} {reach}" for reach, arms in _alike(rows).items()]
    return f"On {task}, at least half of the runs succeeded: {'; '.join(told)}."


def _alike(rows: pd.DataFrame) -> dict[str, list[str]]:
    """How far an arm got, in words, with all arms that got so far."""
    alike: dict[str, list[str]] = {}
    for arm in palette.ordered(rows.arm):
        alike.setdefault(_reach(rows[rows.arm == arm]), []).append(arm)
    return alike


def _gap50(cells: pd.DataFrame) -> float:
    cells = cells.sort_values("gap")
    return thresholds.gap50(list(cells.gap), cells.solved, cells.finished)


def _reach(cells: pd.DataFrame) -> str:
    gaps = sorted(int(gap) for gap in cells.gap)
    cells = cells.set_index("gap").loc[gaps]
    found = thresholds.bracket(gaps, cells.solved, cells.finished)
    solved = [gap for gap in gaps if 2 * cells.solved[gap] >= cells.finished[gap]]
    if found.solved is None:
        return f"at none of the gaps tested ({wording.listed(gaps)})" if len(gaps) > 1 else f"not at gap {gaps[0]}"
    if found.unsolved is None:
        return f"at every gap tested, up to {gaps[-1]}" if len(gaps) > 1 else f"at gap {gaps[0]}, the only one tested"
    if found.monotone:
        return f"up to gap {found.solved}, not at {found.unsolved}"
    return f"at gap {wording.listed(solved)}, but not at {wording.listed(gap for gap in gaps if gap not in solved)}"


def _told_apart(rows: pd.DataFrame) -> str:
    """Whether the intervals of the best and the worst arm overlap, gap by gap."""
    compared = {int(gap): cells for gap, cells in rows.groupby("gap") if len(cells) > 1}
    apart = [gap for gap, cells in compared.items() if cells.wilson_low.max() > cells.wilson_high.min()]
    if not compared:
        return ""
    if not apart:
        return "The intervals of the best and the worst arm overlap at every gap: they show no arm to be better."
    example = f"at gap {apart[-1]}, {_extremes(compared[apart[-1]])}"
    if len(apart) == len(compared):
        return f"The intervals of the best and the worst arm are apart {_everywhere(apart)}; {example}."
    return (
        f"The intervals of the best and the worst arm are apart at gap {wording.listed(apart)} ({example}) "
        f"and overlap at {wording.listed(gap for gap in compared if gap not in apart)}."
    )


def _extremes(cells: pd.DataFrame) -> str:
    best, worst = cells.loc[cells.wilson_low.idxmax()], cells.loc[cells.wilson_high.idxmin()]
    return (
        f"{best.arm} solved {tally(best.solved, best.finished)} and {worst.arm} {tally(worst.solved, worst.finished)}"
    )


def _everywhere(gaps: list[int]) -> str:
    return "at every gap" if len(gaps) > 1 else "at the one gap compared"
