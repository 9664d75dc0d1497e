"""The horizon of each arm: the gap at which half of its runs solve the task, with its interval."""

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import answers
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.report.figures import marked, panels, searched, told
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.theme import INK
from seqbench.statistics.thresholds import BELOW_ALL, BEYOND_ALL


def plots(found: Findings) -> Iterator[Plot]:
    """Where there were searches."""
    if board := found.board:
        figure = _draw(board, found.looks)
        yield Plot("horizon", "The horizon of each arm", _caption(board), figure, ids(searched.runs_of(board)))


def _draw(board: Sequence[Entry], looks: Mapping[str, Look]) -> Figure:
    """A panel per task, a row per arm: gap50 with its 95 % interval on a log axis, arrows where it lies outside."""
    tasks = searched.tasks_of(board)
    arms = arms_in_order(entry.arm for entry in board)
    figure, shown = panels.by_task(tasks, 0.8 + 0.38 * len(arms), {}, each=4.2, margin=2.5)
    for task, ax, *_ in shown:
        own = [entry for entry in board if entry.task == task]
        for entry in own:
            with marked.of_arm(ax, entry.arm):
                _interval(ax, arms.index(entry.arm), entry, looks[entry.arm])
        searched.range_axis(ax, own, "x")
        ax.set_xlabel(searched.title(own))
    panels.arm_rows(shown[0].ax, arms)
    return figure


def _interval(ax: Axes, row: int, entry: Entry, look: Look) -> None:
    """The line from end to end, an arrow at an end that lies outside, and the point if it is inside."""
    low, middle, high = (searched.clipped(gap, entry) for gap in (entry.found.low, entry.found.gap50, entry.found.high))
    ax.plot([low, high], [row, row], color=look.colour, linewidth=2, solid_capstyle="butt", zorder=2)
    for gap, end in ((entry.found.low, low), (entry.found.high, high)):
        marker = {BELOW_ALL: "<", BEYOND_ALL: ">"}.get(gap, "|")
        ax.plot(end, row, marker=marker, color=look.colour, markersize=8, zorder=2)
    if entry.bounded:
        ax.plot(middle, row, marker=look.marker, color=look.colour, markersize=8, zorder=3)
    _label(ax, row, entry, (low, high))
    told.tell(ax, middle, row, [searched.tip(entry)])


def _label(ax: Axes, row: int, entry: Entry, ends: tuple[float, float]) -> None:
    """The number, right of the interval if there is room, else left of it, else above."""
    (low, high), text = ends, entry.gap50 if entry.bounded else entry.told
    right, left = high < entry.search.largest / 3, low > entry.search.smallest * 3
    x, away, ha = (high, (9, 0), "left") if right else (low, (-9, 0), "right") if left else (low, (4, 4), "left")
    ax.annotate(
        text, (x, row), away, textcoords="offset points", va="center" if right or left else "bottom",
        ha=ha, fontsize=8.5, color=INK,
    )  # fmt: skip


def _caption(board: Sequence[Entry]) -> list[str]:
    """What each arm's horizon is, task by task, the longest first."""
    budgets = wording.listed(sorted({wording.count(budget) for entry in board for budget in entry.runs.budget}), "or")
    parts = [
        f"Points: the {searched.named(board)} at which half of the runs solve the task within {budgets} training steps "
        f"({searched.named(board, lambda axis: axis.half)}), with its 95 % interval. An arrow, and no point, stands "
        f"where that reaches beyond the searched {searched.named(board, lambda axis: f'{axis.name}s')}."
    ]
    tasks = searched.tasks_of(board)
    parts += [answers.ranking(task, [entry for entry in board if entry.task == task]) for task in tasks]
    return [*parts, *_doubts(board)]


def _doubts(board: Sequence[Entry]) -> list[str]:
    odd = [f"{entry.arm} on {entry.task}" for entry in board if entry.found.consistency < 0.5]
    if not odd:
        return []
    falls = f"success that falls with the {searched.named(board)}"
    return [f"The outcomes of {wording.listed(odd)} do not look like {falls}: read with care."]
