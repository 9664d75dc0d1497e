"""The report: what it says agrees with the record, whatever the record is like."""

import html
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import synthetic

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables
from seqbench.record.values import Record, no_slots
from seqbench.report import captions, page, plots, render, settings, write_report
from seqbench.training import diagnosis

ARMS, GAPS, SEEDS = ("rnn", "lstm"), (10, 50), range(5)


def small(**changes: object) -> Record:
    """Two arms, one task, two gaps: rnn solves gap 10 only, lstm both but for one seed."""
    return synthetic.record(**{"arms": ARMS, "tasks": ("copy",), "gaps": GAPS, "seeds": SEEDS, **changes})  # type: ignore[arg-type]


def all_cells(outcome: str) -> dict[synthetic.Cell, str]:
    return {("copy", arm, gap, seed): outcome for arm in ARMS for gap in GAPS for seed in SEEDS}


def captions_of(record: Record) -> dict[str, str]:
    return {plot.name: " ".join(plot.caption) for plot in plots.all_plots(record)}


def page_of(record: Record) -> str:
    """The page alone: PDFs take as long again."""
    drawn = list(plots.all_plots(record))
    return page.page(record, drawn, {plot.name: render.svg(plot.figure, plot.name) for plot in drawn})


def text_of(markup: str) -> str:
    """What a reader reads: without tags, styles and drawings."""
    bare = re.sub(r"<(style|svg)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the whole synthetic record, with a crashed and a diverged run."""
    outcomes = {("copy", "rnn", 100, 1): "diverged", ("adding", "lstm", 50, 2): "failed"}
    record = synthetic.record(outcomes=outcomes)
    return write_report(record, tmp_path_factory.mktemp("report"), synthetic.traces(record)).parent


# What is written


def test_every_part_of_the_report_is_written(written: Path) -> None:
    names = {str(path.relative_to(written)) for path in written.rglob("*") if path.is_file()}
    # every core of this record states its step, and nothing was searched
    drawn = set(plots.NAMES) - {"gradient_by_lag_inputs", "horizon", "horizon_curves", "horizon_path"}
    drawings = {f"figures/{name}.{suffix}" for name in drawn for suffix in ("svg", "pdf")}
    texts = {f"{name}.{suffix}" for name in ("summary", "log_rank") for suffix in ("csv", "md", "tex")}
    tabular = {"runs.csv", "metrics.parquet"} | texts
    assert names == {"index.html", "manifest.json"} | tabular | drawings


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
    assert not found.tags & {"script", "iframe", "img", "object", "embed"}
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


def test_the_page_of_120_runs_stays_below_two_megabytes(written: Path) -> None:
    assert written.joinpath("index.html").stat().st_size < 2_000_000


def test_drawings_are_well_formed_and_bear_no_date(written: Path) -> None:
    for path in written.glob("figures/*.svg"):
        assert ElementTree.parse(path).getroot().tag.endswith("svg")
        assert "<dc:date>" not in path.read_text(encoding="utf-8")
    for path in written.glob("figures/*.pdf"):
        assert path.read_bytes().startswith(b"%PDF")
        assert b"CreationDate" not in path.read_bytes()


def test_the_same_record_gives_the_same_bytes(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        record = small(gaps=(10,), seeds=range(2))
        write_report(record, tmp_path / folder, synthetic.traces(record))
    files = [path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*") if path.is_file()]
    assert len(files) > 10
    for file in files:
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes(), file


def test_figures_of_an_earlier_report_do_not_survive_it(tmp_path: Path) -> None:
    record = small(arms=("rnn",), gaps=(10,), seeds=[0])
    write_report(record, tmp_path)
    assert (tmp_path / "figures/gradient_by_lag.svg").exists()
    write_report(replace(record, lags=record.lags.iloc[:0], curves=record.curves.iloc[:0], slots=no_slots()), tmp_path)
    assert {path.stem for path in (tmp_path / "figures").iterdir()} == {"success"}


def test_a_users_matplotlib_settings_change_nothing_and_are_left_alone() -> None:
    plot = next(plots.all_plots(small()))
    usual = render.svg(plot.figure, "x")
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30, "svg.fonttype": "none"}):
        before = dict(mpl.rcParams)
        assert render.svg(next(plots.all_plots(small())).figure, "x") == usual
        assert dict(mpl.rcParams) == before


# Tables


def test_runs_csv_has_a_row_per_run_and_every_column(written: Path) -> None:
    runs = pd.read_csv(written / "runs.csv")
    assert len(runs) == 120
    assert list(runs.columns) == list(synthetic.record().runs.columns)


def test_summary_csv_has_a_row_per_task_arm_and_gap(written: Path) -> None:
    summary = pd.read_csv(written / "summary.csv").set_index(["task", "arm", "gap"])
    assert len(summary) == 2 * 3 * 4
    cell = summary.loc["adding", "lstm", 50]
    assert (cell.solved, cell.finished, cell.not_finished) == (3, 4, 1)
    assert (cell.wilson_low, cell.wilson_high) == pytest.approx((0.3006, 0.9544), abs=1e-4)
    assert (cell.budget, cell.parameters, cell.load) == (2000, 17985, 2)


def test_median_steps_are_censored_at_the_budget() -> None:
    summary = tables.summary_table(small().runs).set_index(["arm", "gap"])
    assert summary.median_steps_to_solve["rnn", 50] == "> 2000"
    assert summary.median_steps_to_solve["lstm", 10].isdigit()
    assert summary.steps_spent_per_success["rnn", 50] == np.inf


def test_steps_per_success_charge_the_unsolved_seed() -> None:
    record = small()
    runs = record.runs[(record.runs.arm == "lstm") & (record.runs.gap == 50)]
    assert (runs.outcome == "solved").sum() == 4
    summary = tables.summary_table(record.runs).set_index(["arm", "gap"])
    assert summary.steps_spent_per_success["lstm", 50] == runs.steps.sum() / 4


def test_diverged_runs_count_as_unsolved_and_crashed_ones_not_at_all() -> None:
    record = small(outcomes={("copy", "lstm", 10, 0): "diverged", ("copy", "lstm", 10, 1): "failed"})
    cell = tables.summary_table(record.runs).set_index(["arm", "gap"]).loc["lstm", 10]
    assert (cell.solved, cell.finished, cell.not_finished) == (3, 4, 1)


def test_a_run_that_diverged_early_does_not_shorten_the_time_to_solve() -> None:
    diverged = {("copy", "lstm", 10, seed): "diverged" for seed in (0, 1, 2)}
    cell = tables.summary_table(small(outcomes=diverged).runs).set_index(["arm", "gap"]).loc["lstm", 10]
    assert cell.median_steps_to_solve == "> 2000"


def test_longest_gaps_are_those_of_the_runs() -> None:
    longest = tables.longest_gap_table(small().runs).set_index("arm")
    assert tuple(longest.loc["rnn", ["reliable", "bracket", "gap50_interval"]]) == ("10", "10 to 50", "10 to 50")
    assert longest.gap50["rnn"] == "22"
    assert longest.bracket["lstm"] == "> 50"
    assert longest.reliable["lstm"] == "10"


def test_the_manifest_traces_every_figure_to_its_runs(written: Path) -> None:
    manifest = json.loads(written.joinpath("manifest.json").read_text(encoding="utf-8"))
    known = {run["run_id"] for run in manifest["runs"]}
    assert len(known) == 120
    assert not set(manifest["figures"]) & {"horizon", "horizon_curves", "horizon_path", "gradient_by_lag_inputs"}
    assert len(manifest["figures"]) == len(plots.NAMES) - 4
    assert all(set(used) <= known for used in manifest["figures"].values())
    assert len(manifest["figures"]["success"]) == 119
    assert all("-gap100-" in run for run in manifest["figures"]["gradient_by_lag"])
    assert manifest["plan"]["gap"] == [10, 20, 50, 100]
    assert manifest["plan"]["missing"] == [{"task": "adding", "arm": "lstm", "gap": 50, "seed": 2}]
    assert manifest["versions"]["torch"] == ["2.13.0"]
    assert manifest["git_revision"] == ["0123456789abcdef"]


# Captions follow the data


def test_the_answer_names_who_got_farthest_and_changes_with_the_data() -> None:
    cells = tables.summary_table(small().runs)
    assert captions.answer("copy", cells).startswith("On copy, lstm got farthest")
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    cells = tables.summary_table(small(outcomes=swapped).runs)
    assert captions.answer("copy", cells).startswith("On copy, rnn got farthest")
    cells = tables.summary_table(small(outcomes=all_cells("solved")).runs)
    assert "rnn and lstm got equally far" in captions.answer("copy", cells)


def test_success_caption_says_where_intervals_are_apart() -> None:
    caption = captions_of(small(outcomes={("copy", "lstm", 50, 4): "solved"}))["success"]
    assert "apart at gap 50 (at gap 50, lstm solved 5 of 5 and rnn 0 of 5) and overlap at 10" in caption
    assert "they show no arm to be better" in captions_of(small(seeds=range(2)))["success"]


def test_success_that_returns_at_a_longer_gap_is_said() -> None:
    outcomes = {("copy", "rnn", gap, seed): "unsolved" if gap == 10 else "solved" for gap in GAPS for seed in SEEDS}
    assert "rnn at gap 50, but not at 10" in captions_of(small(outcomes=outcomes))["success"]


def test_loss_caption_places_unsolved_runs_among_the_baselines() -> None:
    record = small()
    assert "the unsolved runs of rnn and lstm ended at the level of “no memory” (2.08)" in captions_of(record)["loss"]
    unsolved = record.curves.run_id.map(record.runs.set_index("run_id").outcome) == "unsolved"
    lower = replace(record, curves=record.curves.assign(value=record.curves.value.where(~unsolved, 0.5)))
    assert "ended below “no memory”, with a median loss of 0.500" in captions_of(lower)["loss"]


def test_loss_caption_counts_solved_and_diverged_runs() -> None:
    caption = captions_of(small(outcomes={("copy", "rnn", 50, 1): "diverged"}))["loss"]
    assert "14 of 20 runs solved the task" in caption
    assert "1 run diverged" in caption
    assert "diverged" not in captions_of(small())["loss"]


def test_gradient_caption_gives_the_medians_at_the_evidence() -> None:
    record = small()
    told = captions_of(record)["gradient_by_lag"]
    assert "10⁻¹⁵ before and 10⁻⁷ after training for rnn (0 of 5 solved)" in told
    steeper = record.runs.assign(gradient_at_gap_init=record.runs.gradient_at_gap_init * 2)
    assert "10⁻³⁰ before" in captions_of(replace(record, runs=steeper))["gradient_by_lag"]


def test_gradient_caption_admits_the_exception() -> None:
    told = captions_of(small())["gradient_by_lag"]
    assert "No arm with at least ten times the gradient of another solved less often" in told
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    told = captions_of(small(outcomes=swapped))["gradient_by_lag"]
    assert "with at least ten times the gradient, lstm solved less often than rnn" in told


def test_norm_caption_finds_the_largest_record_and_the_share_that_is_clipped() -> None:
    record = small()
    norms = record.curves[record.curves.metric == "gradient/norm"]
    values = record.curves.value.where(record.curves.metric != "gradient/norm", 0.5)
    values[norms.index[0]] = 77.0
    caption = captions_of(replace(record, curves=record.curves.assign(value=values)))["gradient_norm"]
    assert "The largest norm recorded is 77 (rnn, copy, gap 10, seed 0, step 40)" in caption
    assert "under 1 % of all records lie above 1, where clipping acts" in caption
    unclipped = replace(record, runs=record.runs.assign(**{"training.clip_norm": np.nan}))
    assert "clipping acts" not in captions_of(unclipped)["gradient_norm"]


# Flow, reach, slots


def test_figures_of_measured_gradients_hold_no_theory_and_no_snapshot() -> None:
    record = small()
    old = synthetic.before_the_diagnosis(record)
    for name in ("gradient_by_lag", "gradient_by_lag_cell"):
        new, before = (next(p for p in plots.all_plots(r) if p.name == name) for r in (record, old))
        assert new.caption == before.caption
        assert len(new.figure.axes) == len(before.figure.axes)
        for ax, other in zip(new.figure.axes, before.figure.axes, strict=True):
            assert len(ax.lines) == len(other.lines)


def test_flow_caption_gives_decay_half_life_and_what_is_left_at_the_gap() -> None:
    record = small()
    decays = record.runs.assign(decay_init=np.log(2) / 4, decay_end=-0.1)
    told = captions_of(replace(record, runs=decays))["flow"]
    assert "On copy at gap 50, decay per step" in told
    assert "rnn 0.17 nats (4.0 steps; 10⁻¹⁵) → −0.10 nats (it grows; 10⁻⁷)" in told
    assert "nats" not in captions_of(replace(record, runs=decays.assign(decay_init=np.nan, decay_end=np.nan)))["flow"]


def test_flow_caption_says_whether_the_bounds_hold() -> None:
    record = small()
    assert "curves of rnn stay within their bounds at every lag" in captions_of(record)["flow"]
    one = record.lags[(record.lags.state == "path") & (record.lags.gap == 50) & (record.lags.lag == 7)].index[:1]
    lags = record.lags.assign(log10_gradient=record.lags.log10_gradient.mask(record.lags.index.isin(one), -40.0))
    told = captions_of(replace(record, lags=lags))["flow"]
    assert "disagree: rnn lies above the bound along the path at 1 lag" in told


def test_flow_caption_sets_the_direct_path_beside_the_measurement_of_the_cell() -> None:
    record = small()
    there = {"direct_best": -1.0, "direct_mean": -2.0, "c": -3.0, "h": -4.0}
    lags = record.lags.assign(log10_gradient=record.lags.state.map(there).fillna(0.0))
    told = captions_of(replace(record, lags=lags))["flow"]
    assert "lstm 0.10 / 0.010 / 10⁻³ (best unit 100 times more)" in told


def test_without_training_there_is_the_initialisation_alone() -> None:
    drawn = {plot.name: plot for plot in plots.all_plots(synthetic.without_training(small()))}
    rows = {ax.get_ylabel() for ax in drawn["flow"].figure.axes} - {""}
    assert rows == {"copy, gap 50\nat initialisation"}
    told = " ".join(drawn["flow"].caption)
    assert "at initialisation: rnn 0.69 nats (1.0 steps" in told
    assert "→" not in told


def test_the_inputs_of_a_core_that_states_no_step_are_followed_and_named_so() -> None:
    record = small(arms=("rnn", "stepless"))
    drawn = {plot.name: plot for plot in plots.all_plots(record)}
    inputs = drawn["gradient_by_lag_inputs"]
    assert inputs.title == "Gradient against lag, inputs (the core states no step)"
    assert (
        "with respect to the inputs (the core states no step) so many steps earlier, relative to the inputs at lag 0"
        in inputs.caption[0]
    )
    assert re.search(r"reaches the evidence is 10⁻⁵ before and .* for stepless", " ".join(inputs.caption))
    assert "stepless" not in " ".join(drawn["gradient_by_lag"].caption)
    (flow, snapshots) = (" ".join(drawn[name].caption) for name in ("flow", "flow_snapshots"))
    assert "Of stepless, whose core states no step: dotted, the gradient of the inputs, relative to lag 0." in flow
    assert "Of stepless, whose core states no step: the gradient of the inputs" in snapshots
    legend = [text.get_text() for text in drawn["flow"].figure.legends[0].get_texts()]
    assert legend[:2] == ["measured, hidden state", "measured, inputs (the core states no step)"]
    assert all(ax.lines for ax in drawn["flow"].figure.axes)


def test_snapshots_of_a_run_that_has_stopped_stay_as_they_were_at_its_end() -> None:
    rows = [("a", "init", 0, 0.0), ("a", "end", 100, -2.0), ("b", "init", 0, 0.0), ("b", "step_200", 200, -8.0),
            ("b", "end", 300, -6.0)]  # fmt: skip
    lags = pd.DataFrame(rows, columns=["run_id", "stage", "steps", "log10_gradient"]).assign(lag=1)
    runs = lags[lags.stage == "end"]
    found = tables.through_training(tables.with_steps(lags, runs)).loc[1]
    assert dict(found) == {0: 0.0, 200: -5.0, 300: -4.0}


def test_snapshots_are_told_where_there_are_some() -> None:
    record = small()
    assert "On copy, at lag 50: rnn from 10⁻¹⁵ to 10" in captions_of(record)["flow_snapshots"]
    without = replace(record, lags=record.lags[record.lags.stage != "step_100"])
    assert "flow_snapshots" not in captions_of(without)


def test_the_reach_of_a_seed_is_censored_where_it_solved_all_gaps_or_none() -> None:
    outcomes = {("copy", "rnn", 10, 0): "unsolved"}
    reach = tables.reach_table(small(outcomes=outcomes).runs).set_index(["arm", "seed"])
    assert reach.longest["rnn", 0] == 0
    assert reach.longest["rnn", 1] == 10
    assert reach.longest["lstm", 0] == np.inf
    assert reach.decay["rnn", 1] == pytest.approx(0.3 * np.log(10) + 0.001)


def test_reach_caption_correlates_and_names_the_exception() -> None:
    told = captions_of(small())["decay_and_reach"]
    assert "less decay goes with a longer gap" in told
    assert "0 solved no gap tested, 4 all of them" in told
    assert "No pair of points of two arms goes against the rule" in told
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, 1): "solved" for gap in GAPS}
    told = captions_of(small(outcomes=swapped))["decay_and_reach"]
    assert "less decay and yet a shorter gap): 5, most of all lstm seed 0 (0.14 nats per step, none solved)" in told
    assert "against rnn seed 1 (0.69 nats per step, all solved)" in told


def test_reach_is_drawn_only_where_there_is_more_than_one_gap() -> None:
    assert "decay_and_reach" in captions_of(small(seeds=[0]))
    assert "decay_and_reach" not in captions_of(small(seeds=[0], gaps=(10,)))


def test_slots_caption_gives_the_profile_of_each_arm() -> None:
    told = captions_of(small())["slots"]
    assert "on copy at gap 50: rnn 0.500 / 0.250 / 0.125; lstm 0.999 / 0.998 / 0.997" in told
    assert "slots" not in captions_of(small(tasks=("adding",)))


# Why runs failed


def test_the_best_and_the_worst_gated_arm_are_looked_into_with_all_that_is_to_be_seen() -> None:
    record = small(arms=("rnn", "lstm", "lstm_chrono"), gaps=(10, 50, 100))
    best, worst = list(plots.all_plots(record, synthetic.traces(record)))[-2:]
    assert (best.name, best.run_ids) == ("trace_best", ("copy-lstm_chrono-gap100-seed0",))
    assert (worst.name, worst.run_ids) == ("trace_worst", ("copy-lstm-gap100-seed0",))
    assert worst.title == "Inside the worst gated arm: lstm"
    told = " ".join(worst.caption)
    for part in (
        "lstm is the worst of the gated arms by runs solved, then by steps (9 of 15 runs solved their task)",
        "on copy at gap 100 with seed 0 (unsolved after 2,000 steps; run copy-lst)",
        "the forget gate, the input gate and the output gate (0 shut, 1 open) and the cell state and the hidden state",
        "by timescale, longest on top",
        "The evidence (orange) is shown at steps 0 and 2, and the question (dashed) is asked at step 10",
        "10⁻⁵ for the hidden state and 10⁻³ for the cell state is left at the first evidence",
    ):
        assert part in told, part


def test_a_model_that_was_not_saved_and_a_record_without_gated_arms_are_not_looked_into() -> None:
    record = small()
    assert not [plot for plot in plots.all_plots(record) if plot.name.startswith("trace")]
    plain = small(arms=("rnn", "irnn"))
    assert synthetic.traces(plain) == {}
    (only,) = (p for p in plots.all_plots(record, synthetic.traces(record)) if p.name.startswith("trace"))
    assert only.title == "Inside the only gated arm: lstm"
    assert "lstm is the only gated arm" in only.caption[0]


def test_every_label_is_counted_and_comes_with_its_evidence() -> None:
    record = small(outcomes={("copy", "rnn", 50, 1): "diverged"})
    text = text_of(page_of(record))
    assert "6 runs did not solve the task: 5 memoryless and 1 diverged" in text
    assert re.search(r"copy rnn 50 4 1 memoryless: its loss after seed 0 .* \(seed 0\); diverged: a loss or gr", text)
    assert "copy rnn 50 3 memoryless its loss after seed 3 is that of a model with no memory" in text
    assert "Why a run failed One label per unsolved run" in text


def test_runs_whose_gradient_was_not_finite_are_listed_with_where() -> None:
    record = small(seeds=range(2))
    assert "Gradients that were not finite" not in text_of(page_of(record))
    where = record.runs.run_id.map({"copy-rnn-gap50-seed1": "h at init: from lag 3 on in sample 7"}).fillna("")
    text = text_of(page_of(replace(record, runs=record.runs.assign(not_finite=where))))
    assert "Gradients that were not finite" in text
    assert "copy rnn 50 1 h at init: from lag 3 on in sample 7" in text


def test_without_failures_there_is_no_section_on_them() -> None:
    text = text_of(page_of(small(seeds=range(2), outcomes=all_cells("solved"))))
    assert "Why runs failed" not in text
    assert "Why a run failed" not in text


def test_the_page_states_the_thresholds_of_the_diagnosis() -> None:
    text = text_of(page_of(small(seeds=[0])))
    assert f"within {diagnosis.AT_BASELINE:.0%}".replace("%", " %") in text.replace("\N{NO-BREAK SPACE}", " ")
    assert f"by {diagnosis.LEAST_FALL:.0%} or more".replace("%", " %") in text.replace("\N{NO-BREAK SPACE}", " ")
    assert (diagnosis.RECENT, "last third" in text) == (1 / 3, True)


def test_records_without_labels_theory_and_slots_still_make_a_report() -> None:
    old = synthetic.before_the_diagnosis(small(seeds=range(2)))
    drawn = {"success", "time_to_solve", "growth", "loss"}
    drawn |= {"gradient_by_lag", "gradient_by_lag_cell", "gradient_norm", "gradient_blocks"}
    assert set(captions_of(old)) == drawn
    assert "Why runs failed" not in text_of(page_of(old))


# The page


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
    assert "&lt;b&gt;ValueError&lt;/b&gt; &amp; more" in page_of(record)


def test_settings_that_differ_within_a_cell_are_pointed_out() -> None:
    record = small(seeds=range(2))
    assert settings.mixed(record.runs) == []
    rates = np.where(record.runs.seed == 0, 0.003, 0.01)
    record = replace(record, runs=record.runs.assign(**{"training.learning_rate": rates}))
    assert settings.mixed(record.runs) == ["training.learning_rate"]
    assert "Caution: the setting training.learning_rate differs" in text_of(page_of(record))


# Odd records


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
    text = text_of(page_of(record))
    assert "The answer" in text
    assert not re.search(r"\bnan\b|\bNone\b(?! of| were|:)", text), name


def test_a_record_of_crashes_says_that_there_is_nothing_to_draw(tmp_path: Path) -> None:
    text = text_of(write_report(small(outcomes=all_cells("failed")), tmp_path).read_text(encoding="utf-8"))
    assert "No run came to a result, so there is nothing to draw" in text
    assert "None of the 20 runs came to a result" in text
    assert "Crashed or not finished: 20" in text
    assert not list((tmp_path / "figures").iterdir())


def test_a_run_cut_before_it_told_anything_is_listed() -> None:
    record = small(seeds=[0])
    unknown = {"steps": np.nan, "seconds": np.nan, "parameters": 0, "outcome": "unfinished", "status": "KILLED"}
    cut = record.runs.iloc[[0]].assign(run_id="cut", run_name="cut early", task="recall", **unknown)
    text = text_of(page_of(replace(record, runs=pd.concat([record.runs, cut], ignore_index=True))))
    assert "cut early recall rnn 10 0 KILLED not known not recorded" in text
    assert "On recall, no run has finished" in text
    assert "0 or 4,545" not in text


def test_the_command_that_repeats_a_run_is_given_where_it_is_known() -> None:
    record = small(seeds=[0], outcomes={("copy", "rnn", 10, 0): "failed"})
    record = replace(record, runs=record.runs.assign(command="python -m seqbench task=copy"))
    assert "worker died (signal 9) python -m seqbench task=copy" in text_of(page_of(record))


def test_runs_still_going_are_listed_and_not_counted() -> None:
    record = small(seeds=range(2))
    going = (record.runs.seed == 1) & (record.runs.arm == "rnn")
    runs = record.runs.assign(
        status=record.runs.status.mask(going, "RUNNING"), outcome=record.runs.outcome.mask(going, None)
    )
    text = text_of(page_of(replace(record, runs=runs)))
    assert "6 of 8 runs came to a result" in text
    assert "RUNNING" in text


def test_a_record_without_curves_or_lags_has_only_the_figures_of_success_and_of_its_time() -> None:
    record = synthetic.before_the_diagnosis(small())
    bare = replace(record, curves=record.curves.iloc[:0], lags=record.lags.iloc[:0])
    assert list(captions_of(bare)) == ["success", "time_to_solve", "growth"]


def test_gradients_that_are_not_finite_are_left_out() -> None:
    record = small()
    gone = record.lags.arm == "rnn"
    lags = record.lags.assign(log10_gradient=record.lags.log10_gradient.mask(gone))
    runs = record.runs.assign(gradient_at_gap_end=record.runs.gradient_at_gap_end.mask(record.runs.arm == "rnn"))
    told = captions_of(replace(record, lags=lags, runs=runs))["gradient_by_lag"]
    assert "for lstm" in told
    assert "for rnn" not in told


# Palette and wording


def test_known_arms_always_look_the_same_and_no_two_arms_alike() -> None:
    assert palette.looks(["lstm", "rnn"])["lstm"] == palette.looks(["lstm", "gru", "mine"])["lstm"]
    many = palette.looks([*palette.KNOWN, *(f"arm {number}" for number in range(12))])
    assert len(set(many.values())) == len(many)
    assert len({look.colour for look in palette.looks([*palette.KNOWN, "mine", "yours"]).values()}) == 9


def test_an_unknown_arm_keeps_its_look_whatever_its_neighbours() -> None:
    assert palette.looks(["mine"])["mine"] == palette.looks(["rnn", "mine", "lstm"])["mine"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (wording.number(0.1), "0.10"),
        (wording.number(7.1), "7.1"),
        (wording.number(1234.5), "1,234"),
        (wording.number(0), "0"),
        (wording.number(2.4e-7), "2·10⁻⁷"),
        (wording.number(float("nan")), "n/a"),
        (wording.level(1 / 6), "0.167"),
        (wording.from_log10(-300.4), "10⁻³⁰⁰"),
        (wording.from_log10(-0.5), "0.32"),
        (wording.listed([10, 20, 50]), "10, 20 and 50"),
        (wording.duration(90), "1.5 minutes"),
        (wording.duration(9000), "2.5 hours"),
        (wording.percent(0.0001), "under 1 %"),
        (wording.percent(0.2), "20 %"),
        (wording.share(1, 1), "1 of 1 run"),
        (wording.share(0, 3), "None of the 3 runs"),
    ],
)
def test_numbers_read_plainly(text: str, expected: str) -> None:
    assert text == expected
