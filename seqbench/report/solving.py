"""How fast the runs solved their tasks: what the figures and the table of the time to solve are made from."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis.outcomes import finished, times
from seqbench.statistics import growth, rates, survival
from seqbench.statistics.survival import Times

MOST_PANELS = 6
"""About as many Kaplan-Meier panels can be read at a glance."""

LEVEL = 0.05
"""Beyond noise: a p-value, corrected for the number of pairs, below this."""

FEWEST_PAIRS = 6
"""n pairs of runs cannot give a p-value below 2 / 2^n; with fewer than these it is never below `LEVEL`."""


def timed(runs: pd.DataFrame) -> pd.DataFrame:
    """Finished runs that were trained on a task with a gap, and so have a time to solve, or a budget without one."""
    done = finished(runs)
    return done[(done.gap > 0) & (done.budget > 0) & ~(done.steps_to_solve <= 0)]


def by_arm(runs: pd.DataFrame) -> dict[str, Times]:
    """Times to solve of the runs of each arm, arms in the order of the palette."""
    return {arm: times(runs[runs.arm == arm]) for arm in palette.ordered(runs.arm)}


def telling(runs: pd.DataFrame) -> list[tuple[str, int]]:
    """Tasks and gaps to draw: of each task the longest gaps that some run solved, where most arms were repeated.

    One run of an arm makes no curve, so gaps without repetitions are left out.
    """
    most = max(1, MOST_PANELS // max(1, runs.task.nunique()))
    chosen: list[tuple[str, int]] = []
    for task, of_task in runs.groupby("task"):
        repeated = of_task.groupby(["gap", "arm"]).size().gt(1).groupby("gap").sum()
        solved = of_task[of_task.outcome == "solved"].gap.unique()
        gaps = [gap for gap in solved if repeated[gap] > 0]
        best = sorted(sorted(gaps, key=lambda gap: (repeated[gap], gap))[-most:])
        chosen += [(str(task), int(gap)) for gap in best]
    return chosen


def growths(runs: pd.DataFrame) -> dict[tuple[str, str], growth.Growth]:
    """By task and arm, growth of steps to solve with the gap: arms tested at several, on tasks that some run solved."""
    return {
        (str(task), arm): growth.growth(own.gap, times(own))
        for task, of_task in runs.groupby("task")
        if (of_task.outcome == "solved").any()
        for arm in palette.ordered(of_task.arm)
        if (own := of_task[of_task.arm == arm]).gap.nunique() > 1
    }


# -- the table -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pace:
    """An arm at a gap: what it solved, the median of steps ("> 2,000" if under half did), expected running time."""

    gap: int
    arm: str
    look: palette.Look
    tally: str
    median: str
    running_time: str


@dataclass(frozen=True)
class Pair:
    """Two arms, the faster first: log-rank p-values with pairs of runs exchanged singly, and seed by seed."""

    faster: str
    slower: str
    p_value: float
    by_seed: float
    pairs: int
    seeds: int


@dataclass(frozen=True)
class Paces:
    """All arms on one task, and what tells them apart."""

    task: str
    sentences: list[str]
    rows: list[Pace]
    pairs: list[Pair]


def paces(runs: pd.DataFrame) -> list[Paces]:
    """A table per task with a gap; empty where no run was trained on one."""
    done, looks = timed(runs), palette.looks(runs.arm)
    return [_paces(str(task), of_task, looks) for task, of_task in done.groupby("task")]


def _paces(task: str, runs: pd.DataFrame, looks: Mapping[str, palette.Look]) -> Paces:
    rows = [
        _pace(int(gap), arm, looks[arm], at_gap[at_gap.arm == arm])
        for gap, at_gap in runs.groupby("gap")
        for arm in palette.ordered(at_gap.arm)
    ]
    pairs = compared(runs)
    return Paces(task, verdict(pairs), rows, pairs)


def _pace(gap: int, arm: str, look: palette.Look, runs: pd.DataFrame) -> Pace:
    watched = times(runs)
    median = rates.median_steps_to_solve(*watched)
    spent = rates.expected_running_time(runs.steps, runs.outcome == "solved")
    return Pace(
        gap=gap,
        arm=arm,
        look=look,
        tally=wording.tally(int((runs.outcome == "solved").sum()), len(runs)),
        median=f"> {wording.count(runs.budget.max())}" if median is None else wording.count(median),
        running_time=wording.count(spent) if np.isfinite(spent) else "no success",
    )


def compared(runs: pd.DataFrame) -> list[Pair]:
    """Log-rank tests between all arms of one task that share gaps and seeds, gaps as strata, Holm over the pairs.

    Arms neither of which ever solved it are not compared.
    """
    arms = {arm: runs[runs.arm == arm].set_index(["gap", "seed"]) for arm in palette.ordered(runs.arm)}
    arms = {arm: own[~own.index.duplicated(keep="last")] for arm, own in arms.items()}
    singly = survival.over_pairs(arms, lambda one, other: _log_rank(one, other, "pair").p_value)
    by_seed = survival.over_pairs(arms, lambda one, other: _log_rank(one, other, "seed").p_value)
    found = [_pair(arms, names, p_value, by_seed[names]) for names, p_value in singly.items()]
    return sorted((pair for pair in found if pair is not None), key=lambda pair: pair.p_value)


def _log_rank(one: pd.DataFrame, other: pd.DataFrame, unit: str) -> survival.LogRank:
    shared = one.index.intersection(other.index, sort=True)
    gaps, seeds = shared.get_level_values("gap"), shared.get_level_values("seed")
    units = list(seeds) if unit == "seed" else None
    return survival.paired_log_rank(
        times(one.loc[shared]), times(other.loc[shared]), strata=list(gaps), units=units
    )  # fmt: skip


def _pair(arms: Mapping[str, pd.DataFrame], names: tuple[str, str], p_value: float, by_seed: float) -> Pair | None:
    one, other = (arms[name] for name in names)
    shared = one.index.intersection(other.index)
    if not len(shared) or not (set(one.loc[shared].outcome) | set(other.loc[shared].outcome)) & {"solved"}:
        return None
    faster, slower = names if _log_rank(one, other, "pair").excess >= 0 else names[::-1]
    return Pair(faster, slower, p_value, by_seed, len(shared), shared.get_level_values("seed").nunique())


def pairs_table(runs: pd.DataFrame) -> pd.DataFrame:
    """A row per task and pair of arms; no rows where nothing was compared."""
    found = [{"task": task.task, **asdict(pair)} for task in paces(runs) for pair in task.pairs]
    columns = ["task", *(field.name for field in fields(Pair))]
    return pd.DataFrame(found, columns=columns).rename(columns={"by_seed": "p_value_by_seed"})


def verdict(pairs: list[Pair]) -> list[str]:
    """Which arms of a task differ beyond noise, in words, and what so few pairs and seeds can show."""
    tested = [pair for pair in pairs if pair.pairs >= FEWEST_PAIRS]
    return (_told(tested) if tested else []) + _untold([pair for pair in pairs if pair not in tested], len(pairs))


def _untold(few: list[Pair], number: int) -> list[str]:
    if not few:
        return []
    names = "every pair of arms" if len(few) == number else _names(few)
    return [
        f"Fewer than {FEWEST_PAIRS} pairs of runs of one gap and seed, which cannot give a p-value below {LEVEL}, "
        f"however far the arms are apart: {names}."
    ]


def _names(pairs: list[Pair]) -> str:
    return "; ".join(f"{pair.faster} and {pair.slower}" for pair in pairs)


def _told(pairs: list[Pair]) -> list[str]:
    apart, alike = ([pair for pair in pairs if (pair.p_value < LEVEL) == differ] for differ in (True, False))
    told = [f"{pair.faster} is faster than {pair.slower} ({p(pair.p_value)})" for pair in apart]
    said = [f"Beyond noise: {'; '.join(told)}." if told else f"Not told apart by time to solve: {_names(alike)}."]
    if told and alike:
        said.append(f"Not told apart: {_names(alike)}.")
    seeds = max(pair.seeds for pair in pairs)
    if (least := 2 / 2**seeds) >= LEVEL:
        said.append(
            f"At one gap, {wording.plural(seeds, 'paired seed')} cannot give a p-value below {least:.4g}, however far "
            "apart the arms are; a smaller one comes from several gaps together, as if the runs of one seed at "
            "different gaps were independent."
        )
    return said


def p(value: float) -> str:
    """ "p = 0.031", "p < 0.001"."""
    return "p < 0.001" if value < 0.001 else f"p = {value:.2g}"
