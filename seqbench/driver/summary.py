"""What a person reads at the end of a sweep: success per arm and gap, and what failed."""

import math
from collections.abc import Collection, Iterator, Sequence
from itertools import groupby

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from seqbench import wording
from seqbench.analysis import arriving, leaderboard, sizes, tuning
from seqbench.analysis.cells import parameters, summary_table
from seqbench.analysis.controls import Verdict
from seqbench.analysis.entries import ENDED, Entry, by_task, own_columns
from seqbench.analysis.outcomes import RESULTS
from seqbench.analysis.tuning import Tuned
from seqbench.statistics.rates import mean_interval
from seqbench.terminal import console


def print_outcome(runs: pd.DataFrame) -> int:
    """Success per arm and gap, one table per task, then the failed runs. Returns how many failed.

    A task without a gap to set is a text: a table of how well its next word is predicted. Of runs that are not trained,
    what reaches the evidence of the gradient.
    """
    out = console()
    for (task, budget), group in runs[runs.gap == 0].groupby(["task", "budget"], sort=False):
        out.print(f"\n{_prediction_title(str(task), int(budget), group)}", markup=False)
        out.print(prediction_table(group))
    for (task, load, budget), group in runs[runs.gap > 0].groupby(["task", "load", "budget"], sort=False):
        solved = f"runs that solved it within {budget:,} steps, with 95 % interval"
        out.print(f"\n{task}, load {load}: {solved if budget else GRADIENT}", markup=False)
        out.print(success_table(summary_table(group)))
    return print_failed(runs)


GRADIENT = "the gradient that reaches the evidence before training, relative to the question, median over runs"


def print_failed(runs: pd.DataFrame) -> int:
    """The runs without a result. Returns how many there are."""
    failed = runs[~runs.outcome.isin(RESULTS)]
    for run in failed.itertuples():
        console().print(
            f"{run.outcome}: {run.run_name}: {run.reason}\n  repeat: {run.command}",
            markup=False,
            soft_wrap=True,
        )
    return len(failed)


def print_controls(verdicts: Sequence[Verdict]) -> int:
    """Every claim, what was found, and whether it is as expected. Returns how many are not."""
    table = Table()
    for name in ("requirement", "control", "expected", "found", ""):
        table.add_column(name)
    for one in verdicts:
        mark = "as expected" if one.as_expected else "NOT AS EXPECTED"
        table.add_row(one.requirement, one.control, one.expected, one.found, mark)
    console().print(table)
    return sum(not one.as_expected for one in verdicts)


SPARED = (ENDED, *sizes.HEADINGS, "parameters", "budget", "seconds per gap", "seconds per load", "bracket", "reliable")
"""Columns of the leaderboard that a narrow terminal goes without, the first ones first."""


def print_leaderboard(board: Sequence[Entry]) -> None:
    """The horizon of each arm on each task, with what it rests on: as many columns as fit, the report has all."""
    out, shown = console(), list(leaderboard.columns(board)[1:])
    own = {name for axis in leaderboard.axes(board) for name in own_columns(axis)}
    spared = [name for name in SPARED if name in shown]
    spared += [name for name in shown if name not in own]
    unlimited = Console(width=1000)
    while spared and any(unlimited.measure(table).maximum > out.width for table in _leaderboard(board, shown)):
        shown.remove(spared.pop(0))
    for table in _leaderboard(board, shown):
        out.print(table, markup=False)
    left = [name for name in leaderboard.columns(board)[1:] if name not in shown]
    more = f" For want of room, not shown here: {', '.join(left)}." if left else ""
    out.print(leaderboard.note(board) + more, markup=False)


def print_tuned(found: Sequence[Tuned]) -> None:
    """The learning rates that were chosen, task by task, and what the choice took."""
    for task, own in groupby(found, key=lambda one: one.task):
        console().print(tuning.sentence(task, list(own)), markup=False)
    if found:
        console().print(tuning.cost(found), markup=False)


def _leaderboard(board: Sequence[Entry], shown: Collection[str]) -> Iterator[Table]:
    """A table per task."""
    for task, entries in by_task(board):
        table = Table(title=task, title_justify="left", title_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
        for name in shown:
            table.add_column(name, justify="left" if name in ("arm", ENDED) else "right", no_wrap=True)
        for entry in entries:
            table.add_row(*(entry.row.get(name, "") for name in shown))
        yield table


def success_table(cells: pd.DataFrame) -> Table:
    """A row per arm, a column per gap, from `analysis.cells.summary_table`: "4/5 [.38, .96]", untrained "3·10⁻⁷"."""
    gaps = sorted(cells.gap.unique())
    table = Table()
    table.add_column("arm")
    table.add_column("parameters", justify="right")
    for gap in gaps:
        table.add_column(f"gap {gap}", justify="right", no_wrap=True)
    for arm in cells.arm.unique():
        by_gap = cells[cells.arm == arm].set_index("gap")
        table.add_row(arm, _sizes(by_gap), *(_cell(by_gap.loc[gap]) if gap in by_gap.index else "-" for gap in gaps))
    return table


def _sizes(cells: pd.DataFrame) -> str:
    """The numbers of parameters of an arm at its gaps: one, as a rule."""
    return " or ".join(dict.fromkeys(filter(None, map(wording.grouped, cells.parameters)))) or "-"


def _prediction_title(task: str, budget: int, runs: pd.DataFrame) -> str:
    """With the perplexity of the best of the task's baselines."""
    best = runs.best_baseline_loss.max() if "best_baseline_loss" in runs else math.nan
    mark = f"; to beat, by counting words: perplexity {math.exp(best):.1f}" if math.isfinite(best) else ""
    return f"{task}: test within {budget:,} steps, mean over seeds with 95 % interval{mark}"


def prediction_table(runs: pd.DataFrame) -> Table:
    """A row per arm: perplexity, bits per character, and in how many of its runs it met the criterion of the task."""
    table = Table()
    table.add_column("arm")
    for name in ("parameters", "perplexity", "bits per character", "solved"):
        table.add_column(name, justify="right", no_wrap=True)
    for arm, own in runs.groupby("arm", sort=False):
        results = own[own.outcome.isin(RESULTS)]
        perplexity, bits = (_mean(results.get(f"test_{name}")) for name in ("perplexity", "bits_per_character"))
        table.add_row(str(arm), parameters(own), perplexity, bits, _cell(summary_table(own).iloc[0]))
    return table


def _mean(values: pd.Series | None) -> str:
    """ "184.8 [177.1, 192.4]"; no interval from one seed."""
    mean, low, high = mean_interval([] if values is None else values)
    if not math.isfinite(mean):
        return "-"
    return f"{mean:#.4g} [{low:#.4g}, {high:#.4g}]" if math.isfinite(low) else f"{mean:#.4g}"


def _cell(cell: pd.Series) -> str:
    if not cell.finished:
        return "-"
    if cell.budget == 0:
        return arriving.of_cell(cell.to_dict()).words
    return f"{cell.solved}/{cell.finished} [{cell.wilson_low:.2f}, {cell.wilson_high:.2f}]"
