"""A worker of which nothing is heard is named, and ended if that is asked for; no other run waits for it."""

import os
import signal
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
import scripted
from recording import job_of
from scripted import is_reaped, wait_until

from seqbench.driver.progress import trouble
from seqbench.events import Event, Failed, Retried, Silent, Started
from seqbench.executors import children, processes
from seqbench.executors.processes import Processes
from seqbench.executors.silence import Patience
from seqbench.plan import RunSpec

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="nothing can be stopped on this platform")
ENDED = "because it was ended after 1 s without an event"
Story = list[tuple[RunSpec, Event]]


@pytest.fixture(autouse=True)
def plays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers play their runs instead of training them."""
    monkeypatch.setattr(processes, "_work", scripted.work)


def stop_worker_of(run: RunSpec) -> int:
    pid = scripted.attempts(run)[-1]
    os.kill(pid, signal.SIGSTOP)
    return pid


def test_a_stopped_worker_is_named_and_its_run_ends_when_it_goes_on(tmp_path: Path) -> None:
    cue = tmp_path / "cue"
    run, quick = scripted.scripted(0, waits_for=str(cue), notes=tmp_path), scripted.scripted(1, notes=tmp_path)
    story: Story = []
    for job, event in Processes(workers=2, silent_after=0.3).execute([job_of(run), job_of(quick)]):
        story.append((job.run, event))
        if job.run == run and isinstance(event, Started):
            stop_worker_of(run)
        if isinstance(event, Silent):
            cue.touch()
            os.kill(event.process, signal.SIGCONT)
    named = [event for teller, event in story if isinstance(event, Silent) and event.stopped and teller == run]
    assert [(event.process, event.seconds >= 0.3) for event in named] == [(scripted.attempts(run)[0], True)]
    for one in (run, quick):
        told = [event for teller, event in story if teller == one and not isinstance(event, Silent)]
        assert told == scripted.events(one)


def test_a_silent_worker_is_ended_after_a_limit_and_its_run_tried_once_more_and_fails_by_name(tmp_path: Path) -> None:
    run = scripted.scripted(0, waits_for="never", notes=tmp_path)
    *before, (_, end) = Processes(workers=1, silent_after=0.5, ended_after=1.0).execute([job_of(run)])
    assert [event for _, event in before if isinstance(event, Retried)] == [Retried(ENDED)]
    assert end == Failed(f"its worker died 2 times, last {ENDED}", "")
    wait_until(lambda: all(map(is_reaped, scripted.attempts(run))))


def listened_to(silence: float, busy: bool = True) -> SimpleNamespace:
    assigned = [job_of(scripted.scripted(0, notes=Path()))] * busy
    last = time.monotonic() - silence
    return SimpleNamespace(assigned=assigned, heard=last, began=last, named=False, pid=os.getpid(), machine="")


def test_a_silence_is_told_once_and_one_who_has_nothing_to_tell_is_never_silent() -> None:
    patience, silent, idle = Patience(10.0, None), listened_to(11.0), listened_to(11.0, busy=False)
    assert patience.seconds_left([idle]) is None
    assert patience.seconds_left([silent]) == 0
    ((_, event),) = patience.told(silent)
    assert event == Silent(event.seconds, os.getpid(), stopped=False)
    assert [*patience.told(silent), *patience.told(idle)] == []
    assert patience.seconds_left([silent]) is None
    assert patience.spent_on(silent) == ""


def test_the_limit_is_waited_for_whatever_is_told_before() -> None:
    patience = Patience(10.0, 20.0)
    assert patience.seconds_left([listened_to(4.0), listened_to(0.0)]) == pytest.approx(6.0, abs=1.0)
    worker = listened_to(11.0)
    list(patience.told(worker))
    assert patience.seconds_left([worker]) == pytest.approx(9.0, abs=1.0)
    assert [patience.spent_on(listened_to(silence)) for silence in (11.0, 21.0)] == [
        "", "because it was ended after 20 s without an event",
    ]  # fmt: skip


def test_a_run_that_takes_longer_than_its_limit_is_ended_and_fails_by_name_at_once(tmp_path: Path) -> None:
    endless = scripted.scripted(0, waits_for="never", notes=tmp_path)
    quick = scripted.scripted(1, notes=tmp_path)
    story = list(Processes(workers=1, limit=2.0).execute([job_of(endless), job_of(quick)]))
    assert [event for job, event in story if job.run == endless] == [
        scripted.events(endless)[0], Failed("ended after 2 s, the limit of a run (executor.limit)", ""),
    ]  # fmt: skip
    assert [event for job, event in story if job.run == quick] == scripted.events(quick)
    assert len(scripted.attempts(endless)) == 1


def test_the_limit_of_a_run_counts_from_its_own_beginning_whatever_is_heard_of_it() -> None:
    patience, worker = Patience(100.0, 90.0, 20.0), listened_to(0.0)
    worker.began = time.monotonic() - 15.0
    assert patience.seconds_left([worker]) == pytest.approx(5.0, abs=1.0)
    assert patience.lost_with(worker) is None
    worker.began -= 10.0
    assert patience.lost_with(worker) == ("ended after 20 s, the limit of a run (executor.limit)", "limit")


def test_stopped_workers_are_ended_together_and_at_once(tmp_path: Path) -> None:
    runs = [scripted.scripted(seed, waits_for="never", notes=tmp_path) for seed in range(2)]
    story = Processes(workers=2).execute(list(map(job_of, runs)))
    started = set[int]()
    while len(started) < 2:
        started.add(next(story)[0].run.seed)
    stopped = [stop_worker_of(run) for run in runs]
    began = time.monotonic()
    story.close()
    assert time.monotonic() - began < children.GRACE
    assert all(map(is_reaped, stopped))


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (
            Silent(600.0, 4711, True),
            "10 min 00 s; its worker, process 4711, is stopped (kill -CONT 4711 lets it go on)",
        ),
        (
            Silent(3.2, 1, False),
            "3 s; its worker, process 1, may hang (executor.ended_after=SECONDS ends such workers)",
        ),
        (Silent(3.2, 1, False, 6.0), "3 s; its worker, process 1, may hang; it is ended after 6 s"),
        (Silent(3.2, 1, False, 6.0, "b2"), "3 s; its worker, process 1 on b2, may hang; it is ended after 6 s"),
    ],
)
def test_what_is_said_of_a_silent_worker_names_it_and_what_to_do(event: Silent, told: str) -> None:
    assert trouble(event) == f"nothing heard for {told}"


def test_a_run_that_starts_over_says_why() -> None:
    assert trouble(Retried(ENDED)) == f"its worker died {ENDED}; the run starts over"
