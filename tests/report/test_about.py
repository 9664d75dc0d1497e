"""Every table of arms has what an arm is beside what it achieved, in columns that can be folded."""

import re
from dataclasses import replace

import pandas as pd
import pytest
import searches
from of_words import GOOD, agreements, fails_beyond, text
from tunings import tuned_record

from reports import bare_page, small
from seqbench.analysis.findings import findings
from seqbench.analysis.sizes import ABOUT
from seqbench.record.names import TIME_CONSTANT
from seqbench.record.values import Record

SECTIONS = {
    "grid": {"answer", "reach", "time-to-solve", "cells"},
    "searches": {"answer", "reach", "time-to-solve", "cells"},
    "tuned": {"answer", "reach", "time-to-solve", "cells", "learning-rates"},
    "text": {"cells", "prediction"},
    "agreement": {"answer", "reach", "time-to-solve", "cells", "verbs"},
}
"""Those whose tables have arms and what they achieved; others name an arm beside what is told of it."""
RECORDS = {
    "grid": small(seeds=range(2)),
    "searches": searches.record_of(searches.frame(20), searches.frame(50, "lstm")),
    "tuned": tuned_record({"rnn": {0.003: 20, 0.01: 50}}, {"rnn": 0.01}),
    "text": text(GOOD),
    "agreement": agreements(fails_beyond, arms=("lstm",)),
}


def known(record: Record) -> Record:
    """A state of 128 numbers, 2.5 ms a step, and three units, which remember 2, 4 and 8 steps."""
    runs = record.runs.assign(parameters=17_985, state_size=128.0, milliseconds_per_step=2.5)
    lacking = RECORDS["grid"].runs.iloc[0].drop(runs.columns, errors="ignore")
    runs = runs.assign(**lacking)
    units = [{"run_id": run, "metric": f"{TIME_CONSTANT}init", "step": unit, "value": 2.0 ** (unit + 1), "arm": arm,
              "task": task, "gap": gap, "seed": seed} for run, arm, task, gap, seed in
             runs[["run_id", "arm", "task", "gap", "seed"]].itertuples(index=False) for unit in range(3)]  # fmt: skip
    return replace(record, runs=runs, metrics=pd.concat([record.metrics, pd.DataFrame(units)], ignore_index=True))


#: Between 1/8, 1/4 and 1/2, rates of forgetting at a tenth, a half and nine tenths: 0.15, 0.25 and 0.45.
TOLD = ["17,985", "128", "2.2 / 4.0 / 6.7", "2.5"]


@pytest.mark.parametrize("name", RECORDS)
def test_every_table_of_arms_says_what_an_arm_is(name: str) -> None:
    markup = bare_page(known(RECORDS[name]))
    sections = dict(re.findall(r'<section id="([\w-]+)">(.*?)</section>', markup, flags=re.DOTALL))
    with_them = {section for section, inside in sections.items() if 'class="number about"' in inside}
    assert with_them == SECTIONS[name]
    for section in with_them:
        for table in re.findall(r"<table.*?</table>", sections[section], flags=re.DOTALL):
            if 'data-other="' not in table:  # a row is a pair of arms
                assert re.findall(r'<th [^>]*class="number about">(.*?)</th>', table) == list(ABOUT)
                rows = re.findall(r"<tr data-arm=.*?</tr>", table, flags=re.DOTALL)
                assert rows
                assert all(re.findall(r'<td class="number about">(.*?)</td>', row) == TOLD for row in rows), section


def test_what_stands_beside_an_arm_is_not_the_arm_but_counts_in_its_cells() -> None:
    """At the common rate a step takes 1 ms, at the arm's own 5."""
    record = RECORDS["tuned"]
    pace = record.runs["training.learning_rate"].astype(float).map({0.003: 1.0, 0.01: 5.0})
    found = findings(replace(record, runs=record.runs.assign(milliseconds_per_step=pace)))
    assert found.about("rnn", "copy")["ms a step"] == found.about("rnn")["ms a step"] == "5.0"
    both = record.runs.groupby("gap")["training.learning_rate"].nunique()
    gap = int(both[both == 2].index[0])
    own = pace[record.runs.gap == gap].median()
    assert float(found.about("rnn", "copy", gap)["ms a step"]) == own < 5
