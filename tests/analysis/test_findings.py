"""What a record says is computed when it is asked for, and once."""

import pytest
from synthetic import without

from reports import small
from seqbench.analysis import by_lag, entries
from seqbench.analysis import paces as pacing
from seqbench.analysis import reach as reaching
from seqbench.analysis.findings import Findings, findings
from seqbench.report.figures.draw import draw

DEAR = {pacing: "paces", reaching: "correlations_table", by_lag: "bounds_table", entries: "entries"}
"""What resamples, permutes or simulates, or goes through all curves, by its module."""


def test_nothing_is_computed_twice_for_figures_and_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []

    def counted(name, compute):
        return lambda *arguments: calls.append(name) or compute(*arguments)

    for module, name in DEAR.items():
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    found = findings(small(seeds=range(2)))
    assert calls == []
    draw(found)
    for name in vars(Findings):
        getattr(found, name)
    assert sorted(calls) == sorted(DEAR.values())


def test_everything_is_kept() -> None:
    anew = [name for name, attribute in vars(Findings).items() if isinstance(attribute, property)]
    assert anew == []


def test_long_frames_hold_finished_runs_with_their_outcome() -> None:
    record = small(outcomes={("copy", "lstm", 10, 0): "failed", ("copy", "rnn", 10, 0): "diverged"})
    found = findings(record)
    for frame in (found.curves, found.lags, found.slots):
        assert "copy-lstm-gap10-seed0" not in set(frame.run_id)
        assert set(frame.outcome) <= {"solved", "unsolved", "diverged"}
    assert set(found.curves.outcome[found.curves.run_id == "copy-rnn-gap10-seed0"]) == {"diverged"}
    assert len(found.done) == len(without(record, outcome="failed").runs)


def test_the_summary_of_the_grid_leaves_out_what_has_no_gap() -> None:
    record = small()
    assert len(findings(record).grid_summary) == 4
    record.runs["gap"] = record.runs.gap.where(record.runs.arm == "rnn", 0)
    assert set(findings(record).grid_summary.arm) == {"rnn"}
