"""The command that predicts words, and what it refuses."""

import io
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from recording import MLFLOW_WARNINGS, plan_of, put_database, record
from word_runs import AGREEMENT, COPY, NOT_SAVED, OF_COPY

from seqbench.language.tokens import END, UNKNOWN
from seqbench.predict.__main__ import main
from seqbench.predict.sentence import next_words, prompt, surprise

pytestmark = MLFLOW_WARNINGS


def said(capsys, *words):
    """What the command prints, after the line with the run."""
    assert main(words) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return out.splitlines()


def test_the_command_names_its_run_and_lists_the_most_probable_words_with_bars(agreement, capsys):
    title, head, *rows, others = said(capsys, f"run={AGREEMENT.run_name}", "the keys", "that", "--top", "3")
    assert title == f"{agreement.title}, test perplexity {agreement.perplexity:.4g}"
    assert head.split() == ["next", "word", "probability"]
    probabilities = next_words(agreement, prompt(agreement, "the keys that").ids)
    best = np.argsort(-probabilities)[:3]
    assert [row.split()[0] for row in rows] == [agreement.words[id] for id in best]
    assert [float(re.search(r"([\d.]+) %", row)[1]) for row in rows] == [
        round(100 * probabilities[id], 2) for id in best
    ]
    bars = [row.count("█") for row in rows]
    assert bars == sorted(bars, reverse=True)
    assert bars[0] == 40
    assert others.split() == ["303", "others", f"{100 * (1 - probabilities[best].sum()):.2f}", "%"]
    assert all(len(line) <= 80 for line in (head, *rows, others))


def test_unknown_words_are_named_with_what_becomes_of_them(words, agreement, capsys):
    _, line, *_ = said(capsys, "run=s4 lstm text", "the zebra, the gnu, the zebra")
    assert line == "not in the vocabulary: 'zebra', 'gnu', read as <unk>"
    _, line, *_ = said(capsys, f"run={AGREEMENT.run_name}", "the zebra")
    assert line == "not in the vocabulary: 'zebra', left out"


def test_the_list_says_what_unk_and_end_stand_for_and_shows_marks_as_they_are(words, capsys):
    rows = said(capsys, "run=s4 lstm text", "the cat", "--top=100")
    text = "\n".join(rows)
    assert f"{UNKNOWN} (another word)" in text
    assert f"{END} (of the sentence)" in text
    assert len(rows) == 2 + len(words.words)
    assert "others" not in text


def test_characters_that_cannot_be_seen_are_shown_by_their_code(characters, capsys):
    rows = said(capsys, "run=s5 lstm text", "the", "--top=100")
    assert "next character" in rows[1]
    assert {"' '", r"'\n'"} <= {row[:4].strip() for row in rows}


def test_complete_writes_a_readable_sentence_and_takes_its_number_or_the_prompt_after_it(words, capsys):
    run = "run=s4 lstm text"
    _, line = said(capsys, run, "the cat sees [the", "--complete", "3", "--seed", "1", "--temperature=0.5", "--top-k=4")
    assert line.startswith("the cat sees [the")
    again = said(capsys, run, "the cat sees [the", "--complete=3", "--seed=1", "--temperature=0.5", "--top-k=4")
    assert again[1] == line
    assert said(capsys, run, "--complete", "the cat")[1:] == said(capsys, run, "the cat", "--complete")[1:]


def test_interactive_answers_line_by_line_and_goes_on_after_a_line_it_cannot_read(words, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO("the cat\n\nzebra\nthe dog"))
    assert main(["run=s4 lstm text", "--interactive", "--top=2"]) == 0
    out, err = capsys.readouterr()
    assert out.count("next word") == 2
    assert out.count("test perplexity") == 1
    assert re.fullmatch(r"seqbench: no word of the prompt is in the vocabulary of s4 lstm text, .*: 'zebra'\n", err)


def test_surprise_shows_each_word_of_a_file_and_the_mean(words, capsys, tmp_path):
    (tmp_path / "new.txt").write_text("The cat sees\nthe zebra.\n")
    _, head, *rows, _, mean, unknown = said(capsys, "run=s4 lstm text", "--surprise", str(tmp_path / "new.txt"))
    judged = list(surprise(words, ["the", "cat", "sees", "the", "zebra", "."]))
    assert head.split() == ["word", "bits"]
    assert [row.split()[0] for row in rows] == [word.word for word in judged]
    assert [re.search(r"(\d+\.\d\d)", row)[0] for row in rows] == [f"{word.bits:.2f}" for word in judged]
    assert rows[4].startswith("zebra (<unk>)")
    bits = sum(word.bits for word in judged) / 6
    assert mean == f"6 words, {bits:.3f} bits each on average: perplexity {2**bits:,.4g}"
    assert unknown == "1 of 6 not in the vocabulary, read as <unk>"


def refused(capsys, *words):
    """The message; nothing is printed beside it but the run, and nothing is written."""
    before = {file: file.stat().st_mtime_ns for file in Path().rglob("*")}
    assert main(words) == 2
    assert {file: file.stat().st_mtime_ns for file in Path().rglob("*")} == before
    error = capsys.readouterr().err
    assert error.startswith("seqbench: ")
    assert "Traceback" not in error
    return error


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--top=5"], "the prompt is empty"),
        (["", "--complete"], "the prompt is empty"),
        (["  "], "the prompt is empty"),
        (["the", "--top", "0"], "--top: '0' is not allowed; it should be a whole number from 1 upwards"),
        (["the", "--top=many"], "--top: 'many' is not allowed"),
        (["the", "--complete=0"], "--complete: '0' is not allowed; it should be a whole number from 1 upwards"),
        (["the", "--complete", "-2"], "--complete: '-2' is not allowed"),
        (["the", "--complete", "2.5"], "--complete: '2.5' is not allowed"),
        (["the", "--temperature=-0.1"], "--temperature: '-0.1' is not allowed; it should be a number from 0 upwards"),
        (["the", "--temperature=nan"], "--temperature: 'nan' is not allowed"),
        (["the", "--temperature=inf"], "--temperature: 'inf' is not allowed"),
        (["the", "--top-k=0"], "--top-k: '0' is not allowed"),
        (["the", "--seed=-1"], "--seed: '-1' is not allowed"),
        (["the", "--sed=1"], "unrecognized arguments: --sed=1"),
        (["the", "experimet=study"], "did you mean 'experiment'?"),
        (["the", "run="], "it should be run=VALUE"),
        (["the", "--config-dir=nowhere"], "--config-dir: there is no folder nowhere"),
        (["the", "--interactive"], "--interactive and a prompt cannot go together"),
        (["--surprise=story.txt", "--complete"], "--surprise and --complete cannot go together"),
    ],
)
def test_what_makes_no_sense_is_refused_before_anything_is_loaded(folder, capsys, words, problem):
    assert problem in refused(capsys, *words)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (None, "does not exist"),
        (b"", "is empty"),
        (b"the cat \xff", "is not UTF-8 text at byte offset 8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_place(folder, capsys, content, problem):
    if content is not None:
        (folder / "new.txt").write_bytes(content)
    error = refused(capsys, "--surprise", "new.txt")
    assert problem in error
    assert "new.txt" in error


def test_a_file_without_words_or_without_known_words_has_no_mean(record_folder, capsys, tmp_path):
    (tmp_path / "blank.txt").write_text(" \n")
    (tmp_path / "unknown.txt").write_text("xyzzy plugh")
    run = f"run={AGREEMENT.run_name}"
    assert "the text has no words" in refused(capsys, run, "--surprise", str(tmp_path / "blank.txt"))
    assert "no word that is in the vocabulary" in refused(capsys, run, "--surprise", str(tmp_path / "unknown.txt"))


def test_a_prompt_of_unknown_words_only_is_refused_with_the_words(record_folder, capsys):
    for run in (AGREEMENT.run_name, "s4 lstm text"):
        error = refused(capsys, f"run={run}", "zebra gnu zebra")
        assert f"no word of the prompt is in the vocabulary of {run}" in error
        assert error.endswith(": 'zebra', 'gnu'\n")


@pytest.mark.parametrize(
    ("run", "problem"),
    [
        ("unknown", "there is no run 'unknown'; choose a next-word run with a saved model:\n"),
        (COPY.run_name, "(s3 lstm gap=2 copy, unsolved) is not a run of next-word prediction; choose a"),
        (NOT_SAVED.run_name, "(s2 lstm gap=3 agreement, unsolved) was not saved; choose a next-word run"),
    ],
)
def test_a_run_that_cannot_predict_words_is_answered_with_those_that_can(record_folder, capsys, run, problem):
    error = refused(capsys, f"run={run}", "the")
    assert problem in error
    named = re.findall(r"^  [0-9a-f]{32}  (.*)  \w+$", error, re.M)
    assert sorted(named) == [AGREEMENT.run_name, "s4 lstm text", "s5 lstm text"]


def test_an_unknown_experiment_is_answered_with_the_nearest(record_folder, capsys):
    assert "there is no such experiment; did you mean 'study'?" in refused(capsys, "experiment=stdy", "the")


def test_a_record_without_a_next_word_run_says_how_to_make_one(folder, capsys):
    assert "there is no finished next-word run" in refused(capsys, "the")
    put_database(folder)
    record(plan_of(COPY), [(COPY, OF_COPY)])
    assert "python -m seqbench task=agreement makes one" in refused(capsys, "the")


def test_a_store_that_does_not_answer_is_another_exit_code(folder, capsys, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    assert main(["the"]) == 3
    assert "does not answer" in capsys.readouterr().err


def test_a_core_of_ones_own_is_found_in_the_folder_named(made, capsys, monkeypatch, tmp_path):
    (tmp_path / "my_words.py").write_text("from seqbench.models.lstm import LSTM\n\n\nclass Mine(LSTM):\n    pass\n")
    own = replace(AGREEMENT, seed=9, model=replace(AGREEMENT.model, name="mine", target="my_words.Mine"))
    monkeypatch.chdir(tmp_path)
    put_database(tmp_path)
    record(plan_of(own), [(own, made.told["agreement"])])
    monkeypatch.setattr(sys, "path", list(sys.path))
    error = refused(capsys, "the")
    assert "'my_words.Mine' cannot be imported" in error
    assert "--config-dir FOLDER says where classes of your own are" in error
    assert said(capsys, "the", "--config-dir", str(tmp_path))[0].startswith(own.run_name)


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_without_arguments_it_explains_itself(words, capsys):
    assert main(words) == 0
    assert "--surprise FILE" in capsys.readouterr().out
