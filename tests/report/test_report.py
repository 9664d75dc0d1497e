"""The report: what it says agrees with the record, whatever the record is like."""

import re
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import GAPS, SEEDS, all_cells, page_of, small, text_of
from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import by_lag
from seqbench.analysis import cells as tables
from seqbench.analysis import reach as reaching
from seqbench.record.values import Record
from seqbench.report import captions, plots, render


def captions_of(record: Record) -> dict[str, str]:
    return {plot.name: " ".join(plot.caption) for plot in plots.all_plots(record)}


# What is written


def test_a_users_matplotlib_settings_change_nothing_and_are_left_alone() -> None:
    plot = next(plots.all_plots(small()))
    usual = render.svg(plot.figure, "x")
    with mpl.rc_context({"axes.facecolor": "red", "font.size": 30, "svg.fonttype": "none"}):
        before = dict(mpl.rcParams)
        assert render.svg(next(plots.all_plots(small())).figure, "x") == usual
        assert dict(mpl.rcParams) == before


# Tables


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
    found = by_lag.through_training(by_lag.with_steps(lags, runs)).loc[1]
    assert dict(found) == {0: 0.0, 200: -5.0, 300: -4.0}


def test_snapshots_are_told_where_there_are_some() -> None:
    record = small()
    assert "On copy, at lag 50: rnn from 10⁻¹⁵ to 10" in captions_of(record)["flow_snapshots"]
    without = replace(record, lags=record.lags[record.lags.stage != "step_100"])
    assert "flow_snapshots" not in captions_of(without)


def test_the_reach_of_a_seed_is_censored_where_it_solved_all_gaps_or_none() -> None:
    outcomes = {("copy", "rnn", 10, 0): "unsolved"}
    reach = reaching.reach_table(small(outcomes=outcomes).runs).set_index(["arm", "seed"])
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


def test_records_without_labels_theory_and_slots_still_make_a_report() -> None:
    old = synthetic.before_the_diagnosis(small(seeds=range(2)))
    drawn = {"success", "time_to_solve", "growth", "loss"}
    drawn |= {"gradient_by_lag", "gradient_by_lag_cell", "gradient_norm", "gradient_blocks"}
    assert set(captions_of(old)) == drawn
    assert "Why runs failed" not in text_of(page_of(old))


# The page


# Odd records


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
