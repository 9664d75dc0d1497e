"""Benchmarks are typed rarely, so what they take from the project is tried here."""

import runpy
from pathlib import Path

from seqbench.events import Finished, Started
from seqbench.planning.make_plan import make_plan

FOLDER = Path(__file__).parents[1] / "benchmarks"


def test_a_made_up_run_tells_what_a_real_one_tells() -> None:
    records = runpy.run_path(str(FOLDER / "records.py"))
    run = make_plan("+experiment=smoke", "task.gap=5", "model=lstm", "seed=0", "training.max_steps=100").runs[0]
    events = list(records["story"](run))
    assert isinstance(events[0], Started)
    assert events[0].family == "gated"
    assert isinstance(events[-1], Finished)


def test_the_cells_of_the_made_up_sweep_are_those_of_the_experiment() -> None:
    records = runpy.run_path(str(FOLDER / "records.py"))
    assert len(make_plan(*records["sweep"](2 * records["CELLS"])).runs) == 2 * records["CELLS"]
