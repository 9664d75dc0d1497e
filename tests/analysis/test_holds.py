"""How far arms hold beyond the gap of their training: the table, the sentence of the first page, section and figure."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import caption, drawn_by, page_of, text_of
from seqbench.analysis import holds
from seqbench.analysis.findings import findings
from seqbench.analysis.holds import with_interval


def record(arms, *, gaps=(10,), tasks=("copy",), last=64):
    """Runs by arm with these holds, at each gap of each task; they were tested at twice that, or to the `last`."""
    seeds = range(len(next(iter(arms.values()))))
    whole = synthetic.record(arms=list(arms), tasks=tasks, gaps=gaps, seeds=seeds)
    held = [float(arms[run.arm][run.seed]) for run in whole.runs.itertuples()]
    tested = [min(max(1, 2 * hold), last) for hold in held]
    outcome = ["solved" if hold else "unsolved" for hold in held]
    return replace(whole, runs=whole.runs.assign(hold_multiple=held, hold_tested=tested, outcome=outcome))


def table(*arguments, **settings):
    return findings(record(*arguments, **settings)).hold


def told(*arguments, **settings):
    return [with_interval(row) for _, row in table(*arguments, **settings).iterrows()]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ([1, 1, 2, 2, 4, 8, 64, 64], "4 (1 to 64 or more)"),
        ([0, 0, 1, 1, 2, 2, 4, 4], "2 (not learned to 4)"),
        ([64] * 8, "64 or more (64 or more to 64 or more)"),
        ([0] * 8, "not learned (not learned to not learned)"),
        ([8, 64, 64, 64, 64], "64 or more"),  # five runs bound no median
        ([1, 2, 2, 2, 2, 2, 2, 4, 4], "2 (2 to 4)"),  # of nine, the second from below and from above
    ],
)
def test_the_median_stands_with_its_interval_and_what_was_not_seen_to_fail_is_that_or_more(held, words):
    assert told({"lstm": held}) == [words]


def test_a_cell_tells_how_many_of_its_runs_have_not_learned_their_own_gap():
    (row,) = table({"lstm": [0, 0, 2, 4, 4, 64]}).itertuples()
    assert (row.hold, row.low, row.high, row.limit, row.runs, row.not_learned) == (4, 0, 64, 64, 6, 2)


def test_where_every_run_failed_somewhere_nothing_is_open():
    (row,) = table({"lstm": [1, 2, 4]}).itertuples()
    assert row.limit == np.inf


def test_a_core_that_is_tested_to_a_shorter_multiple_is_open_from_there():
    assert told({"attention": [16, 8, 16, 16, 16, 16]}, last=16) == ["16 or more (8 to 16 or more)"]


def test_a_core_that_takes_no_longer_sequences_is_named_and_has_no_hold():
    found = table({"unshared": [1] * 6, "lstm": [1] * 6}, last=1)
    found = found.assign(limit=[np.inf if arm == "lstm" else 1 for arm in found.arm])
    assert holds.untested(found) == ["unshared"]
    assert [with_interval(row) for _, row in found.iterrows()] == ["1 (1 to 1)", "not tested"]
    assert holds.sentences(found[found.arm == "unshared"]) == []


def test_a_record_from_before_and_one_without_training_have_no_hold():
    assert findings(synthetic.record()).hold.empty
    assert findings(synthetic.without_training(record({"lstm": [0] * 6}))).hold.empty
    assert drawn_by("hold", synthetic.record()) == {}


# -- the first page ----------------------------------------------------------------------------------------

RULE = ", by the longest multiple of it that half of the runs still solve: "
HEAD = "Holding farthest beyond the gap of its training{}" + RULE


@pytest.mark.parametrize(
    ("arms", "sentence"),
    [
        (
            {"rnn": [1, 1, 2], "lstm": [4, 4, 8], "gru": [64, 64, 64]},
            "gru on copy, 64 times or more. No farther than trained: rnn.",
        ),
        ({"rnn": [2, 2, 2], "lstm": [2, 2, 2]}, "rnn and lstm on copy, 2 times its gap."),
        ({"rnn": [0, 0, 64], "lstm": [2, 2, 0]}, "lstm on copy, 2 times its gap."),  # rnn has not learned it
    ],
)
def test_arms_are_ordered_by_their_medians_and_those_that_have_not_learned_the_gap_are_not_compared(arms, sentence):
    assert holds.sentences(table(arms)) == [HEAD.format(", 10") + sentence]


def test_where_no_median_is_above_the_gap_that_is_all_there_is_to_say():
    (told,) = holds.sentences(table({"rnn": [1, 1, 2], "lstm": [0, 1, 1]}))
    assert told == "No arm holds beyond the gap of its training, 10: half of its runs solve no multiple of it."


def test_it_is_told_of_the_longest_gap_that_some_arm_has_learned():
    whole = record({"lstm": [4, 4, 4]}, gaps=(10, 20, 50))
    runs = whole.runs.assign(hold_multiple=whole.runs.hold_multiple.mask(whole.runs.gap == 50, 0))
    (told,) = holds.sentences(findings(replace(whole, runs=runs)).hold)
    assert told == HEAD.format(", 20") + "lstm on copy, 4 times its gap."


def rows(**arms):
    """Of the table, by arm the median hold on each task: adding, copy, order."""
    told = [(task, arm, hold) for arm, own in arms.items() for task, hold in zip(TASKS, own, strict=True)]
    return pd.DataFrame(told, columns=["task", "arm", "hold"]).assign(gap=10, limit=np.inf)


TASKS = ("adding", "copy, min_gap=1", "order")


def test_of_several_tasks_only_the_farthest_are_named_equal_ones_together_and_who_holds_nowhere_once():
    (told,) = holds.sentences(rows(rnn=[1, 1, 0], gru=[2, 2, 1], lstm=[1, 2, 1], tcn=[1, 1, 1], none=[0, 0, 0]))
    assert told == HEAD.format(", 10") + (
        "gru on adding, 2 times its gap; gru and lstm on copy (min_gap=1), 2 times its gap. "
        "No farther than trained on every task that they have learned: rnn and tcn."
    )
    (told,) = holds.sentences(rows(rnn=[1, 1, 1], gru=[4, 4, 4]))
    assert told == HEAD.format(", 10") + (
        "gru on all 3 tasks, 4 times its gap. No farther than trained on every task that it has learned: rnn."
    )


def test_the_gap_stands_beside_each_task_where_tasks_differ_in_it():
    table = rows(gru=[4, 2, 2])
    (told,) = holds.sentences(table.assign(gap=table.task.map({"adding": 5}).fillna(10).astype(int)))
    assert told.startswith(HEAD.format("") + "gru on adding at gap 5, 4 times its gap; gru on copy (")


def test_where_nobody_has_learned_anything_there_is_no_sentence():
    assert holds.sentences(table({"lstm": [0, 0, 0]})) == []
    assert holds.sentences(findings(synthetic.record()).hold) == []


# -- the report --------------------------------------------------------------------------------------------


def test_the_share_that_holds_falls_with_the_multiple_and_ends_where_nobody_was_tested():
    points = holds.shares(findings(record({"rnn": [0, 1, 1, 2], "lstm": [0, 64, 64, 4]})).held)
    by_arm = {arm: dict(zip(own.multiple, own.share, strict=True)) for arm, own in points.groupby("arm")}
    assert by_arm["rnn"] == {1: 0.75, 2: 0.25, 4: 0}
    assert by_arm["lstm"] == {1: 0.75, 2: 0.75, 4: 0.75, 8: 0.5, 16: 0.5, 32: 0.5, 64: 0.5}


def test_the_page_has_a_table_a_figure_and_the_sentence():
    whole = record({"rnn": [0, 1, 1, 1, 2, 2], "lstm": [64] * 6})
    page = page_of(whole)
    told = text_of(page)
    assert "1 (not learned to 2)" in told
    assert HEAD.format(", 10") + "lstm on copy, 64 times or more. No farther than trained: rnn." in told
    (sentence,) = re.findall(r'<p class="lead">Holding .*?</p>', page)
    assert 'href="#hold"' in sentence
    assert "rnn 1 (not learned to 2); lstm 64 or more" in " ".join(caption("hold", whole).split())
    (plot,) = drawn_by("hold", whole).values()
    assert len(plot.run_ids) == 12
    assert "Beyond the gap of training" in told


def test_tasks_have_rows_of_panels_and_gaps_a_panel_each():
    (plot,) = drawn_by("hold", record({"lstm": [2, 4]}, tasks=("adding", "copy"), gaps=(10, 20))).values()
    assert len(plot.figure.axes) == 4
    assert all(ax.get_xlabel() for ax in plot.figure.axes[-2:])
