"""Ray for tests: small, quiet, on the loopback, and never that of anybody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import pytest

from seqbench.executors.cluster.connection import ENVIRONMENT, STORE, Connection

#: What a cluster of tests needs.
NEEDS_RAY = pytest.mark.skipif(find_spec("ray") is None, reason="the extra seqbench[ray] is not installed")


@contextmanager
def one_machine(cpus: int) -> Iterator[None]:
    """Ray for several sweeps of this process, which leave it as it is."""
    connection = Connection(None, cpus)
    connection.open()
    try:
        yield
    finally:
        connection.close()


@contextmanager
def machines(*cpus: int) -> Iterator[tuple[Any, list[Any]]]:
    """A cluster with a head without work and machines with so many CPUs each: itself, and they."""
    import os

    os.environ.update(ENVIRONMENT)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "object_store_memory": STORE})
    try:
        yield cluster, [cluster.add_node(num_cpus=n, object_store_memory=STORE) for n in cpus]
    finally:
        cluster.shutdown()
