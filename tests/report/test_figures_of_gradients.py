"""Gradients by lag and through training: captions follow the data, and only what was measured is drawn."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic

from reports import GAPS, SEEDS, all_cells, caption, drawn_by, small
from seqbench.analysis.findings import findings
from seqbench.record.names import EXACT_APART
from seqbench.record.values import Record


def test_gradient_caption_gives_the_medians_at_the_evidence() -> None:
    record = small()
    told = caption("gradient_by_lag", record)
    assert "rnn 8·10⁻¹⁶ → not solved 4·10⁻⁸ (0 of 5 solved)" in told
    steeper = record.runs.assign(gradient_at_gap_init=record.runs.gradient_at_gap_init * 2)
    assert "rnn 6·10⁻³¹ →" in caption("gradient_by_lag", replace(record, runs=steeper))


def test_gradients_after_training_are_told_apart_by_outcome_with_the_share_of_sequences_that_have_none() -> None:
    record = small()
    end = record.runs.gradient_at_gap_end.mask(record.runs.arm == "lstm", -3.0)
    end = end.mask((record.runs.arm == "lstm") & (record.runs.outcome != "solved"), -36.0)
    zero = (record.runs.outcome == "solved") * 0.25
    told = caption(
        "gradient_by_lag", replace(record, runs=record.runs.assign(gradient_at_gap_end=end, zero_at_gap_end=zero))
    )
    assert "→ solved 1·10⁻³ [zero in 25 %], not solved 1·10⁻³⁶ (4 of 5 solved)" in told
    assert "“zero in …”: the share of sequences whose gradient is exactly zero" in told


def test_gradient_caption_admits_the_exception() -> None:
    told = caption("gradient_by_lag", small())
    assert "No arm with at least ten times the gradient of another at initialisation solved less often" in told
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    told = caption("gradient_by_lag", small(outcomes=swapped))
    assert "with at least ten times as much, lstm solved less often than rnn" in told


def test_gradients_that_are_not_finite_are_left_out() -> None:
    record = small()
    gone = record.lags.arm == "rnn"
    lags = record.lags.assign(log10_gradient=record.lags.log10_gradient.mask(gone))
    runs = record.runs.assign(gradient_at_gap_end=record.runs.gradient_at_gap_end.mask(record.runs.arm == "rnn"))
    told = caption("gradient_by_lag", replace(record, lags=lags, runs=runs))
    assert "lstm" in told
    assert "rnn" not in told


def test_norm_caption_finds_the_largest_record_and_the_share_that_is_clipped() -> None:
    record = small()
    norms = record.curves[record.curves.metric == "gradient/norm"]
    values = record.curves.value.where(record.curves.metric != "gradient/norm", 0.5)
    values[norms.index[0]] = 77.0
    told = caption("gradient_norm", replace(record, curves=record.curves.assign(value=values)))
    assert "The largest norm drawn is 77 (rnn, copy, gap 10, seed 0, step 40)" in told
    assert "under 1 % of the records drawn lie above 1, where clipping acts" in told
    unclipped = replace(record, runs=record.runs.assign(**{"training.clip_norm": np.nan}))
    assert "clipping acts" not in caption("gradient_norm", unclipped)


def test_figures_of_measured_gradients_hold_no_theory_and_no_snapshot() -> None:
    record = small()
    old = synthetic.before_the_diagnosis(record)
    drawn = [drawn_by("gradient_by_lag", one) for one in (record, old)]
    assert list(drawn[0]) == ["gradient_by_lag", "gradient_by_lag_cell"]
    for new, before in zip(drawn[0].values(), drawn[1].values(), strict=True):
        assert new.caption == before.caption
        assert len(new.figure.axes) == len(before.figure.axes)
        for ax, other in zip(new.figure.axes, before.figure.axes, strict=True):
            assert len(ax.lines) == len(other.lines)


def test_flow_caption_gives_decay_half_life_and_what_is_left_at_the_gap() -> None:
    record = small()
    decays = record.runs.assign(decay_init=np.log(2) / 4, decay_end=-0.1)
    told = caption("flow", replace(record, runs=decays))
    assert "On copy at gap 50, decay per step" in told
    assert "rnn 0.17 nats (4.0 steps; 8·10⁻¹⁶) → not solved −0.10 nats (it grows; 4·10⁻⁸)" in told
    assert "nats" not in caption("flow", replace(record, runs=decays.assign(decay_init=np.nan, decay_end=np.nan)))


def test_flow_caption_says_whether_the_bounds_hold() -> None:
    record = small()
    assert "curves of rnn stay within their bounds at every lag" in caption("flow", record)
    one = record.lags[(record.lags.state == "path") & (record.lags.gap == 50) & (record.lags.lag == 7)].index[:1]
    lags = record.lags.assign(log10_gradient=record.lags.log10_gradient.mask(record.lags.index.isin(one), -40.0))
    told = caption("flow", replace(record, lags=lags))
    assert "disagree: rnn lies above the bound along the path at 1 lag" in told


def test_flow_caption_sets_the_direct_path_beside_the_measurement_of_the_cell() -> None:
    record = small()
    there = {"direct_best": -1.0, "direct_mean": -2.0, "c": -3.0, "h": -4.0}
    lags = record.lags.assign(log10_gradient=record.lags.state.map(there).fillna(0.0))
    told = caption("flow", replace(record, lags=lags))
    assert "lstm, solved: 0.10 / 0.010 / 1·10⁻³ (best unit 100 times more than the cell state)" in told
    assert "lstm, not solved: 0.10 / 0.010 / 1·10⁻³" in told


def test_without_training_there_is_the_initialisation_alone() -> None:
    flow = drawn_by("flow", synthetic.without_training(small()))["flow"]
    rows = {ax.get_ylabel() for ax in flow.figure.axes} - {""}
    assert rows == {"copy, gap 50\nat initialisation"}
    told = " ".join(flow.caption)
    assert "at initialisation: rnn 0.69 nats (1.0 steps" in told
    assert "→" not in told


def test_the_inputs_of_a_core_that_states_no_step_are_followed_and_named_so() -> None:
    record = small(arms=("rnn", "stepless"))
    drawn = drawn_by("gradient_by_lag", record) | drawn_by("flow", record) | drawn_by("flow_snapshots", record)
    inputs = drawn["gradient_by_lag_inputs"]
    assert inputs.title == "Gradient against lag, inputs (the core states no step)"
    assert (
        "with respect to the inputs (the core states no step) so many steps earlier, relative to the inputs at lag 0"
        in inputs.caption[0]
    )
    assert re.search(
        r"reaches the evidence at initialisation → after training: stepless 9·10⁻⁶", " ".join(inputs.caption)
    )
    assert "stepless" not in " ".join(drawn["gradient_by_lag"].caption)
    (flow, snapshots) = (" ".join(drawn[name].caption) for name in ("flow", "flow_snapshots"))
    assert "Of stepless, whose core states no step: dotted, the gradient of the inputs, relative to lag 0." in flow
    assert "Of stepless, whose core states no step: the gradient of the inputs" in snapshots
    legend = [text.get_text() for text in drawn["flow"].figure.legends[0].get_texts()]
    assert legend[:2] == ["measured, hidden state", "measured, inputs (the core states no step)"]
    assert all(ax.lines for ax in drawn["flow"].figure.axes)


def test_snapshots_are_told_where_there_are_some() -> None:
    record = small()
    assert "On copy, at lag 50: rnn, not solved: from 1·10⁻¹⁵ to 2·10⁻¹²" in caption("flow_snapshots", record)
    assert "lstm, solved: from 1·10⁻³ to 0.0" in caption("flow_snapshots", record)
    without = replace(record, lags=record.lags[record.lags.stage != "step_100"])
    assert drawn_by("flow_snapshots", without) == {}


def test_reach_caption_correlates_and_names_the_exception() -> None:
    told = caption("decay_and_reach", small())
    assert "rank correlation over all 2 arms is −1.00 (permutation test, p = 1): no relation is shown." in told
    assert "So few arms cannot give a p-value below 1." in told
    assert "lstm beyond the longest gap tested" in told
    assert "No pair of arms goes against the rule" in told
    swapped = all_cells("unsolved") | {("copy", "rnn", gap, seed): "solved" for gap in GAPS for seed in SEEDS}
    told = caption("decay_and_reach", small(outcomes=swapped))
    assert "by the estimates of gap50): 1 of 1; lstm decays less than rnn, and reaches less far." in told


def test_arms_whose_gap_is_open_stand_above_one_another_and_hide_none() -> None:
    """Gaps 10 and 50: the row "< 10" lies at 10 / 1.5 = 6.67, and 1.5 to the power of 0.3 is 1.129."""
    plot = drawn_by("decay_and_reach", small(outcomes=all_cells("unsolved")))["decay_and_reach"]
    points = [line for line in plot.figure.axes[0].lines if len(line.get_xdata()) == 1]
    assert sorted(float(line.get_ydata()[0]) for line in points) == pytest.approx([5.90, 7.53], abs=0.01)


def test_reach_is_drawn_only_where_there_is_more_than_one_gap() -> None:
    assert drawn_by("decay_and_reach", small(seeds=[0]))
    assert not drawn_by("decay_and_reach", small(seeds=[0], gaps=(10,)))


def test_a_state_of_whatever_name_has_a_figure_and_a_line_of_its_own() -> None:
    record = small(seeds=range(2))
    renamed = replace(record, lags=record.lags.assign(state=record.lags.state.replace("c", "layer2.c")))
    assert list(drawn_by("gradient_by_lag", renamed)) == ["gradient_by_lag", "gradient_by_lag_layer2_c"]
    flow = drawn_by("flow", renamed)["flow"]
    assert "thick; hidden state solid, layer2.c dashed)" in flow.caption[0]
    legend = [text.get_text() for text in flow.figure.legends[0].get_texts()]
    assert legend[:2] == ["measured, hidden state", "measured, layer2.c"]
    assert "times less than the layer2.c)." in " ".join(flow.caption)


def test_the_caption_names_the_lines_that_are_drawn() -> None:
    """Without a gated arm there is no cell state, and nothing dashed."""
    (told, *_) = drawn_by("flow", small(arms=("rnn",), seeds=range(2)))["flow"].caption
    assert "(thick; hidden state solid)" in told


def test_the_direct_path_is_set_beside_a_state_of_the_arms_that_have_one() -> None:
    """A core without gates may have a state of its own, which no gate keeps."""
    record = small(seeds=range(2))
    sums = record.lags[(record.lags.arm == "rnn") & (record.lags.state == "h")].assign(state="sum")
    gru = record.lags[record.lags.state != "c"]
    told = caption("flow", replace(record, lags=pd.concat([gru, sums], ignore_index=True)))
    assert " / measured: lstm" in told
    assert "than the hidden state)" in told
    assert "sum)" not in told


def with_exact(record: Record, apart: float, off: float = 0.0) -> Record:
    """The record with the cell of its LSTM as that of a core whose theory is exact, or `off` by so much a step."""
    cells = record.lags[record.lags.state == "c"]
    exact = cells.assign(state="exact", log10_gradient=cells.log10_gradient + off * cells.lag)
    runs = record.runs[(record.runs.arm == "lstm") & (record.runs.gap == 50)]
    told = runs[["run_id", "task", "arm", "gap", "seed"]].assign(metric=f"{EXACT_APART}end", step=0, value=apart)
    return replace(record, lags=pd.concat([record.lags, exact], ignore_index=True), metrics=told)


def test_exact_theory_is_drawn_over_the_measured_line_and_said_to_agree_or_not() -> None:
    flow = drawn_by("flow", with_exact(small(seeds=range(2)), 4e-13))["flow"]
    assert (
        "Where theory is exact, measured and exact gradient of the memory differ, at the lag where they differ most, "
        "by lstm 4·10⁻¹³ decades: the two agree to rounding."
    ) in " ".join(flow.caption)
    legend = [text.get_text() for text in flow.figure.legends[0].get_texts()]
    assert "exact, by the whole direct path alone" in legend
    highest = [max(ax.lines, key=lambda line: line.get_zorder()) for ax in flow.figure.axes if ax.lines]
    assert any(line.get_linewidth() < 2 for line in highest)
    off = caption("flow", with_exact(small(seeds=range(2)), 0.5, off=0.01))
    assert "by lstm 0.50 decades: lstm is not what theory says." in off


def test_of_an_exact_direct_path_the_gates_are_told_alone_and_nothing_is_said_to_add_to_it() -> None:
    """The gates keep 10 times what is left of the cell; the exact curve is drawn on the measured one."""
    record = with_exact(small(seeds=range(2)), 0.0)
    there = {"direct_best": -1.0, "direct_mean": -2.0, "c": -2.0, "exact": -2.0, "h": -4.0}
    lags = record.lags.assign(log10_gradient=record.lags.state.map(there).fillna(0.0))
    told = caption("flow", replace(record, lags=lags))
    assert (
        "where theory is exact, the gates alone by their best unit / by the mean of their units / measured: lstm, "
        "solved: 0.10 / 0.010 / 0.010 (best unit 10 times more than the cell state)"
    ) in told
    assert "direct path by its best unit" not in told
    assert "Where the memory is linear in itself (lstm), no other path adds to it" in told
    assert "it is no bound" not in told.lower()


def test_without_exact_theory_nothing_is_said_of_it() -> None:
    assert "exact" not in caption("flow", small(seeds=range(2)))


def test_states_that_mean_nothing_by_themselves_are_in_the_record_and_not_in_the_report() -> None:
    """The cell of lstm is drawn, its stabiliser m is not, in no layer; an m of another core is its own affair."""
    record = small(seeds=range(2))
    cell = record.lags[record.lags.state == "c"]
    of_rnn = record.lags[(record.lags.arm == "rnn") & (record.lags.state == "h")]
    more = [cell.assign(state="m"), cell.assign(state="m layer 2"), of_rnn.assign(state="m")]
    lags = pd.concat([record.lags, *more], ignore_index=True)
    runs = record.runs.assign(auxiliary_states=record.runs.arm.map({"lstm": "n, m", "rnn": ""}))
    found = findings(replace(record, lags=lags, runs=runs))
    assert {arm: sorted(own.state.unique()) for arm, own in found.lags.groupby("arm")}["rnn"] == sorted(
        {*record.lags.state[record.lags.arm == "rnn"], "m"}
    )
    assert set(found.lags.state[found.lags.arm == "lstm"]) == set(record.lags.state[record.lags.arm == "lstm"])
    assert "m" in found.record.lags.state[found.record.lags.arm == "lstm"].tolist()


def test_states_of_different_arms_may_share_a_line_and_those_of_one_do_not() -> None:
    """c of lstm and S of rnn are the second state of their arm, x of lstm the third."""
    record = small(seeds=range(2))
    cell, rnn = (
        record.lags[record.lags.state == "c"],
        record.lags[(record.lags.arm == "rnn") & (record.lags.state == "h")],
    )
    more = [cell.assign(state="x"), rnn.assign(state="S")]
    told = caption("flow", replace(record, lags=pd.concat([record.lags, *more], ignore_index=True)))
    assert "hidden state solid" in told
    assert "S dashed" in told
    assert "cell state dashed" in told
    assert "x dash-dotted" in told


def stacked() -> Record:
    """The LSTM of the record as one of two layers: its memory is left in the top layer a tenth as much."""
    record = small(seeds=range(2))
    rest, cell = record.lags[record.lags.state != "c"], record.lags[record.lags.state == "c"]
    hidden = record.lags[(record.lags.state == "h") & (record.lags.arm == "lstm")]
    parts = [hidden.assign(state=f"h layer {n}") for n in (1, 2)] + [cell.assign(state="c layer 1")]
    top = cell.assign(state="c layer 2", log10_gradient=cell.log10_gradient - 1)
    return replace(record, lags=pd.concat([rest, *parts, top], ignore_index=True))


def test_the_states_of_each_layer_are_drawn_with_the_line_of_their_kind_the_lower_the_paler() -> None:
    drawn = drawn_by("flow", stacked())["flow"]
    assert "(thick; hidden state solid, cell state dashed)" in drawn.caption[0]
    assert "the lower the paler" in drawn.caption[1]
    legend = [text.get_text() for text in drawn.figure.legends[0].get_texts()]
    assert legend[:4] == ["measured, hidden state", "measured, cell state", "lowest layer", "top layer"]
    lstm = next(ax for ax in drawn.figure.axes if ax.get_title(loc="left") == "lstm")
    thick = [(line.get_linestyle(), line.get_alpha()) for line in lstm.lines if line.get_linewidth() > 2]
    assert sorted(thick) == [("-", 0.35), ("-", 1.0), ("--", 0.35), ("--", 1.0)]
    rnn = next(ax for ax in drawn.figure.axes if ax.get_title(loc="left") == "rnn")
    assert [line.get_alpha() for line in rnn.lines if line.get_linewidth() > 2] == [1.0]


def test_the_direct_path_of_a_stack_is_set_beside_the_memory_of_its_top_layer() -> None:
    there = {"direct_best": -1.0, "direct_mean": -2.0, "c layer 1": -3.0, "c layer 2": -4.0, "h": -5.0}
    record = stacked()
    lags = record.lags.assign(log10_gradient=record.lags.state.map(there).fillna(0.0))
    told = caption("flow", replace(record, lags=lags))
    assert "lstm, solved: 0.10 / 0.010 / 1·10⁻⁴ (best unit 1,000 times more than the cell state of layer 2)" in told


def test_each_state_of_a_layer_has_a_figure_of_its_own() -> None:
    drawn = drawn_by("gradient_by_lag", stacked())
    assert list(drawn) == [
        "gradient_by_lag", "gradient_by_lag_hidden_layer_1", "gradient_by_lag_cell_layer_1",
        "gradient_by_lag_hidden_layer_2", "gradient_by_lag_cell_layer_2",
    ]  # fmt: skip
    assert "Of a stack, it is that of the hidden states of all layers together." in drawn["gradient_by_lag"].caption[1]
    assert drawn["gradient_by_lag_cell_layer_2"].title == "Gradient against lag, cell state of layer 2"
    alone = drawn_by("gradient_by_lag", small(seeds=range(2)))
    assert "stack" not in " ".join(alone["gradient_by_lag"].caption)
