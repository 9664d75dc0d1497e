"""What page and figures say of agreement: by trained gap, and on sentences not trained on."""

import json
from dataclasses import replace

from of_words import AGREEMENT, GOOD, agreements, fails_beyond, joined, text, with_attractors

from reports import bare_page, drawn_by, text_of
from seqbench.analysis import arms
from seqbench.analysis.findings import findings
from seqbench.report import write_report
from seqbench.report.sections import figures, scope, verbs


def test_there_is_a_panel_per_number_of_attractors():
    figure = drawn_by("agreement", agreements())["agreement"].figure
    assert [ax.get_title("left") for ax in figure.axes] == ["agreement, attractors=0", "agreement, attractors=1"]


def test_tasks_that_differ_in_attractors_alone_have_one_criterion_and_their_commas_do_not_part_a_list():
    found, both = findings(agreements()), "agreement (attractors=0) and agreement (attractors=1)"
    assert f"2 tasks ({both})" in scope.scope(found)
    assert figures._asked(found)[-1] == f"A run has solved its task with {AGREEMENT.criterion} on {both}."


def test_the_number_of_attractors_stands_in_the_title_where_all_runs_have_the_same():
    record = with_attractors(1, fails_beyond, ("lstm",), (10,))
    renamed = {name: getattr(record, name).assign(task="agreement") for name in ("runs", "curves", "lags", "variants")}
    figure = drawn_by("agreement", replace(record, **renamed, tasks={"agreement": AGREEMENT}))["agreement"].figure
    assert figure.axes[0].get_title("left") == "agreement, attractors=1"


def test_an_arm_keeps_its_colour_in_the_figures_of_language():
    record = agreements(fails_beyond)
    for name in ("agreement", "generalisation"):
        colours = {line.get_color() for ax in drawn_by(name, record)[name].figure.axes for line in ax.lines}
        assert {arms.COUNTED["ngram"].colour, arms.KNOWN["lstm"].colour} <= colours


def test_longer_sentences_are_told_from_the_longest_gap_that_was_learned():
    shown = drawn_by("generalisation", agreements(fails_beyond, gaps=(10, 20, 80)))["generalisation"]
    assert "Trained on agreement, attractors=1 at gap 20" in " ".join(shown.caption)
    assert "ngram at no gap; lstm up to gap 20." in " ".join(shown.caption)
    assert all("-gap20-" in run for run in shown.run_ids)


def test_where_nothing_was_learned_the_longest_gap_is_shown():
    shown = drawn_by("generalisation", agreements(lambda *_: 0.5))["generalisation"]
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
    assert "perplexity 30.0" in text_of(bare_page(record))


def test_a_kind_of_sentence_that_does_not_fit_is_left_empty():
    record = agreements(fails_beyond)
    fits = record.variants[~((record.variants.row == 2) & (record.variants.task == "agreement, attractors=0"))]
    (table, _) = verbs.by_sentence(findings(replace(record, variants=fits)))
    assert [row.cells[0] is None for row in table.rows] == [False, False, True] * 2


def test_reports_of_language_are_written_whole_and_the_same_twice(tmp_path):
    whole = joined(text(GOOD), agreements(fails_beyond, gaps=(10,)))
    record = replace(whole, lags=whole.lags.iloc[:0], curves=whole.curves.iloc[:0])
    for folder in ("one", "two"):
        write_report(findings(record), tmp_path / folder)
    for name in ("agreement", "generalisation", "context"):
        for suffix in ("svg", "pdf"):
            one, two = (tmp_path / folder / f"figures/{name}.{suffix}" for folder in ("one", "two"))
            assert one.read_bytes() == two.read_bytes()
    manifest = json.loads((tmp_path / "one/manifest.json").read_text(encoding="utf-8"))
    assert {"agreement", "generalisation", "context"} <= set(manifest["figures"])
    assert (tmp_path / "one/index.html").read_bytes() == (tmp_path / "two/index.html").read_bytes()
    less = replace(record, variants=record.variants.iloc[:0], runs=record.runs[record.runs.gap == 0])
    write_report(findings(less), tmp_path / "one")
    assert not (tmp_path / "one/figures/agreement.svg").exists()
