"""The figure of a trace: time to the right, a panel for inputs, gates and states, the gradient below."""

import io
from typing import TYPE_CHECKING, Literal

import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator

from seqbench import wording
from seqbench.events import INPUTS, of_layer
from seqbench.record.states import drawn_of, gate_in_words, in_words

if TYPE_CHECKING:
    from seqbench.trace.values import Rows, Trace

EVIDENCE, EVIDENCE_WORD = "#CC00FF", "violet"
QUESTION, QUESTION_DASHES, QUESTION_WORD = "#111111", (0, (4, 2)), "dashed"
"""How the steps of evidence and question are marked, and the word that a caption has for it."""
INK, STATES = "#444444", ("-", (0, (4, 1.5)), (0, (1, 1)))
"""Colours are those of arms; states have lines, the hidden state first."""
PALEST = 0.35
"""What the line of the lowest layer has of its colour."""
MOST_INSIDE = 3
"""Curves of a panel that leave room for a legend among them."""
WIDTH, UNIT_PANEL, GRADIENT_PANEL = 11.0, 1.35, 1.6

_THEME = {
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.edgecolor": "#888888",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
    "figure.constrained_layout.use": True,
    "savefig.facecolor": "white",
    "svg.hashsalt": "seqbench",
    "text.parse_math": False,  # a dollar sign in a name is one
}


def trace_figure(trace: "Trace", title: str = "") -> Figure:
    """Evidence and question run through all panels as lines; the units of all panels are in the same order."""
    with matplotlib.style.context(["default", _THEME]):
        heights = [_input_height(trace), *[UNIT_PANEL] * (len(trace.gates) + len(trace.states)), GRADIENT_PANEL]
        figure = Figure(figsize=(WIDTH, sum(heights) + 0.9))
        axes = list(figure.subplots(len(heights), 1, sharex=True, height_ratios=heights))
        figure.suptitle(f"{title}\n{trace.answer}; units by {trace.order}".strip(), x=0.01, ha="left", fontsize=11)
        _panels(figure, axes, trace)
        for ax in axes:
            _mark(ax, trace)
        _name_marks(axes[0], trace)
        axes[-1].set_xlim(-0.5, trace.inputs.shape[1] - 0.5)
        axes[-1].xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[-1].set_xlabel("time step")
        figure.align_ylabels(axes)
    return figure


def image(figure: Figure, kind: str) -> bytes:
    """The figure as a file of this kind holds it; the same whenever it is made."""
    stream = io.BytesIO()
    figure.savefig(stream, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return stream.getvalue()


def _input_height(trace: "Trace") -> float:
    return min(UNIT_PANEL, 0.4 + 0.12 * len(trace.inputs))


def _panels(figure: Figure, axes: list[Axes], trace: "Trace") -> None:
    inputs, *others = axes
    _heat(figure, inputs, trace.inputs, "inputs", *_span(trace.inputs, "Greys"))
    for name, rows in trace.gates.items():
        _heat(figure, others.pop(0), rows, gate_in_words(name), "viridis", 0.0, 1.0)
    for name, rows in trace.states.items():
        _heat(figure, others.pop(0), rows, _named(name), *_span(rows, "RdBu_r", signed=True))
    _gradient(others.pop(0), trace)


def _named(state: str) -> str:
    """In words, with the letter that equations have for it: "cell state c", "cell state c of layer 2"."""
    name, layer = of_layer(state)
    words = in_words(name)
    lettered = words if name in (words, INPUTS) else f"{words} {name}"
    return lettered if layer is None else f"{lettered} of layer {layer}"


def depth(layer: int | None, layers: int) -> float:
    """How much of its colour the line of a layer has: the lower, the paler; all of it in a core that is no stack."""
    return 1.0 if layer is None or layers < 2 else PALEST + (1 - PALEST) * (layer - 1) / (layers - 1)


def _span(rows: "Rows", colours: str, *, signed: bool = False) -> tuple[str, float, float]:
    """From 0 up, or around 0 where there are both signs; a few extreme values do not wash out the rest."""
    seen = np.abs(rows[np.isfinite(rows)])
    largest = float(np.quantile(seen, 0.995)) if seen.size else 1.0
    signed = signed or bool((rows < 0).any())
    return ("RdBu_r" if signed else colours), (-largest if signed else 0.0), largest or 1.0


def _heat(figure: Figure, ax: Axes, rows: "Rows", name: str, colours: str, low: float, high: float) -> None:
    image = ax.imshow(rows, aspect="auto", interpolation="nearest", cmap=colours, vmin=low, vmax=high)
    outside = bool((rows > high).any() or (rows < low).any())
    bar = figure.colorbar(image, ax=ax, pad=0.01, fraction=0.03, aspect=12, extend="both" if outside else "neither")
    bar.locator = MaxNLocator(3)
    bar.update_ticks()
    ax.set_ylabel(name.replace(" of ", "\nof ", 1) if " of " in name else name.replace(" ", "\n", 1))
    ax.set_yticks([0, len(rows) - 1], ["1", str(len(rows))])


def _gradient(ax: Axes, trace: "Trace") -> None:
    drawn = drawn_of(trace.gradient)
    kinds, top = list(dict.fromkeys(of_layer(name)[0] for name in drawn)), max(of_layer(name)[1] or 0 for name in drawn)
    for name in drawn:
        values, (kind, layer) = trace.gradient[name], of_layer(name)
        finite = np.where(np.isfinite(values), values, np.nan)
        style, named = STATES[min(kinds.index(kind), len(STATES) - 1)], f"with respect to {_named(name)}"
        ax.plot(
            np.arange(len(values)), finite, color=INK, linestyle=style, linewidth=1.8, label=named,
            alpha=depth(layer, top),
        )  # fmt: skip
    ax.set_ylabel("gradient of the\nquestion's loss")
    low, high = ax.dataLim.intervaly
    if np.isfinite([low, high]).all():
        ax.set_ylim(np.floor(low - 0.1), np.ceil(high) + 0.1)  # whole decades
    ax.yaxis.set_major_locator(MaxNLocator(5, integer=True))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: wording.power_of_ten(round(value))))
    ax.grid(color="#EAEAEA", linewidth=0.7)
    ax.set_axisbelow(True)
    if len(drawn) > MOST_INSIDE:
        ax.legend(loc="upper left", bbox_to_anchor=(0, -0.35), ncols=2)  # inside, it would lie across the curves
    else:
        ax.legend(loc="best")


def _mark(ax: Axes, trace: "Trace") -> None:
    for step in trace.evidence:
        ax.axvline(step, color=EVIDENCE, linewidth=1.1)
    ax.axvline(trace.question, color="white", linewidth=1.4)
    ax.axvline(trace.question, color=QUESTION, linewidth=1.4, linestyle=QUESTION_DASHES)


def _name_marks(ax: Axes, trace: "Trace") -> None:
    """Above the top panel; neighbouring pieces of evidence share a name, and the question keeps clear of it."""
    apart = trace.inputs.shape[1] * 0.08
    named = [s for s, before in zip(trace.evidence, (-np.inf, *trace.evidence), strict=False) if s - before > apart]
    for step in named:
        _name(ax, step, "evidence", EVIDENCE, "right" if 0 <= trace.question - step < apart else "center")
    close = any(0 <= trace.question - step < apart for step in named)
    _name(ax, trace.question, "question", QUESTION, "left" if close else "center")


def _name(ax: Axes, step: int, name: str, colour: str, side: Literal["left", "center", "right"]) -> None:
    ax.annotate(name, (step, 1), xycoords=("data", "axes fraction"), xytext=(0, 3), textcoords="offset points",
                color=colour, ha=side, va="bottom", annotation_clip=False)  # fmt: skip
