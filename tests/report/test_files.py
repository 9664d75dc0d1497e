"""The files of a report: which there are, what they hold, and that the same record gives the same bytes."""

import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest
import synthetic

from reports import small
from seqbench.analysis.findings import findings
from seqbench.analysis.sizes import TIME_CONSTANTS
from seqbench.record import archive
from seqbench.record.values import no_slots
from seqbench.report import files, write_report

DRAWN = {
    "task", "success", "time_to_solve", "growth", "loss", "slots", "gradient_by_lag", "gradient_by_lag_cell", "flow",
    "flow_snapshots", "gradient_laws", "gradient_laws_cell", "decay_and_reach", "gradient_norm", "gradient_blocks",
    "trace_best", "trace_worst",
}  # fmt: skip
"""Every core of this record states its step, and nothing was searched."""


def test_every_part_of_the_report_is_written(written: Path) -> None:
    names = {str(path.relative_to(written)) for path in written.rglob("*") if path.is_file()}
    drawings = {f"figures/{name}.{suffix}" for name in DRAWN for suffix in ("svg", "pdf")}
    texts = {f"{name}.{suffix}" for name in ("summary", "log_rank") for suffix in ("csv", "md", "tex")}
    tabular = {"runs.csv", "bounds.csv", "laws.csv", "correlations.csv", "metrics.parquet"} | texts
    assert names == {"index.html", "manifest.json"} | tabular | drawings


def test_drawings_are_well_formed_and_bear_no_date(written: Path) -> None:
    for path in written.glob("figures/*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
        assert "<dc:date>" not in path.read_text(encoding="utf-8")
    for path in written.glob("figures/*.pdf"):
        assert path.read_bytes().startswith(b"%PDF")
        assert b"CreationDate" not in path.read_bytes()


def test_the_same_record_gives_the_same_bytes_and_figures_of_an_earlier_one_do_not_survive(tmp_path: Path) -> None:
    record = small(arms=("rnn",), gaps=(10,), seeds=[0])
    without_lags = replace(record, lags=record.lags.iloc[:0], curves=record.curves.iloc[:0], slots=no_slots())
    for folder in ("one", "two"):
        write_report(findings(record), tmp_path / folder, synthetic.traces(record))
    written, again = (contents(tmp_path / folder) for folder in ("one", "two"))
    assert len(written) > 10
    assert written == again
    write_report(findings(without_lags), tmp_path / "two")
    assert {path.stem for path in (tmp_path / "two/figures").iterdir()} == {"success"}


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_report_of_an_archive_needs_no_store_no_configuration_and_no_training(tmp_path: Path) -> None:
    record = small(arms=("rnn",), gaps=(10,), seeds=[0])
    points = record.curves.astype({"run_id": "category", "metric": "category"})
    (tmp_path / archive.NAME).write_bytes(archive.content(replace(record, metrics=points)))
    program = (
        "import sys; from pathlib import Path; from seqbench.analysis.findings import findings; "
        "from seqbench.record import results; from seqbench.report import write_report; "
        f"print(write_report(findings(results.load(Path({str(tmp_path)!r}))), Path({str(tmp_path / 'again')!r}))); "
        "print(sorted({'mlflow', 'torch', 'hydra', 'seaborn'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(tmp_path / "again/index.html"), "[]"]


def test_runs_csv_has_a_row_per_run_and_every_column(written: Path) -> None:
    runs = pd.read_csv(written / "runs.csv")
    assert len(runs) == 120
    assert list(runs.columns) == [*synthetic.record().runs.columns, *TIME_CONSTANTS]


def test_summary_csv_has_a_row_per_task_arm_and_gap(written: Path) -> None:
    summary = pd.read_csv(written / "summary.csv").set_index(["task", "arm", "gap"])
    assert len(summary) == 2 * 3 * 4
    cell = summary.loc["adding", "lstm", 50]
    assert (cell.solved, cell.finished, cell.not_finished) == (3, 4, 1)
    assert (cell.wilson_low, cell.wilson_high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (cell.budget, cell.parameters, cell.load) == (2000, 17985, 2)


def test_the_manifest_traces_every_figure_to_its_runs(written: Path) -> None:
    manifest = json.loads(written.joinpath("manifest.json").read_text(encoding="utf-8"))
    known = {run["run_id"] for run in manifest["runs"]}
    assert len(known) == 120
    assert set(manifest["figures"]) == DRAWN
    assert all(set(used) <= known for used in manifest["figures"].values())
    assert len(manifest["figures"]["success"]) == 119
    assert all("-gap100-" in run for run in manifest["figures"]["gradient_by_lag"])
    assert manifest["plan"]["gap"] == [10, 20, 50, 100]
    assert manifest["plan"]["missing"] == [{"task": "adding", "arm": "lstm", "gap": 50, "seed": 2}]
    assert manifest["versions"]["torch"] == ["2.13.0"]
    assert manifest["git_revision"] == ["0123456789abcdef"]


# Findings as tables


def test_findings_are_tables_where_they_have_rows() -> None:
    record = small()
    numbers = {f"{name}.csv" for name in files.NUMBERS}
    content = files.content(findings(record))
    assert content.keys() & numbers == {"bounds.csv", "laws.csv", "correlations.csv"}
    bounds = pd.read_csv(io.BytesIO(content["bounds.csv"])).set_index(["task", "arm", "bound"])
    assert not bounds.crossed["copy", "rnn", "path"]
    correlations = pd.read_csv(io.BytesIO(content["correlations.csv"])).set_index("task")
    assert correlations.arms["copy"] == 2
    assert (
        not numbers & files.content(findings(replace(small(seeds=[0], gaps=(10,)), lags=record.lags.iloc[:0]))).keys()
    )


def test_a_table_for_texts_comes_and_goes_with_its_markdown_and_latex() -> None:
    kinds = {"log_rank.csv", "log_rank.md", "log_rank.tex"}
    assert kinds <= files.content(findings(small(gaps=(10,)))).keys()
    assert not kinds & files.content(findings(small(arms=("rnn",), gaps=(10,)))).keys()
