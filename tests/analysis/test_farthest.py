"""Who got farthest and least far, also where arms were tested at different gaps: each order worked out by hand."""

from dataclasses import replace
from math import inf

import pandas as pd
import pytest
from searches import board, frame

from seqbench.analysis import farthest
from seqbench.analysis.farthest import Reach

Counts = dict[int, tuple[int, int]]
"""Solved and finished runs by gap."""


def cells(**arms: Counts) -> pd.DataFrame:
    rows = [(arm, gap, *counts) for arm, own in arms.items() for gap, counts in own.items()]
    return pd.DataFrame(rows, columns=["arm", "gap", "solved", "finished"])


def placed(**arms: Counts) -> tuple[list[str], ...]:
    """Arms that are farthest, least far and not placed."""
    found = farthest.order(farthest.on_grid(cells(**arms)))
    return tuple([arm for one in part for arm in one.arms] for part in found)


ALL, NONE = (4, 4), (0, 4)
RNN, LSTM = {5: ALL, 10: NONE, 20: NONE}, {5: ALL, 10: ALL, 20: NONE}
CHRONO = {5: ALL, 10: ALL, 20: ALL, 40: ALL}


@pytest.mark.parametrize(
    ("arms", "expected"),
    [
        # One run at one gap: gru reaches at least 20, as far as anybody knows. That is less than 40 and may be more.
        ({"gru": {20: (1, 1)}, "rnn": RNN, "lstm": LSTM, "chrono": CHRONO}, (["chrono"], ["rnn"], ["gru"])),
        # Whoever bridged only what all others bridged may be anywhere.
        ({"gru": {5: ALL}, "rnn": RNN, "lstm": LSTM}, (["lstm"], ["rnn"], ["gru"])),
        # gru failed at 20 alone: it reached no farther than 20, and may have reached less than 5.
        ({"gru": {20: NONE}, "rnn": RNN, "chrono": CHRONO}, (["chrono"], ["rnn"], ["gru"])),
        # It failed at the shortest gap of all: nobody reached less far.
        ({"gru": {5: NONE}, "rnn": RNN, "chrono": CHRONO}, (["chrono"], ["gru"], [])),
        # Nobody was seen to fail: none is least far.
        ({"rnn": {10: ALL}, "lstm": {10: ALL, 100: ALL}}, (["lstm"], [], ["rnn"])),
        # Nobody was seen to succeed, each at gaps of its own: none is farther than another.
        ({"rnn": {10: NONE}, "lstm": {100: NONE}}, (["rnn", "lstm"], [], [])),
        # The same gaps: all that fail are least far, and all that succeed farthest.
        ({"rnn": {10: NONE}, "gru": {10: ALL}, "lstm": {10: ALL}}, (["gru", "lstm"], ["rnn"], [])),
        # Success that does not fall with the gap: pooled, it is lost between 20 and 40.
        ({"rnn": RNN, "gru": {5: ALL, 10: (1, 4), 20: ALL, 40: NONE}}, (["gru"], ["rnn"], [])),
    ],
)
def test_an_open_end_makes_nobody_farthest_or_least_far(
    arms: dict[str, Counts], expected: tuple[list[str], ...]
) -> None:
    assert placed(**arms) == expected
    assert placed(**dict(reversed(arms.items()))) == expected  # whoever is asked first


def test_an_arm_without_a_finished_run_has_no_place() -> None:
    assert [one.arms for one in farthest.on_grid(cells(rnn=RNN, gru={20: (0, 0)}))] == [("rnn",)]


def test_the_ends_of_arms_with_the_same_words_hold_for_all_of_them() -> None:
    """Half of the runs at 10 is enough for both; success of the second is lost at 10 itself."""
    (reach,) = farthest.on_grid(cells(rnn={10: ALL, 20: NONE}, gru={10: (2, 4), 20: NONE}))
    assert reach == Reach(10, 20, ("rnn", "gru"), "up to gap 10, not at 20")


def test_a_search_that_was_never_beaten_says_no_more_than_its_longest_gap() -> None:
    """Both solved all they were asked; one was asked up to 400, the other up to 200."""
    (far,), (near,) = board(frame(10_000)), board(frame(10_000, "gru"))
    near = replace(near, arm="gru", search=replace(near.search, max_gap=200))
    far_reach, near_reach = farthest.by_search([far, near])
    assert (far_reach.low, far_reach.high) == (400, inf)
    assert (near_reach.low, near_reach.high) == (200, inf)
    found = farthest.order([near_reach, far_reach])
    assert (found.farthest, found.least, found.unplaced) == ([far_reach], [], [near_reach])


@pytest.mark.parametrize(
    ("alike", "others", "told"),
    [
        (["a"], [], "a"),
        (["a", "b"], [], "a and b"),
        (["a", "b", "c"], [], "all 3 tasks"),
        (["a", "b", "c, load=2"], ["d, load=3"], "all tasks but d (load=3)"),
        (["a", "b, load=2"], ["c"], "a and b (load=2)"),
        (["a, load=2", "b, load=2"], ["c"], "a and b (each with load=2)"),
    ],
)
def test_tasks_of_one_result_are_named_together_and_many_by_those_that_are_left(
    alike: list[str], others: list[str], told: str
) -> None:
    far, near = Reach(10, 20, ("rnn",), "up to 10"), Reach(5, 10, ("rnn",), "up to 5")
    orders = {task: farthest.order([far]) for task in alike} | {task: farthest.order([near]) for task in others}
    assert farthest.listed(orders, lambda it: it.farthest).startswith(f"rnn on {told}, up to 10")
