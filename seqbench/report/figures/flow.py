"""Gradient by lag, measurement beside theory: how fast it decays, and whether it keeps within its bounds."""

from collections.abc import Iterator, Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from seqbench import events, wording
from seqbench.analysis.arms import Look
from seqbench.analysis.by_lag import STAGES, at_both_ends
from seqbench.analysis.findings import Findings
from seqbench.analysis.parts import PARTS
from seqbench.events import BOUNDS, DIRECT, DIRECT_BEST, DIRECT_MEAN, EXACT, HIDDEN, INPUTS, PATH, SIGMA_MAX, of_layer
from seqbench.record.states import STAGE_IN_WORDS, drawn_of, in_words, of_layers, states_of_cores
from seqbench.report.figures import arms_grid, floors, flow_words, lines, panels, told
from seqbench.report.figures.lines import DASH_DOTTED, DASHED, DOTTED, LONG_DASHED, SOLID, Style
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.figures.theme import INK
from seqbench.trace.figure import depth

OF_STATES, OF_INPUTS = (SOLID, DASHED, DASH_DOTTED), DOTTED
"""Lines of measured states, the hidden state first."""
THEORY: Mapping[str, tuple[str, str, Style]] = {
    PATH: ("upper bound along the path", INK, SOLID),
    SIGMA_MAX: ("upper bound, σ max alone", INK, DOTTED),
    DIRECT_BEST: ("direct path by gates, best unit", INK, DASHED),
    DIRECT_MEAN: ("direct path by gates, mean of units", INK, DASH_DOTTED),
    EXACT: ("exact, by the whole direct path alone", INK, LONG_DASHED),
}
OF_LAYERS = (
    " Of a stack, the states of each layer are drawn, the lower the paler; its numbers are those of all its hidden "
    "states together."
)
THICK, THIN = 2.6, 1.3
UNDER, MEASURED, OVER = 3, 4, 5
"""What is drawn over what: what is exact lies on the measured line, and has to be seen there."""
ROOM = 0.45
"""Part of the measured range by which theory may reach beyond it before it leaves the panel."""


def plots(found: Findings) -> Iterator[Plot]:
    """Where theory has something to say of a core."""
    shown = at_both_ends(found.lags)
    if shown.state.isin(events.THEORY).any():
        styles = _styles(shown)
        caption, figure = _caption(found, shown, styles), _draw(shown, found.looks, styles)
        yield Plot("flow", "Gradient by lag: measurement and theory", caption, figure, ids(shown))


def _styles(lags: pd.DataFrame) -> dict[str, Style]:
    """The line of each measured state, whatever its layer, the inputs last; those of one arm are told apart."""
    places: dict[str, int] = {}
    for _, rows in lags.groupby("arm", observed=True):
        kinds = dict.fromkeys(of_layer(state)[0] for state in states_of_cores(rows.state))
        places |= {state: max(place, places.get(state, 0)) for place, state in enumerate(kinds)}
    own = {state: OF_STATES[min(place, len(OF_STATES) - 1)] for state, place in places.items()}
    return own | ({INPUTS: OF_INPUTS} if (lags.state == INPUTS).any() else {})


def _draw(shown: pd.DataFrame, looks: Mapping[str, Look], styles: Mapping[str, Style]) -> Figure:
    """A row per task before and after training, in it a panel per arm, after training also by outcome."""
    rows = {
        f"{wording.cell(task, of_task.gap.max())}\n{STAGE_IN_WORDS[stage]}": {
            part.outcome: part.of(of_task) for part in PARTS if part.stage == stage
        }
        for task, of_task in shown.groupby("task")
        for stage in STAGES
        if (of_task.stage == stage).any()
    }
    figure, drawn = arms_grid.grid_of_arms(rows)
    for panel in drawn:
        _panel(panel.ax, panel.lags, looks[panel.arm], styles)
    for row in rows:
        own = [panel for panel in drawn if panel.row == row]
        _limits(own[0].ax, pd.concat([panel.lags for panel in own]), styles)
    marks = [*_marks(shown, styles), *floors.marks(_measured(shown, styles)), *lines.gap_mark(shown)]
    panels.legend(figure, {}, marks)
    return figure


def _measured(lags: pd.DataFrame, styles: Mapping[str, Style]) -> pd.Series:
    """Of the states that have a line, each in all its layers."""
    return lags.log10_gradient[lags.state.map(lambda state: of_layer(state)[0]).isin(list(styles))]


def _marks(shown: pd.DataFrame, styles: Mapping[str, Style]) -> list[Line2D]:
    measured = [lines.line(f"measured, {in_words(state)}", width=THICK, style=style) for state, style in styles.items()]
    theory = [
        lines.line(label, colour=colour, style=style, width=THIN)
        for state, (label, colour, style) in THEORY.items()
        if (shown.state == state).any()
    ]
    ends = {"lowest layer": 1, "top layer": 2} if of_layers(shown.state.unique()) else {}
    layers = [lines.line(label, width=THICK, alpha=depth(layer, 2)) for label, layer in ends.items()]
    return measured + layers + theory


def _panel(ax: Axes, lags: pd.DataFrame, look: Look, styles: Mapping[str, Style]) -> None:
    for state, (_, colour, style) in THEORY.items():
        _median(ax, lags[lags.state == state], colour, style, THIN, OVER if state == EXACT else UNDER)
    states = drawn_of([*states_of_cores(lags.state), *({INPUTS} & {*lags.state})])
    top = max((of_layer(state)[1] or 0 for state in states), default=0)
    for state in reversed(states):
        kind, layer = of_layer(state)
        rows, style, alpha = lags[lags.state == state], styles[kind], depth(layer, top)
        by_lag = rows.groupby("lag").log10_gradient
        low, high = by_lag.min().dropna(), by_lag.max().dropna()
        if rows.run_id.nunique() > 1:
            ax.fill_between(low.index, low, high, color=look.colour, alpha=0.18 * alpha, linewidth=0)
        _median(ax, rows, look.colour, style, THICK, MEASURED, alpha)
        middle = by_lag.median().dropna()
        floors.leaves(ax, middle, look.colour)
        told.along(ax, middle.index, middle, f"{in_words(state)}, lag {{:.0f}}".format, wording.from_log10,
                   told.of_lags(rows),
                   (by_lag.min()[middle.index], by_lag.max()[middle.index]))  # fmt: skip


def _median(
    ax: Axes, lags: pd.DataFrame, colour: str, style: Style, width: float, zorder: int, alpha: float = 1.0
) -> None:
    middle = lines.thinned(lags.groupby("lag").log10_gradient.median().dropna())
    ax.plot(middle.index, middle, color=colour, linestyle=style.line, linewidth=width, alpha=alpha, zorder=zorder)


def _limits(ax: Axes, lags: pd.DataFrame, styles: Mapping[str, Style]) -> None:
    """What was measured; a loose bound grows by so many orders of magnitude that it would flatten the rest."""
    measured, usable = _measured(lags, styles), lags.log10_gradient
    low, high = max(min(measured.min(), 0), floors.FLOOR), max(measured.max(), 0)
    room = ROOM * max(high - low, 1.0)
    floors.limits(ax, measured, (max(usable.min(), low - room), min(usable.max(), high + room)))


def _caption(found: Findings, shown: pd.DataFrame, styles: Mapping[str, Style]) -> list[str]:
    """Per task at its longest gap: decay, half-life and value at the gap of each arm, then theory beside them."""
    states = [f"{in_words(state)} {style.word}" for state, style in styles.items() if state != INPUTS]
    dotted = f"{styles[INPUTS].word}, " if INPUTS in styles else ""
    parts = [
        f"Gradient by lag (thick; {', '.join(states)}) beside theory (thin), each the median over seeds. "
        f"{flow_words.agreement(found.bounds)}",
        f"Relative to the {in_words(HIDDEN)} at lag 0; band: from the least to the greatest seed; after training, runs "
        "that solved the task and runs that did not apart."
        + (OF_LAYERS if of_layers(shown.state.unique()) else "")
        + arms_grid.inputs_in_words(shown, dotted)
        + floors.told(_measured(shown, styles))
        + _explained(shown),
    ]
    for task, rows in shown.groupby("task"):
        bounds, exact = (table[table.task == task] for table in (found.bounds, found.exact))
        decays = flow_words.decays(found, str(task), rows)
        parts.append(wording.joined(decays, flow_words.within_bounds(bounds), flow_words.exactness(exact),
                                    flow_words.direct(rows)))  # fmt: skip
    return parts


def _explained(lags: pd.DataFrame) -> str:
    states, exact = set(lags.state), flow_words.exact_arms(lags)
    others = set(lags.arm[lags.state.isin(DIRECT)]) - {*exact}
    bounds = (
        " No gradient can lie above the bounds: the product over steps of the largest slope of the nonlinearity and "
        "the largest singular value σ max of the recurrent matrix, or of σ max alone; they are cut where they leave "
        "a panel."
    )
    direct = " The direct path is the product of the gates that keep the state."
    more = f" It is no bound, other paths add to it{', except where theory is exact' if exact else ''}."
    alone = (
        f" Where the memory is linear in itself ({wording.arms(exact)}), no other path adds to it: the exact curve "
        "takes the first gradient of the memory that is not zero, and carries it back by that path alone; the gates "
        "alone leave out what is erased at each step, as by a delta rule."
    )
    told = {bounds: BOUNDS, direct: DIRECT, more: DIRECT if others else (), alone: (EXACT,)}
    return "".join(text for text, curves in told.items() if states & set(curves))
