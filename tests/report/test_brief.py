"""A report in brief has all words and one figure, and says how the others are drawn."""

import math
import re
from dataclasses import replace
from pathlib import Path

import pytest
from of_words import GOOD, text

from reports import small
from seqbench.analysis.findings import findings
from seqbench.report import brief, on_disk

RECORD = small(seeds=range(2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return brief.write_brief(findings(RECORD), tmp_path_factory.mktemp("brief"), ["loss"]).parent


def test_it_draws_the_first_figure_and_names_each_other_beside_one_command(folder: Path) -> None:
    markup = folder.joinpath("index.html").read_text(encoding="utf-8")
    assert re.findall(r'<figure id="(\w+)"', markup) == ["success"]
    assert markup.count(f"python -m seqbench.figure NAME {RECORD.experiment}") == 1
    named = set(re.findall(r"<li><code>(\w+)</code>: ", markup))
    assert {"loss", "gradient_by_lag", "time_to_solve"} <= named
    assert "success" not in named
    assert "<h2>What is asked</h2>" in markup
    assert "vanishing gradient" in markup


def test_its_files_are_there_and_no_others_are_linked_to(folder: Path) -> None:
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert files >= {"index.html", "manifest.json", "summary.csv", "figures/loss.svg"}
    assert not files & {"metrics.parquet", "figures/success.svg", "figures/loss.pdf"}
    assert on_disk.whole_in(folder)
    markup = folder.joinpath("index.html").read_text(encoding="utf-8")
    linked = set(re.findall(r'href="([^"#:]+)"', markup))
    assert linked <= files
    assert "summary.csv" in linked


def test_large_tables_are_left_out_and_equal_records_give_equal_bytes(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = brief.write_brief(findings(small(seeds=range(2))), tmp_path / "again", ["loss"])
    assert all(
        file.read_bytes() == (page.parent / file.relative_to(folder)).read_bytes() for file in folder.rglob("*.*")
    )
    monkeypatch.setattr(brief, "MOST", 0)
    page = brief.write_brief(findings(RECORD), tmp_path / "none")
    assert {path.name for path in page.parent.iterdir()} == {"index.html", "manifest.json"}
    assert "summary.csv" in page.read_text(encoding="utf-8")


def test_a_question_whose_figures_are_all_elsewhere_has_no_empty_section(tmp_path: Path) -> None:
    record = text(GOOD)
    unstopped = replace(record, runs=record.runs.assign(steps_to_solve=math.nan))
    markup = brief.write_brief(findings(unstopped), tmp_path).read_text(encoding="utf-8")
    assert "<li><code>loss</code>: " in markup
    assert re.findall(r"<h2>([^<]*)</h2>\s*</section>", markup) == []


def test_a_figure_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(LookupError, match="no figure sucess; there are success,"):
        brief.write_brief(findings(RECORD), tmp_path, ["sucess"])
