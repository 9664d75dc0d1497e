"""The answer in a sentence."""

import json
from dataclasses import replace

import pandas as pd

from reports import GAPS, SEEDS, all_cells, small
from seqbench.analysis import answers
from seqbench.analysis import cells as tables
from seqbench.analysis.findings import findings


def test_the_answer_names_who_got_farthest_and_changes_with_the_data() -> None:
    cells = tables.summary_table(small().runs)
    assert answers.of_grid("copy", cells).startswith("On copy, lstm got farthest")
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    cells = tables.summary_table(small(outcomes=swapped).runs)
    assert answers.of_grid("copy", cells).startswith("On copy, rnn got farthest")
    cells = tables.summary_table(small(outcomes=all_cells("solved")).runs)
    told = answers.of_grid("copy", cells)
    assert told == (
        "On copy, the gaps do not tell rnn and lstm apart: of each, at least half of the runs succeeded at every gap "
        "tested, up to 50."
    )


def test_one_gap_that_an_arm_did_not_solve_reads_as_a_sentence() -> None:
    cells = tables.summary_table(small(arms=("rnn", "lstm"), gaps=(50,)).runs)
    assert answers.reached("copy", cells) == (
        "On copy, at least half of the runs succeeded: rnn at no gap (only 50 was tested); lstm at gap 50, the only "
        "one tested."
    )


def test_what_a_record_answers_is_a_sentence_for_each_task_and_one_for_its_claims() -> None:
    record = small(tasks=("copy", "adding"))
    claims = pd.Series("[]", index=record.runs.index)
    failed = record.runs.index[record.runs.outcome == "unsolved"][0]
    claims[failed] = json.dumps([["memory", "rnn", "fails"]])
    told = answers.told(findings(replace(record, runs=record.runs.assign(claims=claims))))
    assert [sentence.partition(", ")[0] for sentence in told[:2]] == ["On adding", "On copy"]
    assert told[2:] == ["1 of 1 claims came out as expected."]
