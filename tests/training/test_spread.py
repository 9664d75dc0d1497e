"""W and B of the states that a readout sees, of models whose states are known, and of a run that was trained."""

import math

import pytest
import torch
from builders import LEAST_LOAD, component, finished, gapped, load_task, make_spec
from torch import Tensor

from seqbench.models.base import Core, SequenceModel, State
from seqbench.tasks.base import Task
from seqbench.training.spread import MOST_GROUPS, spread_of

CLASSED = {"copy", "selective_copy", "flip_flop", "group", "match", "recall", "temporal_order"}
KEPT = 0.9


class Keeping(Core):
    """Adds up its inputs, and keeps so much of the sum at each step."""

    def __init__(self, input_size: int, kept: float = 1.0) -> None:
        super().__init__()
        self.hidden_size, self.kept = input_size, kept

    def step(self, x_t: Tensor, state: State) -> State:
        return (self.kept * state[0] + x_t,)


def keeping(task: Task, kept: float = 1.0) -> SequenceModel:
    """The readout reads the first numbers as they are."""
    model = SequenceModel(Keeping(task.input_size, kept), task.output_size)
    with torch.no_grad():
        torch.nn.init.eye_(model.readout.weight)
        torch.nn.init.zeros_(model.readout.bias)
    return model


def rows(task: str, kept: float = 1.0, **settings: object) -> list[dict[str, float]]:
    option = component("task", task, **settings)
    loaded = load_task(task, **settings)
    return spread_of(make_spec(option), loaded, keeping(loaded, kept)).get("spread", [])


def test_a_state_that_decays_leaves_that_much_of_the_distance_and_copies_have_no_spread() -> None:
    found = rows("copy", KEPT, gap=16, load=1)
    assert [row["lag"] for row in found] == [8, 16, 20, 24, 28, 32]
    assert [row["between"] for row in found] == pytest.approx([math.sqrt(2) * KEPT ** row["lag"] for row in found])
    assert [row["within"] for row in found] == pytest.approx([0.0] * 6, abs=1e-6)


def test_two_symbols_make_groups_of_both_which_are_nearest_where_only_their_order_differs() -> None:
    # ab and ba: a sum tells them apart by how much longer the first has decayed. The states at both answers count.
    last = rows("copy", KEPT, gap=4, load=2)[-1]
    assert last["lag"] == 8
    at_first, at_second = (math.sqrt(2) * (KEPT**lag - KEPT ** (lag + 1)) for lag in (8, 9))
    assert last["between"] == pytest.approx(math.hypot(at_first, at_second))
    assert last["within"] == pytest.approx(0.0, abs=1e-6)


def test_the_same_sequences_are_asked_at_each_lag() -> None:
    found = rows("group", gap=16, load=3, distractors=2, group="Z3")
    assert found[0]["within"] > 0.1
    for name in ("within", "between"):
        assert [row[name] for row in found] == pytest.approx([found[0][name]] * 6, rel=1e-5)


def test_a_range_of_gaps_is_taken_at_one_gap_at_a_time() -> None:
    assert rows("group", gap=16, min_gap=9) == rows("group", gap=16)


def test_groups_have_moved_from_where_they_were_at_the_gap() -> None:
    # With nothing forgotten each blank adds one to the number of blanks, in all groups.
    found = rows("group", gap=16)
    assert [row["moved"] for row in found] == pytest.approx([8, 0, 4, 8, 12, 16])


@pytest.mark.parametrize(("gap", "lags"), [(1, [1, 2]), (3, [2, 3, 4, 5, 6]), (20, [10, 20, 25, 30, 35, 40])])
def test_lags_go_to_twice_the_gap_and_short_gaps_have_fewer(gap: int, lags: list[int]) -> None:
    assert [row["lag"] for row in rows("copy", gap=gap)] == lags


def test_the_readout_of_the_run_itself_says_when_it_errs() -> None:
    # Counts of the two elements cannot tell their sum modulo two: the readout is wrong on the means already.
    assert [row.get("factor") for row in rows("group", gap=8)] == [None, 0, None, None, None, None]
    # It never errs where nothing deviates from the means; other lags than the gap are not asked.
    assert not [row for row in rows("copy", gap=8) if "factor" in row]


def test_more_groups_than_have_sequences_are_not_measured() -> None:
    assert MOST_GROUPS == 8**2
    assert rows("copy", gap=4, load=2)
    assert not rows("copy", gap=4, load=3)
    assert not rows("group", gap=4, group="S5")


@pytest.mark.parametrize("task", sorted(set(gapped()) - {"text"}))
def test_tasks_with_classed_answers_have_a_spread_and_no_others(task: str) -> None:
    loaded = load_task(task, gap=4, load=LEAST_LOAD.get(task, 1))
    if loaded.words is not None:
        pytest.skip("its words are embedded")
    assert bool(rows(task, gap=4, load=1)) == (task in CLASSED)


def test_a_lag_that_leaves_no_room_for_distractors_has_no_row() -> None:
    assert [row["lag"] for row in rows("match", gap=8, distractors=4)] == [8, 10, 12, 14, 16]


def test_a_run_that_solved_its_task_tells_it_and_one_that_did_not_tells_nothing() -> None:
    short = {"validations_to_solve": 1, "validate_every": 20, "learning_rate": 0.02, "batch_size": 32}
    solved = finished(make_spec(component("task", "group", gap=4), "gru", max_steps=600, **short))
    assert solved.outcome == "solved"
    found = solved.tables["spread"]
    assert [row["lag"] for row in found] == [2, 4, 5, 6, 7, 8]
    assert 0 < found[1]["within"] < found[1]["between"]
    assert found[1].get("factor", math.inf) > 1
    assert "spread" not in finished(make_spec("group", max_steps=0)).tables
