"""On a Ray cluster of two machines: whoever dies, every run tells what it tells alone, and none is lost."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import make_spec
from clusters import NEEDS_RAY, Held, Killed, machine, machines, notes_in, run_of
from recording import job_of
from scripted import is_running, wait_until
from stories import Story, of, told

import seqbench
from seqbench.config import ConfigError
from seqbench.events import Failed, Finished, Retried
from seqbench.executors.base import events_of
from seqbench.executors.cluster.executor import Ray
from seqbench.plan import RunSpec

pytestmark = NEEDS_RAY


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """With a machine of one CPU, and a second one that may go."""
    with machines(1, 1) as (cluster, _):
        yield cluster


def carried_out(cluster: Any, *runs: RunSpec, **settings: Any) -> Story:
    executor = Ray(address=cluster.address, **settings)
    return [(job.run, event) for job, event in executor.execute(list(map(job_of, runs)))]


def alone(run: RunSpec) -> list[str]:
    return list(map(told, events_of(run)))


def meanwhile(act: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=act)
    thread.start()
    return thread


def test_a_killed_worker_costs_its_run_one_retry_and_the_others_nothing(cluster: Any, tmp_path: Path) -> None:
    note = tmp_path / "note"
    runs = [make_spec(seed=0), run_of(Killed, note=note), make_spec(seed=1)]
    story = carried_out(cluster, *runs)
    (retried,) = [event for _, event in story if isinstance(event, Retried)]
    assert retried.how.startswith("without a word on ")
    for run in runs:
        assert [one for one in of(run, story) if not one.startswith("Retried")] == alone(run)


def test_a_run_over_its_limit_is_ended_and_fails_at_once(cluster: Any, tmp_path: Path) -> None:
    endless = run_of(Held, note=tmp_path / "note", cue=tmp_path / "never")
    ((_, failed),) = carried_out(cluster, endless, limit=3.0)
    assert failed == Failed("ended after 3 s, the limit of a run (executor.limit)", "")
    ((_, process),) = notes_in(tmp_path / "note")
    wait_until(lambda: not is_running(process))


def test_closing_the_iterator_ends_the_workers(cluster: Any, tmp_path: Path) -> None:
    held = run_of(Held, note=tmp_path / "note", cue=tmp_path / "never")
    story = Ray(address=cluster.address).execute([job_of(make_spec()), job_of(held)])
    while not isinstance(next(story)[1], Finished):
        pass
    wait_until(lambda: notes_in(tmp_path / "note"))
    story.close()
    ((_, process),) = notes_in(tmp_path / "note")
    wait_until(lambda: not is_running(process))


def test_a_machine_that_is_lost_costs_its_runs_a_retry_that_does_not_count_as_theirs(
    cluster: Any, tmp_path: Path
) -> None:
    extra = machine(cluster, 1)
    note, cue = tmp_path / "note", tmp_path / "cue"
    held = [run_of(Held, seed, note=note, cue=cue) for seed in range(3)]

    def remove() -> None:
        wait_until(lambda: extra.node_id in dict(notes_in(note)))
        cluster.remove_node(extra)
        wait_until(lambda: not is_running(dict(notes_in(note))[extra.node_id]))
        cue.touch()

    removing = meanwhile(remove)
    story = carried_out(cluster, *held)
    removing.join()
    lost = [event.how for _, event in story if isinstance(event, Retried)]
    assert len(lost) == 1
    for run in held:
        assert [one for one in of(run, story) if not one.startswith("Retried")] == alone(run)


def test_a_machine_that_joins_with_other_code_ends_the_sweep_in_a_line(cluster: Any, tmp_path: Path) -> None:
    own = Path(seqbench.__file__).parent
    shutil.copytree(own, tmp_path / "seqbench", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "seqbench" / "wording.py").open("a") as file:
        file.write("# other code\n")
    other = machine(cluster, 2, PYTHONPATH=str(tmp_path))
    try:
        with pytest.raises(ConfigError, match=r"^executor: the machine \S+: has the code of seqbench "):
            carried_out(cluster, *[make_spec(seed=seed) for seed in range(8)])
    finally:
        cluster.remove_node(other)
