"""One process writes to an experiment: of two that want to, one is told who does."""

import re
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqbench.config import locks
from seqbench.config.locks import Held, Holder, Lock
from seqbench.record import lease, names
from seqbench.record.lease import Lease
from seqbench.record.store import Unavailable

HERE = Holder.here()
ELSEWHERE = replace(HERE, owner="another", host="gpu-3", process=4711, system="another system")


class Server:
    """The tags of one experiment on a tracking server, which takes a while to answer."""

    def __init__(self, **tags: str) -> None:
        self.tags, self.latency = tags, 0.0

    def get_experiment(self, _: str) -> SimpleNamespace:
        time.sleep(self.latency)
        return SimpleNamespace(tags=dict(self.tags))

    def set_experiment_tag(self, _: str, key: str, value: str) -> None:
        time.sleep(self.latency)
        self.tags[key] = value

    def delete_experiment_tag(self, _: str, key: str) -> None:
        del self.tags[key]

    @property
    def holder(self) -> Holder | None:
        return Holder.from_json(self.tags.get(names.LEASE, ""))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "MOMENT", 0.05)


def held_by(holder: Holder, seconds: float = 60) -> Server:
    return Server(**{names.LEASE: holder.until_in(seconds).to_json()})


# -- the lease in the record -------------------------------------------------------------------------------------


def test_who_claims_a_free_experiment_has_it_until_it_leaves() -> None:
    server, mine = Server(), Lease("study", None)
    mine.claim(server, "1")
    assert server.holder is not None
    assert server.holder.owner == mine.mine.owner
    assert mine.held
    mine.leave()
    assert server.tags == {}
    assert not mine.held


def test_a_refusal_says_in_one_line_who_has_it_since_when_and_until_when_and_what_to_do() -> None:
    server = held_by(ELSEWHERE)
    with pytest.raises(Unavailable) as refused:
        Lease("study", None).claim(server, "1")
    when = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    assert re.fullmatch(
        f"the experiment 'study' is being written by process 4711 on gpu-3 since {when}, until {when} or longer; "
        "wait for it or end it, then the same command goes on",
        str(refused.value),
    )
    assert server.holder == replace(ELSEWHERE, until=server.holder.until if server.holder else None)


class Refusing(Server):
    """It fails at the first writing: another lease is in its place, or it was written and the answer was lost."""

    in_its_place: Holder | None = None
    mine_is_written = failed = False

    def set_experiment_tag(self, of: str, key: str, value: str) -> None:
        if self.failed:
            return super().set_experiment_tag(of, key, value)
        self.failed = True
        if self.in_its_place:
            self.tags[key] = self.in_its_place.until_in(60).to_json()
        if self.mine_is_written:
            self.tags[key] = value
        raise ConnectionError("UNIQUE constraint failed")


@pytest.mark.parametrize(
    ("in_its_place", "error", "told"),
    [
        (ELSEWHERE, Unavailable, "is being written by process 4711 on gpu-3"),
        (None, ConnectionError, "UNIQUE constraint failed"),
    ],
)
def test_who_cannot_write_is_told_of_who_did_or_else_of_the_failure(
    in_its_place: Holder | None, error: type[Exception], told: str
) -> None:
    server, mine = Refusing(), Lease("study", None)
    server.in_its_place = in_its_place
    with pytest.raises(error, match=told):
        mine.claim(server, "1")
    assert not mine.held


def test_a_lease_whose_answer_was_lost_is_held() -> None:
    server, mine = Refusing(), Lease("study", None)
    server.mine_is_written = True
    mine.claim(server, "1")
    assert mine.held
    mine.leave()
    assert server.tags == {}


@pytest.mark.parametrize("latency", [0.0, 0.1], ids=["quick", "slower than the moment"])
def test_of_many_that_claim_it_at_the_same_moment_exactly_one_goes_on(latency: float) -> None:
    server, start, outcomes = Server(), threading.Barrier(4), list[str]()
    server.latency = latency
    leases = [Lease("study", None) for _ in range(4)]

    def claim(one: Lease) -> None:
        start.wait()
        try:
            one.claim(server, "1")
            outcomes.append("goes on")
        except Unavailable:
            outcomes.append("refused")

    threads = [threading.Thread(target=claim, args=(one,)) for one in leases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["goes on", "refused", "refused", "refused"]
    (winner,) = (one for one in leases if one.held)
    assert server.holder is not None
    assert server.holder.owner == winner.mine.owner
    winner.leave()


@pytest.mark.parametrize(
    "gone",
    [replace(HERE, owner="another", birth="earlier"), replace(HERE, owner="another", process=2**22 + 1)],
    ids=["its number is that of another process", "there is no such process"],
)
def test_the_lease_of_a_process_of_this_system_that_is_dead_is_free_at_once(gone: Holder) -> None:
    mine = Lease("study", None)
    mine.claim(held_by(gone), "1")
    mine.leave()


def test_the_lease_of_a_process_of_another_host_is_free_when_its_time_is_over() -> None:
    mine, server = Lease("study", None), held_by(ELSEWHERE, 0.2)
    with pytest.raises(Unavailable):
        mine.claim(server, "1")
    time.sleep(0.25)
    mine.claim(server, "1")
    mine.leave()


def test_it_is_renewed_while_the_process_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_AFTER", 0.02)
    server, mine = Server(), Lease("study", None)
    mine.claim(server, "1")
    first = server.holder
    time.sleep(0.5)
    now = server.holder
    assert first is not None
    assert now is not None
    assert (now.until or 0) > (first.until or 0)
    mine.leave()
    time.sleep(0.1)
    assert server.tags == {}


@pytest.mark.parametrize("given_back", [False, True], ids=["still", "and given back"])
def test_a_process_that_stood_still_while_another_took_over_writes_nothing_more(given_back: bool) -> None:
    server, mine = Server(), Lease("study", None)
    mine.claim(server, "1")
    mine.require()
    taken = "" if given_back else ELSEWHERE.until_in(60).to_json()
    server.tags[names.LEASE] = taken
    mine.mine = mine.mine.until_in(-1)  # it wakes up late
    with pytest.raises(Unavailable, match="'study' is being written by"):
        mine.require()
    assert not mine.held
    mine.leave()
    assert server.tags[names.LEASE] == taken


def test_a_store_that_fails_for_a_while_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEWED_AFTER", 0.02)
    server, mine = Server(), Lease("study", None)
    mine.claim(server, "1")
    with monkeypatch.context() as broken:
        broken.setattr(Server, "get_experiment", lambda *_: 1 / 0)
        time.sleep(0.1)
    mine.mine = mine.mine.until_in(-1)
    mine.require()
    assert mine.held
    mine.leave()


# -- the lock beside a file --------------------------------------------------------------------------------------


def test_another_temporary_folder_is_no_way_around_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = (Lock(tmp_path / "mlflow.db", "study") for _ in range(2))
    first.take()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(Held) as held:
        second.take()
    assert held.value.holder is not None
    assert str(held.value.holder).startswith(f"process {HERE.process} on {HERE.host} since ")
    assert str(held.value.holder).endswith(", until it ends")
    first.give()
    second.take()
    second.give()


def test_a_lock_that_is_free_leaves_nothing_and_who_was_refused_takes_nothing_away(tmp_path: Path) -> None:
    first, second = (Lock(tmp_path / "mlflow.db", "study") for _ in range(2))
    first.take()
    with pytest.raises(Held):
        second.take()
    second.give()
    assert len(list(tmp_path.iterdir())) == 1
    first.give()
    assert list(tmp_path.iterdir()) == []


def test_what_a_dead_process_said_of_itself_is_not_believed_of_the_next(tmp_path: Path) -> None:
    first, second = (Lock(tmp_path / "mlflow.db", "study") for _ in range(2))
    first.take()
    first.path.write_text(replace(HERE, birth="earlier").to_json())
    with pytest.raises(Held) as held:
        second.take()
    assert held.value.holder is None
    first.give()


@pytest.mark.parametrize("text", ["", "no JSON", "[1]", '{"owner": "a part"}'])
def test_what_is_no_holder_is_none(text: str) -> None:
    assert Holder.from_json(text) is None


def test_a_process_that_is_dead_and_not_yet_buried_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_text", lambda _: "1 (a name) with) Z" + " 0" * 40)
    assert locks._birth(1) == ""
