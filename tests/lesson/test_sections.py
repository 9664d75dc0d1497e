"""What sections say, by which rules they choose, and what they leave out."""

import json
from dataclasses import replace

import pytest
import synthetic
import torch
from builders import load_task
from recording import MLFLOW_WARNINGS

from seqbench.analysis.controls import Verdict
from seqbench.analysis.findings import findings
from seqbench.lesson import by_hand
from seqbench.lesson.chapters import chapters
from seqbench.lesson.drawing import Axis, Chart, decades, even, whole_numbers
from seqbench.lesson.material import Material, NothingToTeach
from seqbench.lesson.page import page
from seqbench.lesson.section import LeftOut, Section
from seqbench.lesson.sections import bias, failures, guess, layers, misconceptions, predict, task, unrolled, yours
from seqbench.tasks.base import Batch

pytestmark = MLFLOW_WARNINGS


@pytest.fixture(scope="module")
def found():
    return findings(synthetic.record())


@pytest.fixture
def synthetic_material(found, tmp_path, monkeypatch):
    """Of runs whose models nobody saved."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    return Material(found, "copy")


# -- by hand -----------------------------------------------------------------------------------------------


def test_a_copy_task_is_shown_in_letters_up_to_the_question():
    batch = load_task("copy", gap=4, load=3).batch(0, "train", 0, 1)
    form = by_hand.FORMS[type(load_task("copy"))]
    assert "".join(form.steps(batch)) == "age...!"
    assert form.answer(batch.targets[batch.mask]) == "age"
    assert by_hand.right("age", "age", form)
    assert not by_hand.right("agh", "age", form)


def test_an_adding_task_is_shown_in_numbers_and_a_tenth_off_is_wrong():
    inputs = torch.tensor([[[0.25, 1.0], [0.5, 0.0], [0.75, 1.0]]])
    batch = Batch(inputs, torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[False, False, True]]), torch.tensor([3]))
    form = by_hand.FORMS[type(load_task("adding"))]
    assert form.steps(batch) == ["0.25*", "0.50", "0.75*"]
    assert form.answer(batch.targets[batch.mask]) == "1.00"
    assert by_hand.right("1.09", "1.00", form)
    assert not by_hand.right("1.11", "1.00", form)


def test_networks_answer_the_sequence_that_is_shown(material):
    found = task.section(material)
    (sequence, *_) = found.data["gaps"][4]
    batch = load_task("copy", gap=4).batch(0, "test", 0, 30)  # the test of these runs, whose first it is
    assert sequence["answer"] == "abcdefgh"[int(batch.targets[0][batch.mask[0]][0])]
    model = material.saved(material.run("lstm", 4, 0)).model
    (said,) = model(batch.inputs[:1], batch.mask[:1]).argmax(-1).tolist()
    assert {"arm": "lstm", "text": "abcdefgh"[said], "right": "abcdefgh"[said] == sequence["answer"]} in sequence[
        "said"
    ]


# -- which runs --------------------------------------------------------------------------------------------


def test_a_gap_is_bridged_where_half_of_the_runs_solve_it(synthetic_material):
    assert synthetic_material.bridged == {"rnn": 10, "lstm": 50, "lstm_chrono": 100}
    assert (synthetic_material.plain, synthetic_material.gated[0]) == ("rnn", "lstm_chrono")
    assert synthetic_material.biased == ("lstm", 1.0)


def test_the_gradient_is_the_median_over_runs_at_the_longest_gap(synthetic_material):
    lags = synthetic_material.found.lags
    own = lags[(lags.task == "copy") & (lags.arm == "rnn") & (lags.gap == 100) & (lags.lag == 50)]
    own = own[(own.state == "h") & (own.stage == "end") & (own.outcome == "unsolved")]
    assert len(own) == 5
    found = synthetic_material.gradient("rnn", "h", "end", solved=False)
    assert found[50] == sorted(own.log10_gradient)[2]
    assert synthetic_material.gradient("rnn", "h", "end", solved=True).empty


def test_four_curves_have_as_many_labels_as_there_are(synthetic_material):
    found = failures.section(synthetic_material)
    assert len(found.drawings) == 4
    assert {run["label"] for run in found.data["runs"]} == {"memoryless", "solved"}
    runs = synthetic_material.runs
    for run in found.data["runs"]:
        arm, gap, seed = (part.split()[-1] for part in run["run"].split(", "))
        (own,) = runs[(runs.arm == arm) & (runs.gap == int(gap)) & (runs.seed == int(seed))].itertuples()
        assert (own.label, own.evidence) == (run["label"], run["evidence"])


def test_a_task_that_is_not_there_is_named(found):
    with pytest.raises(NothingToTeach, match="has no task 'coppy', only adding, copy; did you mean 'copy'"):
        Material(found, "coppy")


# -- what is left out --------------------------------------------------------------------------------------


def test_what_needs_a_saved_model_is_left_out_without_one(synthetic_material):
    for module in (task, layers):
        assert isinstance(module.section(synthetic_material), LeftOut)
    assert isinstance(predict.section(synthetic_material), LeftOut)
    for module in (guess, unrolled, bias, failures):
        assert isinstance(module.section(synthetic_material), Section)


def test_without_gates_and_at_one_gap_there_is_less_to_say(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    material = Material(findings(synthetic.record(arms=("rnn",), tasks=("copy",), gaps=(10,))))
    for module in (guess, bias, layers, failures):
        assert isinstance(module.section(material), LeftOut)
    assert unrolled.section(material).checks


def test_an_older_record_without_labels_has_no_curves_to_label():
    material = Material(findings(synthetic.before_the_diagnosis(synthetic.record(tasks=("copy",)))))
    assert isinstance(failures.section(material), LeftOut)


@pytest.mark.parametrize(
    "odd",
    [
        synthetic.without_training,
        synthetic.before_the_diagnosis,
        lambda whole: synthetic.without(synthetic.without(whole, arm="rnn"), arm="lstm_chrono"),
        lambda whole: replace(whole, lags=whole.lags.iloc[:0], curves=whole.curves.iloc[:0]),
    ],
)
def test_a_record_that_lacks_much_still_gives_a_page(odd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    material = Material(findings(odd(synthetic.record(tasks=("copy",), gaps=(10, 50), seeds=range(2)))))
    found = chapters(material)
    assert page(material, found).count("Left out: ") == sum(chapter.section is None for chapter in found) > 0


def test_runs_of_words_alone_are_refused():
    record = synthetic.record(tasks=("copy",))
    of_words = replace(record, runs=record.runs.assign(test_perplexity=30.0))
    with pytest.raises(NothingToTeach, match="no finished runs of a task without words over a grid of gaps"):
        Material(findings(of_words))


# -- controls ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("plain", "reach", "verdict"), [(19_990, 40, "False"), (19_990, 5, "Open"), (5_000, 40, None)])
def test_parameters_are_compared_if_they_are_equal(plain, reach, verdict):
    found = misconceptions.parameters("rnn", "lstm", {"rnn": plain, "lstm": 20_000}, {"rnn": 5, "lstm": reach})
    if verdict is None:
        assert "lstm has 20,000 parameters, rnn 5,000. The sweep with `match.parameters=20000`" in found.reason
    else:
        assert found.verdict == verdict
        assert "lstm has 20,000 parameters, rnn 19,990" in found.sentence


def test_an_accuracy_over_all_positions_flatters_where_few_are_asked():
    few = misconceptions.positions("rnn at gap 40", 0.25, 2 / 50)  # 1 - 2/50 * 3/4 = 0.97
    assert (few.verdict, few.belief) == ("False", "An accuracy of 97 % means that the task is nearly solved.")
    many = misconceptions.positions("rnn at gap 2", 0.25, 1 / 2)  # 1 - 1/2 * 3/4 = 0.625
    assert (many.verdict, "62 %" in many.sentence) == ("Not here", True)


def test_weights_that_are_not_shared_learn_one_length_or_the_control_failed():
    solves = Verdict("shared parameters", "unshared, at 21 steps", "solves", "3 of 3 solved", as_expected=True)
    assert misconceptions.unshared([solves]).verdict == "Only for one length"
    assert misconceptions.unshared([replace(solves, as_expected=False)]).verdict == "Open"


# -- your turn, and the sentence ---------------------------------------------------------------------------


def test_another_model_is_proposed_in_the_command_of_a_run():
    matched = (
        "python -m seqbench +experiment=lesson match=null task=copy model=rnn task.gap=20 seed=0 model.hidden_size=132"
    )
    assert (
        yours.with_model(matched, "gru")
        == "python -m seqbench +experiment=lesson task=copy model=gru task.gap=20 seed=0"
    )


@pytest.mark.parametrize(
    ("apart", "right", "said"),
    [
        (
            [2.0, 0.4],
            (0.3, 0.2),
            "20 % as far apart as at the noun: its number is remembered, and the form that agrees is",
        ),
        ([2.0, 0.4], (0.1, 0.2), "its number is remembered, but the form that agrees is the less probable one in both"),
        ([2.0, 0.1], (0.1, 0.2), "5 % as far apart as at the noun: its number is all but forgotten, and the form"),
        ([2.0, 0.1], (0.3, 0.2), "its number is all but forgotten, but the form that agrees is the more probable one"),
    ],
)
def test_what_is_remembered_of_the_noun_is_told_with_what_is_made_of_it(apart, right, said):
    sentence = predict.Sentence("the keys", [], *right)
    assert said in predict.memory(predict.Remembered(["keys", "x"], apart), [sentence, sentence])


def test_two_sentences_differ_in_their_noun_alone(material):
    found = predict.section(material)
    one, other = (found.data[side]["text"].split() for side in ("one", "other"))
    ((noun, turned),) = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    assert one.index(noun) == len(one) - 1 - 3  # three words stand between it and the verb
    assert noun != turned
    assert json.dumps(found.data)


# -- drawings ----------------------------------------------------------------------------------------------


def test_a_value_lies_where_the_axes_say():
    chart = Chart(Axis("", 0, 10, {}), Axis("", 0, 1, {}), width=494, height=258)
    assert chart.at(0, 0) == (70, 214)
    assert chart.at(10, 1) == (470, 14)
    assert chart.at(5, 0.5) == (270, 114)


def test_ticks_are_round_numbers():
    assert list(whole_numbers(0, 1200)) == [0, 200, 400, 600, 800, 1000, 1200]
    assert list(whole_numbers(0, 1200, most=3)) == [0, 500, 1000]
    assert list(even(2.7)) == [0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert list(decades(-12.3).values()) == ["1", "10⁻³", "10⁻⁶", "10⁻⁹", "10⁻¹²"]
