"""The names of the baselines in a row of panels whose y axis is logarithmic."""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_lowercase

import numpy as np
from matplotlib.axes import Axes
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D

from seqbench import wording
from seqbench.events import Baseline
from seqbench.report.figures import lines, theme
from seqbench.report.figures.theme import INK
from seqbench.report.figures.wrapping import wrapped

TYPE, MARGIN = 8.5, 130.0
"""Points: the size of the type, and the width of a name, which would otherwise leave the panels no room."""
LINE = 0.125
"""Height of a line of it, as a part of a panel."""


def named(rows: Mapping[tuple[str, str], Sequence[Axes]], baselines: Mapping[str, Sequence[Baseline]]) -> list[Line2D]:
    """In the right margin of each row of panels, whose key begins with its task; moved apart where two would overlap.

    Where a figure is to be narrow there is no room for that: they have letters, and these are entries for its legend.
    """
    letters, known, entries = iter(ascii_lowercase), dict[tuple[str, Baseline], str](), list[Line2D]()
    for (task, _), row in rows.items():
        shown = list(_placed(row[-1], baselines[task]))
        if theme.room() is None:
            _in_margin(row[-1], shown)
            continue
        top = np.inf
        for baseline, height in shown:
            if (task, baseline) not in known:
                known[task, baseline] = next(letters)
                of = f" ({task})" if len(baselines) > 1 else ""
                told = f"{known[task, baseline]}: {baseline.name}, {wording.level(baseline.loss)}{of}"
                entries.append(lines.line(told, style=lines.BASELINE))
            top = min(height, top - 0.2)
            for ax in row:
                ax.annotate(known[task, baseline], (1, top), (3, 0), xycoords="axes fraction",
                            textcoords="offset points", va="center", color=INK)  # fmt: skip
    return entries


def _placed(ax: Axes, baselines: Sequence[Baseline]) -> Iterator[tuple[Baseline, float]]:
    """Those within the panel, the greatest first, with their height as a part of it."""
    low, high = np.log10(ax.get_ylim())
    for baseline in sorted(baselines, key=lambda baseline: -baseline.loss):
        if low <= np.log10(baseline.loss) <= high:
            yield baseline, float((np.log10(baseline.loss) - low) / (high - low))


def _in_margin(ax: Axes, shown: Sequence[tuple[Baseline, float]]) -> None:
    top, above = np.inf, 0
    for baseline, height in shown:
        told = wrapped(f"{baseline.name}\n{wording.level(baseline.loss)}", MARGIN, FontProperties(size=TYPE))
        own = 1 + told.count("\n")
        top, above = min(height, top - LINE * (above + own) / 2), own
        ax.annotate(
            told, xy=(1, height), xytext=(1.05, top),
            xycoords="axes fraction", textcoords="axes fraction", va="center", fontsize=TYPE, color=INK,
            arrowprops={"arrowstyle": "-", "color": "#AAAAAA", "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
        )  # fmt: skip
