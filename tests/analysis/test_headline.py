"""The answer in two sentences, and whether the gradient vanishes: by stated rules, for all tasks at once."""

from dataclasses import replace

import numpy as np
import pytest
import synthetic
from searches import frame, load_frame, record_of

from reports import all_cells, small
from seqbench.analysis import headline, vanishing
from seqbench.analysis.findings import findings


def test_the_arms_that_got_farthest_and_least_far_are_named_with_their_gaps() -> None:
    """rnn solves up to 15 steps, lstm up to 60, lstm_chrono all: gaps are 10, 20, 50 and 100."""
    record = synthetic.record()
    assert headline.of_gaps(findings(record)) == [
        "Farthest, by the gaps at which at least half of the runs solved the task within 2,000 training steps: "
        "lstm_chrono on adding and copy, at every gap tested, up to 100.",
        "Least far: rnn on adding and copy, up to gap 10, not at 20.",
    ]


def test_arms_that_are_alike_are_not_called_far_or_near() -> None:
    first, second = headline.of_gaps(findings(small(outcomes=all_cells("solved"))))
    assert first.endswith(": rnn and lstm on copy, at every gap tested, up to 50.")
    assert second == "By this, all arms got equally far."


def test_one_arm_alone_is_not_said_to_be_as_good_as_itself() -> None:
    assert len(headline.of_gaps(findings(small(arms=("lstm",), outcomes=all_cells("solved"))))) == 1


def test_without_a_result_that_is_said() -> None:
    assert headline.of_gaps(findings(small(outcomes=all_cells("failed")))) == ["No run has come to a result."]


def test_horizons_are_ordered_by_what_the_runs_say_and_not_by_an_estimate_with_an_open_end() -> None:
    """Three runs that all solve their gaps bound the horizon from below alone: it is not called the nearest."""
    record = record_of(frame(50), frame(10_000, "gru"), frame(10_000, "lstm").head(3))
    found = findings(record)
    (reaches,) = headline.reaches_by_task(found).values()
    (open_ended,) = (entry for entry in found.board if entry.arm == "lstm")
    by_arm = {arm: one for one in reaches for arm in one.arms}
    assert by_arm["lstm"].low == open_ended.found.low < by_arm["rnn"].low
    assert by_arm["lstm"].high == float("inf")
    first, second, third = headline.of_gaps(found)
    assert first.endswith("training steps: gru on copy, > 400.")
    assert second.startswith("Least far: rnn on copy, ")
    assert third == f"Not placed, because their runs leave it open: lstm on copy, {open_ended.told}."


def test_loads_are_carried_and_gaps_are_bridged() -> None:
    found = findings(record_of(load_frame(4.5), load_frame(100, "gru")))
    first, second = headline.of_gaps(found)
    assert first == (
        "Farthest, by the load that half of the runs carry within 1,000 training steps: gru on copy (gap=20), > 16."
    )
    assert second == f"Least far: rnn on copy (gap=20), {found.board[1].told}."
    both, *_ = headline.of_gaps(findings(record_of(load_frame(4.5), frame(50))))
    assert "by the gap that half of the runs bridge and the load that half of the runs carry within" in both


def test_one_run_at_one_gap_beats_nobody() -> None:
    """gru bridged gap 20, the only one that it was asked for; lstm_chrono bridged all up to 100."""
    record = synthetic.record(arms=("rnn", "lstm_chrono", "gru"), tasks=("copy",))
    runs = record.runs
    one = (runs.arm == "gru") & (runs.gap == 20) & (runs.seed == 0)
    _, *said = headline.of_gaps(findings(replace(record, runs=runs[(runs.arm != "gru") | one])))
    assert said == [
        "Least far: rnn on copy, up to gap 10, not at 20.",
        "Not placed, because their runs leave it open: gru on copy, at gap 20, the only one tested.",
    ]


@pytest.mark.parametrize(
    ("left", "said"),
    [
        ({"rnn": -3.01, "lstm": -2.99}, "the gradient vanishes in rnn (just below a thousandth): less than a "
         "thousandth of it reaches the evidence; it does not vanish in lstm (just above a thousandth)."),
        ({"rnn": -7.0, "lstm": -4.0}, "the gradient vanishes in rnn (1·10⁻⁷) and lstm (1·10⁻⁴): less than a thousandth "
         "of it reaches the evidence. That alone does not decide, by the runs at this gap: lstm (2 of 2) bridged this "
         "gap with a gradient that vanishes."),
        ({"rnn": 0.0, "lstm": -1.0}, "the gradient does not vanish in rnn (1.0) and lstm (0.10): a thousandth of it or "
         "more reaches the evidence. That alone does not decide, by the runs at this gap: rnn (0 of 2) did not bridge "
         "this gap with a gradient that does not vanish."),
    ],
)  # fmt: skip
def test_a_gradient_vanishes_below_a_thousandth_of_what_it_was(left: dict[str, float], said: str) -> None:
    """Whom that does not decide is named: of two runs at gap 50, rnn solves none and lstm both."""
    record = small(seeds=range(2))
    runs = record.runs.assign(gradient_at_gap_init=record.runs.arm.map(left))
    (sentence,) = vanishing.sentences(findings(replace(record, runs=runs)))
    assert sentence == f"On copy at gap 50, before training, {said}"


def test_a_gradient_of_a_few_sequences_alone_vanishes_as_one_that_is_zero_does() -> None:
    """Of 0.5, 0.1 % is half of a thousandth."""
    record = small(seeds=range(2))
    rnn = record.runs.arm == "rnn"
    runs = record.runs.assign(gradient_at_gap_init=np.where(rnn, np.nan, np.log10(0.5)), zero_at_gap_init=1.0 * rnn)
    runs = runs.assign(zero_at_gap_init=runs.zero_at_gap_init.mask(~rnn, 0.999))
    (sentence,) = vanishing.sentences(findings(replace(record, runs=runs)))
    assert "the gradient vanishes in rnn (0) and lstm (0.50 [zero in over 99 %]): less" in sentence


def test_nothing_is_said_of_a_gradient_that_was_not_measured() -> None:
    record = small(seeds=[0])
    assert vanishing.sentences(findings(replace(record, lags=record.lags.iloc[:0]))) == []
