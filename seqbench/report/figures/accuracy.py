"""What the figures of accuracy at the verb share: an axis of gaps, a line per arm, chance and the criterion."""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import FixedLocator
from matplotlib.transforms import ScaledTranslation

from seqbench import wording
from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.report.figures import crowd, lines, marked, panels, theme, told
from seqbench.report.figures.plot import ids
from seqbench.report.figures.theme import INK

CHANCE = 0.5
CHANCE_LINE, LEVEL_LINE = lines.DOTTED, lines.DASHED


def levels(found: Findings, tasks: Iterable[str]) -> list[float]:
    """The accuracies from which on runs of these tasks count as solved: one, but for odd records."""
    known = {found.record.tasks[task].level for task in tasks if task in found.record.tasks}
    return sorted(level for level in known if level is not None)


def listed(accuracies: Sequence[float]) -> str:
    """ "0.99"."""
    return wording.listed((f"{level:g}" for level in accuracies), "or")


def panel(
    ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], criteria: Sequence[float], gaps: Iterable[float]
) -> None:
    """Accuracy by `tested_gap` of each arm; the axis has a tick at each of `gaps`."""
    panels.gap_axis(ax, {int(gap) for gap in gaps})
    ax.axhline(CHANCE, color=INK, linewidth=0.8, linestyle=CHANCE_LINE.line, zorder=1)
    for level in criteria:
        ax.axhline(level, color=INK, linewidth=0.8, linestyle=LEVEL_LINE.line, zorder=1)
    present = panels.present(looks, rows)
    places, most = crowd.places(present), len(crowd.front(present))
    for arm, look in marked.by_arm(ax, present):
        shift = places[arm] * min(5, 20 / max(1, most)) * theme.strokes()
        _arm(ax, rows[rows.arm == arm], look, shift)


def _arm(ax: Axes, rows: pd.DataFrame, look: Look, shift: float) -> None:
    """Shifted sideways by some points (1/72 inch): arms at chance, or all right, would hide one another."""
    shifted = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    by_gap = rows.groupby("tested_gap").accuracy
    middle = by_gap.median()
    ax.vlines(middle.index, by_gap.min(), by_gap.max(), color=look.colour, alpha=0.45, linewidth=2.2, transform=shifted)
    ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.7, marker=look.marker,
            markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, transform=shifted, zorder=3)  # fmt: skip
    told.tell(ax, middle.index, middle, [_tip(own) for _, own in rows.groupby("tested_gap")], shifted)


def _tip(rows: pd.DataFrame) -> told.Tip:
    least, middle, greatest = (f"{value:.3f}" for value in rows.accuracy.quantile([0, 0.5, 1]))
    return told.Tip(
        wording.at(rows.task.iloc[0], int(rows.tested_gap.iloc[0])),
        middle,
        f"{told.SEEDS} {least} to {greatest}",
        ids(rows),
    )


def axis(ax: Axes, rows: pd.DataFrame) -> None:
    """Shared by all panels; below chance only as far as there are values."""
    ax.set_ylim(min(float(rows.accuracy.min()), CHANCE) - 0.04, 1.03)
    ax.yaxis.set_major_locator(FixedLocator([0, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1]))


def marks(criteria: Sequence[float]) -> list[Line2D]:
    """The legend entries of all that is no arm."""
    span = lines.line("from the least to the greatest seed", width=2.2, colour="#BBBBBB")
    criterion = [lines.line(f"criterion ({listed(criteria)})", style=LEVEL_LINE)] if criteria else []
    return [span, *criterion, lines.line(f"chance ({CHANCE:g})", style=CHANCE_LINE)]


def seeds(rows: pd.DataFrame) -> str:
    """How many runs a point stands for."""
    numbers = sorted(rows.groupby(["task", "arm", "gap"]).run_id.nunique().unique())
    return f"{numbers[0]}" if len(numbers) == 1 else f"{numbers[0]} to {numbers[-1]}"
