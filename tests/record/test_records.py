"""Large records: read in bulk, kept as one file, printed as tables; and what a report does with many seeds."""

import json
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import synthetic
from builders import make_spec
from pyarrow import parquet
from recording import CRASHED, EXPERIMENT, MLFLOW_WARNINGS, SOLVED, UNSOLVED, plan_of, progress, put_database, record

from reports import drawn_by
from seqbench.analysis import arms
from seqbench.analysis import cells as tables
from seqbench.plan import Control
from seqbench.record import archive, names, results, store
from seqbench.record.client_reader import ClientReader
from seqbench.record.database_reader import TABLES, DatabaseReader
from seqbench.record.reading import Reader, reading
from seqbench.record.values import Record, Refusal, no_metrics
from seqbench.report import typeset
from seqbench.report.figures import seeds

pytestmark = MLFLOW_WARNINGS

DELETED = 2
"""MLflow's `ViewType.DELETED_ONLY`."""
LSTM, RNN, BROKEN = make_spec(seed=3), make_spec(model="rnn", seed=3, gap=5), make_spec(model="gru")


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A record of a solved run, an unsolved one, and one that failed before it started; of a fourth that is deleted."""
    uri = f"sqlite:///{put_database(tmp_path_factory.mktemp('record'))}"
    gone = make_spec(seed=9)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MLFLOW_TRACKING_URI", uri)
        plan = plan_of(LSTM, RNN, BROKEN, gone)
        told = [
            (LSTM, [*progress(), SOLVED]),
            (RNN, [*progress(0.8), UNSOLVED]),
            (BROKEN, [CRASHED]),
            (gone, progress()),
        ]
        record(plan, told)
        client = store.connect(uri)
        (run,) = (run for run in client.search_runs(["1"]) if run.data.params["seed"] == "9")
        client.delete_run(run.info.run_id)
        refused = Control("length", "unshared", "refused", refusal="too long")
        client.set_experiment_tag("1", names.REFUSALS, f'[["{refused.requirement}", "unshared", "too long"]]')
    return uri


@pytest.fixture(scope="module")
def whole(uri: str) -> Record:
    return results.load(EXPERIMENT, uri)


def assert_same(one: Record, other: Record) -> None:
    for name in ("runs", "metrics", "curves", "lags", "slots", "variants"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(other, name))
    assert (one.experiment, one.tasks, one.refusals) == (other.experiment, other.tasks, other.refusals)


# -- read in bulk ------------------------------------------------------------------------------------------


@pytest.fixture
def readers(uri: str) -> Iterator[tuple[Reader, Reader]]:
    """The database itself, and MLflow's client."""
    with reading(uri) as quick:
        yield quick, ClientReader(store.connect(uri))


def test_what_is_read_from_the_database_is_what_the_client_reads(readers: tuple[Reader, Reader]) -> None:
    quick, plain = readers
    assert isinstance(quick, DatabaseReader)
    (default, study) = sorted(quick.experiments(), key=lambda found: found.id)
    assert [default, study] == sorted(plain.experiments(), key=lambda found: found.id)
    assert study == quick.experiment(EXPERIMENT) == plain.experiment(EXPERIMENT)
    assert names.REFUSALS in study.tags
    assert quick.experiment("none") is plain.experiment("none") is None
    runs = quick.runs(study.id)
    assert runs == plain.runs(study.id)
    assert [(run.status, run.params["seed"]) for run in runs] == [("FINISHED", "3"), ("FINISHED", "3"), ("FAILED", "0")]
    assert [quick.run(run.run_id) for run in runs] == [plain.run(run.run_id) for run in runs] == runs
    assert quick.run("none") is plain.run("none") is None
    for run in runs:
        assert quick.points(run) == plain.points(run)
    assert len(quick.points(runs[0])) > 20


def test_texts_that_runs_repeat_are_kept_once(readers: tuple[Reader, Reader]) -> None:
    quick, _ = readers
    first, second, *_ = (run.params for run in quick.runs("1"))
    assert first["training.optimizer"] is second["training.optimizer"]
    assert {id(key) for key in first if key in second} <= {id(key) for key in second}


def test_a_run_that_was_deleted_is_found_by_its_id_alone(readers: tuple[Reader, Reader]) -> None:
    client = readers[1].client  # type: ignore[attr-defined]
    gone = client.search_runs(["1"], run_view_type=DELETED)[0].info.run_id
    one, other = (reader.run(gone) for reader in readers)
    assert one == other
    assert one is not None
    assert not one.active


def test_a_database_whose_tables_are_not_as_expected_is_read_through_the_client(
    uri: str, whole: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(TABLES, "metrics", "key, of_a_later_version")
    with reading(uri) as reader:
        assert isinstance(reader, ClientReader)
    assert_same(results.load(EXPERIMENT, uri), whole)


def test_reading_leaves_the_database_as_it_is(uri: str) -> None:
    with reading(uri) as reader:
        assert isinstance(reader, DatabaseReader)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.connection.execute("DELETE FROM metrics")


def test_every_point_of_every_metric_is_there_with_the_identity_of_its_run(whole: Record) -> None:
    assert list(whole.metrics.columns) == list(no_metrics().columns)
    assert (whole.metrics.dtypes.astype(str) == no_metrics().dtypes.astype(str)).all()
    solved = whole.metrics[whole.metrics.arm == "lstm"]
    assert {(m, s, v) for m, s, v in zip(solved.metric, solved.step, solved.value, strict=True) if "test/" in m} == {
        ("test/loss", 6, 0.01),
        ("test/accuracy", 6, 0.995),
    }
    timescales = solved[solved.metric == "time_constant_steps/init"]
    assert list(zip(timescales.step, timescales.value, strict=True)) == [(0, 1.5), (1, 2.5)]
    assert set(whole.metrics.arm) == {"lstm", "rnn"}
    assert set(whole.metrics.gap) == {2, 5}


# -- one file ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["folder", "file", "text"])
def test_the_file_gives_the_record_back_without_a_store(source: str, whole: Record, folder: Path) -> None:
    file = folder / "metrics.parquet"
    file.write_bytes(archive.content(whole))
    assert_same(results.load({"folder": folder, "file": file, "text": str(file)}[source]), whole)
    assert whole.refusals == (Refusal("length", "unshared", "too long"),)
    assert [path.name for path in folder.iterdir()] == ["metrics.parquet"]


def test_the_file_is_a_table_for_anybody_who_reads_parquet(whole: Record, tmp_path: Path) -> None:
    (tmp_path / "metrics.parquet").write_bytes(archive.content(whole))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "metrics.parquet"), whole.metrics)


def test_the_same_record_gives_the_same_file(whole: Record, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_bytes(archive.content(whole))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    pd.DataFrame({"x": [1.0]}).to_parquet(tmp_path / "other.parquet")
    (tmp_path / "text.parquet").write_text("no table")
    for name in ("other.parquet", "text.parquet"):
        with pytest.raises(ValueError, match=rf"{name} is not a record that seqbench wrote"):
            results.load(tmp_path / name)
    with pytest.raises(FileNotFoundError):
        results.load("nowhere.parquet")
    with pytest.raises(IsADirectoryError):
        archive.read(tmp_path)


@pytest.mark.parametrize("rest", [None, [], "text", {"runs": 5}, {"runs": {"run_id": [1]}, "dtypes": [], "tasks": 0}])
def test_a_file_whose_rest_is_of_other_types_is_refused(rest: object, whole: Record, tmp_path: Path) -> None:
    file = tmp_path / "metrics.parquet"
    file.write_bytes(archive.content(whole))
    table = parquet.read_table(file)
    parquet.write_table(table.replace_schema_metadata({archive.KEY: json.dumps(rest).encode()}), file)
    with pytest.raises(ValueError, match="is not a record that seqbench wrote"):
        results.load(file)


@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.9])
def test_half_a_file_is_refused(share: float, whole: Record, tmp_path: Path) -> None:
    content = archive.content(whole)
    (tmp_path / "metrics.parquet").write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match="is not a record that seqbench wrote"):
        results.load(tmp_path)


# -- tables for papers -------------------------------------------------------------------------------------

TABLE = pd.DataFrame(
    {"arm": ["lstm, a_b=5 % & c", "x|y"], "steps": ["1,250", "> 2,000"], "gradient": ["3·10⁻¹⁷", "0.32"]}
)


def test_markdown_by_hand() -> None:
    assert typeset.markdown(TABLE) == (
        "| arm | steps | gradient |\n"
        "| --- | ---: | ---: |\n"
        "| lstm, a_b=5 % & c | 1,250 | 3·10⁻¹⁷ |\n"
        "| x\\|y | > 2,000 | 0.32 |\n"
    )


def test_a_name_breaks_no_row_and_is_no_element_of_html() -> None:
    named = pd.DataFrame({"arm": ["two\nlines", "<img src=x>", "a < b"]})
    assert typeset.markdown(named).splitlines()[2:] == ["| two lines |", "| \\<img src=x> |", "| a < b |"]
    assert r"two lines \\" in typeset.latex(named, "", "")


def test_latex_by_hand() -> None:
    assert typeset.latex(TABLE, "a_b: 95 %", "tab:a-b") == "\n".join(
        [
            r"% \usepackage{booktabs}",
            r"\begin{table}",
            r"\centering",
            r"\caption{a\_b: 95 \%}",
            r"\label{tab:a-b}",
            r"\begin{tabular}{lrr}",
            r"\toprule",
            r"arm & steps & gradient \\",
            r"\midrule",
            r"lstm, a\_b=5 \% \& c & 1,250 & $3 \cdot 10^{-17}$ \\",
            r"x|y & \textgreater{} 2,000 & 0.32 \\",
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


@pytest.mark.parametrize("sign", list("&%$#_{}~^\\<>"))
def test_no_sign_that_latex_reads_as_its_own_stays_bare(sign: str) -> None:
    escaped = typeset._escaped(f"a{sign}b")
    assert escaped != f"a{sign}b"
    assert not re.search(r"(?<!\\)[&%$#_~^<>]", escaped)
    bare = re.sub(r"\\[{}]", "", escaped)
    assert bare.count("{") == bare.count("}")


def test_the_printed_summary_has_a_row_per_cell_and_reads_plainly() -> None:
    runs = synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10, 50)).runs
    printed = typeset.printed(tables.summary_table(runs))
    assert printed["solved"].tolist() == ["5/5", "0/5"]
    assert printed["95 % interval"].tolist() == ["0.57 to 1.00", "0.00 to 0.43"]
    assert printed["steps spent per success"].iloc[1] == "no success"
    assert printed["median steps to solve"].iloc[1] == "> 2,000"
    tex = typeset.latex(printed, "caption", "tab:x")
    body = tex[tex.index(r"\midrule") : tex.index(r"\bottomrule")].splitlines()[1:]
    # task, arm, parameters, state, time constant, pace, gap, success, time, three gradients
    assert [line.count(" & ") for line in body] == [13, 13]
    assert printed["parameters"].tolist() == ["4,545", "4,545"]
    assert all(line.endswith(r" \\") for line in body)


# -- many seeds --------------------------------------------------------------------------------------------


def drawn(number: int) -> tuple[int, int, str]:
    """Lines and bands in the loss figure of so many seeds, and its caption."""
    made = synthetic.record(arms=("lstm",), tasks=("copy",), gaps=(10,), seeds=range(number))
    loss = drawn_by("loss", made)["loss"]
    (ax,) = loss.figure.axes
    return len(ax.lines), len(ax.collections), " ".join(loss.caption)


def test_few_seeds_are_a_line_each_and_many_a_band() -> None:
    lines, bands, caption = drawn(tables.MOST_LINES)
    assert (lines >= 2 * tables.MOST_LINES, bands) == (True, 0)
    assert "marker at the end of the line" in caption
    assert "10th" not in caption
    lines, bands, caption = drawn(tables.MOST_LINES + 1)
    assert (lines, bands) == (2, 1)  # the median and a baseline
    assert "marker" not in caption
    assert "from the 10th to the 90th percentile" in caption


def test_a_band_holds_four_fifths_of_the_seeds_and_is_open_where_they_diverged() -> None:
    from matplotlib.figure import Figure

    ax = Figure().subplots()
    values = pd.DataFrame([range(11), [*range(9), float("inf"), float("inf")]], index=[1, 2], dtype=float)
    seeds.band(ax, values, arms.looks(["lstm"])["lstm"])
    heights = ax.collections[0].get_paths()[0].vertices[:, 1]
    assert set(heights[:-1]) >= {1.0, 9.0}
    assert heights.max() > 1e38
