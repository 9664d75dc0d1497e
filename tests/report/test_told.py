"""What a page tells of points, and by which marks it knows whose they are."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from reports import drawn_by, plots_of, small
from seqbench.analysis.arms import looks
from seqbench.analysis.findings import findings
from seqbench.report import data, drawn, render
from seqbench.report.drawn import Drawn
from seqbench.report.figures import decay_and_reach, marked, told
from seqbench.report.figures.told import Tip

RECORD = small(gaps=(10, 50))


def test_a_point_tells_its_value_its_interval_and_its_runs() -> None:
    """The lstm solves gap 50 but for its last seed: 4 of 5, of which Wilson's interval is 0.38 to 0.96."""
    plot = drawn_by("success", RECORD)["success"]
    plot.figure.draw_without_rendering()
    (spot,) = (spot for spot in told.spots(plot.figure) if (spot.arm, spot.tip.where) == ("lstm", "copy at gap 50"))
    assert (spot.tip.value, spot.tip.interval) == ("4 of 5 runs solved it", "95 % interval 0.38 to 0.96")
    assert spot.tip.runs == tuple(f"copy-lstm-gap50-seed{seed}" for seed in range(5))


def test_a_spot_lies_where_its_marker_is_drawn() -> None:
    figure = Figure(figsize=(4, 3))
    ax = figure.subplots()
    ax.plot([1, 2, 3], [10, 30, 20], "o", gid="arm=a")
    told.tell(ax, [1, 2, 3], [10, 30, 20], [Tip(f"{x}", "") for x in (1, 2, 3)])
    ax.set_xlim(0.5, 2.5)
    markup = render.svg(figure, "x")
    group = re.search(r'<g data-arm="a">.*?</g></g>', markup)
    assert group is not None
    drawn_at = [(float(x), float(y)) for x, y in re.findall(r'<use [^>]*x="([^"]*)" y="([^"]*)"', group[0])]
    spots = told.spots(figure)
    assert [spot.tip.where for spot in spots] == ["1", "2"]  # the third has left the panel
    np.testing.assert_allclose([(spot.x, spot.y) for spot in spots], drawn_at[:2], atol=0.06)


def test_what_is_drawn_for_an_arm_bears_its_mark_and_nothing_else_does() -> None:
    ax = Figure().subplots()
    ax.axhline(0)
    for arm, _ in marked.by_arm(ax, looks(["rnn", 'a "b"'])):
        ax.plot([0, 1], [0, 1], label=arm)
    assert [line.get_gid() for line in ax.lines] == [None, "arm=rnn", "arm=a%20%22b%22"]
    assert 'data-arm="a &quot;b&quot;"' in render.svg(ax.figure, "x")


def test_every_figure_can_do_without_an_arm_and_tells_of_its_points() -> None:
    record = small(seeds=range(2))
    known = set(record.runs.run_id)
    for name, plot in plots_of(record).items():
        arms = {"lstm"} if name.endswith("_cell") else {"rnn", "lstm"}
        assert set(re.findall(r'data-arm="([^"]*)"', render.svg(plot.figure, name))) == arms, name
        spots = told.spots(plot.figure)
        assert spots, name
        assert all(spot.tip.runs and set(spot.tip.runs) <= known for spot in spots), name


def test_the_data_of_the_page_name_each_run_once_and_cannot_end_their_element() -> None:
    record = replace(RECORD, runs=RECORD.runs.assign(command="</script><!-- task=copy"))
    plot = drawn_by("success", record)["success"]
    text = data.data(findings(record), drawn.rendered([plot], processes=1))
    assert "</" not in text
    assert "<!" not in text
    page = json.loads(text)
    assert [run[0] for run in page["runs"]] == sorted(record.runs.run_id, key=[run[0] for run in page["runs"]].index)
    assert len(page["runs"]) == len(record.runs)
    assert " ".join(page["words"][word] for word in page["runs"][0][-1]) == "</script><!-- task=copy"
    points = page["figures"]["success"]
    told_runs = {page["runs"][index][0] for own in points["sets"] for index in own}
    assert told_runs == set(plot.run_ids)


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("sqlite:///mlflow.db", "http://127.0.0.1:5000"),
        ("https://me:secret@lab.org:8443/mlflow/", "https://lab.org:8443/mlflow"),
    ],
)
def test_runs_are_looked_at_on_the_tracking_server_or_where_the_dashboard_would_be(
    uri: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", uri)
    assert json.loads(data.data(findings(RECORD), Drawn()))["address"] == f"{address}/#/runs/{{run}}"


def test_a_place_of_a_curve_tells_the_runs_that_have_a_value_there() -> None:
    """The gradient of the second run is exactly zero at lag 2: its logarithm counts in no median there."""
    rows = pd.DataFrame({"run_id": ["a", "a", "b", "b"], "lag": [1, 2, 1, 2], "log10_gradient": [0.0, -1, -2, np.nan]})
    assert [told.of_lags(rows)(lag) for lag in (1, 2)] == [("a", "b"), ("a",)]
    table = rows.pivot(index="lag", columns="run_id", values="log10_gradient")
    assert [told.of_columns(table)(lag) for lag in (1, 2)] == [("a", "b"), ("a",)]


def test_an_open_end_of_a_gap_is_told_without_an_estimate() -> None:
    """What is told of an arm beside its decay is what the table says."""
    found = findings(RECORD)
    (plot,) = decay_and_reach.plots(found)
    said = {spot.arm: spot.tip.value.partition("gap50 ")[2] for spot in told.spots(plot.figure)}
    assert said == {arm: found.gap50["copy", arm] for arm in said}


def test_a_run_opens_on_its_own_page_of_the_dashboard() -> None:
    """Without the experiment and the kind of work, MLflow opens a page for evaluations of language models."""
    known = replace(RECORD, experiment_id="7")
    address = json.loads(data.data(findings(known), Drawn()))["address"]
    assert address == "http://127.0.0.1:5000/#/experiments/7/runs/{run}?workflowType=machine_learning"
    assert json.loads(data.data(findings(RECORD), Drawn()))["address"] == "http://127.0.0.1:5000/#/runs/{run}"
