"""Every column of every file of a report has its unit and its meaning, and nothing else has."""

from collections import defaultdict
from dataclasses import replace
from fnmatch import filter as matching
from pathlib import Path

import of_words
import pandas as pd
import pytest
import spreading
import tunings
from searches import frame, record_of

from reports import small
from seqbench.analysis.by_lag import exact_table, time_constants_table
from seqbench.analysis.findings import findings
from seqbench.analysis.holds import hold_table
from seqbench.horizon.search import Search
from seqbench.record.names import EXACT_APART, FINGERPRINT, TIME_CONSTANT
from seqbench.record.reading import Recorded
from seqbench.record.rows import runs_frame
from seqbench.report import columns, files

PARAMS = {"task": "copy", "arm": "rnn", "gap": "5", "load": "1", "seed": "0"}
SETTINGS = {"training.max_steps": "9", "training.learning_rate": "0.003"}
RECORDED = Recorded("1", "copy", "FINISHED", True, "", PARAMS | SETTINGS, {"solved_by/5": 1.0}, {FINGERPRINT: "f"})
REFERENCES = Path(__file__).parents[2] / "reports/reference"


def stacked(record):
    """The same with a stack's time constants in one run."""
    units = pd.DataFrame({"run_id": record.runs.run_id.head(1), "metric": f"{TIME_CONSTANT}init layer 2", "value": 9.0})
    return replace(record, metrics=units)


def held(found):
    """The runs, each tested at twice its gap."""
    return found.runs.assign(hold_multiple=1.0, hold_tested=2.0)


def over_loads(record):
    """The same searches as if the gaps had been loads."""
    runs, tuning_runs = (each.assign(load=each.gap) for each in (record.runs, record.tuning_runs))
    search = Search(over="load", min_load=5, max_load=400, max_runs=60, budgets=(500, 1000))
    return replace(record, runs=runs, tuning_runs=tuning_runs, searches=dict.fromkeys(record.searches, search))


def surfaces():
    """Searches over the gap at two loads."""
    return record_of(*(frame(50, task=f"copy, load={load}").assign(load=load) for load in (1, 2)))


def tables():
    """Files with their tables, of records that have all of them between them."""
    record = tunings.tuned_record({"rnn": {0.003: 10}}, {})
    at_two_budgets = replace(*record.searches.values(), budgets=(500, 1000))
    searched = findings(stacked(replace(record, searches=dict.fromkeys(record.searches, at_two_budgets))))
    of_loads = findings(over_loads(record))
    gridded, words = findings(stacked(small())), findings(of_words.agreements())
    remembered = gridded.runs.head(2)[["run_id", "task", "arm", "gap"]].assign(metric=f"{TIME_CONSTANT}end", value=9.0)
    yield from ((f"{name}.csv", files.FOR_TEXTS[name](gridded).numbers) for name in ("summary", "log_rank"))
    yield from ((f"{name}.csv", getattr(gridded, name)) for name in ("bounds", "correlations", "laws"))
    for each in (searched, of_loads):
        yield "leaderboard.csv", files.board(each).numbers
        yield "horizons_by_budget.csv", each.horizons_by_budget
        yield "learning_rates.csv", files.learning_rates(each).numbers
    yield "runs.csv", held(gridded)
    yield "hold.csv", hold_table(held(gridded))
    yield "surface.csv", findings(surfaces()).surface
    yield "generalisation.csv", words.generalisation
    yield "effective_context.csv", findings(of_words.text(of_words.GOOD)).effective_context
    yield "time_constants.csv", time_constants_table(remembered, gridded.runs)
    yield "exact.csv", exact_table(remembered.assign(metric=f"{EXACT_APART}end"), gridded.runs)
    spread = findings(spreading.record(seeds=[0]))
    for name in ("spread_by_lag", "hold_predictions", "hold_correlations", "signatures"):
        yield f"{name}.csv", getattr(spread, name)
    yield "runs.csv", gridded.runs
    yield "runs.csv", runs_frame([RECORDED])
    yield "metrics.parquet", gridded.record.curves


@pytest.fixture(scope="module")
def found():
    """The columns of each file."""
    by_file = defaultdict(set)
    for name, table in tables():
        assert len(table), name
        by_file[name] |= set(table.columns)
    return by_file


def test_every_file_is_described(found):
    names = {f"{name}.csv" for name in ("runs", *files.FOR_TEXTS, *files.NUMBERS)} | {"metrics.parquet"}
    assert names == set(found) == set(columns.FILES)


def test_every_column_is_described(found):
    assert [(file, one) for file, own in found.items() for one in own if not columns.described(one, file)] == []


def test_nothing_is_described_that_no_report_has(found):
    for file in REFERENCES.glob("*/*.csv"):
        found[file.name] |= set(pd.read_csv(file, nrows=0).columns)
    stale = [(file, one) for file, own in columns.FILES.items() for one in own if not matching(found[file], one)]
    assert stale == []


def test_what_is_described_is_said():
    assert [(file, one) for file, own in columns.FILES.items() for one, (_, told) in own.items() if not told] == []
