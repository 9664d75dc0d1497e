"""`python -m seqbench.figure`: what is typed, what is written, how it ends."""

from pathlib import Path

import pytest

from reports import small
from seqbench.config import ConfigError
from seqbench.figure import typed
from seqbench.figure.__main__ import main
from seqbench.record import results


@pytest.fixture(autouse=True)
def record(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working folder, and a record of the experiment `test`."""
    found = {"test": small(seeds=range(2))}
    monkeypatch.setattr(results, "load", found.__getitem__)


def test_text_stays_text_and_the_same_command_gives_the_same_bytes() -> None:
    command = ["success", "test", "--format", "svg,pdf,png", "--names", "lstm=LSTM"]
    assert main([*command, "--to", "a"]) == main([*command, "--to", "b"]) == 0
    files = {file.name: file.read_bytes() for file in Path("a").iterdir()}
    assert set(files) == {"success.svg", "success.pdf", "success.png"}
    assert all((Path("b") / name).read_bytes() == content for name, content in files.items())
    assert b">LSTM</text>" in files["success.svg"]
    assert b"/FontFile2" in files["success.pdf"]  # a font of TrueType: letters, and no outlines


def test_a_file_name_says_its_format(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["success", "test", "--to", "paper/fig1.svg", "--preset", "slide"]) == 0
    assert [file.name for file in Path("paper").iterdir()] == ["fig1.svg"]
    assert capsys.readouterr().out == "figure: paper/fig1.svg\n"
    assert 'width="720pt"' in Path("paper/fig1.svg").read_text()


def test_a_wrong_name_gives_a_line_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["horizon", "test"]) == 2
    line = capsys.readouterr().err
    assert line.startswith("seqbench: no figure 'horizon' of this record; there are success, time_to_solve,")
    assert len(line.splitlines()) == 1


def test_the_label_of_an_arm_may_have_commas_and_equals_signs() -> None:
    known = ["lstm", "lstm, hidden_size=32", "rnn"]
    assert typed.arms("lstm, hidden_size=32,rnn,lstm", known) == ["lstm, hidden_size=32", "rnn", "lstm"]
    assert typed.arms("rnn, lstmx", known) == ["rnn", "lstmx"]
    told = typed.names("lstm, hidden_size=32=LSTM, small, rnn=Elman, 1990", known)
    assert told == {"lstm, hidden_size=32": "LSTM, small", "rnn": "Elman, 1990"}
    with pytest.raises(ConfigError, match="ARM=NAME"):
        typed.names("lstm", known)


@pytest.mark.parametrize("option", ["--width=0", "--font=nan", "--format=eps", "--preset=paper"])
def test_what_cannot_be_drawn_is_refused_as_it_is_typed(option: str) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["success", "test", option])
