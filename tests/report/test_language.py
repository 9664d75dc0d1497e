"""What the report and the command say of tasks over words: texts, which have no gap, and agreement, which has."""

import html
import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from seqbench.analysis import arms as palette
from seqbench.analysis.findings import findings
from seqbench.driver import summary
from seqbench.events import Baseline, TaskFacts
from seqbench.record.values import Record
from seqbench.report import language, page, plots, variants, write_report
from seqbench.report.drawn import Drawn
from seqbench.report.figures.panels import theme
from seqbench.report.sections import next_word, reading, verbs
from seqbench.statistics import rates

SEEDS = range(5)
CONTEXTS = (1, 10, 100, 200)
TRIGRAM = Baseline("trigram", 4.0, float(np.exp(4)))
TEXT = TaskFacts(
    loss_name="cross-entropy (nats per word)",
    score_name="perplexity",
    criterion="test perplexity below that of the trigram model",
    baselines=(Baseline("unigram", 5.0, float(np.exp(5))), TRIGRAM),
    about={"text": "a novel", "vocabulary": 1684, "test words": 8639, "unknown in test": 0.0657},
)
AGREEMENT = TaskFacts(
    loss_name="cross-entropy (nats per word)",
    score_name="accuracy",
    criterion="the right form in at least 99 % of the sentences",
    baselines=(Baseline("no memory", 3.5, 0.5),),
)

NEEDS_TEN = (8.0, 4.04, 4.0, 4.0)
NEEDS_MORE = (8.0, 6.0, 5.0, 4.0)


def text(losses: dict[str, list[float]], by_context: tuple[float, ...] = NEEDS_TEN) -> Record:
    """Runs on a text by arm and seed, each with its test loss; what a context costs is the same for all."""
    whole = of_task("text", TEXT, list(losses), gaps=(0,), seeds=range(max(map(len, losses.values()))))
    loss = whole.runs.apply(lambda run: losses[run.arm][run.seed], axis=1)
    runs = whole.runs.assign(
        test_loss=loss, test_perplexity=np.exp(loss), test_bits_per_character=loss / 3,
        outcome=np.where(loss.isna(), "diverged", np.where(loss < TRIGRAM.loss, "solved", "unsolved")),
    ).assign(**{"training.variant_sequences": "500"})  # fmt: skip
    tested = [{"context": context, "loss": value} for context, value in zip(CONTEXTS, by_context, strict=True)]
    rows = [table(run, tested) for run in runs[loss.notna()].to_dict("records")]
    return replace(whole, runs=runs, variants=pd.concat(rows, ignore_index=True))


def agreements(accuracy=lambda arm, gap, attractors: 1.0, arms=("ngram", "lstm"), gaps=(10, 20)) -> Record:
    """Runs on agreement with none and one attractor, tested on gaps up to three times as long."""
    parts = [with_attractors(number, accuracy, arms, gaps) for number in (0, 1)]
    return joined(*parts)


def with_attractors(number, accuracy, arms, gaps) -> Record:
    whole = of_task(f"agreement, attractors={number}", AGREEMENT, arms, gaps, SEEDS)
    score = whole.runs.apply(lambda run: accuracy(run.arm, run.gap, number), axis=1)
    runs = whole.runs.assign(
        test_score=score, test_perplexity=30.0, outcome=np.where(score >= 0.99, "solved", "unsolved")
    )
    runs = runs.assign(**{"task.attractors": str(number)})
    rows = [table(run, sentences_of(run, accuracy)) for run in runs.to_dict("records")]
    return replace(whole, runs=runs, variants=pd.concat(rows, ignore_index=True))


def sentences_of(run, accuracy):
    kinds = [(factor * run["gap"], attractors) for factor in (1, 2, 3) for attractors in (0, 1, 2)]
    return [
        {"gap": gap, "attractors": number, "accuracy": accuracy(run["arm"], gap, number), "perplexity": 20.0 + gap}
        for gap, number in kinds
    ]


def of_task(task, facts, arms, gaps, seeds) -> Record:
    """The shapes of the synthetic record under another name."""
    whole = synthetic.record(arms=arms, tasks=("copy",), gaps=gaps, seeds=seeds)

    def renamed(frame):
        return frame.assign(task=task, run_id=task + " " + frame.run_id) if len(frame) else frame

    runs = renamed(whole.runs).drop(columns=["task.gap"])
    return replace(
        whole, runs=runs, curves=renamed(whole.curves), lags=renamed(whole.lags), slots=whole.slots.iloc[:0],
        tasks={task: facts},
    )  # fmt: skip


def table(run, rows) -> pd.DataFrame:
    """The rows of a table of one run, long, as the record holds them."""
    cells = [(metric, row, value) for row, values in enumerate(rows) for metric, value in values.items()]
    frame = pd.DataFrame(cells, columns=["metric", "row", "value"])
    return frame.assign(**{key: run[key] for key in synthetic.KEYS})


def joined(*records: Record) -> Record:
    frames = {
        name: pd.concat([getattr(record, name) for record in records], ignore_index=True)
        for name in ("runs", "curves", "lags", "variants")
    }
    return replace(records[0], **frames, tasks={k: v for record in records for k, v in record.tasks.items()})


def drawn(record: Record) -> dict[str, plots.Plot]:
    return {plot.name: plot for plot in plots.all_plots(record)}


def of_language(record: Record) -> dict[str, plots.Plot]:
    """The figures of language alone."""
    with theme():
        return {plot.name: plot for plot in language.language_plots(record, palette.looks(record.runs.arm))}


def page_of(record: Record) -> str:
    """What a reader reads, but for the figures, which take long: without tags and styles."""
    bare = re.sub(r"<style\b.*?</style>", " ", page.page(findings(record), Drawn()), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


GOOD = {"rnn": [4.5, 4.4, 4.6, 4.5, 4.5], "lstm": [3.9, 3.8, 4.1, 3.9, 3.7]}


# Tasks without a gap


def test_a_record_of_text_speaks_of_no_gap():
    record = text(GOOD)
    found = drawn(record)
    assert not {"success", "decay_and_reach"} & set(found)
    assert {"context", "loss", "gradient_by_lag", "flow", "gradient_norm"} <= set(found)
    told = " ".join([page_of(record), *(paragraph for plot in found.values() for paragraph in plot.caption)])
    assert not re.search(r"\bgaps?\b", told, flags=re.IGNORECASE)
    titles = [text.get_text() for p in found.values() for ax in p.figure.axes for text in (ax.title, ax._left_title)]
    assert not [title for title in titles if "gap" in title]


def test_a_record_with_both_kinds_keeps_texts_out_of_what_is_about_gaps():
    record = joined(text(GOOD), synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10, 50), seeds=SEEDS))
    found = drawn(record)
    assert all(not run.startswith("text") for run in found["success"].run_ids)
    assert [ax.get_title("left") for ax in found["success"].figure.axes] == ["copy"]
    assert [ax.get_title("left") for ax in found["loss"].figure.axes if ax.get_visible()] == [
        "copy, gap 10", "copy, gap 50", "text",
    ]  # fmt: skip
    told = page_of(record)
    assert "How long a gap can a sequence model bridge?" in told
    assert "with a gap of 10 or 50 steps" in told
    assert not re.search(r"\bgap 0\b|gap of 0", " ".join([told, *(p for plot in found.values() for p in plot.caption)]))
    assert "How well the next word is predicted" in told


def test_a_text_and_a_gap_are_no_missing_combination():
    record = joined(text(GOOD), synthetic.record(arms=("rnn", "lstm"), tasks=("copy",), gaps=(10,), seeds=SEEDS))
    assert "Combinations of task, arm, gap and seed without a result" not in page_of(record)
    lacks = replace(record, runs=record.runs[record.runs.index != 0])
    assert "without a result: 1." in page_of(lacks)


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
    assert re.search(r"rnn\W+-\W+-\W+-", capsys.readouterr().out)


# How well the next word is predicted


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
        "rnn does not beat the trigram model (perplexity 54.60) in any of 5 seeds.",
        "gru beats the trigram model (perplexity 54.60) in all 5 seeds.",
        "lstm beats the trigram model (perplexity 54.60) in 4 of 5 seeds.",
    ]


def test_a_diverged_run_beats_nothing_and_is_named():
    (found,) = next_word.predictions(findings(text({"lstm": [3.9, np.nan, 3.9]})))
    assert found.verdicts == ["lstm beats the trigram model (perplexity 54.60) in 2 of 3 seeds; 1 run diverged."]
    assert found.rows[0].seeds == "2"


def test_one_seed_has_no_interval():
    (found,) = next_word.predictions(findings(text({"lstm": [3.9]})))
    assert found.rows[0].perplexity_interval == found.rows[0].context_interval == "one seed"


def test_tasks_with_a_gap_have_no_such_table():
    assert (
        next_word.predictions(findings(synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10,), seeds=(0,)))) == []
    )
    assert next_word.predictions(findings(agreements())) == []


def test_the_page_shows_what_the_text_is():
    assert reading.about(TEXT)["unknown in test"] == "6.6 %"
    assert "text: a novel; vocabulary: 1,684; test words: 8,639" in page_of(text(GOOD))


# The effective context


def test_the_effective_context_is_in_table_caption_and_figure():
    record = text(GOOD)
    found = variants.context_table(variants.by_context(record)).set_index("arm")
    assert found.words["lstm"] == found.low["lstm"] == pytest.approx(10)
    (prediction,) = next_word.predictions(findings(record))
    assert [row.context for row in prediction.rows] == ["10", "10"]
    told = " ".join(of_language(record)["context"].caption)
    assert "lstm 10 (95 % interval 10)" in told
    assert "the same 500 words of the test text" in told


def test_a_context_beyond_all_that_was_measured_is_no_number():
    record = text(GOOD, by_context=NEEDS_MORE)
    assert "lstm > 200 (95 % interval > 200) [> 200]" in " ".join(of_language(record)["context"].caption)


def test_the_interval_spans_the_seeds_that_differ():
    record = text(GOOD)
    own = (record.variants.arm == "lstm") & (record.variants.seed < 2) & (record.variants.metric == "loss")
    more = record.variants.assign(
        value=record.variants.value.where(~own, record.variants.row.map(dict(enumerate(NEEDS_MORE))))
    )
    found = variants.context_table(variants.by_context(replace(record, variants=more))).set_index("arm")
    assert (found.words["lstm"], found.high["lstm"]) == (pytest.approx(10), np.inf)
    assert variants.words_interval(found.loc["lstm"]) == "10 to > 200"


def test_it_is_said_where_the_longest_context_does_harm():
    harmed = " ".join(of_language(text(GOOD, by_context=(8.0, 4.0, 4.0, 5.0)))["context"].caption)
    assert "rnn and lstm did worse than with a shorter one" in harmed
    assert "did worse" not in " ".join(of_language(text(GOOD))["context"].caption)


def test_words_tested_on_are_as_many_as_the_text_has():
    record = text(GOOD)
    short = replace(record, tasks={"text": replace(TEXT, about={"test words": 400})})
    assert "the same 200 words" in " ".join(of_language(short)["context"].caption)
    unknown = replace(record, tasks={"text": replace(TEXT, about={})})
    assert "For every k the same words" in " ".join(of_language(unknown)["context"].caption)


def test_a_record_without_variants_has_no_figure_of_them():
    record = text(GOOD)
    assert not set(language.NAMES) & set(of_language(replace(record, variants=record.variants.iloc[:0])))


# Agreement


def fails_beyond(arm, gap, attractors):
    """The n-gram model guesses; the LSTM is right up to gap 40, and with two attractors up to 20."""
    return 0.5 if arm == "ngram" or gap > (20 if attractors == 2 else 40) else 1.0


def test_there_is_a_panel_per_number_of_attractors():
    figure = of_language(agreements())["agreement"].figure
    assert [ax.get_title("left") for ax in figure.axes] == ["agreement, attractors=0", "agreement, attractors=1"]


def test_the_number_of_attractors_stands_in_the_title_where_all_runs_have_the_same():
    record = with_attractors(1, fails_beyond, ("lstm",), (10,))
    renamed = {name: getattr(record, name).assign(task="agreement") for name in ("runs", "curves", "lags", "variants")}
    figure = of_language(replace(record, **renamed, tasks={"agreement": AGREEMENT}))["agreement"].figure
    assert figure.axes[0].get_title("left") == "agreement, attractors=1"


def test_an_arm_keeps_its_colour_in_the_figures_of_language():
    record = agreements(fails_beyond)
    for name in ("agreement", "generalisation"):
        colours = {line.get_color() for ax in of_language(record)[name].figure.axes for line in ax.lines}
        assert {palette.COUNTED["ngram"].colour, palette.KNOWN["lstm"].colour} <= colours


def test_models_that_count_are_told_apart_and_come_first():
    arms = ["lstm", "mine", *palette.COUNTED]
    looks = palette.looks(arms)
    assert list(looks)[: len(palette.COUNTED)] == list(palette.COUNTED)
    assert len({(look.colour, look.marker, look.dashes) for look in looks.values()}) == len(arms)
    assert looks["mine"].colour not in {look.colour for arm, look in looks.items() if arm != "mine"}


def test_longer_sentences_are_told_from_the_longest_gap_that_was_learned():
    shown = of_language(agreements(fails_beyond, gaps=(10, 20, 80)))["generalisation"]
    assert "Trained on agreement, attractors=1 at gap 20" in " ".join(shown.caption)
    assert "ngram at no gap; lstm up to gap 20." in " ".join(shown.caption)
    assert all("-gap20-" in run for run in shown.run_ids)


def test_where_nothing_was_learned_the_longest_gap_is_shown():
    shown = of_language(agreements(lambda *_: 0.5))["generalisation"]
    assert (
        "at gap 20: median accuracy of at least 0.99 with every number of attractors: ngram at no gap; lstm at no"
        in (" ".join(shown.caption))
    )


def test_tables_set_perplexity_beside_accuracy():
    record = agreements(fails_beyond)
    tables = {table.task: table for table in verbs.by_sentence(findings(record))}
    lstm = [row for row in tables["agreement, attractors=1"].rows if row.arm == "lstm"]
    assert tables["agreement, attractors=1"].gaps == [20, 40, 60]
    assert [row.attractors for row in lstm] == ["0", "1", "2"]
    assert [cell.accuracy for cell in lstm[2].cells] == ["1.000", "0.500", "0.500"]
    assert [cell.perplexity for cell in lstm[2].cells] == ["40.0", "60.0", "80.0"]
    first = verbs.by_trained_gap(findings(record))[0]
    assert (first.gaps, first.rows[0].cells[0].perplexity) == ([10, 20], "30.0")
    assert "perplexity 30.0" in page_of(record)


def test_a_kind_of_sentence_that_does_not_fit_is_left_empty():
    record = agreements(fails_beyond)
    fits = record.variants[~((record.variants.row == 2) & (record.variants.task == "agreement, attractors=0"))]
    (table, _) = verbs.by_sentence(findings(replace(record, variants=fits)))
    assert [row.cells[0] is None for row in table.rows] == [False, False, True] * 2


# The whole


def test_reports_of_language_are_written_whole_and_the_same_twice(tmp_path):
    whole = joined(text(GOOD), agreements(fails_beyond, gaps=(10,)))
    record = replace(whole, lags=whole.lags.iloc[:0], curves=whole.curves.iloc[:0])
    for folder in ("one", "two"):
        write_report(findings(record), tmp_path / folder)
    for name in language.NAMES:
        for suffix in ("svg", "pdf"):
            one, two = (tmp_path / folder / f"figures/{name}.{suffix}" for folder in ("one", "two"))
            assert one.read_bytes() == two.read_bytes()
    manifest = json.loads((tmp_path / "one/manifest.json").read_text(encoding="utf-8"))
    assert set(language.NAMES) <= set(manifest["figures"])
    assert (tmp_path / "one/index.html").read_bytes() == (tmp_path / "two/index.html").read_bytes()
    less = replace(record, variants=record.variants.iloc[:0], runs=record.runs[record.runs.gap == 0])
    write_report(findings(less), tmp_path / "one")
    assert not (tmp_path / "one/figures/agreement.svg").exists()


@pytest.mark.parametrize(("level", "there"), [("character", True), ("word", False)])
def test_a_text_read_by_character_says_so_on_the_page_and_under_its_figure(level: str, there: bool) -> None:
    record = text({"rnn": [4.1, 4.2]})
    record = replace(record, runs=record.runs.assign(**{"task.level": level}))
    told = "text is read by character: each of its words is one character."
    (plot,) = language.language_plots(record, palette.looks(record.runs.arm))
    assert (told in plot.caption) == there
    assert (told in page.page(findings(record), Drawn())) == there
