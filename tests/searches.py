"""Searches for the horizon whose outcomes are known."""

import functools

import pandas as pd

from seqbench.analysis import entries
from seqbench.horizon.estimate import Outcome
from seqbench.horizon.search import Search
from seqbench.record.values import Record, no_slots

SEARCH = Search(min_gap=5, max_gap=400, max_runs=60)


@functools.cache
def searched(horizon: float, search: Search = SEARCH) -> tuple[Outcome, ...]:
    """A whole search: solved in 200 steps below the horizon, failed after 1,000 beyond."""
    found: list[Outcome] = []
    while probes := search.next(found):
        ((gap, seed),) = probes
        found.append(Outcome(gap, seed, gap < horizon, 200 if gap < horizon else 1000))
    return tuple(found)


def frame(horizon: float, arm: str = "rnn", task: str = "copy", search: Search = SEARCH) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run_id": f"{task} {arm} {one.gap} {one.seed}", "task": task, "arm": arm, "gap": one.gap, "load": 1,
                "seed": one.seed, "outcome": "solved" if one.solved else "unsolved", "steps": one.steps,
                "seconds": 2.0, "parameters": 4545, "budget": 1000, "search": f"{task} {arm}",
            }
            for one in searched(horizon, search)
        ]
    )  # fmt: skip


OVER_LOADS = Search(over="load", min_load=1, max_load=16, max_runs=60)


def load_frame(horizon: float, arm: str = "rnn", gap: int = 20) -> pd.DataFrame:
    """The runs of a search over the load, with labels of tasks as the record has them."""
    runs = frame(horizon, arm, search=OVER_LOADS).assign(search=f"copy {arm} at {gap}-load")
    loads = runs.gap.to_numpy()
    labels = [f"copy, load={load}" for load in loads]
    return runs.assign(task=labels, load=loads, gap=gap, run_id=runs.run_id + f" at {gap}")


def record_of(*frames: pd.DataFrame) -> Record:
    """A record of these runs without curves."""
    runs = pd.concat(frames, ignore_index=True)
    searches = {key: OVER_LOADS if key.endswith("-load") else SEARCH for key in runs.search if key}
    return Record("searches", runs, curves=no_slots(), lags=no_slots(), tasks={}, searches=searches)


def board(*frames: pd.DataFrame) -> list[entries.Entry]:
    record = record_of(*frames)
    return entries.entries(record.runs, record.searches)
