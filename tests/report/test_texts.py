"""What page, figures and terminal say of texts, which have no gap."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic
from of_words import GOOD, NEEDS_MORE, SEEDS, TEXT, agreements, joined, text

from reports import bare_page, caption, drawn_by, plots_of, text_of
from seqbench.analysis import variants
from seqbench.analysis.findings import findings
from seqbench.driver import summary
from seqbench.report.sections import next_word, reading
from seqbench.statistics import rates


def test_a_record_of_text_speaks_of_no_gap():
    record = text(GOOD)
    found = plots_of(record)
    assert not {"success", "decay_and_reach"} & set(found)
    assert {"context", "loss", "gradient_by_lag", "flow", "gradient_norm"} <= set(found)
    told = " ".join([text_of(bare_page(record)), *(paragraph for plot in found.values() for paragraph in plot.caption)])
    assert not re.search(r"\bgaps?\b", told, flags=re.IGNORECASE)
    titles = [text.get_text() for p in found.values() for ax in p.figure.axes for text in (ax.title, ax._left_title)]
    assert not [title for title in titles if "gap" in title]


def test_a_record_with_both_kinds_keeps_texts_out_of_what_is_about_gaps():
    record = joined(text(GOOD), synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10, 50), seeds=SEEDS))
    found = plots_of(record)
    assert all(not run.startswith("text") for run in found["success"].run_ids)
    assert [ax.get_title("left") for ax in found["success"].figure.axes] == ["copy"]
    assert [ax.get_title("left") for ax in found["loss"].figure.axes if ax.get_visible()] == [
        "copy, gap 10", "copy, gap 50", "text",
    ]  # fmt: skip
    told = text_of(bare_page(record))
    assert "How long a gap can a sequence model bridge?" in told
    assert "with a gap of 10 or 50 steps" in told
    assert not re.search(r"\bgap 0\b|gap of 0", " ".join([told, *(p for plot in found.values() for p in plot.caption)]))
    assert "How well the next word is predicted" in told


def test_a_text_and_a_gap_are_no_missing_combination():
    record = joined(text(GOOD), synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10,), seeds=SEEDS))
    assert "Combinations of task, arm, gap and seed without a result" not in text_of(bare_page(record))
    lacks = replace(record, runs=record.runs[record.runs.index != 0])
    assert "without a result: 1." in text_of(bare_page(lacks))


def test_the_terminal_gives_texts_a_table_of_their_own(capsys):
    runs = joined(text(GOOD), synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10,), seeds=SEEDS)).runs
    assert summary.print_outcome(runs.assign(best_baseline_loss=4.0)) == 0
    out = capsys.readouterr().out
    assert "gap 0" not in out
    assert "text: test within 2,000 steps, mean over seeds with 95 % interval" in out
    assert "to beat, by counting words: perplexity 54.6" in out
    mean, low, high = rates.mean_interval(np.exp(GOOD["rnn"]))
    assert f"{mean:.2f} [{low:.2f}, {high:.2f}]" in out
    assert "4/5" in out
    assert "copy, load 3" in out


def test_the_terminal_says_so_where_no_run_on_a_text_has_a_result(capsys):
    runs = text({"rnn": [4.0]}).runs.assign(outcome="failed", test_perplexity=np.nan, reason="", command="")
    assert summary.print_outcome(runs) == 1
    assert re.search(r"rnn\W+4,545\W+-\W+-\W+-", capsys.readouterr().out)


def test_the_interval_of_a_mean_is_students():
    # Mean 4, standard error 2 / 2 = 1, and 3.182 is the 97.5 % point of t with 3 degrees of freedom.
    assert rates.mean_interval([2.0, 4, 4, 6]) == pytest.approx((4, 4 - 3.18245 * np.sqrt(2 / 3), 6.59848), abs=1e-4)
    assert np.isnan(rates.mean_interval([2.0])[1:]).all()
    assert rates.mean_interval([2.0, np.nan])[0] == 2
    assert np.isnan(rates.mean_interval([])).all()


def test_each_arm_has_its_mean_and_interval_beside_the_baselines():
    (found,) = next_word.predictions(findings(text(GOOD)))
    rnn = found.rows[0]
    mean, low, high = rates.mean_interval(np.exp(GOOD["rnn"]))
    assert (rnn.arm, rnn.perplexity, rnn.perplexity_interval) == ("rnn", f"{mean:.2f}", f"{low:.2f} to {high:.2f}")
    assert (rnn.bits, rnn.seeds, rnn.budget) == ("1.500", "5", "2,000")
    assert found.baselines == [("unigram", "148.4", "5.000"), ("trigram", "54.60", "4.000")]


def test_a_verdict_says_in_how_many_seeds_the_trigram_model_is_beaten():
    (found,) = next_word.predictions(findings(text({**GOOD, "gru": [3.0] * 5})))
    assert found.verdicts == [
        "rnn does not beat the trigram model (perplexity 54.60): it does in 0 of 5 seeds.",
        "gru beats the trigram model (perplexity 54.60): it does in 5 of 5 seeds.",
        "lstm beats the trigram model (perplexity 54.60): it does in 4 of 5 seeds.",
    ]


def test_a_diverged_run_beats_nothing_and_is_named():
    (found,) = next_word.predictions(findings(text({"lstm": [3.9, np.nan, 3.9]})))
    assert found.verdicts == [
        "lstm does not beat the trigram model (perplexity 54.60): it does in 2 of 3 seeds; 1 run diverged."
    ]
    assert found.rows[0].seeds == "2"


def test_one_seed_has_no_interval():
    (found,) = next_word.predictions(findings(text({"lstm": [3.9]})))
    assert found.rows[0].perplexity_interval == "one seed"
    assert found.rows[0].context.endswith("(one seed, no interval)")


def test_tasks_with_a_gap_have_no_such_table():
    assert (
        next_word.predictions(findings(synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10,), seeds=(0,)))) == []
    )
    assert next_word.predictions(findings(agreements())) == []


def test_the_page_shows_what_the_text_is():
    assert reading.about(TEXT)["unknown in test"] == "6.6 %"
    assert "text: a novel; vocabulary: 1,684; test words: 8,639" in text_of(bare_page(text(GOOD)))


def test_the_effective_context_is_in_table_caption_and_figure():
    record = text(GOOD)
    found = variants.context_table(variants.by_context(record)).set_index("arm")
    assert found.words["lstm"] == found.low["lstm"] == pytest.approx(10)
    (prediction,) = next_word.predictions(findings(record))
    assert [row.context for row in prediction.rows] == ["10 (10 to 10)", "10 (10 to 10)"]
    told = caption("context", record)
    assert "lstm 10 (10 to 10)" in told
    assert "By intervals that do not overlap, not told apart: rnn and lstm." in told
    assert "the same 500 words of the test text" in told


def test_a_context_beyond_all_that_was_measured_is_no_number():
    record = text(GOOD, by_context=NEEDS_MORE)
    assert "lstm > 200 [> 200]" in caption("context", record)


def test_the_interval_spans_the_seeds_that_differ():
    record = text(GOOD)
    own = (record.variants.arm == "lstm") & (record.variants.seed < 1) & (record.variants.metric == "loss")
    more = record.variants.assign(
        value=record.variants.value.where(~own, record.variants.row.map(dict(enumerate(NEEDS_MORE))))
    )
    found = variants.context_table(variants.by_context(replace(record, variants=more))).set_index("arm")
    # the mean curve falls to the end, and so do those of resamples with the one seed; a third is without it
    assert (found.words["lstm"], found.low["lstm"], found.high["lstm"]) == (np.inf, pytest.approx(10), np.inf)
    assert variants.with_interval(found.loc["lstm"]) == "10 or more"


def test_one_of_two_arms_uses_more_words_where_their_intervals_do_not_overlap():
    rows = [("rnn", 5, 4, 6, 5), ("gru", 19, 14, np.inf, 5), ("lstm", 6, 6, 9, 5), ("once", 50, 50, 50, 1)]
    table = pd.DataFrame(rows, columns=["arm", "words", "low", "high", "seeds"])
    assert variants.more_words(table) == (
        "By intervals that do not overlap, gru uses more words than rnn and lstm; not told apart: rnn and lstm."
    )
    assert variants.more_words(table[table.arm.isin(["rnn", "once"])]) == ""


def test_it_is_said_where_the_longest_context_does_harm():
    harmed = caption("context", text(GOOD, by_context=(8.0, 4.0, 4.0, 5.0)))
    assert "rnn and lstm did worse than with a shorter one" in harmed
    assert "did worse" not in caption("context", text(GOOD))


def test_words_tested_on_are_as_many_as_the_text_has():
    record = text(GOOD)
    short = replace(record, tasks={"text": replace(TEXT, about={"test words": 400})})
    assert "the same 200 words" in caption("context", short)
    unknown = replace(record, tasks={"text": replace(TEXT, about={})})
    assert "For every k the same words" in caption("context", unknown)


def test_a_record_without_variants_has_no_figure_of_them():
    record = text(GOOD)
    assert drawn_by("context", replace(record, variants=record.variants.iloc[:0])) == {}


@pytest.mark.parametrize(("level", "there"), [("character", True), ("word", False)])
def test_a_text_read_by_character_says_so_on_the_page_and_under_its_figure(level: str, there: bool) -> None:
    record = text({"rnn": [4.1, 4.2]})
    record = replace(record, runs=record.runs.assign(**{"task.level": level}))
    told = "text is read by character: each of its words is one character."
    (plot,) = drawn_by("context", record).values()
    assert (told in plot.caption) == there
    assert (told in bare_page(record)) == there
