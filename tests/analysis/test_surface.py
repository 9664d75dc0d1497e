"""Time and capacity: lines of horizons at several loads, and the verdict on them, from searches that are known."""

import pandas as pd
import pytest
from searches import frame, load_frame, record_of

from reports import drawn_by
from seqbench.analysis import surface
from seqbench.analysis.findings import Findings, findings
from seqbench.horizon.slope import Slope
from seqbench.report import columns
from seqbench.report.drawn import Drawn
from seqbench.report.sections import surface as section


def at_loads(horizons: dict[int, float], arm: str = "lstm") -> pd.DataFrame:
    """A search over the gap at each load, with labels as the record has them."""
    found = [
        frame(horizon, arm, f"copy, load={load}").assign(load=load) for load, horizon in horizons.items()
    ]  # fmt: skip
    return pd.concat(found)


HALVES, FLAT = {1: 200.5, 2: 100.5, 4: 50.5}, {1: 60.5, 2: 60.5, 4: 60.5}


@pytest.fixture(scope="module")
def found() -> Findings:
    return findings(record_of(at_loads(HALVES), at_loads(FLAT, "gru")))


def test_there_is_a_line_for_each_arm_with_its_horizons_by_load(found: Findings) -> None:
    lines = {line.arm: line for line in found.isolines}
    assert {line.task for line in lines.values()} == {"copy"}
    assert [surface.load_of(point) for point in lines["lstm"].points] == [1, 2, 4]
    for point, horizon in zip(lines["lstm"].points, HALVES.values(), strict=True):
        assert point.found.low < horizon < point.found.high


def test_the_verdict_follows_the_rule(found: Findings) -> None:
    """A reach that halves with each doubling is shortened; one that stays within a factor 1.41 is apart."""
    lines = {line.arm: line for line in found.isolines}
    fall = lines["lstm"].fall
    assert fall is not None
    assert fall.factor == pytest.approx(0.5, rel=0.1)
    assert fall.high < 1
    assert {arm: line.verdict for arm, line in lines.items()} == {
        "gru": "time and capacity are apart", "lstm": "a larger load shortens the reach",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.3, 0.99, "a larger load shortens the reach"),
        (0.8, 0.99, "a larger load shortens the reach"),
        (0.71, 1.41, "time and capacity are apart"),
        (0.70, 1.41, "not told"),
        (0.71, 1.42, "not told"),
        (1.2, 1.5, "not told"),
        (0.0, 0.4, "a larger load shortens the reach"),
    ],
)
def test_the_rule_at_its_borders(low: float, high: float, verdict: str) -> None:
    line = surface.Isoline("copy", "lstm", ())
    vars(line)["fall"] = Slope(1.0, low, high)
    assert line.verdict == verdict


def test_what_the_runs_do_not_bound_is_told_as_open_and_drawn_hollow() -> None:
    """At load 1 the reach lies beyond all gaps searched, at load 2 three runs say little."""
    few = [at_loads({1: 10_000.0}), at_loads({2: 100.5}).head(3)]
    for known, told in ((few, "lstm not bounded, not told"), ([few[0], at_loads({2: 20.5})], "lstm times 0.05")):
        record = record_of(*known)
        assert f"doubling of the load: {told}" in surface.sentence("copy", findings(record).isolines)
    (ax,) = drawn_by("surface", record_of(*few))["surface"].figure.axes
    points = [line for line in ax.lines if line.get_markersize() == 8 and len(line.get_xdata()) == 1]
    assert [point.get_markerfacecolor() for point in points] == ["white", "white"]


def test_one_load_makes_no_line() -> None:
    assert findings(record_of(at_loads({2: 60.5}), frame(50, "gru"))).isolines == []
    assert list(findings(record_of(frame(50))).surface.columns) == []


def test_searches_over_the_load_at_several_gaps_make_a_line_without_a_factor() -> None:
    found = findings(record_of(load_frame(9.5, gap=10), load_frame(4.5, gap=40)))
    (line,) = found.isolines
    assert (line.task, line.fall, line.verdict) == ("copy", None, "")
    assert [surface.gap_of(point) for point in line.points] == [10, 40]
    assert list(found.surface.searched) == ["load", "load"]
    assert drawn_by("surface", found.record)["surface"].run_ids


def test_the_figure_has_every_run_as_a_dot_and_a_line_through_the_horizons(found: Findings) -> None:
    plot = drawn_by("surface", found.record)["surface"]
    (ax,) = plot.figure.axes
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("load (items, log scale)", "gap (steps, log scale)")
    dots = sum(len(line.get_xdata()) for line in ax.lines if line.get_marker() == ".")
    assert dots == len(found.runs) == len(plot.run_ids)
    heights = [tuple(line.get_ydata()) for line in ax.lines if len(line.get_xdata()) == 3 and line.get_linewidth() == 2]
    assert tuple(point.found.gap50 for point in found.isolines[0].points) in heights
    assert plot.caption[2] == surface.sentence("copy", found.isolines)
    assert "a larger load shortens the reach" in plot.caption[2]


def test_the_page_has_a_table_of_the_lines_with_their_intervals(found: Findings) -> None:
    shown = section.values(found, Drawn())
    assert shown is not None
    ((task, sentence, headings, rows),) = shown["tables"]
    assert (task, sentence) == ("copy", surface.sentence("copy", found.isolines))
    assert headings == ["gap50 at load 1", "gap50 at load 2", "gap50 at load 4"]
    assert rows == [(line.arm, [point.told for point in line.points], line.verdict) for line in found.isolines]
    assert section.values(findings(record_of(frame(50))), Drawn()) is None


def test_the_table_as_a_file_has_columns_with_a_meaning(found: Findings) -> None:
    assert set(found.surface.columns) == set(columns.FILES["surface.csv"])
    assert list(found.surface.load) == [1, 2, 4, 1, 2, 4]
