"""What sections say, by which rules they choose, and what they leave out."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import synthetic
import torch
from builders import load_task
from recording import MLFLOW_WARNINGS

from seqbench.analysis.controls import Verdict
from seqbench.analysis.findings import findings
from seqbench.lesson import by_hand, pairs
from seqbench.lesson.asked import Answers
from seqbench.lesson.by_lag import Curve, about_its_axis, chart
from seqbench.lesson.chapters import chapters
from seqbench.lesson.cutting import cut, gone
from seqbench.lesson.drawing import Axis, Chart
from seqbench.lesson.holding import decided_by, holding
from seqbench.lesson.material import Material, NothingToTeach, compared
from seqbench.lesson.page import lighter, page
from seqbench.lesson.section import LeftOut, Section
from seqbench.lesson.sections import bias, failures, guess, layers, misconceptions, predict, task, unrolled, yours
from seqbench.lesson.starts import starts
from seqbench.lesson.ticks import decades, even, whole_numbers
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
    told = {"arm": "lstm", "text": "abcdefgh"[said], "right": "abcdefgh"[said] == sequence["answer"]}
    assert told in sequence["said"]
    right = (model(batch.inputs, batch.mask).argmax(-1) == batch.targets[batch.mask]).sum()
    assert ["lstm", str(int(right))] == [found.values["counts"][1][0], found.values["counts"][1][2]]  # of all 30


def answered(*right):
    right = [bool(one) for one in right]
    return Answers([], [], right, right)


def test_how_often_an_answer_misleads_is_counted():
    asked = {5: {"rnn": answered(1, 0, 1, 1), "lstm": answered(1, 1, 0, 0)}, 10: {"rnn": answered(0, 0, 1, 1)}}
    told = task.luck(asked, {"rnn": 5, "lstm": 0})  # three of each are shown
    assert "3 of 6 are right though most networks of that kind failed at that gap" in told
    assert told.endswith("and 1 of 3 are wrong though most of their kind solved the task at that gap.")
    assert "0 of 0" not in task.luck({5: {"rnn": answered(1)}}, {"rnn": 5})


def test_the_first_sequence_is_shown_that_gates_get_right_and_no_gates_wrong():
    said = {"lstm": answered(0, 1, 1, 1), "rnn": answered(0, 1, 0, 0)}
    found = pairs.telling(said, "lstm", "rnn")
    assert found.index == 2
    assert found.why == (
        "number 3 of its test, the first that lstm answers right and rnn wrong; "
        "of the first 4 sequences, lstm answers 3 right as a whole, rnn 1"
    )
    none = pairs.telling({"lstm": answered(0, 1), "rnn": answered(1, 1)}, "lstm", "rnn")
    assert (none.index, "there is none" in none.why) == (0, True)


# -- which units -------------------------------------------------------------------------------------------


def test_a_unit_tells_as_much_as_the_answer_decides_of_its_variance():
    values = np.array([[1.0, 5.0, 0.0], [1.0, 5.0, 2.0], [3.0, 5.0, 4.0], [3.0, 5.0, 2.0]])
    decided, share = decided_by(values, np.array([7, 7, 8, 8]))
    assert decided.tolist() == [1.0, 0.0, 1.0]  # means 1 and 3; none; 1 and 3
    assert share.tolist() == [1.0, 0.0, 0.5]  # the last has a variance of 2
    decided, share = decided_by(np.array([[0.0, 1.0], [2.0, 1.0], [4.0, 4.0]]), np.array([1.0, 2.0, 3.0]))
    assert decided.tolist() == pytest.approx([8 / 3, 1.5])  # the line through 1, 1, 4 rises by 1.5
    assert share.tolist() == pytest.approx([1.0, 0.75])


def test_the_units_that_are_shown_are_those_of_the_trace(material):
    pair = next(pairs.pairs(material))
    found = holding(pair.gated, "c", pair.of_gated.question)
    (row, *_) = found.rows(pair.choice.index, pair.of_gated.states["c"], 1)
    course = found.states[pair.choice.index, :, found.order[0]]
    assert pair.of_gated.states["c"][row] == pytest.approx(course, abs=1e-9)
    share = decided_by(np.tanh(found.states[:, found.question]), found.answers)[1]
    assert found.share == share[found.order[0]]


@pytest.mark.parametrize(
    ("course", "said"),
    [
        (
            [0.5, 0.5, 0.6],
            "At step 1, it sees “a”, and the cell of unit 1 goes from 0.00 to 0.50. At the question, step 3,",
        ),
        ([0.5, 0.5, 0.6], "it is 0.60: it has been kept."),
        ([-0.5, -0.7, -1.0], "it is −1.00: what is there has been made larger on the way."),
        ([0.9, 0.6, 0.3], "it is 0.30: part of it has been lost on the way."),
        ([0.5, 0.1, -0.5], "it is −0.50: it has crossed zero on the way."),
    ],
)
def test_what_a_cell_does_with_evidence_is_told(course, said):
    assert said in layers.kept([(0, "it sees “a”")], course, 2)


def test_each_piece_of_evidence_is_told_and_the_last_is_what_is_kept():
    told = layers.kept([(0, "it sees “a”"), (1, "it sees “b”")], [0.1, 0.8, 0.9], 2)
    assert "at step 2, it sees “b”, and the cell of unit 1 goes from 0.10 to 0.80." in told
    assert told.endswith("it has been kept.")


def test_a_number_is_told_with_what_is_allowed():
    form = by_hand.FORMS[type(load_task("adding"))]
    assert layers.verdict("0.16", "0.05", form).endswith("off by 0.11, more than the 0.1 that counts as right")
    assert layers.verdict("0.10", "0.05", form).endswith("off by 0.05, within the 0.1 that counts as right")


def test_a_gap_is_told_in_blanks_and_steps():
    told = by_hand.FORMS[type(load_task("copy"))].waits(load_task("copy", gap=10, load=2))
    assert "10 steps after the last letter, so that 9 blanks come between" in told
    assert "needed 11 steps after it was seen" in told


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


def failed(label, number, loss):
    return [{"run_id": f"{label} {i}", "label": label, "test_loss": loss + i} for i in range(number)]


def test_failures_come_first_and_one_run_that_solved_its_task_is_there_to_compare_with():
    runs = pd.DataFrame([*failed("solved", 5, 0.0), *failed("memoryless", 2, 2.0), *failed("partial", 3, 1.0)[::-1]])
    assert set(failures.chosen(runs).run_id) == {"solved 0", "memoryless 0", "partial 0", "partial 1"}
    runs = pd.DataFrame([*failed("learning", 1, 1.0), *failed("unstable", 2, 1.0), *failed("diverged", 3, 1.0)])
    assert set(failures.chosen(runs).run_id) == {"learning 0", "unstable 0", "diverged 0", "diverged 1"}


@pytest.mark.parametrize(
    ("losses", "said"),
    [
        (
            [2.0, 1.9, 1.5, 1.1],
            "ends at 1.10; the nearest line is “one”, 1.04; a quarter of the training before, it was 1.50",
        ),
        ([2.0, 1.0, 0.5, 0.1], "ends at 0.100; below all lines;"),
        ([2.0, float("nan")], "did not stay a number"),
    ],
)
def test_a_curve_is_read_where_it_ends(losses, said):
    assert said in failures.reading(losses, [("none", 2.08), ("one", 1.04)])


def test_an_arm_is_compared_if_it_was_tested_half_as_much_as_the_others():
    cells = [("rnn", 5, 4), ("rnn", 10, 4), ("rnn", 20, 4), ("rnn", 40, 4), ("lstm", 5, 4), ("lstm", 10, 4)]
    runs = pd.DataFrame([{"arm": arm, "gap": gap, "run_id": i} for arm, gap, number in cells for i in range(number)])
    assert compared(runs) == ["lstm", "rnn"]
    one = pd.DataFrame([{"arm": "gru", "gap": 20, "run_id": i} for i in range(9)])
    few = pd.DataFrame([{"arm": "irnn", "gap": gap, "run_id": 0} for gap in (5, 10, 20, 40)])
    assert compared(pd.concat([runs, one, few])) == ["lstm", "rnn"]


def test_runs_that_a_student_adds_are_told_and_decide_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    outcomes = {("copy", "gru", 20, 0): "solved"}
    whole = synthetic.record(("rnn", "lstm", "gru"), ("copy",), (10, 20), range(2), outcomes)
    material = Material(findings(synthetic.without(synthetic.without(whole, arm="gru", gap=10), arm="gru", seed=1)))
    assert material.bridged == {"rnn": 10, "lstm": 20}
    assert set(material.found.reach.arm) == {"rnn", "lstm"}
    found = guess.section(material)
    (told,) = found.values["added"]
    assert told.startswith("gru at gap 20 was solved by 1 of 1 of its runs (95 % interval 21 % to 100 %)")  # Wilson
    assert [arm["name"] for arm in found.data["arms"]] == ["rnn", "lstm"]


def test_an_arm_whose_units_draw_their_biases_is_told(found):
    runs = found.record.runs
    longest = runs.arm.map({"lstm_chrono": 11.0})
    (told,) = starts(Material(findings(replace(found.record, runs=runs.assign(**{"model.max_timescale": longest})))))
    assert told.arm == "lstm_chrono"
    # ln 10 = 2.3; tau = 1 / ln(1 + 1 / u) is 1.44 for u = 1 and 10.49 for u = 10
    assert "b = ln u with u between 1 and 10. So b lies between 0 and 2.3" in told.sentence
    assert "time constants between 1.4 and 10 steps" in told.sentence


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


def test_what_is_left_out_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = synthetic.record(tasks=("copy",))
    found = bias.section(Material(findings(replace(whole, lags=whole.lags.iloc[:0]))))
    assert found.reason == "the record has no gradient along gates; every run of `model=lstm` measures it."
    assert failures.section(Material(findings(replace(whole, curves=whole.curves.assign(value=np.nan))))) == (
        failures.section(Material(findings(replace(whole, curves=whole.curves.iloc[:0]))))
    )


def test_an_older_record_without_labels_has_no_curves_to_label():
    material = Material(findings(synthetic.before_the_diagnosis(synthetic.record(tasks=("copy",)))))
    assert isinstance(failures.section(material), LeftOut)


@pytest.mark.parametrize(
    "odd",
    [
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


def of_words(whole):
    return replace(whole, runs=whole.runs.assign(test_perplexity=30.0))


@pytest.mark.parametrize("odd", [of_words, synthetic.without_training])
def test_runs_of_words_alone_and_runs_that_are_not_trained_are_refused(odd):
    with pytest.raises(NothingToTeach, match="no finished, trained runs of a task without words over a grid of gaps"):
        Material(findings(odd(synthetic.record(tasks=("copy",)))))


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
    sentence = predict.Sentence("the keys", [], *right, ("are", "is"))
    assert said in predict.memory(predict.Remembered(["keys", "x"], apart), [sentence, sentence])


def test_two_sentences_differ_in_their_noun_alone(material):
    found = predict.section(material)
    one, other = (found.data[side]["text"].split() for side in ("one", "other"))
    ((noun, turned),) = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    assert one.index(noun) == len(one) - 1 - 3  # three words stand between it and the verb
    assert noun != turned
    assert json.dumps(found.data)


# -- drawings ----------------------------------------------------------------------------------------------


def test_a_line_is_cut_where_it_leaves_its_axes_and_where_a_value_lacks():
    assert cut([0, 1, 2, 3], [0.0, -2.0, -6.0, -6.0], -4.0, 1.0) == [[(0.0, 0.0), (1.0, -2.0), (1.5, -4.0)]]
    assert cut([0, 1, 2, 3, 4], [0.0, 1.0, float("nan"), 1.0, 0.0], 0.0, 2.0) == [[(0, 0), (1, 1)], [(3, 1), (4, 0)]]
    assert cut([0, 2], [-4.0, 4.0], -2.0, 2.0) == [[(0.5, -2.0), (1.5, 2.0)]]
    assert cut([0, 1], [5.0, 6.0], 0.0, 1.0) == []
    assert gone([[(0.0, 0.0), (1.5, -4.0)]], -4.0, 3.0) == [(1.5, -4.0)]
    assert gone([[(0.0, 0.0), (3.0, -4.0)]], -4.0, 3.0) == []  # it ends there


def test_a_gradient_that_leaves_its_drawing_is_told(synthetic_material):
    curve = Curve("trained", pd.Series({0: 0.0, 10: -10.0, 17: -17.0, 20: -20.0}), (), "black")
    drawn = chart([curve], "share")
    assert drawn.y.low == -16
    assert about_its_axis([curve], drawn) == (
        "Each line across is ten thousand times less than the one above it. "
        "The line “trained” leaves the drawing below, 17 steps back."
    )


def test_a_value_lies_where_the_axes_say():
    chart = Chart(Axis("", 0, 10, {}), Axis("", 0, 1, {}), width=494, height=258)
    assert chart.at(0, 0) == (70, 214)
    assert chart.at(10, 1) == (470, 14)
    assert chart.at(5, 0.5) == (270, 114)


@pytest.mark.parametrize("colour", ["#000000", "#0072B2", "#D55E00"])
def test_a_colour_is_lighter_on_a_dark_page_until_it_can_be_read(colour):
    def light(text):
        shares = [int(text[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return sum(w * ((s + 0.055) / 1.055) ** 2.4 for w, s in zip((0.2126, 0.7152, 0.0722), shares, strict=True))

    assert (light(lighter(colour)) + 0.05) / (light("#14191d") + 0.05) > 4.4  # 4.5, but for the darkest of parts
    assert lighter("#ffffff") == "#ffffff"


def test_ticks_are_round_numbers():
    assert list(whole_numbers(0, 1200)) == [0, 200, 400, 600, 800, 1000, 1200]
    assert list(whole_numbers(0, 1200, most=3)) == [0, 500, 1000]
    assert list(even(2.7)) == [0, 0.5, 1.0, 1.5, 2.0, 2.5]
    assert list(decades(-12.3).values()) == ["1", "10⁻³", "10⁻⁶", "10⁻⁹", "10⁻¹²"]
