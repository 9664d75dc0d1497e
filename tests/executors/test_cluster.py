"""What an executor on a cluster decides by itself; none of it needs a cluster, and most of it not even Ray."""

import socket
import sys
import threading
from collections import deque
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import make_spec
from recording import job_of

from seqbench.config import Component, ConfigError
from seqbench.events import Event, Failed, Finished, Metrics, Retried, Started, TaskFacts
from seqbench.executors.cluster import connection, executor, versions
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.waiting import Pace, Waiting
from seqbench.executors.cluster.work import refusals, together
from seqbench.executors.deaths import Deaths
from seqbench.plan import Job, RunSpec

STARTED = Started(1, 1, TaskFacts("loss", "score", "never", ()))


def finished(seconds: float) -> Finished:
    return Finished("solved", 1, 1, {}, {}, "solved", "", seconds)


def jobs(number: int) -> list[Job]:
    return [job_of(make_spec(seed=seed)) for seed in range(number)]


# -- batches -----------------------------------------------------------------------------------------------


def test_a_batch_has_two_seconds_of_work_and_one_run_as_long_as_nobody_knows() -> None:
    pace = Pace()
    assert pace.size(1000, 2) == 1
    pace.update(finished(0.1))
    assert pace.size(1000, 2) == 20
    pace.update(Failed("a reason", ""))  # tells nothing
    assert pace.size(1000, 2) == 20


def test_what_is_left_is_shared_by_the_workers() -> None:
    pace = Pace()
    pace.update(finished(0.1))
    assert [pace.size(left, 4) for left in (9, 4, 1)] == [3, 1, 1]


def test_each_worker_has_a_batch_and_one_ahead_if_none_is_anybody_elses() -> None:
    waiting = Waiting(jobs(5))
    assert [len(waiting.batch(under_way, 2, ahead=True)) for under_way in range(5)] == [1, 1, 1, 1, 0]
    assert Waiting(jobs(5)).batch(2, 2, ahead=False) == []


def test_what_is_asked_for_job_by_job_is_asked_for_when_a_worker_is_free() -> None:
    first, second = jobs(2)
    waiting = Waiting(iter([first, None, second]))
    waiting.pace.update(finished(0.1))
    assert [waiting.batch(under_way, 2, ahead=True) for under_way in (0, 2, 1, 1, 1)] == [[first], [], [], [second], []]


def test_a_run_of_a_foreign_class_or_one_that_lost_a_worker_is_alone() -> None:
    plain, suspect, other = jobs(3)
    foreign = replace(plain, run=replace(plain.run, model=Component("own", "own.Own", {}, source="abc")))
    waiting = Waiting([foreign, plain, other])
    waiting.pace.update(finished(0.1))
    list(waiting.lost(SimpleNamespace(assigned=deque([suspect]), how="", cause="worker")))
    batches = [waiting.batch(0, 1, ahead=True) for _ in range(3)]
    assert batches == [[suspect], [foreign], [plain, other]]


# -- what is lost ------------------------------------------------------------------------------------------


def lost(deaths: Deaths, cause: str, *assigned: Job) -> tuple[list[Event], list[Job]]:
    queue = deque[Job]()
    worker = SimpleNamespace(assigned=deque(assigned), how="somehow", cause=cause)
    return [event for _, event in deaths.of(worker, queue)], list(queue)


def test_a_lost_machine_is_not_a_run_that_killed_its_worker() -> None:
    deaths, (job, other) = Deaths(), jobs(2)
    for _ in range(4):
        assert lost(deaths, "machine", job, other) == ([Retried("somehow")], [job, other])
    assert lost(deaths, "worker", job) == ([Retried("somehow")], [job])
    assert lost(deaths, "worker", job) == ([Failed("its worker died 2 times, last somehow", "")], [])
    assert lost(deaths, "machine", job, other) == (
        [Failed("what carried it out was lost 5 times, last somehow", "")], [other],
    )  # fmt: skip


def test_a_run_over_its_limit_does_not_start_over() -> None:
    assert lost(Deaths(), "limit", *jobs(1)) == ([Failed("somehow", "")], [])


# -- what travels ------------------------------------------------------------------------------------------


def test_events_of_a_moment_travel_together_and_the_last_one_never_waits() -> None:
    events = [STARTED, Metrics(1, {}), Metrics(2, {}), finished(0.1)]
    assert list(together(events)) == [tuple(events)]


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, RunSpec]:
    """A class in a folder of one's own, with a helper beside it, and a run of it."""
    (tmp_path / "helper_of_mine.py").write_text("SIZE = 4\n")
    (tmp_path / "model_of_mine.py").write_text("from helper_of_mine import SIZE\n\n\nclass Mine:\n    size = SIZE\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path, replace(make_spec(), model=Component("mine", "model_of_mine.Mine", {}, source="abc"))


def imported_after(luggage: Luggage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a process that knows nothing of the folder imports the class from."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if Path(place) != folder])
    for name in ("model_of_mine", "helper_of_mine"):
        sys.modules.pop(name, None)
    luggage.unpack()
    import model_of_mine

    assert model_of_mine.Mine.size == 4
    return Path(str(model_of_mine.__file__)).parent


def test_a_class_is_imported_where_it_lies_if_the_machine_has_it(
    own: tuple[Path, RunSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, run = own
    assert imported_after(Luggage.of([run]), folder, monkeypatch) == folder


def test_a_class_comes_along_with_what_it_imports_where_the_machine_has_another_or_none(
    own: tuple[Path, RunSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, run = own
    luggage = replace(Luggage.of([run]), path=())
    assert [name for _, name, _ in luggage.files] == ["helper_of_mine.py", "model_of_mine.py"]
    (folder / "helper_of_mine.py").write_text("SIZE = 5\n")
    assert imported_after(luggage, folder, monkeypatch) != folder


def test_classes_of_seqbench_take_nothing_along() -> None:
    assert Luggage.of([make_spec()]).files == ()


# -- what is refused ---------------------------------------------------------------------------------------


def test_a_machine_with_other_versions_is_named_with_both() -> None:
    theirs = {**versions.versions(), "torch": "1.0"}
    (told,) = refusals([], Luggage.of([]), theirs)
    assert told == f"has torch {versions.versions()['torch']}, and the driver 1.0"


def test_a_class_that_is_not_there_is_named(own: tuple[Path, RunSpec]) -> None:
    _, run = own
    missing = replace(run, model=replace(run.model, target="nowhere_at_all.Mine"))
    (told,) = refusals([missing], Luggage.of([missing]), versions.versions())
    assert told.startswith("model._target_: 'nowhere_at_all.Mine' cannot be imported")


def test_without_ray_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "find_spec", lambda name: None)
    with pytest.raises(ConfigError, match=r'^executor=ray: Ray is not installed: pip install "seqbench\[ray\]"$'):
        executor.Ray()


def require(port: int) -> str:
    with pytest.raises(ConfigError) as refused:
        connection.require_answer(f"127.0.0.1:{port}")
    return str(refused.value)


def test_an_address_where_nobody_answers_is_refused() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        assert require(port).startswith(f"executor.address=127.0.0.1:{port}: no Ray cluster answers there (")


def test_who_listens_and_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 0.1)
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert require(mute.getsockname()[1]).endswith("no Ray cluster answers there (timed out)")


def test_another_server_is_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        serving = threading.Thread(target=server.handle_request)
        serving.start()
        assert require(server.server_port).endswith("what answers there is no Ray cluster")
        serving.join()
