"""`python -m seqbench.figure`: what is typed, what is written, how it ends."""

import re
from dataclasses import replace
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


@pytest.mark.parametrize("option", ["--width=x", "--format=eps", "--preset=paper"])
def test_what_cannot_be_drawn_is_refused_as_it_is_typed(option: str) -> None:
    with pytest.raises(SystemExit, match=r"^2$"):
        main(["success", "test", option])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--width", "0"], "width=0: it should be a number of inches from 0.5 to 100"),
        (["--font", "1e9"], "font=1e+09: it should be a number of points from 3 to 100"),
        (["--to", "a.gif"], "--to a.gif: a file ends in one of .pdf, .svg, .png; a new folder in /"),
        (["--to", ".pdf"], "--to .pdf: a file ends in one of .pdf, .svg, .png; a new folder in /"),
        (["--arms", ","], "--arms ,: it should be the names of arms, each once"),
        (["--arms", "lstm,lstm"], "--arms lstm,lstm: it should be the names of arms, each once"),
        (["--names", "lstm=a\nb=,"], "--names lstm=a b=,: it should be ARM=NAME,ARM=NAME"),
    ],
)
def test_what_is_wrong_is_told_in_a_line(words: list[str], told: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["success", "test", *words]) == 2
    assert capsys.readouterr().err == f"seqbench: {told}\n"
    assert not [*Path().iterdir()]


def test_a_width_without_room_is_answered_with_the_least_that_has_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["success", "test", "--width", "0.6"]) == 2
    line = capsys.readouterr().err
    told = re.fullmatch(
        r"seqbench: text of 8 pt has no room in a width of 0.6 inches; it takes (\S+) inches, or smaller type\n", line
    )
    assert told is not None, line
    assert main(["success", "test", "--width", told[1]]) == 0


def test_an_existing_folder_is_one_whatever_it_is_called() -> None:
    Path("fig.pdf").mkdir()
    assert main(["success", "test", "--to", "fig.pdf"]) == 0
    assert Path("fig.pdf/success.pdf").is_file()


def test_letters_that_the_font_has_not_are_named_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["success", "test", "--names", "lstm=漢字 LSTM"]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("has no 漢字: figures have boxes there")


def test_arms_of_which_no_run_came_to_a_result_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = small(seeds=range(2))
    crashed = whole.runs.arm == "lstm"
    runs = whole.runs.assign(
        status=whole.runs.status.mask(crashed, "FAILED"), outcome=whole.runs.outcome.mask(crashed, None)
    )
    monkeypatch.setattr(results, "load", lambda _: replace(whole, runs=runs))
    assert main(["success", "test", "--arms", "lstm,rnn"]) == 0
    assert capsys.readouterr().err == "seqbench: not drawn, because the record has nothing of it here: lstm\n"
    assert main(["success", "test", "--arms", "lstm"]) == 2
    assert capsys.readouterr().err == "seqbench: there is nothing to draw: no run of lstm has come to a result\n"
