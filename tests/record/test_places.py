"""A record lives where its database lies: moved, copied, and under any name that a file system allows."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from builders import make_spec
from recording import EXPERIMENT, MLFLOW_WARNINGS, SOLVED, SPEC, plan_of, progress, put_database, record, recorded

from seqbench import dashboard
from seqbench.driver.sweep import sweep
from seqbench.plan import RunSpec
from seqbench.record import attached, names, results, schema, store
from seqbench.record.moved import name_files_beside
from seqbench.record.reading import Recorded
from seqbench.record.store import Unavailable
from seqbench.record.writer import Tracker

pytestmark = MLFLOW_WARNINGS

LATER = make_spec(gap=2, seed=4)
ODD = [
    "a b",
    "a#b",
    "a?b=c&d",
    "a%41%",
    "'",
    "'\"",
    ":b",
    "é 日本",
    "line\nbreak",
    "\\",
    "{a;b}$c",
    os.fsdecode(b"\xff"),
]


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a record of one run, in which one stands."""
    return stand_in(folder / "project", monkeypatch)


def stand_in(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place.mkdir()
    monkeypatch.chdir(place)
    put_database(place)
    write(SPEC)
    return place


def write(spec: RunSpec) -> None:
    record(plan_of(spec), [(spec, [*progress(), SOLVED])])


def model(run: Recorded) -> bytes:
    return attached.content_of(run, names.MODEL_FILE, store.tracking_uri())


def files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in (folder / "mlruns").rglob("*") if path.is_file()}


def names_of(runs: list[Recorded]) -> set[str]:
    """Where the files of these runs belong, from the folder of the database."""
    of_each = (names.MODEL_FILE, names.POINTS_FILE)
    return {f"mlruns/{EXPERIMENT}/{run.run_id}/artifacts/{name}" for run in runs for name in of_each}


# -- moved and copied --------------------------------------------------------------------------------------


def test_a_project_that_was_moved_has_its_models_and_writes_new_ones_beside_them(
    project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.rename(folder / "moved")
    monkeypatch.chdir(folder / "moved")
    write(LATER)
    assert [model(run) for run in recorded()] == [b"the parameters"] * 2
    assert [attached.files_of(run, store.tracking_uri()) for run in recorded()] == [
        {names.MODEL_FILE, names.POINTS_FILE}
    ] * 2
    assert files(folder / "moved") == names_of(recorded())
    assert [path.name for path in folder.iterdir()] == ["moved"]


def test_a_copy_is_a_record_of_its_own(project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(project, folder / "copy")
    before = files(project)
    (run,) = recorded()
    monkeypatch.chdir(folder / "copy")
    (model_of_it,) = (name for name in names_of([run]) if name.endswith(names.MODEL_FILE))
    (folder / "copy" / model_of_it).write_bytes(b"those of the copy")
    write(LATER)
    assert [model(run) for run in recorded()] == [b"those of the copy", b"the parameters"]
    assert files(project) == before
    assert files(folder / "copy") == names_of(recorded())


def test_a_file_that_a_copy_has_lost_is_not_read_where_it_was_copied_from(
    project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(project, folder / "copy")
    monkeypatch.chdir(folder / "copy")
    (run,) = recorded()
    next((folder / "copy").rglob(names.MODEL_FILE)).unlink()
    assert attached.files_of(run, store.tracking_uri()) == {names.POINTS_FILE}
    with pytest.raises(OSError, match=r"its file model\.safetensors is gone"):
        model(run)


def test_a_database_that_was_copied_alone_finds_the_models_where_they_were(
    project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "copy").mkdir()
    for file in project.glob("mlflow.db*"):
        shutil.copy(file, folder / "copy")
    monkeypatch.chdir(folder / "copy")
    (run,) = recorded()
    assert model(run) == b"the parameters"
    shutil.rmtree(project)
    with pytest.raises(OSError, match=r"its file model\.safetensors is gone"):
        model(run)


def test_files_that_were_put_elsewhere_on_purpose_are_written_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_database(folder)
    store.connect(store.tracking_uri()).create_experiment(EXPERIMENT, str(folder / "large disk"))
    write(SPEC)
    (run,) = recorded()
    assert model(run) == b"the parameters"
    assert (folder / "large disk" / run.run_id / "artifacts" / names.MODEL_FILE).exists()
    assert not (folder / "mlruns").exists()


# -- any name ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_folder_may_have_any_name(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = stand_in(folder / name, monkeypatch)
    (run,) = recorded()
    assert model(run) == b"the parameters"
    assert files(place) == names_of([run])
    assert list(folder.iterdir()) == [place]
    assert sorted(path.name for path in place.iterdir() if "-" not in path.name) == ["mlflow.db", "mlruns"]


@pytest.mark.parametrize("name", ["a?b", "'\":c\n"], ids=ascii)
def test_a_new_database_is_made_by_mlflow_in_a_folder_of_any_name(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQBENCH_CACHE", str(folder / "cache"))
    place = stand_in(folder / name, monkeypatch)
    assert {path.name for path in folder.iterdir()} == {"cache", place.name}
    with closing(sqlite3.connect(place / "mlflow.db")) as connection:
        locations = dict(connection.execute("SELECT name, artifact_location FROM experiments"))
    assert locations == {
        "Default": (place / "mlruns/0").as_uri(),
        EXPERIMENT: (place / "mlruns" / EXPERIMENT).as_uri(),
    }


def test_mlflow_itself_finds_the_files_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(folder / "a #?%41 '", monkeypatch)
    (run,) = recorded()
    assert of_mlflow(run) == [names.MODEL_FILE, names.POINTS_FILE]


def test_an_address_is_quoted_as_uris_are() -> None:
    assert store.database("sqlite:////a%3Fb%20c/%FF.db?timeout=5") == Path(os.fsdecode(b"/a?b c/\xff.db"))


def test_a_record_in_older_words_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before, a path stood in the record as it was, and MLflow read "%41" in it as "A"."""
    (folder / "A" / "artifacts").mkdir(parents=True)
    (folder / "A" / "artifacts" / names.MODEL_FILE).write_bytes(b"old")
    run = Recorded("1", "", "FINISHED", True, f"{folder}/%41/artifacts", {}, {}, {})
    assert model(run) == b"old"


def of_mlflow(run: Recorded) -> list[str]:
    """The files of a run as MLflow's own server finds them."""
    return [file.path for file in store.connect(store.tracking_uri()).list_artifacts(run.run_id)]


@pytest.mark.parametrize("name", ["moved", "a b", "é 日本", "a#b"])
def test_mlflow_finds_the_files_of_a_record_that_was_moved_once_the_dashboard_has_named_them(
    name: str, project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.rename(folder / name)
    monkeypatch.chdir(folder / name)
    (run,) = recorded()
    assert of_mlflow(run) == []
    assert [name_files_beside(store.tracking_uri()) for _ in range(2)] == [1, 0]
    assert of_mlflow(run) == [names.MODEL_FILE, names.POINTS_FILE]
    write(LATER)
    assert [of_mlflow(run) for run in recorded()] == [[names.MODEL_FILE, names.POINTS_FILE]] * 2
    assert name_files_beside(store.tracking_uri()) == 0


def test_files_that_do_not_lie_beside_a_copy_are_named_as_before(
    project: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "copy").mkdir()
    for file in project.glob("mlflow.db*"):
        shutil.copy(file, folder / "copy")
    monkeypatch.chdir(folder / "copy")
    assert name_files_beside(store.tracking_uri()) == 0
    (run,) = recorded()
    assert of_mlflow(run) == [names.MODEL_FILE, names.POINTS_FILE]


# -- deleted, and newer ------------------------------------------------------------------------------------


def delete_experiment() -> None:
    client = store.connect(store.tracking_uri())
    client.delete_experiment(client.get_experiment_by_name(EXPERIMENT).experiment_id)


@pytest.mark.usefixtures("project")
def test_an_experiment_that_comes_back_is_announced_with_the_way_to_begin_afresh(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sweep(plan_of(SPEC))
    assert "deleted" not in capsys.readouterr().out
    delete_experiment()
    told = (
        f"the experiment {EXPERIMENT!r} was deleted in MLflow and comes back with its runs; name=ANOTHER begins afresh"
    )
    with pytest.raises(store.NoSuchExperiment, match=r"^'.*' is deleted in MLflow; the same sweep brings it back$"):
        results.load(EXPERIMENT)
    dry = replace(plan_of(SPEC), options=replace(plan_of(SPEC).options, dry_run=True))
    sweep(dry)
    shown = capsys.readouterr().out
    assert f"the experiment {EXPERIMENT!r} is deleted in MLflow; a sweep brings it back with its runs; name=" in shown
    assert f"1 run of {EXPERIMENT!r}, 1 finished, 0 to run" in shown
    sweep(plan_of(SPEC))
    assert told in capsys.readouterr().out
    sweep(plan_of(SPEC))
    assert "deleted" not in capsys.readouterr().out


@pytest.mark.usefixtures("project")
def test_runs_that_were_replaced_before_do_not_come_back_with_their_experiment() -> None:
    (first,) = recorded()
    with Tracker(plan_of(SPEC)) as tracker:
        tracker.forget([SPEC])
    write(SPEC)
    (second,) = recorded()
    delete_experiment()
    with Tracker(plan_of(SPEC)) as tracker:
        assert tracker.finished([SPEC]) == {SPEC.fingerprint}
    assert [run.run_id for run in recorded()] == [second.run_id] != [first.run_id]


@pytest.fixture
def newer(project: Path) -> Iterator[Path]:
    """As a later MLflow would leave it: a schema of its own, and a table that went."""
    with closing(sqlite3.connect(project / "mlflow.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = 'fffffffffff0'")
        connection.execute("DROP TABLE datasets")
    yield project
    with closing(sqlite3.connect(project / "mlflow.db")) as connection:
        assert not connection.execute("SELECT * FROM sqlite_master WHERE name = 'datasets'").fetchall()


NEWER = r"it is newer than the installed MLflow [\d.]+ \(fffffffffff0 is no schema that it knows\): install the MLflow"


@pytest.mark.usefixtures("newer")
def test_a_record_of_a_newer_schema_is_called_newer_and_left_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unavailable, match=NEWER), Tracker(plan_of(LATER)):
        pass
    with pytest.raises(Unavailable, match=NEWER):
        store.connect(store.tracking_uri())
    assert dashboard.main([]) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_what_the_installed_mlflow_makes_is_not_newer_and_an_older_one_is_not_called_so(project: Path) -> None:
    assert schema.too_new(schema.of(project / "mlflow.db")) == ""
    first_of_all = "451aebb31d03"
    assert schema.too_new(first_of_all) == ""
    assert schema.of(project / "nowhere.db") == ""


def test_a_newer_database_that_is_no_file_is_called_newer_by_what_mlflow_says_of_it() -> None:
    refusal = "Detected out-of-date database schema (found version fffffffffff0, but expected 1). Take a backup"
    assert schema.too_new(schema.named_in(refusal)).startswith("it is newer than the installed MLflow")
    assert schema.named_in("no such server") == ""


def test_a_report_is_named_from_the_folder_of_its_record_on(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path}/here/mlflow.db"
    assert store.beside(tmp_path / "here" / "reports" / "study", uri) == "reports/study"
    assert store.beside(tmp_path / "elsewhere", uri) == f"{tmp_path}/elsewhere"
    assert store.beside(tmp_path / "elsewhere", "http://127.0.0.1:5000") == f"{tmp_path}/elsewhere"
