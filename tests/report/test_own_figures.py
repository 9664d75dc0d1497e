"""Figures of one's own: drawn after the others from a folder, and one that raises does not take the report with it."""

import json
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from reports import bare_page, small, text_of
from seqbench import report
from seqbench.analysis.findings import findings
from seqbench.record import results
from seqbench.record.values import no_slots
from seqbench.report import __main__ as command
from seqbench.report import traces, write_report
from seqbench.report.drawn import Drawn
from seqbench.report.figures.draw import draw
from seqbench.report.page import page

CONTRIBUTING = Path(__file__).parents[2] / "CONTRIBUTING.md"
RAISES = "def plots(findings):\n    raise ValueError('no such column')\n"
WHOLE = small(gaps=(10,), seeds=[0])
RECORD = replace(WHOLE, lags=WHOLE.lags.iloc[:0], curves=WHOLE.curves.iloc[:0], slots=no_slots())
"""A record with few figures."""


def example() -> str:
    """The figure that CONTRIBUTING shows."""
    section = CONTRIBUTING.read_text(encoding="utf-8").split("## A figure\n")[1].split("\n## ")[0]
    return textwrap.dedent(section.split("```python\n")[1].split("```")[0])


@pytest.fixture
def study(tmp_path: Path) -> Path:
    """A folder of one's own with a figure that can be drawn and one that cannot."""
    folder = tmp_path / "study" / "figures"
    folder.mkdir(parents=True)
    (folder / "mine.py").write_text(example(), encoding="utf-8")
    (folder / "broken.py").write_text(RAISES, encoding="utf-8")
    return tmp_path / "study"


def test_the_example_is_short_and_drawn_after_the_others(study: Path, tmp_path: Path) -> None:
    assert len(example().splitlines()) < 25
    markup = write_report(findings(RECORD), tmp_path / "report", own_figures=study / "figures").read_text(
        encoding="utf-8"
    )
    drawings = json.loads((tmp_path / "report/manifest.json").read_text(encoding="utf-8"))["figures"]
    assert list(drawings)[-1] == "seconds"
    assert (tmp_path / "report/figures/seconds.pdf").exists()
    assert markup.index('id="seconds"') > markup.index('id="success"')


def test_a_figure_that_raises_is_named_on_the_page_and_on_standard_error(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(results, "load", lambda _: RECORD)
    monkeypatch.setattr(traces, "looked_into", lambda _: ())
    monkeypatch.setattr("sys.path", sys.path.copy())
    folder = tmp_path / "reports"
    assert command.main(["synthetic", "--folder", str(folder), "--config-dir", str(study)]) == 0
    told = capsys.readouterr()
    assert told.out == f"report: {folder / 'synthetic' / 'index.html'}\n"
    (line,) = told.err.splitlines()
    for part in ("left out", "broken", "broken.py", "no such column"):
        assert part in line
    page = (folder / "synthetic" / "index.html").read_text(encoding="utf-8")
    assert "no such column" in page
    assert 'id="seconds"' in page
    assert {path.stem for path in (folder / "synthetic/figures").glob("*")} >= {"seconds", "success"}


def test_without_a_folder_of_figures_the_report_is_as_ever(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(findings(RECORD), tmp_path / "one", own_figures=tmp_path / "nothing")
    assert capsys.readouterr().err == ""
    assert "left out" not in text_of(bare_page(RECORD))


def test_a_figure_that_cannot_be_rendered_or_bears_a_taken_name_is_left_out(study: Path) -> None:
    (study / "figures/broken.py").unlink()
    unrendered = (
        example().replace('"seconds", "', '"other", "').replace("axes.legend()", "axes.get_figure().draw = None")
    )
    (study / "figures/signs.py").write_text(unrendered, encoding="utf-8")
    (study / "figures/twice.py").write_text(example(), encoding="utf-8")
    plots, (odd, taken) = draw(findings(RECORD), study / "figures")
    names = [plot.name for plot in plots]
    assert (names.count("seconds"), names.count("other")) == (1, 0)
    assert "signs.py" in odd
    assert "there is a figure 'seconds' already" in taken


def test_what_was_left_out_is_text_and_no_markup() -> None:
    markup = page(findings(RECORD), Drawn(left_out=["left out: mine (mine.py): <b>odd</b>"]))
    assert "A figure was left out: mine (mine.py): &lt;b&gt;odd&lt;/b&gt;" in markup


ODD = {
    "leaves": "raise SystemExit(5)",
    "outside": "yield Plot('../outside', 't', ['c'], Figure(), ())",
    "letters": "yield Plot('letters', 't', 'one text', Figure(), ())",
    "numbers": "yield Plot('numbers', 't', ['c'], Figure(), (1, 2))",
}


@pytest.mark.parametrize("name", ODD)
def test_whatever_a_figure_does_it_is_left_out_and_the_report_stands(name: str, tmp_path: Path) -> None:
    head = "from matplotlib.figure import Figure\nfrom seqbench.report.figures.plot import Plot\n"
    (tmp_path / f"{name}.py").write_text(f"{head}def plots(found):\n    {ODD[name]}\n    yield\n", encoding="utf-8")
    plots, (line,) = draw(findings(RECORD), tmp_path)
    assert name in line
    assert "success" in [plot.name for plot in plots]


def test_a_figure_that_writes_into_its_frames_changes_nothing_else(tmp_path: Path) -> None:
    spoils = "def plots(found):\n    found.runs['outcome'] = 'spoilt'\n    return iter(())\n"
    (tmp_path / "spoils.py").write_text(spoils, encoding="utf-8")
    found, before = findings(RECORD), RECORD.runs.outcome.tolist()
    assert draw(found, tmp_path)[1] == []
    assert found.runs.outcome.tolist() == before


def test_a_page_counts_as_written_only_if_it_and_its_manifest_are_there(tmp_path: Path) -> None:
    page = write_report(findings(RECORD), tmp_path)
    ids = list(RECORD.runs.run_id)
    assert report.page_of(tmp_path, ids) == page
    assert report.page_of(tmp_path, ids[1:]) is None
    (tmp_path / "manifest.json").write_text("[]", encoding="utf-8")
    assert report.page_of(tmp_path, ids) is None
    write_report(findings(RECORD), tmp_path)
    page.unlink()
    assert report.page_of(tmp_path, ids) is None
