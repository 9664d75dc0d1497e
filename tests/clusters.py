"""Ray for tests, small and quiet, and models that meet what happens on a cluster."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from builders import make_spec

from seqbench.config import Component
from seqbench.executors.cluster.connection import ENVIRONMENT, STORE
from seqbench.models.rnn import RNN
from seqbench.plan import RunSpec

#: What a cluster of tests needs.
NEEDS_RAY = pytest.mark.skipif(find_spec("ray") is None, reason="the extra seqbench[ray] is not installed")


class Killed(RNN):
    """The first process that makes it, of those that go by a note, is killed."""

    def __init__(self, input_size: int, *, note: str) -> None:
        super().__init__(input_size, hidden_size=4)
        if not Path(note).exists():
            Path(note).touch()
            os.kill(os.getpid(), signal.SIGKILL)


class Held(RNN):
    """Notes the machine of Ray and the process that it is made in, and waits there for a file."""

    def __init__(self, input_size: int, *, note: str, cue: str) -> None:
        super().__init__(input_size, hidden_size=4)
        import ray

        with Path(note).open("a") as notes:
            notes.write(f"{ray.get_runtime_context().get_node_id()} {os.getpid()}\n")
        while not Path(cue).exists():
            time.sleep(0.02)


def run_of(cls: type, seed: int = 0, **settings: object) -> RunSpec:
    """Of one of the above."""
    texts = {key: str(value) for key, value in settings.items()}
    return make_spec(model=Component(cls.__name__.lower(), f"{cls.__module__}.{cls.__name__}", texts), seed=seed)


def notes_in(note: Path) -> list[tuple[str, int]]:
    """What a model has noted: machine and process."""
    lines = note.read_text().splitlines() if note.exists() else []
    return [(machine, int(process)) for machine, process in map(str.split, lines)]


@contextmanager
def machines(*cpus: int) -> Iterator[tuple[Any, list[Any]]]:
    """A cluster with a head without work and machines with so many CPUs each: itself, and they."""
    os.environ.update(ENVIRONMENT)
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": STORE})
    try:
        yield cluster, [machine(cluster, n) for n in cpus]
    finally:
        ray.shutdown()
        cluster.shutdown()


def machine(cluster: Any, cpus: int, **variables: str) -> Any:
    """One more for a cluster, with these in its environment."""
    return cluster.add_node(num_cpus=cpus, object_store_memory=STORE, env_vars=variables)
