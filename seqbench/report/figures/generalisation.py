"""Accuracy at the verb on sentences that the runs were not trained on: longer gaps, other numbers of attractors."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pandas as pd
from matplotlib.figure import Figure

from seqbench.analysis import agreement as analysis
from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.report.figures import accuracy, crowd, grids, lines, panels
from seqbench.report.figures.plot import Plot, ids


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs on agreement were tested on such sentences."""
    scores = found.sentences
    if len(scores):
        levels = accuracy.levels(found, scores.task.unique())
        caption = _caption(found.generalisation, accuracy.seeds(scores), levels)
        figure = _draw(scores, found.looks, levels)
        yield Plot("generalisation", "Longer sentences than trained on", caption, figure, ids(scores))


def _draw(scores: pd.DataFrame, looks: Mapping[str, Look], levels: Sequence[float]) -> Figure:
    """A row per task trained on, a column per number of attractors tested on."""
    tasks, attractors = sorted(scores.task.unique()), sorted(int(n) for n in scores.attractors.unique())
    parts = crowd.parts(panels.present(looks, scores))
    rows = list(product(tasks, parts))
    figure, axes = grids.grid(rows, attractors, height=2.1, sharex="row", sharey="all")
    for ((task, part), number), ax in axes.items():
        of_task = scores[scores.task == task]
        here, trained = of_task[of_task.attractors == number], int(of_task.gap.max())
        if part or (task, part) == rows[0]:
            ax.set_title(crowd.named(f"tested on {number} attractor{'' if number == 1 else 's'}", part), loc="left")
        if here.empty:
            panels.blank(ax, "do not fit")
        else:
            accuracy.panel(ax, here, parts[part], levels, of_task.tested_gap)
        ax.axvline(trained, color="#999999", linewidth=0.8, zorder=1)
        if number == attractors[0]:
            ax.set_ylabel(f"{task.replace(', ', ',' + chr(10))}\ntrained at gap {trained}\naccuracy")
        ax.set_xlabel("gap tested on (log scale)" if (task, part) == rows[-1] else "")
    accuracy.axis(axes[rows[0], attractors[0]], scores)
    trained_on = lines.line("gap trained on", colour="#999999")
    panels.legend(figure, looks, [*accuracy.marks(levels), trained_on])
    return figure


def _caption(table: pd.DataFrame, seeds: str, levels: Sequence[float]) -> list[str]:
    """How far each arm holds, and its accuracy on the longest sentences; `table` as `Findings.generalisation`."""
    parts = [
        "The same runs on sentences that they were not trained on: gaps up to three times as long, and each number of "
        f"attractors. Line: median over seeds ({seeds}); bar: from the least to the greatest.",
        "A row per task trained on, at the longest gap that at least one arm solved in half of its seeds (or, if none "
        "did, at the longest). No panel or point stands where so many attractors do not fit into the gap.",
    ]
    for task, rows in table.groupby("task"):
        holds = _holds(rows, levels) if levels else ""
        parts.append(f"Trained on {task} at gap {rows.trained_gap.max()}: {holds}{_at_longest(rows)}")
    return parts


def _holds(rows: pd.DataFrame, levels: Sequence[float]) -> str:
    """How far beyond its own gap each arm still meets the criterion, in the median and on every kind of sentence."""
    told = [f"{row.arm} {_up_to(row.holds_to_gap)}" for row in rows.itertuples()]
    criterion = accuracy.listed(levels)
    return f"median accuracy of at least {criterion} with every number of attractors: {'; '.join(told)}. "


def _up_to(gap: float) -> str:
    return "at no gap" if pd.isna(gap) else f"up to gap {gap:.0f}"


def _at_longest(rows: pd.DataFrame) -> str:
    longest = rows[rows.longest_gap_tested == rows.longest_gap_tested.max()]
    told = [f"{row.arm} {analysis.accuracy(row.median_accuracy_at_longest)}" for row in longest.itertuples()]
    gap = longest.longest_gap_tested.max()
    return f"At gap {gap:.0f}, over all of these sentences, median accuracy: {'; '.join(told)}."
