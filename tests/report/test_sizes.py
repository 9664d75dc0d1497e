"""Figures at the size at which they will stand: their text, their strokes, their arms."""

from itertools import combinations, pairwise
from types import ModuleType

import numpy as np
import pytest
import searches
import synthetic
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from numpy.typing import NDArray

from seqbench.analysis import arms
from seqbench.analysis.chosen import chosen
from seqbench.analysis.findings import findings
from seqbench.record.values import Record
from seqbench.report import figures
from seqbench.report.figures import draw, fitting, theme
from seqbench.trace.figure import EVIDENCE
from seqbench.trace.figure import INK as OF_STATES

FOUND = findings(synthetic.record(seeds=range(2)))
COLUMN = theme.PRESETS["paper-column"]


def shown(figure: Figure) -> list[Text]:
    """The texts that a reader sees."""
    figure.draw_without_rendering()
    labels = [text for ax in figure.axes if ax.get_visible() for text in _of(ax)]
    return labels + [text for legend in figure.legends for text in legend.get_texts()]


def _of(ax: Axes) -> list[Text]:
    ticks = [
        tick.label1
        for axis, (least, most) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, sorted(ax.get_ylim())))
        for tick in axis.get_major_ticks()
        if tick.label1.get_visible() and least <= tick.get_loc() <= most
    ]
    titles = [text for text in ax.get_children() if isinstance(text, Text)]
    return [text for text in (*ticks, *titles, ax.xaxis.label, ax.yaxis.label) if text.get_text().strip()]


@pytest.mark.parametrize("name", ["success", "loss", "gradient_by_lag", "decay_and_reach", "time_to_solve"])
def test_in_a_column_all_text_has_the_asked_size_and_none_overlaps(name: str) -> None:
    figure = draw.figure(FOUND, name, preset="paper-column")
    texts = shown(figure)
    assert figure.get_size_inches()[0] == COLUMN.width
    assert {text.get_fontsize() for text in texts} == {COLUMN.font}
    extents = [text.get_window_extent() for text in texts]
    for (one, here), (other, there) in combinations(zip(texts, extents, strict=True), 2):
        assert not here.padded(-0.5).overlaps(there.padded(-0.5)), (one.get_text(), other.get_text())


LONG = "lstm, hidden_size=64, learning_rate=0.003, freeze_core=True"
OF_GRID = synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10, 50), seeds=range(2))
OF_SEARCHES = searches.record_of(searches.frame(20), searches.frame(50, "lstm"), searches.frame(90, "gru", "adding"))
OF_LOADS = searches.record_of(
    *(searches.frame(50, arm, f"copy, load={k}").assign(load=k) for arm in ("rnn", "lstm") for k in (1, 8))
)  # fmt: skip
SEARCHED = (figures.horizon, figures.horizon_curves, figures.horizon_path)
DRAWN = [(OF_GRID, module) for group in figures.GROUPS.values() for module in group if module not in figures.OF_TRACES]


@pytest.mark.parametrize(
    ("record", "module"),
    [*DRAWN, *((OF_SEARCHES, module) for module in SEARCHED), (OF_LOADS, figures.surface)],
    ids=lambda one: one.__name__.rpartition(".")[2] if isinstance(one, ModuleType) else "of",
)
def test_nothing_of_a_figure_is_cut(record: Record, module: ModuleType) -> None:
    """Large type in a narrow column, and an arm whose name is longer than the figure is wide."""
    part, looks = chosen(record, names={"lstm": LONG})
    size = theme.Size(2.5, 10, 1, 7.5)
    with theme.theme(size), arms.arranged(looks):
        for plot in module.plots(findings(part)):
            fitting.fit(plot.figure, size)
            whole = plot.figure.bbox.padded(1)
            for text in shown(plot.figure):
                ends = text.get_window_extent().get_points()
                assert all(whole.contains(x, y) for x, y in ends), text.get_text()


def test_panels_stand_one_below_the_other_where_the_width_is_too_small_for_them() -> None:
    column, page = (draw.figure(FOUND, "success", preset=preset) for preset in ("paper-column", "paper-page"))
    below, beside = ([ax.get_subplotspec().get_topmost_subplotspec().num1 for ax in one.axes] for one in (column, page))
    assert below == beside == [0, 1]
    assert [len({round(ax.get_position().x0, 2) for ax in one.axes}) for one in (column, page)] == [1, 2]
    assert [ax.get_ylabel() != "" for ax in column.axes] == [True, True]
    assert [ax.get_xlabel() != "" for ax in column.axes] == [False, True]


def test_ticks_whose_names_would_touch_lose_every_other_one() -> None:
    size = theme.Size(1.4, 8, 1, 1)
    with theme.theme(size):
        figure = Figure(figsize=(1.4, 1))
        ax = figure.subplots()
        ax.set_xticks([1, 2, 3, 4, 5], ["10,000"] * 5)
        fitting.fit(figure, size)
    extents = [text.get_window_extent() for text in shown(figure) if text.get_text() == "10,000"]
    assert 2 <= len(extents) < 5
    assert all(one.x1 < other.x0 for one, other in pairwise(extents))


def test_strokes_go_with_the_preset_and_width_and_font_in_its_place() -> None:
    page, column = draw.figure(FOUND, "success"), draw.figure(FOUND, "success", width=4.0, font=7)
    assert column.get_size_inches()[0] == 4.0
    assert {text.get_fontsize() for text in shown(column)} == {7}
    widths, markers = (
        [getattr(one.axes[0].lines[1], of)() for one in (page, column)] for of in ("get_linewidth", "get_markersize")
    )
    assert widths[1] == pytest.approx(0.7 * widths[0])
    assert markers[1] == pytest.approx(0.7 * markers[0])


def test_arms_are_chosen_ordered_and_named_and_keep_their_looks() -> None:
    given = {"arms": ["lstm", "rnn"], "renamed": {"rnn": "Elman RNN"}, "task": "copy"}
    figure = draw.figure(FOUND, "success", **given)
    assert [text.get_text() for text in figure.legends[0].get_texts()[:2]] == ["lstm", "Elman RNN"]
    assert [line.get_color() for line in figure.legends[0].get_lines()[:2]] == [
        FOUND.looks[arm].colour for arm in ("lstm", "rnn")
    ]
    assert [ax.get_title(loc="left") for ax in figure.axes] == ["copy"]
    assert list(arms.looks(["rnn", "lstm"])) == ["rnn", "lstm"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"arms": ["ltsm"]}, "no arm 'ltsm'; there are rnn, "),
        ({"task": "add"}, "no task 'add'; there are adding, copy"),
        ({"renamed": {"rnn": "lstm"}}, "two arms would have one name"),
        ({"preset": "paper"}, "no preset 'paper'; there are paper-column"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(given: dict[str, object], told: str) -> None:
    with pytest.raises(LookupError, match=told):
        draw.figure(FOUND, "success", **given)  # type: ignore[arg-type]


# -- colours -----------------------------------------------------------------------------------------------

SEEN_BY = {
    "most": np.eye(3),
    "deuteranopes": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
    "protanopes": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
}
"""Of Machado, Oliveira and Fernandes (2009), for linear RGB."""


def lab(colour: str, sight: str) -> NDArray[np.float64]:
    """In CIELAB, under D65."""
    rgb = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    seen = np.clip(SEEN_BY[sight] @ np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4), 0, 1)
    xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]) @ seen
    x, y, z = (np.cbrt(v) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz / np.array([0.9505, 1.0, 1.089]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def nearest_arm(colour: str, sight: str) -> float:
    looks = [*arms.KNOWN.values(), *arms.RESERVE]
    return min(float(np.linalg.norm(lab(colour, sight) - lab(look.colour, sight))) for look in looks)


@pytest.mark.parametrize("sight", SEEN_BY)
def test_evidence_is_marked_in_a_colour_that_no_arm_has(sight: str) -> None:
    assert nearest_arm(EVIDENCE, sight) > 20


def test_states_and_theory_have_lines_of_ink_and_colours_are_those_of_arms() -> None:
    assert nearest_arm(theme.INK, "most") > 15
    assert OF_STATES == theme.INK
    gates = draw.figure(FOUND, "flow")
    drawn = {line.get_color() for ax in gates.axes for line in ax.lines}
    assert drawn - {theme.INK, "#999999"} == {look.colour for look in FOUND.looks.values()}
