"""The parts of fonts that PDFs embed are kept: the files are the same, with whatever there is in the cache."""

import io
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from seqbench.report import fonts, render
from seqbench.report.figures.theme import theme


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the fonts in an empty cache."""
    monkeypatch.setenv("SEQBENCH_CACHE", str(tmp_path))
    return tmp_path / fonts.FOLDER


def pdf(words: str) -> bytes:
    figure = Figure()
    figure.text(0.1, 0.1, words)
    return render.pdf(figure)


def cannot_cut(*_: object) -> None:
    raise AssertionError("it was cut again")


def test_a_font_is_cut_once(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pdf("copy")
    assert len([*kept.iterdir()]) == 1
    monkeypatch.setattr(fonts.backend, "get_glyphs_subset", cannot_cut)
    assert pdf("copy") == first
    with pytest.raises(AssertionError, match="cut again"):
        pdf("adding")


def test_the_file_is_that_of_matplotlib(kept: Path) -> None:
    first, second, figure = pdf("copy"), pdf("copy"), Figure()
    figure.text(0.1, 0.1, "copy")
    by_itself = io.BytesIO()
    with theme(**{"pdf.fonttype": 42}):
        figure.savefig(by_itself, format="pdf", metadata={"CreationDate": None})
    assert first == second == by_itself.getvalue()


def test_what_was_damaged_is_cut_again(kept: Path) -> None:
    whole = pdf("copy")
    (cut,) = kept.iterdir()
    content = cut.read_bytes()
    cut.write_bytes(content[:-1])
    assert pdf("copy") == whole
    assert cut.read_bytes() == content


def test_those_that_were_made_first_go_when_there_are_many(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "MOST", 1)
    pdf("copy")
    (first,) = kept.iterdir()
    pdf("adding")
    (second,) = kept.iterdir()
    assert second != first
