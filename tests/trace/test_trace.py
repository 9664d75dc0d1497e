"""One sequence through a saved model: what is drawn is what happened, and what cannot be drawn is explained."""

import os
import re
import sys
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from builders import Opaque, gapped, load_core, load_task, make_spec
from recording import MLFLOW_WARNINGS, STARTED, UNSOLVED, plan_of, put_database, record
from recording import recorded as runs_of
from safetensors.torch import save
from scripted import is_reaped
from torch import nn

from seqbench.analysis.findings import findings
from seqbench.analysis.gated import best_and_worst
from seqbench.config import Layers
from seqbench.events import Saved
from seqbench.gradients.flow import gradient_by_lag
from seqbench.models.base import SequenceModel
from seqbench.models.stack import Stack
from seqbench.record.finding import NoSuchModel
from seqbench.record.saved import load_saved
from seqbench.record.values import Record
from seqbench.report import forks, traces
from seqbench.report.traces import Looks
from seqbench.report.traces import traced as traced_by_report
from seqbench.tasks.base import Batch
from seqbench.trace.__main__ import main
from seqbench.trace.figure import trace_figure
from seqbench.trace.sequence import sequence_of_test, trace
from seqbench.trace.telling import telling
from seqbench.training.fit import build

pytestmark = MLFLOW_WARNINGS


def traced(arm="lstm", task="copy", **knobs):
    task = load_task(task, **{"gap": 4, **knobs})
    core = Opaque(task.input_size) if arm == "opaque" else load_core(arm, task.input_size, hidden_size=4)
    model = SequenceModel(core, task.output_size).double()
    batch = sequence_of_test(task, seed=1, index=2, sequences=30)
    return model, task, batch, trace(model, task, batch)


# -- the values --------------------------------------------------------------------------------------------


def test_the_gates_and_states_of_an_lstm_are_those_computed_by_hand():
    model, _, batch, found = traced("lstm")
    W_ih, W_hh, b_ih, b_hh = (p.detach().numpy() for p in model.core.layer.all_weights[0])
    h, c, by_hand = np.zeros(4), np.zeros(4), {name: [] for name in ("forget", "input", "output", "c", "h")}
    candidates = []
    for x in batch.inputs[0].double().numpy():
        i, f, g, o = np.split(W_ih @ x + b_ih + W_hh @ h + b_hh, 4)
        i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
        c = f * c + i * np.tanh(g)
        candidates.append(np.tanh(g))
        h = o * np.tanh(c)
        for name, value in (("forget", f), ("input", i), ("output", o), ("c", c), ("h", h)):
            by_hand[name].append(value)
    order = np.argsort(-np.mean(by_hand["forget"], 0))
    assert not np.array_equal(order, np.arange(4))
    shown = {**found.gates, **found.states}
    assert list(shown) == list(by_hand)
    for name, values in by_hand.items():
        np.testing.assert_allclose(shown[name], np.array(values).T[order], rtol=1e-12)
    np.testing.assert_allclose(found.candidate, np.array(candidates).T[order], rtol=1e-12)
    assert (np.diff(found.gates["forget"].mean(1)) <= 0).all()


@pytest.mark.parametrize(
    ("arm", "gates", "states"),
    [
        ("gru", ["update", "reset"], ["h"]),
        ("rnn", [], ["h"]),
        ("opaque", [], ["h"]),
        ("window", [], ["h"]),
        ("bag", [], ["sum", "h"]),
        ("slstm", ["keep", "forget", "output"], ["c", "h"]),  # not n and m, which say in which unit c is held
    ],
)
def test_every_core_shows_what_it_has(arm, gates, states):
    model, _, batch, found = traced(arm)
    assert (list(found.gates), list(found.states)) == (gates, states)
    assert all(rows.min() >= 0 and rows.max() <= 1 for rows in found.gates.values())
    h = model.core(batch.inputs.double())[0].T.detach().numpy()
    np.testing.assert_allclose(np.sort(found.states["h"], 0), np.sort(h, 0), rtol=1e-9, atol=1e-12)


def test_a_stack_shows_the_gates_and_states_of_each_layer_in_an_order_of_its_own():
    task = load_task("copy", gap=4)
    core = Stack(task.input_size, lambda width: load_core("lstm", width, seed=width, hidden_size=4), Layers(layers=2))
    model = SequenceModel(core, task.output_size).double()
    batch = sequence_of_test(task, seed=1, index=2, sequences=30)
    found = trace(model, task, batch)
    assert list(found.gates) == [f"{gate} layer {n}" for n in (1, 2) for gate in ("forget", "input", "output")]
    assert list(found.states) == [f"{state} layer {n}" for n in (1, 2) for state in ("c", "h")]
    for n in (1, 2):
        assert (np.diff(found.gates[f"forget layer {n}"].mean(1)) <= 0).all()
    lower = core.blocks[0].core
    states = lower.states_along(batch.inputs.double())
    gates = lower.gates_along(batch.inputs.double(), states)
    order = torch.stack([gate["forget"][0] for gate in gates]).mean(0).argsort(descending=True)
    expected = torch.stack([state[1][0] for state in states[1:]]).T[order]
    np.testing.assert_allclose(found.states["c layer 1"], expected.detach().numpy(), rtol=1e-9)
    drawn = trace_figure(found).axes
    assert [ax.get_ylabel() for ax in drawn if "layer 2" in ax.get_ylabel()] == [
        "forget gate\nof layer 2", "input gate\nof layer 2", "output gate\nof layer 2",
        "cell state c\nof layer 2", "hidden state h\nof layer 2",
    ]  # fmt: skip
    legend = next(ax.get_legend() for ax in drawn if ax.get_legend())
    assert [text.get_text() for text in legend.get_texts()] == [
        f"with respect to {state} of layer {n}" for n in (1, 2) for state in ("hidden state h", "cell state c")
    ]


def test_without_a_gate_that_keeps_the_most_active_unit_comes_first():
    found = traced("rnn")[-1]
    assert (np.diff(np.abs(found.states["h"]).mean(1)) <= 0).all()
    assert "activity" in found.order


@pytest.mark.parametrize("arm", ["lstm", "rnn", "opaque"])
def test_the_gradient_lies_at_the_steps_it_belongs_to(arm):
    model, task, batch, found = traced(arm)
    for curve in gradient_by_lag(model, task, batch):
        values = found.gradient[curve.state]
        assert len(values) == found.question + 1
        assert [values[found.question - lag] for lag in range(5)] == list(curve.log10[0, :5])
    assert list(found.gradient) == {"lstm": ["h", "c"], "rnn": ["h"], "opaque": ["inputs"]}[arm]


# -- evidence and question ---------------------------------------------------------------------------------


def test_in_the_copy_task_the_symbols_are_the_evidence_and_the_go_signal_is_the_question():
    found = traced("rnn", "copy", load=3)[-1]
    assert (found.evidence, found.question) == ((0, 1, 2), 6)
    assert found.inputs[9].tolist() == [0] * 6 + [1, 0, 0]


def test_in_the_adding_task_the_marked_values_are_the_evidence_and_the_end_is_the_question():
    found = traced("rnn", "adding", load=3)[-1]
    assert found.evidence == tuple(np.flatnonzero(found.inputs[1]))
    assert len(found.evidence) == 3
    assert found.question == found.inputs.shape[1] - 1


def test_in_temporal_order_the_relevant_symbols_are_the_evidence():
    found = traced("rnn", "temporal_order")[-1]
    assert found.evidence == tuple(np.flatnonzero(found.inputs[4] + found.inputs[5]))
    assert len(found.evidence) == 2


@pytest.mark.parametrize("name", gapped())
def test_every_task_marks_evidence_before_its_question_and_none_in_padding(name):
    task = load_task(name, gap=9, min_gap=2)
    batch = task.batch(0, "train", 0, 50)
    evidence, question = task.evidence(batch), task.probed(batch)
    assert evidence.shape == batch.mask.shape
    pieces = {"match": 1, "digits": 8}.get(name, task.load)
    assert (evidence.sum(1) == pieces).all() or (name == "count" and set(evidence.sum(1).tolist()) == {1, 2, 3, 4, 5})
    assert (evidence.shape[1] - 1 - evidence.flip(1).int().argmax(1) < question).all()


def test_the_sequence_is_that_of_the_test_without_its_padding():
    task = load_task("copy", gap=9, min_gap=2)
    whole = task.batch(3, "test", 1, 200)  # 700 sequences are tested as 500 and 200
    found = sequence_of_test(task, seed=3, index=507, sequences=700)
    time = int(whole.lengths[7])
    assert torch.equal(found.inputs, whole.inputs[7:8, :time])
    assert torch.equal(found.targets, whole.targets[7:8, :time])
    assert found.inputs.shape[1] == time


# -- the figure --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("arm", ["lstm", "gru", "rnn", "opaque"])
def test_the_figure_has_a_panel_for_inputs_each_gate_each_state_and_the_gradient_along_one_axis(arm):
    found = traced(arm)[-1]
    figure = trace_figure(found, "a title")
    panels = [ax for ax in figure.axes if ax.get_label() != "<colorbar>"]
    assert len(panels) == 1 + len(found.gates) + len(found.states) + 1
    assert len({ax.get_xlim() for ax in panels}) == 1
    assert "a title" in figure.get_suptitle()
    figure.canvas.draw()


def test_evidence_and_question_are_marked_in_every_panel_at_their_steps():
    found = traced("lstm", "copy", load=2)[-1]
    figure = trace_figure(found)
    for ax in (ax for ax in figure.axes if ax.get_label() != "<colorbar>"):
        upright = {line.get_xdata()[0] for line in ax.lines if list(line.get_xdata()) == [line.get_xdata()[0]] * 2}
        assert upright == {0, 1, 5}
    assert [text.get_text() for text in figure.axes[0].texts] == ["evidence", "evidence", "question"]


def test_a_model_that_has_diverged_is_drawn_without_an_error():
    model, task, batch, _ = traced("lstm")
    nn.init.constant_(model.core.layer.weight_hh_l0, torch.nan)
    trace_figure(trace(model, task, batch)).canvas.draw()


def test_a_loss_without_any_gradient_is_drawn_without_an_error():
    model, task, batch, _ = traced("rnn")
    nn.init.zeros_(model.readout.weight)
    trace_figure(trace(model, task, batch)).canvas.draw()


# -- from the record ---------------------------------------------------------------------------------------


SAVED, NOT_SAVED = make_spec(seed=3), make_spec(seed=4)


@pytest.fixture
def model(folder):
    """A record of one run with its model, and two without."""
    put_database(folder)
    _, model = build(SAVED)
    nn.init.constant_(model.readout.bias, 0.25)
    stories = [(SAVED, [STARTED, Saved(3, save(model.state_dict())), UNSOLVED]), (NOT_SAVED, [STARTED, UNSOLVED])]
    record(plan_of(SAVED, NOT_SAVED), stories)
    return model


def run_id(spec):
    (found,) = (run for run in runs_of() if run.tags["seqbench.fingerprint"] == spec.fingerprint)
    return found.run_id


def test_a_model_comes_back_as_it_was_saved_by_id_part_of_an_id_or_name(model):
    inputs = Batch(*load_task("copy", gap=2).batch(0, "train", 0, 2))
    for key in (run_id(SAVED), run_id(SAVED)[:12], SAVED.run_name):
        found = load_saved(key)
        assert (found.run_id, found.spec, found.outcome) == (run_id(SAVED), SAVED, "unsolved")
        assert torch.equal(found.model(inputs.inputs, inputs.mask), model(inputs.inputs, inputs.mask))


def test_the_command_writes_both_forms_into_a_folder_of_the_run_and_says_where(model, capsys, folder):
    assert main([f"run={run_id(SAVED)}", "sequence=5"]) == 0
    files = [folder / line.removeprefix("trace: ") for line in capsys.readouterr().out.splitlines()]
    assert [file.suffix for file in files] == [".png", ".svg"]
    assert {str(file.parent.relative_to(folder)) for file in files} == {"reports/trace/s3_lstm_gap=2_copy"}
    assert all(file.stat().st_size > 10_000 for file in files)


def test_the_figures_go_where_they_are_asked_to(model, folder):
    assert main([f"run={SAVED.run_name}", "folder=elsewhere", "experiment=study"]) == 0
    index = telling(load_task("copy", gap=2), SAVED.seed, SAVED.training.test_sequences).index
    written = {file.name for file in (folder / "elsewhere").iterdir()}
    assert written == {f"sequence_{index}.png", f"sequence_{index}.svg"}


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["run=unknown"], "there is no run 'unknown'"),
        (["run=s4 lstm gap=2 copy"], "(s4 lstm gap=2 copy, unsolved) was not saved"),
        (["experiment=study"], "there is no run ''"),
    ],
)
def test_an_unknown_run_or_one_without_a_model_is_answered_with_those_that_can_be_shown(model, capsys, words, problem):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert problem in error
    assert f"  {run_id(SAVED)}  {SAVED.run_name}  unsolved\n" in error
    assert run_id(NOT_SAVED) not in error


@pytest.mark.parametrize(
    ("word", "problem"),
    [
        ("sequence=30", "has sequences 0 to 29"),
        ("sequence=-1", "a number from 0 upwards"),
        ("sequence=first", "a number from 0 upwards"),
        ("folder=", "it should be folder=VALUE"),
        ("sequenc=1", "did you mean 'sequence'?"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(model, capsys, word, problem):
    assert main([f"run={run_id(SAVED)}", word]) == 2
    assert problem in capsys.readouterr().err


def test_a_name_of_several_runs_is_answered_with_their_ids(model, capsys):
    other = make_spec(seed=3, max_steps=5)
    content = save(build(other)[1].state_dict())
    record(plan_of(other, experiment="again"), [(other, [STARTED, Saved(3, content), UNSOLVED])])
    assert main([f"run={SAVED.run_name}"]) == 2
    assert "more than one run" in capsys.readouterr().err
    assert load_saved(SAVED.run_name, "study").run_id == run_id(SAVED)


def test_a_model_whose_file_is_gone_is_an_error_in_plain_words(model, folder):
    for file in folder.rglob("model.safetensors"):
        file.unlink()
    with pytest.raises(NoSuchModel, match=r"cannot be built again: its file model\.safetensors is gone"):
        load_saved(run_id(SAVED))


def test_a_class_of_ones_own_is_found_in_the_folder_named_and_else_the_way_to_name_it_is_told(
    folder, capsys, monkeypatch
):
    put_database(folder)
    (folder / "own").mkdir()
    (folder / "own" / "my_cells.py").write_text(
        "from seqbench.models.lstm import LSTM\n\n\nclass Mine(LSTM):\n    pass\n"
    )
    spec = replace(SAVED, model=replace(SAVED.model, name="mine", target="my_cells.Mine"))
    content = save(build(SAVED)[1].state_dict())
    record(plan_of(spec), [(spec, [STARTED, Saved(3, content), UNSOLVED])])
    monkeypatch.setattr(sys, "path", list(sys.path))
    assert main([f"run={run_id(spec)}"]) == 2
    assert "'my_cells.Mine' cannot be imported" in (error := capsys.readouterr().err)
    assert "--config-dir FOLDER says where classes of your own are" in error
    assert main([f"run={run_id(spec)}", "--config-dir", "nowhere"]) == 2
    assert "--config-dir: there is no folder nowhere" in capsys.readouterr().err
    assert main([f"run={run_id(spec)}", "--config-dir"]) == 2
    capsys.readouterr()
    assert main([f"run={run_id(spec)}", "--config-dir=own"]) == 0


def test_an_empty_record_has_nothing_to_show(folder, capsys):
    assert main(["run=any"]) == 2
    assert "no run with a saved model" in capsys.readouterr().err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_without_arguments_it_explains_itself(words, capsys):
    assert main(words) == 0
    assert re.search(r"run=ID .*sequence=INDEX", capsys.readouterr().out)


# -- in the report -----------------------------------------------------------------------------------------


def looked_into(record):
    return best_and_worst(findings(record))


def gated_record(*runs):
    """Runs as (arm, gap, outcome, gated), each arm's steps its number of letters."""
    rows = [
        {"run_id": f"{arm}-{gap}", "task": "copy", "arm": arm, "gap": gap, "seed": 0, "outcome": outcome,
         "steps": len(arm), "budget": 1300} for arm, gap, outcome, _ in runs
    ]  # fmt: skip
    lags = [
        {"run_id": f"{arm}-{gap}", "state": state}
        for arm, gap, _, gated in runs
        for state in (("h", "direct_mean") if gated else ("h",))
    ]
    return Record("study", pd.DataFrame(rows), pd.DataFrame(), pd.DataFrame(lags), {})


def test_the_best_and_the_worst_gated_arm_are_shown_at_the_longest_gap_that_the_best_one_solves():
    found = looked_into(
        gated_record(
            ("rnn", 10, "unsolved", False),
            ("rnn", 50, "unsolved", False),
            ("lstm", 10, "solved", True),
            ("lstm", 50, "unsolved", True),
            ("lstm", 90, "unsolved", True),
            ("gru", 10, "unsolved", True),
            ("gru", 50, "unsolved", True),
            ("gru", 90, "unsolved", True),
            ("chrono", 10, "solved", True),
            ("chrono", 50, "solved", True),
            ("chrono", 90, "unsolved", True),
        )
    )
    assert found == ("chrono-50", "gru-50")


def test_an_arm_that_was_tested_too_little_to_be_placed_is_neither_the_best_nor_the_worst():
    """gru bridged 10 and may bridge any gap; once 10 is all that anybody bridged, it is one of the best."""
    chrono = [("chrono", 10, "solved", True), ("chrono", 50, "solved", True)]
    lstm = [("lstm", 10, "solved", True), ("lstm", 50, "unsolved", True)]
    one = ("gru", 10, "solved", True)
    assert looked_into(gated_record(one, *lstm, *chrono)) == ("chrono-50", "lstm-50")
    assert looked_into(gated_record(*lstm, one)) == ("gru-10", "lstm-10")


def test_a_frozen_core_beside_trained_arms_is_not_looked_into():
    pair = gated_record(("lstm", 10, "solved", True), ("lstm_frozen", 10, "unsolved", True))
    pair.runs["training.freeze_core"] = pair.runs.arm == "lstm_frozen"
    assert looked_into(pair) == ("lstm-10",)


def test_among_arms_that_solve_as_often_the_quicker_one_is_better():
    assert looked_into(gated_record(("gruu", 10, "solved", True), ("gru", 10, "solved", True))) == (
        "gru-10",
        "gruu-10",
    )


def test_without_a_second_gated_arm_one_run_is_shown_and_without_any_none():
    one = ("lstm", 10, "unsolved", True), ("rnn", 10, "solved", False)
    assert looked_into(gated_record(*one)) == ("lstm-10",)
    assert looked_into(gated_record(("rnn", 10, "solved", False))) == ()
    assert looked_into(gated_record(("lstm", 10, "failed", True))) == ()


def test_the_report_traces_a_saved_model_and_leaves_out_one_that_was_not_saved(model):
    _, model = build(SAVED)
    nn.init.constant_(model.readout.bias, 0.25)
    task, test = load_task("copy", gap=2), SAVED.training.test_sequences
    chosen = telling(task, SAVED.seed, test)
    expected = trace(model, task, sequence_of_test(task, SAVED.seed, chosen.index, test), chosen)
    found = traced_by_report(run_id(SAVED))
    np.testing.assert_array_equal(found.states["c"], expected.states["c"])
    assert found.answer == expected.answer
    assert found.sequence == expected.sequence != ""
    assert traced_by_report(run_id(NOT_SAVED)) is None


def test_traces_are_found_by_their_runs_and_one_that_was_not_saved_is_left_out(model):
    both = gated_record(("lstm", 10, "solved", True), ("gruuu", 10, "solved", True))
    ids = {"lstm-10": run_id(SAVED), "gruuu-10": run_id(NOT_SAVED)}
    both = Record("study", both.runs.replace(ids), both.curves, both.lags.replace(ids), {})
    assert looked_into(both) == (run_id(SAVED), run_id(NOT_SAVED))
    with Looks() as looks:
        assert list(looks.of(findings(both))) == [run_id(SAVED)]


@pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked")
def test_looks_are_made_beside_other_work_once_their_runs_are_told(monkeypatch):
    monkeypatch.setattr(forks, "cores", lambda: 2)  # and no thread of another test
    monkeypatch.setattr(traces, "sys", SimpleNamespace(modules={}))  # as where torch is not imported
    monkeypatch.setattr(traces, "_made", lambda runs, experiment: {run: (experiment, os.getpid()) for run in runs})
    gated, ungated = gated_record(("lstm", 10, "solved", True)), gated_record(("lstm", 10, "failed", True))
    with Looks() as looks:
        process = looks._fork.process
        assert dict(looks.of(findings(gated))) == {"lstm-10": (gated.experiment, process)}
    with Looks() as looks:
        assert not looks.of(findings(ungated))
    with Looks() as looks:
        process = looks._fork.process
    assert is_reaped(process)
