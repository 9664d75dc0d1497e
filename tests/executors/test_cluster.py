"""What an executor on a cluster decides by itself; none of it needs a cluster, and most of it not even Ray."""

import os
import socket
import sys
import threading
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace

import pytest
from builders import make_spec
from recording import job_of

from seqbench.config import Component, ConfigError
from seqbench.events import Event, Failed, Finished, Metrics, Retried, Started, TaskFacts
from seqbench.executors.cluster import address, census, executor, luggage, versions
from seqbench.executors.cluster.address import require_answer
from seqbench.executors.cluster.aside import Aside
from seqbench.executors.cluster.census import Census
from seqbench.executors.cluster.connection import Connection
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.post import Post
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
        [Failed("its worker died 5 times, last somehow", "")], [other],
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
    for name in ("model_of_mine", "helper_of_mine"):  # of another test
        monkeypatch.delitem(sys.modules, name, raising=False)
    (tmp_path / "helper_of_mine.py").write_text("SIZE = 4\n")
    (tmp_path / "model_of_mine.py").write_text("from helper_of_mine import SIZE\n\n\nclass Mine:\n    size = SIZE\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path, replace(make_spec(), model=Component("mine", "model_of_mine.Mine", {}, source="abc"))


def imported_after(taken: Luggage, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a process that knows nothing of the folder imports the class from."""
    monkeypatch.setattr(sys, "path", [place for place in sys.path if Path(place) != folder])
    for name in ("model_of_mine", "helper_of_mine"):
        sys.modules.pop(name, None)
    taken.unpack()
    import model_of_mine

    assert model_of_mine.Mine.size == 4
    return Path(str(model_of_mine.__file__)).parent


def test_a_class_is_imported_where_it_lies_if_the_machine_has_it(
    own: tuple[Path, RunSpec], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, run = own
    assert imported_after(Luggage.of([run]), folder, monkeypatch) == folder


def test_a_class_comes_along_with_what_it_imports_where_the_machine_has_another_or_none(
    own: tuple[Path, RunSpec], monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, run = own
    scratch = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(luggage, "_scratch", lambda: scratch)
    taken = replace(Luggage.of([run]), path=())
    assert [name for _, name, _ in taken.files] == ["helper_of_mine.py", "model_of_mine.py"]
    (folder / "helper_of_mine.py").write_text("SIZE = 5\n")
    places = [imported_after(taken, folder, monkeypatch) for _ in range(2)]
    (laid_out,) = scratch.iterdir()  # once for both
    assert places[0] == places[1]
    assert places[0].parent == laid_out


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


@pytest.mark.parametrize("address", ["", "local", "host", ":6379", "host:abc", "host:0", "host:99999", "ray://host:1"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ConfigError) as refused:
        Connection(address, 1)
    assert (
        str(refused.value)
        == f"executor.address={address}: should be auto or HOST:PORT; null starts Ray on this machine"
    )


@pytest.mark.parametrize("address", [None, "auto", "host.of.mine:6379", "10.0.0.1:1", "[::1]:65535"])
def test_an_address_is_taken(address: str | None) -> None:
    assert Connection(address, 1).address == address


def require(port: int, seconds: float = 15) -> str:
    with pytest.raises(ConfigError) as refused:
        require_answer(f"127.0.0.1:{port}", f"127.0.0.1:{port}", seconds)
    return str(refused.value)


def test_an_address_where_nobody_answers_is_refused() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        port = mute.getsockname()[1]
        assert require(port).startswith(f"executor.address=127.0.0.1:{port}: no Ray cluster answers there (")


def test_where_ray_looks_elsewhere_than_was_typed_that_is_told() -> None:
    with pytest.raises(ConfigError, match=r"executor.address=localhost:1: no Ray cluster answers at 127.0.0.1:1 \("):
        require_answer("localhost:1", "127.0.0.1:1")


class Gate:
    """A cluster that may ask for a token, and a machine that may have one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, asks: bool, has: bool, takes: bool = True) -> None:
        self.asks, self.takes, self.shown = asks, takes, os.environ.get("RAY_AUTH_MODE") == "token"
        monkeypatch.setattr(address, "_show_token", self.show)
        monkeypatch.setattr(address, "_takes_us", lambda *_: self.takes if self.shown else not self.asks)
        monkeypatch.setattr(address, "has_token", lambda: has)

    def show(self, shown: bool) -> None:
        self.shown = shown


@pytest.mark.parametrize("mode", [None, "token"])
@pytest.mark.parametrize(
    ("cluster", "problem", "shown"),
    [
        ({"asks": False, "has": True}, "", False),  # it would hear nothing of one that asks for none
        ({"asks": True, "has": True}, "", True),
        ({"asks": True, "has": False}, "the cluster asks for a token, and there is none on this machine", False),
        (
            {"asks": True, "has": True, "takes": False},
            "the cluster takes another token than that of this machine",
            True,
        ),
    ],
)
def test_the_token_is_shown_where_a_cluster_asks_for_one(
    mode: str | None, cluster: dict[str, bool], problem: str, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", mode) if mode else monkeypatch.delenv("RAY_AUTH_MODE", raising=False)
    gate = Gate(monkeypatch, **cluster)
    assert address._unlock("auto", "here:1").partition(":")[0] == problem
    assert gate.shown == shown


def test_a_mode_that_shows_no_token_is_named_where_one_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_AUTH_MODE", "disabled")
    Gate(monkeypatch, asks=True, has=True)
    told = "RAY_AUTH_MODE=disabled, and the cluster asks for a token: unset RAY_AUTH_MODE"
    assert address._unlock("auto", "here:1") == told


@pytest.mark.parametrize(("content", "is_one"), [("abc", True), (" \n", False), (None, False)])
def test_an_empty_file_or_none_is_no_token(
    content: str | None, is_one: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if content is not None:
        (tmp_path / "token").write_text(content)
    monkeypatch.setenv("RAY_AUTH_TOKEN_PATH", str(tmp_path / "token"))
    monkeypatch.delenv("RAY_AUTH_TOKEN", raising=False)
    assert address.has_token() == is_one


def test_who_listens_and_says_nothing_is_not_waited_for() -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        assert require(mute.getsockname()[1], 0.1).endswith("no Ray cluster answers there (timed out)")


def test_another_server_is_no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    with HTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        serving = threading.Thread(target=server.handle_request)
        serving.start()
        assert require(server.server_port).endswith("what answers there is no Ray cluster")
        serving.join()


# -- the cluster as it is ------------------------------------------------------------------------------------


class Scripted(Aside):
    """In the place of the thread that asks Ray: gives these machines, and answers when it is told to."""

    def __init__(self, *cpus: int) -> None:
        self.nodes = [{"NodeID": f"n{i}", "Alive": True, "Resources": {"CPU": n}} for i, n in enumerate(cpus)]
        self.asked: Future[list[dict[str, object]]] | None = None

    def call(self, *_: object) -> list[dict[str, object]]:
        return self.nodes

    def later(self, _: object) -> "Future[list[dict[str, object]]]":
        self.asked = Future()
        return self.asked


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A clock that stands until it is moved."""
    clock = SimpleNamespace(now=1000.0)
    clock.monotonic = lambda: clock.now
    monkeypatch.setattr(census, "time", clock)
    return clock


def looked(one: Census, clock: SimpleNamespace, seconds: int, asked: Scripted | None = None) -> None:
    """At it for so many seconds, during which `asked` answers everything."""
    for _ in range(seconds):
        clock.now += 1
        one.look()
        if asked and asked.asked and not asked.asked.done():
            asked.asked.set_result(asked.nodes)


def test_a_head_that_does_not_answer_for_25_seconds_is_lost(clock: SimpleNamespace) -> None:
    ray = Scripted(1)
    one = Census(ray, "host:6379", 1)
    looked(one, clock, 60, ray)
    looked(one, clock, 24)
    looked(one, clock, 60, ray)  # it was only busy
    with pytest.raises(OSError, match="the head of the Ray cluster at host:6379 has not answered for 25 s"):
        looked(one, clock, 30)
    assert one.is_lost


def test_while_the_driver_is_stopped_nobody_is_silent(clock: SimpleNamespace) -> None:
    one = Census(Scripted(1), "", 1)
    clock.now += 3600
    one.look()


def test_a_cluster_without_cpus_is_told_once_and_waited_for(
    clock: SimpleNamespace, capsys: pytest.CaptureFixture[str]
) -> None:
    ray = Scripted(0)
    one = Census(ray, "", 1)
    looked(one, clock, 9, ray)
    assert capsys.readouterr().err == ""
    looked(one, clock, 60, ray)
    assert (
        capsys.readouterr().err == "seqbench: the Ray cluster has no CPUs for runs; they wait until a machine joins\n"
    )


class Sending:
    """In the place of Ray's function."""

    def remote(self, _: object, luggage: Luggage, *__: object) -> None:
        self.luggage = luggage


def test_a_foreign_class_has_with_it_what_it_had_when_the_machines_were_asked(own: tuple[Path, RunSpec]) -> None:
    folder, run = own
    (folder / "another_of_mine.py").write_text("class Another: ...\n")
    another = replace(run, model=Component("another", "another_of_mine.Another", {}, source="abc"))
    asked, sending = Luggage.of([run, another]), Sending()
    post = Post(asked)
    post.__dict__.update(_luggage=asked, _last=sending, _work=sending)
    post.sent([job_of(another)])
    assert sending.luggage is asked
    post.sent(jobs(1))  # of classes that are everywhere
    assert sending.luggage.files == ()


# -- what may never come back --------------------------------------------------------------------------------


def test_what_is_called_aside_gives_and_raises_as_if_it_were_called_here() -> None:
    aside = Aside()
    assert aside.call(lambda: 1, 60) == 1
    with pytest.raises(ZeroDivisionError):
        aside.call(lambda: 1 / 0, 60)
    assert aside.call(threading.current_thread, 60) is not threading.current_thread()
    aside.end()


def test_what_does_not_come_back_is_given_up_on_in_time_or_at_a_signal() -> None:
    aside, back = Aside(), threading.Event()
    with pytest.raises(TimeoutError):
        aside.call(back.wait, 0.1)

    def signalled() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        aside.call(back.wait, 60, look=signalled)
    back.set()
    aside.end()
