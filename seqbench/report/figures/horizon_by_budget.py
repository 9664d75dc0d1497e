"""The horizon of each arm against the training that its runs were given."""

from collections.abc import Iterator, Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from seqbench import wording
from seqbench.analysis import answers, entries
from seqbench.analysis.arms import Look
from seqbench.analysis.entries import Entry
from seqbench.analysis.findings import Findings
from seqbench.report.figures import crowd, marked, panels, searched
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.told import tell

#: Arms of one budget are drawn beside one another: each further one by this factor of the budget.
APART = 1.035


def plots(found: Findings) -> Iterator[Plot]:
    """Where searches have several budgets."""
    told = entries.by_budget(found.board)
    if told:
        board = [entry for entry in found.board if len(entry.search.budgets) > 1]
        title = "The horizon against the training budget"
        run_ids = ids(searched.runs_of(board))
        yield Plot("horizon_by_budget", title, _caption(board), _draw(told, found.looks), run_ids)


def _draw(told: Sequence[tuple[int, Entry]], looks: Mapping[str, Look]) -> Figure:
    """A panel per task: gap50 with its interval at each budget, a line per arm."""
    entries = [entry for _, entry in told]
    present = panels.present(looks, searched.runs_of(entries))
    figure, shown = panels.by_task(searched.tasks_of(entries), 3.2, present, sharey="none")
    for task, ax, arms, _ in shown:
        own = [(budget, entry) for budget, entry in told if entry.task == task]
        places = crowd.places(arms)
        for arm, look in marked.by_arm(ax, arms):
            shift = APART ** places[arm]
            _line(ax, [(budget * shift, entry) for budget, entry in own if entry.arm == arm], look)
        searched.range_axis(ax, [entry for _, entry in own], "y")
        panels.ticks_at(ax, sorted({budget for budget, _ in own}), wording.count)
        ax.set_xlabel("training steps of a run (log scale)")
        ax.set_ylabel(searched.title(entry for _, entry in own))
    panels.legend(figure, looks)
    return figure


def _line(ax: Axes, told: Sequence[tuple[float, Entry]], look: Look) -> None:
    """An end outside the searched gaps is drawn at the edge, where the axis goes on."""
    at = [budget for budget, _ in told]
    low, middle, high = (
        [searched.clipped(getattr(entry.found, end), entry) for _, entry in told] for end in ("low", "gap50", "high")
    )
    ax.vlines(at, low, high, color=look.colour, linewidth=1.4, alpha=0.8, zorder=2)
    ax.plot(
        at, middle, look.marker, color=look.colour, linestyle=look.linestyle, linewidth=1.8, markersize=6, zorder=3
    )  # fmt: skip
    tell(ax, at, middle, [searched.tip(entry) for _, entry in told])


def _caption(board: Sequence[Entry]) -> list[str]:
    """What each arm's horizon is at each budget, task by task."""
    name, half = searched.named(board), searched.named(board, lambda axis: axis.half)
    rises = searched.named(board, lambda axis: axis.rises)
    parts = [
        f"The {name} at which half of the runs solve the task ({half}), with its 95 % interval, if training ends after "
        f"so many steps. Where a line rises, {rises}.",
        "All budgets are read from the same runs, each judged on a test of its own at every budget.",
    ]
    tasks = searched.tasks_of(board)
    return [*parts, *(answers.ranking(task, [entry for entry in board if entry.task == task]) for task in tasks)]
