"""What a prompt and a notebook show of a record."""

from dataclasses import replace
from xml.etree import ElementTree

import pytest
import synthetic

from seqbench.record.overview import overview
from seqbench.record.values import Record


@pytest.fixture(scope="module")
def record() -> Record:
    """Two solved runs, an unsolved one, and one that crashed."""
    outcomes = {("copy", "lstm", 10, 1): "failed", ("copy", "rnn", 10, 1): "unsolved"}
    return synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10,), seeds=range(2), outcomes=outcomes)


def cells(record: Record) -> list[tuple[str, ...]]:
    table = ElementTree.fromstring(record._repr_html_())
    return [tuple(cell.text or "" for cell in row) for row in table.iter("tr")]


def test_a_notebook_shows_the_runs_by_outcome_and_the_axes(record: Record) -> None:
    assert cells(record) == [
        ("runs", "4: 2 solved, 1 unsolved and 1 failed"),
        ("tasks", "copy"),
        ("arms", "lstm and rnn"),
        ("gaps", "10"),
        ("seeds", "0 and 1"),
    ]


def test_a_prompt_shows_the_same_in_six_lines(record: Record) -> None:
    shown = [("record of synthetic",), *((f"  {name}: {text}",) for name, text in cells(record))]
    assert repr(record).splitlines() == [line for (line,) in shown]


def test_names_are_no_markup(record: Record) -> None:
    odd = replace(record, experiment="a <b> & c", runs=record.runs.assign(arm="<i>lstm</i>"))
    assert "a &lt;b&gt; &amp; c" in odd._repr_html_()
    assert ("arms", "<i>lstm</i>") in cells(odd)


def test_many_gaps_are_counted_and_none_is_said_so(record: Record) -> None:
    many = synthetic.record(arms=("rnn",), tasks=("copy",), gaps=range(5, 25), seeds=[0])
    assert overview(many.runs)["gaps"] == "20 from 5 to 24"
    assert overview(record.runs.assign(gap=0))["gaps"] == "none"


def test_a_run_that_has_not_ended_is_unfinished(record: Record) -> None:
    assert overview(record.runs.assign(outcome=None))["runs"] == "4: 4 unfinished"
