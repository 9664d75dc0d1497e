"""When runs with a curriculum came to each of its gaps, and the figure of it."""

from dataclasses import replace

import pandas as pd
import pytest
from synthetic import record, without

from reports import caption, drawn_by
from seqbench.analysis.curricula import FACTOR, START, reached
from seqbench.analysis.findings import findings
from seqbench.events import CURRICULUM_GAP


def grown(began, outcomes):
    """Runs of an arm on copy at gap 20, from gap 5 on by a factor of 2; `began` are steps by seed and gap."""
    whole = record(
        arms=["lstm"], tasks=["copy"], gaps=[10, 20], seeds=range(len(outcomes)),
        outcomes={("copy", "lstm", 20, seed): outcome for seed, outcome in enumerate(outcomes)},
    )  # fmt: skip
    runs = whole.runs.assign(**{START: "5", FACTOR: "2.0"})
    points = [
        {"run_id": f"copy-lstm-gap20-seed{seed}", "metric": CURRICULUM_GAP, "step": step, "value": gap}
        for (seed, gap), step in began.items()
    ]
    return replace(whole, runs=runs, metrics=pd.DataFrame(points))


BEGAN = {(0, 5): 0, (0, 10): 100, (0, 20): 300, (1, 5): 0, (1, 10): 400, (2, 5): 0}


def test_each_run_tells_of_every_gap_after_the_first_and_what_it_did_not_reach_is_cut_off_at_the_budget():
    rows = findings(grown(BEGAN, ["unsolved"] * 3)).curricula
    came = {(row.seed, row.gap): row.steps_to_solve for row in rows.itertuples() if row.outcome == "solved"}
    assert came == {(0, 10): 100, (0, 20): 300, (1, 10): 400}
    assert list(rows.gap) == [10, 20] * 3
    assert set(rows.budget) == {2000}


def test_a_run_that_has_solved_its_task_has_come_to_every_gap():
    whole = grown(BEGAN, ["unsolved", "unsolved", "solved"])
    (solved_at,) = whole.runs[(whole.runs.gap == 20) & (whole.runs.seed == 2)].steps_to_solve
    rows = findings(whole).curricula
    assert list(rows[rows.seed == 2].steps_to_solve) == [solved_at, solved_at]


def test_without_a_curriculum_there_is_nothing_to_tell():
    whole = without(record(), gap=100)
    assert reached(whole.runs, whole.metrics).empty
    assert drawn_by("curriculum", whole) == {}


def test_the_caption_tells_medians_and_how_many_came_there():
    told = caption("curriculum", grown(BEGAN, ["unsolved"] * 3))
    assert "Median steps on copy" in told
    assert "The longest gap that half of the runs came to: on copy, 10 with lstm." in told
    assert "gap 10: 400 for lstm (2 of 3); gap 20: > 2,000 for lstm (1 of 3)" in told


@pytest.mark.parametrize("started", [None, "5"])
def test_runs_with_and_without_are_not_mixed(started):
    whole = grown(BEGAN, ["unsolved"] * 3)
    runs = whole.runs.assign(**{START: [started if seed == 2 else "5" for seed in whole.runs.seed]})
    assert set(findings(replace(whole, runs=runs)).curricula.seed) == ({0, 1, 2} if started else {0, 1})
