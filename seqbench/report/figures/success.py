"""Success against gap: who solved which gaps, and where the runs tell the arms apart."""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from seqbench import wording
from seqbench.analysis import answers
from seqbench.analysis.arms import Look
from seqbench.analysis.cells import CELL
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import finished
from seqbench.report.figures import crowd, lines, marked, panels, theme, told
from seqbench.report.figures.plot import Plot, ids, ids_by
from seqbench.report.figures.shares import MOST_BANDS, share_axis
from seqbench.wording import tally


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs of a grid of gaps have a result."""
    counted = found.grid_summary[found.grid_summary.finished > 0]
    if len(counted):
        runs = finished(found.gridded)
        whose = ids_by(runs, *CELL)
        cells = counted.assign(run_ids=[whose[key] for key in counted[CELL].itertuples(index=False, name=None)])
        caption, figure = _caption(counted), _draw(cells, found.looks)
        yield Plot("success", "Success against gap", caption, figure, ids(runs))


def _draw(cells: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Share of solved runs against gap with Wilson intervals: a panel per task, a line per arm."""
    tasks = sorted(cells.task.unique())
    figure, shown = panels.by_task(tasks, 3.7, panels.present(looks, cells))
    for panel in shown:
        _panel(panel.ax, cells[cells.task == panel.task], panel.looks)
        panel.ax.set_ylabel("share of runs that\nsolved the task" if panel.first else "")
    panels.legend(figure, looks, [lines.line("95 % Wilson interval", width=5, colour="#CCCCCC")])
    return figure


def _panel(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    panels.gap_axis(ax, rows.gap.unique())
    share_axis(ax, margin=0.06)
    ax.set_xlabel("gap (steps, log scale)")
    present = panels.present(looks, rows)
    places, most = crowd.places(present), len(crowd.front(present))
    band = 0.08 if most <= MOST_BANDS else 0
    for arm, look in marked.by_arm(ax, present):
        shift = places[arm] * min(7, 28 / max(1, most)) * theme.strokes()
        _arm(ax, rows[rows.arm == arm].sort_values("gap"), look, shift, band)


def _arm(ax: Axes, cells: pd.DataFrame, look: Look, shift: float, band: float) -> None:
    """Shifted sideways by some points (1/72 inch): arms that all solve, or all fail, would hide one another."""
    shifted = ax.transData + ScaledTranslation(shift / 72, 0, ax.figure.dpi_scale_trans)
    interval, share = (cells.gap, cells.wilson_low, cells.wilson_high), cells.solved / cells.finished
    ax.fill_between(*interval, color=look.colour, alpha=band, linewidth=0, transform=shifted)
    ax.vlines(*interval, color=look.colour, alpha=0.45, linewidth=2.2, transform=shifted)
    ax.plot(
        cells.gap, share, color=look.colour, linestyle=look.linestyle, linewidth=1.9,
        marker=look.marker, markersize=6.5, markeredgecolor="white", markeredgewidth=0.7,
        transform=shifted, zorder=3, clip_on=False,
    )  # fmt: skip
    told.tell(ax, cells.gap, share, map(_tip, cells.itertuples()), shifted)


def _tip(cell: Any) -> told.Tip:
    solved = f"{tally(cell.solved, cell.finished)} runs solved it"
    return told.Tip(
        wording.at(cell.task, cell.gap),
        solved,
        f"{told.INTERVAL} {cell.wilson_low:.2f} to {cell.wilson_high:.2f}",
        cell.run_ids,
    )


def _caption(cells: pd.DataFrame) -> list[str]:
    """Who solved which gaps, and where the intervals tell the arms apart."""
    number = sorted(cells.finished.unique())
    seeds = wording.plural(number[0], "run") if len(number) == 1 else f"{number[0]} to {number[-1]} runs"
    drawn = f"Share of runs that solved the task, {seeds} to a point, with 95 % Wilson intervals."
    parts = [wording.joined(drawn, _apart_in_short(cells))]
    for task, rows in cells.groupby("task"):
        parts.append(wording.joined(answers.reached(str(task), rows), _where_apart(rows)))
    if cells.arm.nunique() > 1:
        parts.append("The arms are drawn a little beside one another, so that equal results stay visible.")
    return parts


def _apart_in_short(cells: pd.DataFrame) -> str:
    """At which gaps of which tasks the intervals of the best and the worst arm do not overlap."""
    told = [
        f"on {task} at gap {wording.listed(gaps)}" if (gaps := _gaps_apart(_compared(rows))) else f"on {task} at no gap"
        for task, rows in cells.groupby("task")
        if _compared(rows)
    ]
    return f"The best and the worst arm are apart beyond their intervals {wording.listed(told)}." if told else ""


def _compared(rows: pd.DataFrame) -> dict[int, pd.DataFrame]:
    """By gap, where there are several arms."""
    return {int(gap): cells for gap, cells in rows.groupby("gap") if len(cells) > 1}


def _gaps_apart(compared: Mapping[int, pd.DataFrame]) -> list[int]:
    return [gap for gap, cells in compared.items() if cells.wilson_low.max() > cells.wilson_high.min()]


def _where_apart(rows: pd.DataFrame) -> str:
    """Whether the intervals of the best and the worst arm overlap, gap by gap."""
    compared = _compared(rows)
    apart = _gaps_apart(compared)
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
