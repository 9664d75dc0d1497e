"""Tables of cells: what they count, and how they read where a budget cuts off what could be seen."""

import numpy as np

from reports import small
from seqbench.analysis import cells as tables


def test_median_steps_are_censored_at_the_budget() -> None:
    summary = tables.summary_table(small().runs).set_index(["arm", "gap"])
    assert summary.median_steps_to_solve["rnn", 50] == "> 2000"
    assert summary.median_steps_to_solve["lstm", 10].isdigit()
    assert summary.steps_spent_per_success["rnn", 50] == np.inf


def test_steps_per_success_charge_the_unsolved_seed() -> None:
    record = small()
    runs = record.runs[(record.runs.arm == "lstm") & (record.runs.gap == 50)]
    assert (runs.outcome == "solved").sum() == 4
    summary = tables.summary_table(record.runs).set_index(["arm", "gap"])
    assert summary.steps_spent_per_success["lstm", 50] == runs.steps.sum() / 4


def test_diverged_runs_count_as_unsolved_and_crashed_ones_not_at_all() -> None:
    record = small(outcomes={("copy", "lstm", 10, 0): "diverged", ("copy", "lstm", 10, 1): "failed"})
    cell = tables.summary_table(record.runs).set_index(["arm", "gap"]).loc["lstm", 10]
    assert (cell.solved, cell.finished, cell.not_finished) == (3, 4, 1)


def test_a_run_that_diverged_early_does_not_shorten_the_time_to_solve() -> None:
    diverged = {("copy", "lstm", 10, seed): "diverged" for seed in (0, 1, 2)}
    cell = tables.summary_table(small(outcomes=diverged).runs).set_index(["arm", "gap"]).loc["lstm", 10]
    assert cell.median_steps_to_solve == "> 2000"


def test_longest_gaps_are_those_of_the_runs() -> None:
    longest = tables.longest_gap_table(small().runs).set_index("arm")
    assert tuple(longest.loc["rnn", ["reliable", "bracket", "gap50"]]) == ("10", "10 to 50", "22 (10 to 50)")
    half = small(outcomes={("copy", "rnn", 50, seed): "solved" for seed in range(2)})
    assert tables.longest_gap_table(half.runs).set_index("arm").gap50["rnn"] == "10 or more"
    assert longest.bracket["lstm"] == "> 50"
    assert longest.reliable["lstm"] == "10"


def test_an_arm_whose_models_differ_in_size_has_each_of_its_sizes_the_least_first() -> None:
    runs = small().runs.assign(parameters=18_085, state_size=132.0)
    runs.loc[runs.gap == 50, ["parameters", "state_size"]] = 18_133, 125.0
    told = tables.about(runs)
    assert (told["parameters"], told["state"]) == ("18,085 or 18,133", "132 or 125")
