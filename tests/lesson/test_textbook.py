"""What the record says of a sentence of a textbook: both ways, with numbers worked out by hand."""

import math

import pytest

from seqbench.lesson import textbook
from seqbench.lesson.textbook import AGAINST, AGREES, OPEN, Check


@pytest.mark.parametrize(
    ("bias", "kept", "steps"),
    [(0.0, 1 / 2, 1 / math.log(2)), (math.log(3), 3 / 4, 1 / math.log(4 / 3)), (1.0, 0.7310586, 3.1922)],
)
def test_a_forget_bias_is_what_is_kept_and_for_how_long(bias, kept, steps):
    assert textbook.keep(bias) == pytest.approx(kept, rel=1e-6)
    assert textbook.time_constant(bias) == pytest.approx(steps, rel=1e-4)
    assert textbook.bias_of(textbook.time_constant(bias)) == pytest.approx(bias, abs=1e-9)


def test_a_gradient_has_vanished_from_a_thousandth_downwards():
    gone, there = textbook.vanishing("rnn", -3.0, 20), textbook.vanishing("rnn", -2.0, 20)
    assert (gone.verdict, there.verdict) == (AGREES, AGAINST)
    assert "After 20 steps back, 1·10⁻³ of the gradient is left in the untrained rnn: it has vanished." in gone.sentence
    assert "has not vanished here: after 20 steps back, 0.010 of it is left. (Vanished means" in there.sentence


def test_training_mends_the_gradient_or_does_not():
    still, mended = (textbook.training_and_gradient("rnn", -6.0, after, 20) for after in (-7.0, -1.0))
    assert (still.verdict, mended.verdict) == (AGREES, AGAINST)
    assert "did not mend it: 20 steps back, 1·10⁻⁶ of the gradient is left before training and 1·10⁻⁷" in still.sentence
    assert "did mend it" in mended.sentence
    assert "0.10 after it" in mended.sentence


@pytest.mark.parametrize(
    ("gated", "verdict", "said"),
    [(50, AGREES, "lstm bridged gap 50, rnn gap 10"), (10, OPEN, "not shown"), (0, AGAINST, "lstm bridged no gap")],
)
def test_gates_reach_farther_or_not(gated, verdict, said):
    found = textbook.order("rnn", "lstm", {"rnn": 10, "lstm": gated})
    assert found.verdict == verdict
    assert said in found.sentence


def test_one_pair_against_it_is_enough_against_the_gradient():
    against = "irnn decays less than lstm, and reaches less far"
    kinds = ["rnn", "irnn", "lstm"]
    found = textbook.gradient_and_gap(kinds, 3, "", "gru (at one gap alone)")
    assert found.verdict == AGREES
    assert "in all 3 pairs of rnn, irnn and lstm whose order is known. " in found.sentence
    assert found.sentence.endswith("Without a place among them all: gru (at one gap alone).")
    found = textbook.gradient_and_gap(kinds, 3, against)
    assert found.verdict == AGAINST
    assert against in found.sentence


@pytest.mark.parametrize(
    ("decay", "verdict", "said"),
    # The line of b = 1 falls by -ln 0.7310586 = 0.31326 nats a step; 1.25 times that is 0.3916, divided 0.2506.
    [
        (0.39, AGREES, "describes"),
        (0.26, AGREES, "describes"),
        (0.4, AGAINST, "faster"),
        (0.25, AGAINST, "more slowly"),
    ],
)
def test_the_line_of_a_bias_describes_the_measured_gradient_within_a_quarter(decay, verdict, said):
    found = textbook.line_and_measure("lstm", 1.0, decay)
    assert found.verdict == verdict
    assert said in found.sentence
    assert (
        f"the line multiplies by 0.73 at each step back, the measured gradient by {math.exp(-decay):.2f}"
        in found.sentence
    )


@pytest.mark.parametrize(("gap", "verdict"), [(0, OPEN), (10, AGREES), (15, AGREES), (16, AGAINST)])
def test_a_gap_lies_within_five_time_constants_or_beyond(gap, verdict):
    found = textbook.beyond_the_time_constant("lstm", 1.0, gap)  # 5 * 3.1922 = 15.96
    assert found.verdict == verdict
    # exp(-5) = 0.0067
    assert "5 time constants of b = 1, after which a share of 7·10⁻³ is left, are 16.0 steps" in found.sentence


def test_the_cell_is_the_better_way_back_or_not():
    assert textbook.kept_inside("lstm", "rnn", -1.0, -9.0, 20).verdict == AGREES
    found = textbook.kept_inside("lstm", "rnn", -9.0, -1.0, 20)
    assert found.verdict == AGAINST
    assert "20 steps before the question" in found.sentence
    assert "cell of lstm is 1·10⁻⁹ times that at the question, in the state of rnn 0.10 times" in found.sentence


@pytest.mark.parametrize(
    ("gated", "plain", "rises", "verdict"),
    [
        ([0.5, 0.6], [0.3, 0.4], True, AGREES),
        ([0.1, 0.2], [0.3, 0.4], True, AGAINST),
        ([0.1, 0.35], [0.3, 0.4], True, OPEN),
        ([0.1, 0.2], [0.3, 0.4], False, AGREES),
    ],
)
def test_gates_help_where_both_fail_if_every_run_says_so(gated, plain, rises, verdict):
    found = textbook.better_where_both_fail("lstm", "rnn", 40, [gated, plain], "a score", rises=rises)
    assert found.verdict == verdict
    assert f"of a score, is {sum(gated) / 2:.3f} for lstm and 0.350 for rnn" in found.sentence


@pytest.mark.parametrize(
    ("of_gated", "of_plain", "verdict"), [(0.9, 0.1, AGREES), (0.9, 0.5, AGAINST), (0.4, 0.1, OPEN)]
)
def test_without_gates_what_is_asked_is_lost_or_not(of_gated, of_plain, verdict):
    known = textbook.Known("lstm", of_gated, 98), textbook.Known("rnn", of_plain, 12)
    found = textbook.lost(*known, "the first letter", 100)
    assert found.verdict == verdict
    assert "of 100 sequences, rnn says the first letter right in 12, lstm in 98" in found.sentence


def test_all_checks_are_counted():
    checks = [Check(AGREES, ""), Check(AGREES, ""), Check(AGAINST, ""), Check(OPEN, "")]
    said = "holds 4 sentences that textbooks say of such networks against this record: 2 are as the textbook says"
    assert f"{said}, 1 against it and 1 left open." in textbook.summary(checks)
    assert "2 are as the textbook says and none against it." in textbook.summary(checks[:2])
    assert "1 is as the textbook says" in textbook.summary(checks[:1])
    assert "decides none" in textbook.summary([])
