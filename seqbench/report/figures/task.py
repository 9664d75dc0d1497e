"""The tasks as a model meets them: a sequence of the test of each, with its evidence, its question and its gap."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.report.figures import panels
from seqbench.report.figures.plot import Plot
from seqbench.report.figures.theme import INK
from seqbench.report.traces import examples
from seqbench.trace.figure import EVIDENCE, EVIDENCE_WORD, QUESTION_WORD

if TYPE_CHECKING:
    from seqbench.trace.values import Trace

MOST = 3
"""Tasks that are drawn; the others are named."""


def plots(found: Findings, traces: "Mapping[str, Trace]") -> Iterator[Plot]:
    """Of the tasks with a gap of which a trained model was looked into, and so a sequence is known."""
    known = {task: run for task, run in examples(found.record).items() if run in traces and traces[run].evidence}
    chosen = dict(list(known.items())[:MOST])
    if chosen:
        gaps = found.runs.set_index("run_id").gap
        titles = {wording.cell(task, gaps[run]): traces[run] for task, run in chosen.items()}
        caption = _caption(titles, sorted(known.keys() - chosen.keys()))
        yield Plot("task", "One sequence of each task", caption, _draw(titles), tuple(sorted(chosen.values())))


def _draw(shown: "Mapping[str, Trace]") -> Figure:
    """A panel per task: time to the right, the inputs from top to bottom, or the words."""
    figure, drawn = panels.by_task(list(shown), 1.9, {}, each=4.8, margin=1.0, sharey="none")
    for title, ax, *_ in drawn:
        trace = shown[title]
        _words(ax, trace) if trace.words else _inputs(ax, trace)
        _marks(ax, trace)
        ax.grid(visible=False)
        ax.set_xlim(-0.5, trace.inputs.shape[1] - 0.5)
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
        ax.set_xlabel("step")
    return figure


def _inputs(ax: Axes, trace: "Trace") -> None:
    rows = len(trace.inputs)
    ax.imshow(trace.inputs, aspect="auto", interpolation="none", cmap="Greys", vmin=0)
    ax.yaxis.set_major_locator(FixedLocator(range(0, rows, max(1, rows - 1))))
    ax.yaxis.set_major_formatter(lambda value, _: f"{value + 1:.0f}")
    ax.set_ylabel("input")
    ax.set_ylim(rows - 0.5, -0.5 - 0.35 * rows)


def _words(ax: Axes, trace: "Trace") -> None:
    for step, word in enumerate(trace.words):
        ax.text(step, 0, word, rotation=90, ha="center", va="top", color=INK)
    ax.yaxis.set_major_locator(FixedLocator([]))
    ax.set_ylim(1, -0.35)


def _marks(ax: Axes, trace: "Trace") -> None:
    """Frames around the evidence, a dashed line at the question, and how far back the first evidence lies."""
    top = ax.get_ylim()[1]
    for step in trace.evidence:
        ax.axvspan(step - 0.5, step + 0.5, facecolor="none", edgecolor=EVIDENCE, linewidth=1.6, ymax=0.74, zorder=3)
    ax.axvline(trace.question, color=INK, linewidth=1.3, linestyle="--", ymax=0.74, zorder=3)
    first, height = trace.evidence[0], top * 0.62
    ax.annotate("", (trace.question, height), (first, height),
                arrowprops={"arrowstyle": "<->", "color": INK, "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    middle = float(np.mean([first, trace.question]))
    ax.text(middle, height, f"{trace.question - first} steps", ha="center", va="bottom", color=INK)


def _caption(shown: "Mapping[str, Trace]", left: list[str]) -> list[str]:
    told = [f"{trace.question - trace.evidence[0]} steps on {title}" for title, trace in shown.items()]
    also = f" Not drawn: {wording.listed(left)}." if left else ""
    return [
        f"A sequence of the test at the shortest gap: the evidence ({EVIDENCE_WORD} frames) and the step that asks for "
        f"it ({QUESTION_WORD} line). From the first evidence to the question it is {wording.listed(told)}.",
        "Time runs to the right, a column per step; a row per input of the model, darker for greater values. Between "
        f"evidence and question nothing has to be kept but the evidence.{also}",
    ]
