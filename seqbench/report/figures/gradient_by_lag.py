"""Gradient against lag: how much of the error signal reaches a state so many steps back."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from seqbench import wording
from seqbench.analysis.arms import Look, arms_in_order
from seqbench.analysis.arriving import Arriving, of_state
from seqbench.analysis.by_lag import STAGES
from seqbench.analysis.cells import at_longest_gap
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import trained
from seqbench.analysis.parts import OUTCOMES, PARTS, before_and_after, column
from seqbench.events import END, HIDDEN, INIT, INPUTS
from seqbench.record import names
from seqbench.record.states import STAGE_IN_WORDS, in_words, of_layers, states_of_cores
from seqbench.report.figures import crowd, floors, grids, lines, marked, panels, told
from seqbench.report.figures.plot import Plot, ids, name_of
from seqbench.report.figures.theme import FULL_WIDTH
from seqbench.wording import tally

ZERO = "zero in"
TELLING = 1.0
"""Difference in log10 from which two gradients are called different."""


def plots(found: Findings) -> Iterator[Plot]:
    """One for each state that was measured, and for the inputs of cores that state no step."""
    measured = found.lags[found.lags.stage.isin(STAGES) & np.isfinite(found.lags.log10_gradient)]
    for state in [*states_of_cores(measured.state), INPUTS]:
        lags = measured[measured.state == state]
        if len(lags):
            shown = at_longest_gap(lags)
            whole = found.lags[(found.lags.state == state) & found.lags.run_id.isin(shown.run_id)]
            caption, figure = _caption(whole, found.summary, state), _draw(shown, found.looks)
            if state == HIDDEN and of_layers(measured.state.unique()):
                caption[1] += " Of a stack, it is that of the hidden states of all layers together."
            yield Plot(*_name_and_title(state), caption, figure, ids(shown))


def _name_and_title(state: str) -> tuple[str, str]:
    """ "gradient_by_lag_cell" and "Gradient against lag, cell state"; the hidden state is the one not named."""
    words = "" if state == HIDDEN else f", {in_words(state)}"
    return name_of("gradient_by_lag", state), f"Gradient against lag{words}"


def _draw(lags: pd.DataFrame, looks: Mapping[str, Look]) -> Figure:
    """Gradient relative to lag 0, log scale: a row per stage, a column per task.

    After training, runs that solved the task and runs that did not are drawn apart; bands span the seeds.
    """
    tasks, stages = sorted(lags.task.unique()), _stages(lags)
    width = max(min(FULL_WIDTH, 2.5 + 4.5 * len(tasks)), panels.NARROW * len(tasks))
    apart = " " if len(tasks) < 3 else "\n"
    parts = crowd.parts(panels.present(looks, lags))
    figure, axes = grids.grid(
        list(product(stages, parts)), tasks, height=2.9 if len(parts) == 1 else 2.2, width=width, sharex="col"
    )
    for ((stage, part), task), ax in axes.items():
        of_task = lags[lags.task == task]
        here, gap = of_task[of_task.stage == stage], of_task.gap.max()
        title = f"{wording.cell(str(task), gap)},{apart}{STAGE_IN_WORDS[stage]}"
        ax.set_title(crowd.named(title, part), loc="left")
        _panel(ax, here, parts[part], split=stage == END) if len(here) else panels.blank(ax, "not measured")
        if gap:
            ax.axvline(gap, color="#999999", linewidth=1, zorder=1)
        ax.set_xlim(left=0)
        ax.set_xlabel("lag (steps back from the scored step)")
        ax.xaxis.set_major_locator(MaxNLocator(8, integer=True))
    for (stage, _), first in grids.firsts(axes).items():
        first.set_ylabel("gradient relative to lag 0")
        panels.exponent_axis(first.yaxis)
        floors.limits(first, lags.log10_gradient[lags.stage == stage])
    marks = [lines.mark("solved", "o"), lines.mark("not solved", "o", filled=False)] if END in stages else []
    marks += [*floors.marks(lags.log10_gradient), *lines.gap_mark(lags)]
    panels.legend(figure, looks, marks)
    return figure


def _stages(lags: pd.DataFrame) -> list[str]:
    """A run without training steps has no second one."""
    return [stage for stage in STAGES if (lags.stage == stage).any()]


def _panel(ax: Axes, lags: pd.DataFrame, looks: Mapping[str, Look], *, split: bool) -> None:
    for arm, look in marked.by_arm(ax, panels.present(looks, lags)):
        runs = lags[lags.arm == arm]
        if not split:
            _curve(ax, runs, look, filled=None)
            continue
        for solved, group in runs.groupby(runs.outcome == "solved"):
            _curve(ax, group, look, filled=bool(solved))


def _curve(ax: Axes, lags: pd.DataFrame, look: Look, *, filled: bool | None) -> None:
    """Median over the seeds with a band from the least to the greatest; no markers where the outcome is yet to come."""
    by_lag = lags.groupby("lag").log10_gradient
    middle = by_lag.median().dropna()
    if middle.empty:
        return
    if lags.run_id.nunique() > 1:
        ax.fill_between(middle.index, by_lag.min()[middle.index], by_lag.max()[middle.index], color=look.colour,
                        alpha=0.15, linewidth=0)  # fmt: skip
    ax.plot(
        middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.8, zorder=3, markersize=5.5,
        marker=look.marker if filled is not None else "", markevery=max(1, len(middle) // 8),
        markerfacecolor=look.colour if filled else "white",
    )  # fmt: skip
    floors.leaves(ax, middle, look.colour)
    told.along(ax, middle.index, middle, f"{_whose(lags, filled)}, lag {{:.0f}}".format, wording.from_log10,
               told.of_lags(lags),
               (by_lag.min()[middle.index], by_lag.max()[middle.index]))  # fmt: skip


def _whose(lags: pd.DataFrame, solved: bool | None) -> str:
    """ "copy at gap 50, after training, not solved"."""
    outcome = "" if solved is None else f", {OUTCOMES[solved]}"
    return f"{wording.at(lags.task.iloc[0], lags.gap.iloc[0])}, {STAGE_IN_WORDS[lags.stage.iloc[0]]}{outcome}"


def _caption(lags: pd.DataFrame, summary: pd.DataFrame, state: str) -> list[str]:
    """How much gradient is left at the lag of the evidence, and whether more of it went with more success."""
    unit, stages = INPUTS if state == INPUTS else in_words(HIDDEN), _stages(lags)
    apart = " After training, runs that solved the task and runs that did not are summarised apart."
    parts = [
        f"Gradient of the loss at one scored step with respect to the {in_words(state)} so many steps "
        f"earlier, relative to the {unit} at lag 0. {_most_and_least(lags, summary, state)}",
        f"Line: median over seeds, band: from the least to the greatest.{apart if END in stages else ''}"
        + floors.told(lags.log10_gradient[lags.stage.isin(STAGES)]),
    ]
    for task, rows in lags.groupby("task"):
        cells = summary[(summary.task == task) & (summary.gap == rows.gap.max()) & summary.arm.isin(rows.arm)]
        parts.append(_recorded(str(task), cells, state, stages) if _is_recorded(rows, state) else _at_the_gap(rows))
    if any(ZERO in part for part in parts):
        parts.append(
            f"“{ZERO} …”: the share of sequences whose gradient is exactly zero; the value is that of the others."
        )
    return [part for part in parts if part]


def _most_and_least(lags: pd.DataFrame, summary: pd.DataFrame, state: str) -> str:
    """Of which arm most of it is left at initialisation, and of which least, task by task."""
    told = []
    for task, rows in lags[lags.stage == INIT].groupby("task"):
        found = _left(rows, summary[summary.task == task], state)
        left = {arm: one for arm, one in found if not np.isnan(one.exponent)}
        ranked = sorted(left, key=lambda arm: left[arm].exponent)
        values = " and ".join(
            f"{left[arm].words} ({wording.arm(arm)})" for arm in dict.fromkeys([*ranked[:1], *ranked[-1:]])
        )
        told += [f"on {task} {values}"] if values else []
    where = "that reaches the evidence" if _is_recorded(lags, state) else "that is left one gap back"
    where = where if lags.gap.any() else "that is left at the other end"
    return f"Least and most of it {where}, before training: {'; '.join(told)}." if told else ""


def _is_recorded(lags: pd.DataFrame, state: str) -> bool:
    """Whether the record has numbers at the evidence: of the hidden state, or of the inputs of cores without one.

    They are what is told of then, here as everywhere: one gap back lies a step or more on this side of the evidence.
    """
    return state in (HIDDEN, INPUTS) and bool(lags.gap.any())


def _left(rows: pd.DataFrame, cells: pd.DataFrame, state: str) -> list[tuple[str, Arriving]]:
    """By arm, of one task."""
    if _is_recorded(rows, state):
        own = cells[(cells.gap == rows.gap.max()) & cells.arm.isin(rows.arm)]
        return [(str(cell["arm"]), of_state(cell, state)) for cell in own.to_dict("records")]
    there = rows[rows.lag == (rows.gap.max() or rows.lag.max())]
    middle = there.groupby("arm", observed=True).log10_gradient.median()
    return [(str(arm), Arriving(left, wording.from_log10(left), state == INPUTS)) for arm, left in middle.items()]


def _at_the_gap(rows: pd.DataFrame) -> str:
    """Read off the curves themselves, at lag = gap."""
    gap = rows.gap.max() or rows.lag.max()  # the whole window where the task has no gap
    there = rows.reindex(columns=rows.columns.union(["zero"]))[rows.lag == gap]
    told = [text for arm in arms_in_order(there.arm) if (text := _trained(there[there.arm == arm]))]
    return f"After training on {rows.task.iloc[0]}, at lag {gap} it is {'; '.join(told)}." if told else ""


def _trained(rows: pd.DataFrame) -> str:
    """ "lstm solved 0.19, not solved 3·10⁻⁵"; `rows` are of one arm at one lag."""
    groups = {part: part.of(rows) for part in PARTS if part.stage == END}
    told = before_and_after({p: _told(own.log10_gradient.median(), own.zero.mean()) for p, own in groups.items()})
    return f"{rows.arm.iloc[0]} {told}" if told else ""


def _told(gradient: float, zero: float) -> str:
    return wording.gradient(gradient, zero) if np.isfinite(gradient) or zero == 1 else ""


def _recorded(task: str, cells: pd.DataFrame, state: str, stages: Sequence[str]) -> str:
    told = [_of_arm(cells[cells.arm == arm].iloc[0], state) for arm in arms_in_order(cells.arm)]
    when = " → ".join(STAGE_IN_WORDS[stage] for stage in stages)
    remains = (
        f"On {task} at gap {cells.gap.max()}, the share of it that reaches the evidence {when}: {'; '.join(told)}."
    )
    return wording.joined(remains, _exceptions(trained(cells), state))


def _of_arm(cell: pd.Series, state: str) -> str:
    """ "lstm 4·10⁻³ → solved 0.023, not solved 9·10⁻⁴ (1 of 2 solved)"."""
    numbers = names.GRADIENT_AT_GAP, names.ZERO_AT_GAP
    values = {part: _told(*(cell[column(number, state, part)] for number in numbers)) for part in PARTS}
    solved = f" ({tally(cell.solved, cell.finished)} solved)" if cell.budget != 0 else ""
    return f"{wording.arm(cell.arm)} {before_and_after(values) or 'not known'}{solved}"


def _exceptions(cells: pd.DataFrame, state: str) -> str:
    """Pairs of arms in which ten times the gradient at initialisation went with less success.

    Not after training: there the gradient is of runs that solved the task, or of runs that did not.
    """
    found = cells.set_index("arm")
    gradient = found[column(names.GRADIENT_AT_GAP, state, PARTS[0])].dropna()
    known = found.loc[gradient.index]
    share = known.solved / known.finished
    pairs = [(a, b) for a in known.index for b in known.index if gradient[a] - gradient[b] >= TELLING]
    against = [(more, less) for more, less in pairs if share[more] < share[less]]
    if not pairs:
        return ""
    if against:
        named = wording.listed(f"{more} solved less often than {less}" for more, less in against)
        return (
            "More gradient at initialisation did not always go with more success: with at least ten times as much, "
            f"{named}."
        )
    if all(share[more] == share[less] for more, less in pairs):
        return "Arms whose gradients at initialisation differ by ten times or more were equally successful here."
    return "No arm with at least ten times the gradient of another at initialisation solved less often than it."
