"""How a sweep concludes: what is said and written at its end, whatever is there already."""

from pathlib import Path

import pytest
from recording import CRASHED, MLFLOW_WARNINGS, put_database

from seqbench.driver.sweep import sweep
from seqbench.executors import serial
from seqbench.planning.make_plan import make_plan
from seqbench.record import results
from seqbench.record.store import Unavailable

pytestmark = MLFLOW_WARNINGS

ONE_RUN = (
    "task=copy", "task.gap=2", "model=rnn", "model.hidden_size=4", "executor=serial", "training.max_steps=0",
    "training.test_sequences=50",
)  # fmt: skip
FIGURE = """
from matplotlib.figure import Figure
from seqbench.report.figures.plot import Plot, ids

def plots(found):
    yield Plot("mine", "Mine", ["My own."], Figure(), ids(found.done))
"""
REFUSED = """
# @package _global_
# one control, which has to be refused
name: refused
controls:
  - requirement: shared parameters
    control: unshared, at another length
    expected: refused
    axes: {model: unshared, task: copy, task.gap: GAP}
"""


@pytest.fixture
def empty(folder: Path) -> Path:
    """A folder with an empty record."""
    put_database(folder)
    return folder


@pytest.fixture
def study(empty: Path) -> Path:
    """A folder of the user's own, empty."""
    own = empty / "study"
    own.mkdir()
    return own


def test_what_is_gone_or_damaged_is_written_again_though_nothing_has_changed(empty: Path) -> None:
    page, table = empty / "reports/adhoc/index.html", empty / "reports/adhoc/summary.md"
    assert sweep(make_plan(*ONE_RUN)) == 0
    first = page.read_bytes(), table.read_bytes()
    page.write_bytes(first[0][:1000])
    table.unlink()
    assert sweep(make_plan(*ONE_RUN)) == 0
    assert (page.read_bytes(), table.read_bytes()) == first


def test_a_report_that_is_whole_is_left_alone(empty: Path) -> None:
    page = empty / "reports/adhoc/index.html"
    sweep(make_plan(*ONE_RUN))
    written = page.stat().st_mtime_ns
    sweep(make_plan(*ONE_RUN))
    assert page.stat().st_mtime_ns == written


def test_figures_of_ones_own_come_onto_the_page_of_a_sweep_that_had_none(study: Path) -> None:
    sweep(make_plan(*ONE_RUN))
    (study / "figures").mkdir()
    (study / "figures/mine.py").write_text(FIGURE, encoding="utf-8")
    sweep(make_plan(*ONE_RUN, config_dir=study))
    assert 'id="mine"' in Path("reports/adhoc/index.html").read_text(encoding="utf-8")


def test_a_report_folder_that_cannot_be_one_is_found_before_anything_is_trained(empty: Path) -> None:
    (empty / "reports").mkdir()
    (empty / "reports/adhoc").write_text("a file", encoding="utf-8")
    with pytest.raises(Unavailable, match="reports/adhoc"):
        sweep(make_plan(*ONE_RUN))
    assert results.experiments() == {}


@pytest.mark.parametrize(("gap", "code", "told"), [(10, 0, "refused: "), (20, 1, "accepted")])
def test_controls_of_which_no_run_can_tell_are_judged_all_the_same(
    gap: int, code: int, told: str, study: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (study / "experiment").mkdir()
    text = REFUSED.replace("GAP", str(gap)).lstrip()
    (study / "experiment/refused.yaml").write_text(text, encoding="utf-8")
    assert sweep(make_plan("+experiment=refused", config_dir=study)) == code
    assert told in capsys.readouterr().out


def test_a_report_folder_is_loaded_by_its_name_as_it_stands_in_a_shell(empty: Path) -> None:
    sweep(make_plan(*ONE_RUN))
    from_file, from_store = results.load("reports/adhoc"), results.load("adhoc")
    assert list(from_file.runs.run_id) == list(from_store.runs.run_id)
    assert len(from_file.metrics) == len(from_store.metrics) > 0
    assert results.load("adhoc", points=False).metrics.empty


def test_runs_that_all_crashed_before_they_could_say_what_their_task_is_are_listed_with_their_commands(
    empty: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serial, "events_of", lambda run: [CRASHED])
    assert sweep(make_plan(*ONE_RUN)) == 1
    told = capsys.readouterr().out
    assert "failed: s0 rnn gap=2 copy: RuntimeError: no luck\n  repeat: python -m seqbench" in told
    assert (empty / "reports/adhoc/index.html").exists()
    assert results.load("adhoc").tasks == {}


@pytest.mark.parametrize(
    ("steps", "shown"), [("training.max_steps=0", 0), ("training.max_steps=2", 0), ("training.max_steps=4", 1)]
)
def test_runs_are_to_be_looked_into_where_a_model_was_saved(
    steps: str, shown: int, empty: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        sweep(make_plan(*ONE_RUN[:-2], steps, "training.test_sequences=50", "training.validate_every=3", "seed=0,1"))
        == 0
    )
    assert capsys.readouterr().out.count("look into a run: python -m seqbench.trace run=ID") == shown
    assert results.load("adhoc").metrics.metric.eq("saved_step").sum() == 2 * shown
