"""What a plan can show before it is run."""

from dataclasses import replace

import pytest
from builders import make_spec
from recording import plan_of

from seqbench.driver.designs import designs
from seqbench.plan import Control, Plan, RunSpec


def grid(models: tuple[str, ...], seeds: int, task: str = "copy", **training: int) -> list[RunSpec]:
    return [make_spec(task, model, gap=gap, seed=seed, **training)
            for model in models for gap in (2, 4) for seed in range(seeds)]  # fmt: skip


def told(plan: Plan) -> list[str]:
    return [str(design) for design in designs(plan)]


def test_a_line_for_each_task_with_the_pairs_of_its_arms() -> None:
    plan = plan_of(*grid(("rnn", "lstm", "lstm_chrono"), 8), *grid(("rnn", "lstm"), 5, "adding"))
    assert told(plan) == [
        "copy: 8 seeds, 3 pairs of arms: p can fall to 0.023",
        "adding: 5 seeds, 1 pair of arms: p cannot fall below 0.062, so nothing can be told apart; 6 seeds or more can",
    ]
    assert [design.shows_nothing for design in designs(plan)] == [False, True]


def test_a_setting_that_varies_makes_arms_of_a_model() -> None:
    runs = [*grid(("rnn",), 8), *grid(("rnn",), 8, learning_rate=0.01)]
    assert told(plan_of(*runs)) == ["copy: 8 seeds, 1 pair of arms: p can fall to 0.0078"]


def test_arms_are_compared_over_the_seeds_that_they_share() -> None:
    runs = [*grid(("rnn",), 8), *(replace(run, seed=run.seed + 2) for run in grid(("lstm",), 8))]
    assert [design.seeds for design in designs(plan_of(*runs))] == [6]


@pytest.mark.parametrize("models", [(), ("rnn",)])
def test_nothing_is_told_where_nothing_is_compared(models: tuple[str, ...]) -> None:
    assert told(plan_of(*grid(models, 8))) == []


def test_runs_that_are_not_trained_and_claims_are_not_compared() -> None:
    runs = grid(("rnn", "lstm"), 8)
    assert told(plan_of(*grid(("rnn", "lstm"), 8, max_steps=0))) == []
    assert told(replace(plan_of(*runs), controls=(Control("memory", "rnn", "fails"),))) == []
