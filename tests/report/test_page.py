"""The page: what it says agrees with the record, whatever the record is like, and it needs nothing but itself."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import all_cells, bare_page, page_of, small, text_of
from seqbench.analysis.findings import findings
from seqbench.config.about import About
from seqbench.horizon.axis import GAP, LOAD
from seqbench.record.values import Record
from seqbench.report import page, write_report


class References(HTMLParser):
    """All that a page refers to, ids it defines, and elements it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "xlink:href", "src", "data", "srcset", "action"):
                self.references.append(value or "")
            if name == "id":
                self.ids.append(value or "")


def test_the_page_needs_nothing_but_itself(written: Path) -> None:
    markup = written.joinpath("index.html").read_text(encoding="utf-8")
    found = References()
    found.feed(markup)
    assert not found.tags & {"iframe", "img", "object", "embed"}
    for reference in found.references:
        inside = reference.startswith(("#", "data:"))
        assert inside or (written / reference).is_file(), reference
    assert not re.search(r"@import|url\((?!#)", markup)


def test_drawings_on_one_page_do_not_share_ids(written: Path) -> None:
    found = References()
    found.feed(written.joinpath("index.html").read_text(encoding="utf-8"))
    assert len(found.ids) == len(set(found.ids))
    targets = {reference[1:] for reference in found.references if reference.startswith("#")}
    assert targets <= set(found.ids)


def test_the_page_of_120_runs_stays_below_a_megabyte_and_a_half(written: Path) -> None:
    assert written.joinpath("index.html").stat().st_size < 1_500_000


def test_the_first_screen_has_question_answer_table_and_a_figure_before_all_else(written: Path) -> None:
    markup = written.joinpath("index.html").read_text(encoding="utf-8")
    parts = ["<h1>", "Farthest, by", "Least far: ", '<table class="reach">', '<figure id="success">', 'id="scope"']
    places = [markup.index(part) for part in parts]
    assert places == sorted(places)
    first_screen = markup[places[0] : places[-1]]
    assert first_screen.count("<figure") == first_screen.count("<table") == 1
    assert first_screen.count('href="#success"') == 2  # each sentence has its evidence


def test_captions_have_two_sentences_at_most_and_contents_name_all_there_is(written: Path) -> None:
    markup = written.joinpath("index.html").read_text(encoding="utf-8")
    captions = re.findall(r'<p id="([\w-]+)-caption">(.*?)</p>', markup)
    for name, caption in captions:
        assert len(re.split(r"(?<=[.?!])\s+(?=[A-Z“])", caption)) <= 2, (name, caption)
        assert f'<a href="#{name}">' in markup, name
    assert len(captions) == markup.count("<figure ") > 10


def test_the_page_states_question_answer_criterion_and_provenance(written: Path) -> None:
    text = text_of(written.joinpath("index.html").read_text(encoding="utf-8"))
    for part in (
        "How long a gap can a sequence model bridge?",
        "3 kinds of model (rnn, lstm and lstm_chrono)",
        "119 of 120 runs came to a result",
        "3/4 0.30 to 0.95",
        "> 100",
        "Test MSE below 0.01",
        "no memory 0.167",
        "17,985 forget_bias: chrono; hidden_size: 64",
        "worker died (signal 9)",
        "torch 2.13.0",
        "0123456789abcdef",
    ):
        assert part in text, part


def test_crashed_and_diverged_runs_are_listed_apart(written: Path) -> None:
    text = text_of(written.joinpath("index.html").read_text(encoding="utf-8"))
    assert re.search(r"Crashed or not finished: 1 .* adding-lstm-gap50-seed2", text)
    assert re.search(r"Diverged: 1 .* copy-rnn-gap100-seed1", text)


def test_markup_in_names_is_not_taken_for_markup() -> None:
    record = small(seeds=[0], outcomes={("copy", "rnn", 10, 0): "failed"})
    record = replace(record, runs=record.runs.assign(reason="<b>ValueError</b> & more"))
    assert "&lt;b&gt;ValueError&lt;/b&gt; &amp; more" in bare_page(record)


def test_a_dollar_sign_in_a_name_begins_no_formula() -> None:
    text = text_of(page_of(small(arms=("costs $x_{$", "a$b$"), seeds=[0])))
    assert "costs $x_{$" in text
    assert "left out" not in text


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("one arm", small(arms=("lstm",))),
        ("one gap", small(gaps=(10,))),
        ("one seed", small(seeds=[0])),
        ("one run", small(arms=("rnn",), gaps=(10,), seeds=[0])),
        ("arms nobody knows", small(arms=("mine", "yours"))),
        ("every run diverged", small(outcomes=all_cells("diverged"))),
        ("a cell is missing", synthetic.without(small(), arm="lstm", gap=50)),
        ("half a cell is missing", synthetic.without(small(), arm="lstm", seed=3)),
    ],
)
def test_odd_records_still_make_a_report(name: str, record: Record) -> None:
    text = text_of(bare_page(record))
    assert "The answer" in text
    assert not re.search(r"\bnan\b|\bNone\b(?! of| were|:)", text), name


def test_a_record_of_crashes_says_that_there_is_nothing_to_draw(tmp_path: Path) -> None:
    text = text_of(write_report(findings(small(outcomes=all_cells("failed"))), tmp_path).read_text(encoding="utf-8"))
    assert "No run came to a result, so there is nothing to draw" in text
    assert "None of the 20 runs came to a result" in text
    assert "Crashed or not finished: 20" in text
    assert not list(tmp_path.glob("figures/*"))


def test_a_run_cut_before_it_told_anything_is_listed() -> None:
    record = small(seeds=[0])
    unknown = {"steps": np.nan, "seconds": np.nan, "parameters": 0, "outcome": "unfinished", "status": "KILLED"}
    cut = record.runs.iloc[[0]].assign(run_id="cut", run_name="cut early", task="recall", **unknown)
    text = text_of(bare_page(replace(record, runs=pd.concat([record.runs, cut], ignore_index=True))))
    assert "cut early recall rnn 10 0 KILLED not known not recorded" in text
    assert "On recall, no run has finished" in text
    assert "0 or 4,545" not in text


def test_the_command_that_repeats_a_run_is_given_where_it_is_known() -> None:
    record = small(seeds=[0], outcomes={("copy", "rnn", 10, 0): "failed"})
    record = replace(record, runs=record.runs.assign(command="python -m seqbench task=copy"))
    assert "worker died (signal 9) python -m seqbench task=copy" in text_of(bare_page(record))


def test_runs_still_going_are_listed_and_not_counted() -> None:
    record = small(seeds=range(2))
    going = (record.runs.seed == 1) & (record.runs.arm == "rnn")
    runs = record.runs.assign(
        status=record.runs.status.mask(going, "RUNNING"), outcome=record.runs.outcome.mask(going, None)
    )
    text = text_of(bare_page(replace(record, runs=runs)))
    assert "6 of 8 runs came to a result" in text
    assert "RUNNING" in text


@pytest.mark.parametrize(
    ("asked", "title"),
    [
        ("how far? (about 8 minutes on 2 cores)", "How far?"),
        ("does it (really) work?", "Does it (really) work?"),
        ("", "How long a gap can a sequence model bridge?"),
    ],
)
def test_the_page_asks_what_its_experiment_asks(asked: str, title: str) -> None:
    assert page.question(asked, gaps=True) == title
    assert f"<h1>{title}</h1>" in bare_page(replace(small(seeds=[0]), question=asked))


def test_what_all_arms_are_made_of_is_said_once_and_not_of_each() -> None:
    record = small(arms=("lstm", "rnn"), seeds=[0])
    stacked = record.runs.assign(**{"model.block": "residual", "model.convolution": "4"})
    told = "2 kinds of model (rnn and lstm, each with block=residual and convolution=4) to 1 task"
    assert told in text_of(bare_page(replace(record, runs=stacked)))
    alone = stacked[stacked.arm == "lstm"]
    assert "1 kind of model (lstm, with block=residual and convolution=4)" in text_of(
        bare_page(replace(record, runs=alone))
    )


def test_a_search_over_the_load_asks_how_much() -> None:
    assert page.question("", gaps=True, axis=LOAD) == "How much can a sequence model carry?"
    assert page.question("", gaps=True, axis=GAP) == "How long a gap can a sequence model bridge?"


def test_tasks_and_arms_are_said_in_a_sentence_with_the_settings_that_are_others_than_in_their_files() -> None:
    record = small(arms=("lstm", "lstm_chrono"), seeds=[0])
    told = {
        "task/copy": About("repeat symbols", {"gap": 20}),
        "model/lstm": About("bias of 1", {"hidden_size": 16, "forget_bias": 1}),
        "model/lstm_chrono": About("chrono", {"forget_bias": 1}),
    }
    markup = bare_page(replace(record, said=told))
    assert "<p>copy: repeat symbols.</p>" in markup
    assert '<li title="bias of 1"><span data-toggle="lstm">' in markup
    assert "<td>chrono; here with forget_bias=chrono</td>" in markup
