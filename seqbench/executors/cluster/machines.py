"""Whether every machine of a cluster can carry out runs as the driver would: asked before there is one to lose."""

import time
from collections.abc import Iterator, Sequence
from typing import Any

from seqbench.config import ConfigError, Fault
from seqbench.executors import interrupts
from seqbench.executors.cluster.luggage import Luggage
from seqbench.executors.cluster.versions import versions
from seqbench.executors.cluster.work import refusals
from seqbench.plan import RunSpec

#: Seconds that a machine has to answer: it may have to import torch from a slow disk.
PATIENCE = 120.0


def require_alike(runs: Sequence[RunSpec], luggage: Luggage) -> None:
    """Raises ConfigError with what is missing or different anywhere, for runs with this luggage.

    Only classes from outside of seqbench, and what tasks read, can be missing where seqbench is the same.
    """
    import ray

    needed = {}
    for run in runs:
        if not run.task.data and not (run.task.source or run.model.source):
            continue
        needed[run.task.target, run.task.data, run.model.target if run.model.source else ""] = run
    asked = {_ask(node, [*needed.values()], luggage): node for node in ray.nodes() if _works(node)}
    if faults := list(_faults(asked)):
        raise ConfigError(faults)


def _works(node: dict[str, Any]) -> bool:
    return bool(node["Alive"] and node["Resources"].get("CPU"))


def _ask(node: dict[str, Any], runs: Sequence[RunSpec], luggage: Luggage) -> Any:
    import ray
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

    there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
    last = {"max_calls": 1} if luggage.files else {}  # no run finds what they leave behind
    question = ray.remote(num_cpus=0, max_retries=0, scheduling_strategy=there, **last)(refusals)
    return question.remote(runs, luggage, versions())


def _faults(asked: dict[Any, dict[str, Any]]) -> Iterator[Fault]:
    """In the order of the machines."""
    import ray

    left, deadline = list(asked), time.monotonic() + PATIENCE
    while left and time.monotonic() < deadline:
        interrupts.check()
        _, left = ray.wait(left, num_returns=len(left), timeout=interrupts.TICK)
    for answer, node in asked.items():
        name = f"executor: the machine {node['NodeManagerHostname']} ({node['NodeManagerAddress']})"
        try:
            told = [f"has not answered within {PATIENCE:g} s"] if answer in left else ray.get(answer)
        except ray.exceptions.RayError as error:
            told = [str(error).strip().splitlines()[-1]]
        yield from (Fault(name, one) for one in told)
