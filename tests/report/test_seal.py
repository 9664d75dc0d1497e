"""A report that would come out as it is stays as it is; any difference there may be has it written again."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import synthetic

from reports import small
from seqbench.analysis.findings import findings
from seqbench.horizon.search import Search
from seqbench.record import results
from seqbench.record.values import Record, Refusal, no_metrics, no_slots
from seqbench.report import __main__ as command
from seqbench.report import seal, traces, write_report
from seqbench.report.seal import unchanged

WHOLE = small(gaps=(10,), seeds=[0])
POINTS = no_metrics().reindex([0, 1]).assign(step=[1, 2], value=[0.5, 0.25])
RECORD = replace(WHOLE, lags=WHOLE.lags.iloc[:0], curves=WHOLE.curves.iloc[:0], slots=no_slots(), metrics=POINTS)
"""A record with few figures."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report to be copied."""
    return write_report(findings(RECORD), tmp_path_factory.mktemp("original"), synthetic.traces(RECORD)).parent


@pytest.fixture
def report(original: Path, tmp_path: Path) -> Path:
    return shutil.copytree(original, tmp_path / "synthetic")


def files(report: Path) -> dict[str, tuple[bytes, int]]:
    """What each holds, and when it was written."""
    return {
        str(path): (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(report.rglob("*")) if path.is_file()
    }


def edited(report: Path, **changes: object) -> None:
    manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    (report / "manifest.json").write_text(json.dumps(manifest | changes), encoding="utf-8")


def test_the_report_of_the_same_record_is_up_to_date(report: Path) -> None:
    assert unchanged(RECORD, report) == report / "index.html"


DAMAGE: dict[str, Callable[[Path], object]] = {
    "no report": lambda report: report.rename(report.with_name("moved")),
    "a figure is gone": lambda report: (report / "figures/success.pdf").unlink(),
    "a figure is another": lambda report: (report / "figures/success.svg").write_text("<svg/>"),
    "a table is gone": lambda report: (report / "runs.csv").unlink(),
    "the page was edited": lambda report: (report / "index.html").write_text("mine"),
    "the archive is gone": lambda report: (report / "metrics.parquet").unlink(),
    "the archive is no archive": lambda report: (report / "metrics.parquet").write_bytes(b"PAR1"),
    "the manifest was edited": lambda report: edited(report, figures={}),
    "the seal is another": lambda report: edited(report, seal="0" * 64),
    "the seal is no text": lambda report: edited(report, seal=None),
    "no manifest": lambda report: (report / "manifest.json").unlink(),
    "no manifest of ours": lambda report: (report / "manifest.json").write_text("[1]"),
    "half a manifest": lambda report: (report / "manifest.json").write_text('{"seal"'),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_report_that_is_not_as_it_was_written_is_noticed(damage: str, report: Path) -> None:
    DAMAGE[damage](report)
    assert unchanged(RECORD, report) is None


@pytest.mark.parametrize("damages", [["no report"], [damage for damage in DAMAGE if damage != "no report"]])
def test_it_is_as_it_was_when_it_is_written_again(damages: list[str], report: Path) -> None:
    whole = {path: content for path, (content, _) in files(report).items()}
    for damage in damages:
        DAMAGE[damage](report)
    write_report(findings(RECORD), report, synthetic.traces(RECORD))
    assert {path: content for path, (content, _) in files(report).items()} == whole


def test_a_report_from_before_there_were_seals_is_written_again(report: Path) -> None:
    manifest = json.loads((report / "manifest.json").read_text(encoding="utf-8"))
    del manifest["seal"]
    (report / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert unchanged(RECORD, report) is None


CHANGED: dict[str, Record] = {
    "a run more": small(gaps=(10,), seeds=range(2)),
    "a tag of a run": replace(RECORD, runs=RECORD.runs.assign(evidence="another")),
    "the last digit of a point": replace(RECORD, metrics=POINTS.assign(value=[0.5000000000000001, 0.25])),
    "a point fewer": replace(RECORD, metrics=POINTS.iloc[:1]),
    "what a task asks": replace(
        RECORD, tasks={name: replace(facts, level=facts.level / 2) for name, facts in RECORD.tasks.items()}
    ),
    "a refused control": replace(RECORD, refusals=(Refusal("memory", "bag", None),)),
    "a search": replace(RECORD, searches={"one": Search(min_gap=1, max_gap=9)}),
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_record_that_changed_has_its_report_written_again(change: str, report: Path) -> None:
    assert unchanged(CHANGED[change], report) is None


@pytest.mark.parametrize("what", ["_code", "_version"])
def test_another_version_of_the_code_or_of_a_library_writes_it_again(
    what: str, report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(seal, what, lambda *_: "another")
    assert unchanged(RECORD, report) is None


def test_the_code_that_counts_is_every_module_and_template_of_seqbench() -> None:
    code = seal._code()
    assert {"__init__.py", "report/seal.py", "report/page.css", "report/header.html", "report/scripts/start.js"} <= set(
        code
    )
    assert not [name for name in code if "__pycache__" in name]


def test_figures_of_ones_own_are_always_drawn_again(tmp_path: Path) -> None:
    write_report(findings(RECORD), tmp_path / "report", own_figures=tmp_path)
    assert unchanged(RECORD, tmp_path / "report") is None


def test_models_that_could_not_be_looked_into_are_tried_again(report: Path) -> None:
    assert unchanged(RECORD, report) is not None
    write_report(findings(RECORD), report, {})
    assert unchanged(RECORD, report) is None


def test_the_command_leaves_a_report_that_is_up_to_date_and_says_so(
    report: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "load", lambda _: RECORD)
    monkeypatch.setattr(traces, "looked_into", lambda _: ())
    before, words = files(report), ["synthetic", "--folder", str(report.parent)]
    assert command.main(words) == 0
    assert capsys.readouterr().out == f"report: {report / 'index.html'} (nothing has changed since it was written)\n"
    assert files(report) == before
    assert command.main([*words, "--config-dir", str(report)]) == 0
    assert capsys.readouterr().out == f"report: {report / 'index.html'}\n"
    assert files(report) != before
