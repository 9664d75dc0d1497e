"""Every label, by validation curves made by hand: the order of the rules, and where each begins and ends."""

import math

import numpy as np
import pytest

from seqbench.events import Baseline, Level
from seqbench.training.diagnosis import Validation, diagnose

BASELINES = (Baseline("no memory", 1.0, 0.25), Baseline("one symbol remembered", 0.5, 0.5))


def curve(losses, shortfalls=None, every=50):
    """Validations every 50 steps; far from the criterion unless told otherwise."""
    return [
        Validation(every * i, loss, shortfall)
        for i, (loss, shortfall) in enumerate(zip(losses, shortfalls or [20.0] * len(losses), strict=True), 1)
    ]


def of_test(loss=20.0, error=0.01):
    return Level("loss", loss, error)


def label(losses, shortfalls=None):
    return diagnose(9000, of_test(losses[-1]), curve(losses, shortfalls), BASELINES).label


def test_a_loss_that_was_not_finite_is_the_first_thing_said():
    found = diagnose(1234, None, curve([0.9**i for i in range(30)], [0.5] * 29 + [2.0]), BASELINES)
    assert found.label == "diverged"
    assert "step 1,234" in found.evidence


def test_a_run_without_a_validation_is_judged_by_its_test():
    assert diagnose(9, of_test(1.2), [], BASELINES).label == "memoryless"
    assert diagnose(9, of_test(0.5), [], BASELINES).label == "partial"


def test_what_passes_the_last_test_is_not_called_by_what_came_before():
    falling_and_unstable = curve([0.9**i for i in range(6)], [5, 1.0, 0.5, 5, 5, 1.01])
    found = diagnose(300, of_test(0.001, 0.0001), falling_and_unstable, BASELINES, passed="accuracy, 0.995")
    assert found.label == "passed at the end"
    assert found.evidence == (
        "its test accuracy, 0.995, meets the criterion; it passed 2 of 6 validations, last at step 150"
    )


def test_passing_a_validation_and_losing_it_again_is_unstable_even_while_the_loss_falls():
    found = diagnose(300, of_test(), curve([0.9**i for i in range(6)], [5, 1.0, 0.5, 5, 5, 1.01]), BASELINES)
    assert found.label == "unstable"
    assert found.evidence == "it passed 2 of 6 validations, last at step 150, then not"


def test_a_run_that_passes_at_the_end_is_not_unstable():
    assert label([0.3] * 6, [5, 0.5, 5, 5, 5, 1.0]) == "partial"


def test_a_falling_loss_is_learning_and_says_how_much_longer():
    """Loss and shortfall halve at every validation: from 8 to 1 takes three more of 50 steps."""
    shortfalls = [8 * 2.0**i for i in range(6, -1, -1)]
    found = diagnose(9000, of_test(), curve([2.0**-i for i in range(7)], shortfalls), BASELINES)
    assert found.label == "learning"
    assert found.evidence == "the loss fell by 94% over the last 200 steps; at this rate solved in about 150 more steps"


def test_a_falling_loss_that_passed_at_last_says_so():
    found = diagnose(9000, of_test(), curve([2.0**-i for i in range(7)], [9] * 6 + [1.0]), BASELINES)
    assert (found.label, "the last validations passed" in found.evidence) == ("learning", True)


def test_a_falling_loss_without_a_falling_shortfall_names_no_time():
    found = diagnose(9000, of_test(), curve([2.0**-i for i in range(7)], [9] * 7), BASELINES)
    assert (found.label, "more steps" in found.evidence) == ("learning", False)


def test_learning_is_judged_over_the_last_third():
    fell_long_ago = [2.0**-i for i in range(10)] + [2.0**-9] * 20
    assert label(fell_long_ago) == "partial"
    assert label(fell_long_ago[::-1][:20] + [2.0**-9 * 0.8**i for i in range(10)]) == "learning"


@pytest.mark.parametrize(("number", "expected"), [(4, "partial"), (5, "learning")])
def test_learning_takes_five_validations(number, expected):
    assert label([0.9 * 0.8**i for i in range(number)]) == expected


@pytest.mark.parametrize(("fall", "expected"), [(0.04, "memoryless"), (0.06, "learning")])
def test_a_fall_of_less_than_a_twentieth_is_no_learning(fall, expected):
    assert label(np.geomspace(1.1, 1.1 * (1 - fall), 5).tolist()) == expected


@pytest.mark.parametrize("seed", range(20))
def test_noise_without_a_trend_is_no_learning(seed):
    noise = np.random.default_rng(seed).normal(0, 0.01, size=60)
    assert label((1.1 + noise).tolist()) == "memoryless"


def test_a_rising_loss_is_no_learning():
    assert label([1.0 + 0.1 * i for i in range(9)]) == "memoryless"


@pytest.mark.parametrize(
    ("loss", "expected", "evidence"),
    [
        (9.0, "memoryless", "or worse"),
        (1.0, "memoryless", "its test loss, 1.00 ± 0.02, is that of a model with no memory, 1.00, or worse"),
        (0.981, "memoryless", "no memory"),
        (0.979, "partial", "is better than that of a model with no memory, 1.00"),
        (0.521, "partial", "is better"),
        (0.519, "partial", "is at the plateau of one symbol remembered, 0.50"),
        (0.481, "partial", "at the plateau of one symbol remembered"),
        (0.479, "partial", "is better"),
        (0.0, "partial", "is better"),
        (math.nan, "memoryless", "nan"),
        (math.inf, "memoryless", "or worse"),
    ],
)
def test_a_test_is_at_a_plateau_if_its_interval_covers_it(loss, expected, evidence):
    """1.96 standard errors of 0.01 are 0.0196. What validations of few sequences lost does not decide."""
    found = diagnose(9000, of_test(loss), curve([0.7] * 9), BASELINES)
    assert found.label == expected
    assert evidence in found.evidence


@pytest.mark.parametrize(
    ("accuracy", "expected", "evidence"),
    [
        (0.2, "memoryless", "or worse"),
        (0.26, "memoryless", "its test accuracy, 0.26 ± 0.02, is that of a model with no memory, 0.25, or worse"),
        (0.29, "partial", "better"),
        (0.49, "partial", "plateau of one symbol remembered, 0.5"),
        (0.97, "partial", "better than that of a model with no memory, 0.25"),
    ],
)
def test_a_score_that_decides_is_compared_with_the_scores_of_the_plateaus(accuracy, expected, evidence):
    found = diagnose(9000, Level("accuracy", accuracy, 0.01, best=1.0), curve([0.7] * 9), BASELINES)
    assert found.label == expected
    assert evidence in found.evidence


def test_a_single_baseline_is_enough():
    assert diagnose(9000, of_test(0.5), curve([0.5] * 9), BASELINES[:1]).label == "partial"


def test_a_loss_that_was_infinite_for_a_while_is_no_learning():
    assert label([math.inf, 1.2, math.inf, 1.1, 1.0]) == "memoryless"


@pytest.mark.parametrize(("shortfall", "passed"), [(0.0, True), (1.0, True), (1.0001, False), (math.nan, False)])
def test_a_validation_is_passed_from_a_shortfall_of_one_downwards(shortfall, passed):
    assert Validation(1, 0.5, shortfall).passed is passed
