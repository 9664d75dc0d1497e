"""What a person sees while a sweep runs."""

import io
import re
from dataclasses import replace

import pytest
from builders import make_spec
from recording import job_of
from rich.console import Console

from seqbench.driver import progress as module
from seqbench.driver.progress import Status, outcome, progress
from seqbench.events import Event, Failed, Finished, Metrics, Started, TaskFacts
from seqbench.plan import Job

A, C = job_of(make_spec(seed=0)), job_of(make_spec(seed=2))
B = job_of(make_spec(task="adding", model="rnn", gap=7, seed=1))
STARTED = Started(1, 1, TaskFacts("", "", "", ()))
SOLVED = Finished("solved", 1250, 1250, {}, {}, "solved", "", seconds=3.14)
FAILED = Failed("ValueError: [red] is no number", "")


def loss(step: int, value: float) -> Metrics:
    return Metrics(step, {"train/loss": value, "gradient/norm": 1.0})


def after(*told: tuple[Job, Event], pending: tuple[Job, ...] = (A, B, C), done: int = 0) -> Status:
    status = Status(pending, done)
    for job, event in told:
        status.update(job, event)
    return status


def seen(status: Status) -> str:
    console = Console(record=True, width=120, file=io.StringIO(), force_terminal=True)
    console.print(status.render())
    return console.export_text()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in its only element."""
    now = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
    return now


# -- the counts --------------------------------------------------------------------------------------------


def test_a_run_without_a_budget_takes_no_time() -> None:
    job = job_of(make_spec(max_steps=0))
    status = Status([job], 0)
    status.update(job, Started(1, 1, TaskFacts("loss", "score", "never", ())))
    assert status.seconds_left() is None


def test_runs_are_counted_as_done_running_and_failed() -> None:
    status = after((A, STARTED), (B, STARTED), (A, SOLVED), (C, STARTED), (C, FAILED), done=4)
    assert "5 of 7 done, 1 running, 1 failed" in seen(status)


def test_a_run_whose_worker_died_is_running_again_from_the_start() -> None:
    status = after((A, STARTED), (A, loss(4, 0.5)), (A, STARTED))
    assert "0 of 3 done, 1 running, 0 failed" in seen(status)
    assert "0/6" in seen(status)


def test_a_run_that_fails_before_it_starts_is_counted() -> None:
    assert "0 of 3 done, 0 running, 1 failed" in seen(after((A, FAILED)))


def test_a_sweep_with_nothing_left_can_be_shown() -> None:
    assert "8 of 8 done, 0 running, 0 failed" in seen(after(pending=(), done=8))


def test_each_live_run_is_shown_with_task_arm_gap_seed_step_and_loss() -> None:
    status = after((A, STARTED), (B, STARTED), (B, loss(4, 0.25)), (B, Metrics(6, {"validation/loss": 9.0})))
    *_, header, first, second = (line.split() for line in seen(status).strip().splitlines())
    assert header == ["task", "arm", "gap", "seed", "step", "loss"]
    assert first == ["copy", "lstm", "2", "0", "0/6"]
    assert second == ["adding", "rnn", "7", "1", "4/6", "0.2500"]


def test_a_run_that_has_ended_is_no_longer_shown() -> None:
    assert "adding" not in seen(after((B, STARTED), (B, loss(4, 0.5)), (B, SOLVED)))


# -- the time ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("told", [[], [(A, STARTED)], [(A, FAILED)]], ids=["nothing", "a start", "a false start"])
def test_no_time_left_is_claimed_before_anything_was_trained(told: list[tuple[Job, Event]]) -> None:
    status = after(*told)
    assert status.seconds_left() is None
    assert "left" not in seen(status)


SHORT, LONG = job_of(make_spec(gap=10, max_steps=100)), job_of(make_spec(gap=50, max_steps=200))
SHORT_WORK, LONG_WORK = 100 * (10 + 10), 200 * (50 + 10)


def test_the_time_left_is_in_proportion_to_steps_and_length(clock: list[float]) -> None:
    status = after((SHORT, STARTED), pending=(SHORT, LONG), done=3)
    clock[0] += 5.0
    status.update(SHORT, SOLVED)
    assert status.seconds_left() == pytest.approx(5.0 * LONG_WORK / SHORT_WORK)


def test_the_time_left_counts_what_live_runs_have_done(clock: list[float]) -> None:
    status = after((LONG, STARTED), pending=(SHORT, LONG))
    clock[0] += 5.0
    status.update(LONG, loss(50, 0.5))
    assert status.seconds_left() == pytest.approx(5.0 * (SHORT_WORK + LONG_WORK * 3 / 4) / (LONG_WORK / 4))


def test_the_time_before_the_first_start_does_not_count(clock: list[float]) -> None:
    status = after(pending=(SHORT, LONG))
    clock[0] += 1000.0
    status.update(SHORT, STARTED)
    clock[0] += 5.0
    status.update(SHORT, SOLVED)
    assert status.seconds_left() == pytest.approx(5.0 * LONG_WORK / SHORT_WORK)


def test_nothing_is_left_when_all_runs_have_ended(clock: list[float]) -> None:
    status = after((A, STARTED), (A, SOLVED), (B, FAILED), (C, SOLVED))
    clock[0] += 10.0
    assert status.seconds_left() == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (61.0, "1 min 01 s"), (754.0, "12 min 34 s")],
)
def test_the_time_left_is_told_in_minutes_and_seconds(
    seconds: float, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    status = after((A, STARTED))
    monkeypatch.setattr(status, "seconds_left", lambda: seconds)
    assert f"about {words} left" in seen(status)


# -- the lines ---------------------------------------------------------------------------------------------


def lines(console: Console, told: list[tuple[Job, Event]], workers: int = 0) -> list[str]:
    with progress([A, B, C], done=1, console=console, workers=workers) as show:
        for job, event in told:
            show(job, event)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_without_a_terminal_there_is_one_plain_line_for_each_run_that_ends() -> None:
    console = Console(file=io.StringIO(), width=20)
    assert lines(console, [(A, STARTED), (A, loss(2, 0.5)), (A, SOLVED), (B, STARTED), (B, FAILED)]) == [
        "3 runs to do",
        "[2/4] s0 lstm gap=2 copy: solved after 1,250 steps (3.1 s)",
        "[3/4] s1 rnn gap=7 adding: failed: ValueError: [red] is no number",
    ]


def test_on_a_terminal_the_display_is_live_and_leaves_nothing_behind() -> None:
    console = Console(file=io.StringIO(), width=120, force_terminal=True)
    text = "\n".join(lines(console, [(A, STARTED), (A, SOLVED)]))
    assert "2 of 4 done" in text
    assert re.search(r"\x1b\[2K", text)
    assert "[2/4]" not in text


@pytest.mark.parametrize("end", ["solved", "unsolved", "diverged"])
def test_the_end_of_a_run_is_told_in_words(end: str) -> None:
    assert outcome(Finished(end, 50, None, {}, {}, "memoryless", "", seconds=0.04)) == f"{end} after 50 steps (0.0 s)"


def test_a_run_of_no_steps_is_not_called_unsolved_and_one_of_one_step_is_told_in_the_singular() -> None:
    untrained = Finished("unsolved", 0, None, {}, {}, "memoryless", "", seconds=0.04)
    assert outcome(untrained) == "not trained (0.0 s)"
    assert outcome(replace(untrained, outcome="solved", steps=1)) == "solved after 1 step (0.0 s)"


# -- the beginning -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("workers", "first"),
    [(2, "starting 2 workers, 3 runs to do"), (8, "starting 3 workers, 3 runs to do"), (0, "3 runs to do")],
)
def test_before_the_first_event_it_says_what_is_waited_for(workers: int, first: str) -> None:
    console = Console(file=io.StringIO(), width=20)
    assert lines(console, [(A, STARTED)], workers) == [first]
    status = Status([A, B, C], 1, workers=workers)
    assert seen(status).strip() == first
    status.update(A, STARTED)
    assert "1 of 4 done, 1 running, 0 failed" in seen(status)


def test_nothing_is_waited_for_where_nothing_is_to_come() -> None:
    console = Console(file=io.StringIO())
    with progress([], done=3, console=console, workers=2):
        pass
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue() == ""
