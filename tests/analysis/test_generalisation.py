"""How far beyond its training an arm still gets the verb right."""

import math
from dataclasses import replace

from of_words import AGREEMENT, agreements, fails_beyond

from seqbench.analysis.findings import findings


def test_an_arm_holds_as_far_as_it_meets_the_criterion_with_every_number_of_attractors() -> None:
    table = findings(agreements(fails_beyond)).generalisation.set_index(["task", "arm"])
    lstm = table.loc["agreement, attractors=0", "lstm"]
    assert (lstm.trained_gap, lstm.holds_to_gap, lstm.longest_gap_tested) == (20, 20, 60)
    assert lstm.median_accuracy_at_longest == 0.5
    assert math.isnan(table.holds_to_gap["agreement, attractors=0", "ngram"])


def test_a_gap_at_which_it_holds_again_does_not_count() -> None:
    found = findings(agreements(lambda arm, gap, attractors: 0.5 if gap == 40 else 1.0))
    assert set(found.generalisation.holds_to_gap) == {20}


def test_the_criterion_is_that_of_the_task() -> None:
    record = agreements(lambda *_: 0.9)
    assert findings(record).generalisation.holds_to_gap.isna().all()
    lower = dict.fromkeys(record.tasks, replace(AGREEMENT, level=0.9))
    assert (findings(replace(record, tasks=lower)).generalisation.holds_to_gap == 60).all()
