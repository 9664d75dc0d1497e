"""The task, answered by hand."""

from seqbench.lesson import by_hand
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.record.saved import SavedModel
from seqbench.tasks.base import Batch
from seqbench.trace.sequence import sequence_of_test

TITLE = "The task, answered by hand"
SHOWN = 3
"""Sequences that are shown at each gap."""
CODE = """\
gap, number = "{gap}", 0    # another gap, another sequence
sequence = lesson["task"]["gaps"][gap][number]
print(" ".join(sequence["steps"]))

my_answer = ""    # type it between the quotation marks and run the cell again
if my_answer:
    print("You said", my_answer, "and right is", sequence["answer"])
    for network in sequence["said"]:
        print(network["arm"], "said", network["text"])"""


def section(material: Material) -> Section | LeftOut:
    """The first sequences of the test of one seed, at each gap, with what the networks of that seed answered."""
    models = {gap: _models(material, gap) for gap in material.gaps}
    models = {gap: own for gap, own in models.items() if own}
    if not models:
        return LeftOut("no model of these runs was saved; `training.save_model=true` saves them.")
    saved = next(iter(next(iter(models.values())).values()))
    form = by_hand.form_of(saved.task)
    if form is None:
        return LeftOut(f"the lesson can show the tasks adding and copy, and this is {material.task}.")
    gaps = {gap: [_sequence(own, i, form) for i in range(SHOWN)] for gap, own in models.items()}
    middle = sorted(gaps)[(len(gaps) - 1) // 2]
    return Section(
        values={"rule": form.rule, "how": form.how, "seed": material.seed, "gaps": sorted(gaps),
                "example": gaps[middle][0], "middle": middle},
        data={"gaps": gaps, "allowed": form.allowed},
        code=CODE.format(gap=middle),
        questions=(_question(form, gaps[middle][1]),),
    )  # fmt: skip


def _models(material: Material, gap: int) -> dict[str, SavedModel]:
    """Of the seed that is shown, by arm; those that read the same sequences."""
    runs = {arm: material.run(arm, gap, material.seed) for arm in material.arms}
    found = {arm: material.saved(run_id) for arm, run_id in runs.items() if run_id}
    saved = {arm: one for arm, one in found.items() if one}
    return {arm: one for arm, one in saved.items() if one.spec.task == next(iter(saved.values())).spec.task}


def _sequence(models: dict[str, SavedModel], index: int, form: by_hand.Form) -> dict[str, object]:
    saved = next(iter(models.values()))
    batch: Batch = sequence_of_test(saved.task, saved.spec.seed, index, saved.spec.training.test_sequences)
    due = form.answer(batch.targets[batch.mask])
    answers = {arm: by_hand.said(own.model, batch, form) for arm, own in models.items()}
    said = [{"arm": arm, "text": text, "right": by_hand.right(text, due, form)} for arm, text in answers.items()]
    return {"steps": form.steps(batch), "answer": due, "said": said}


def _question(form: by_hand.Form, sequence: dict[str, object]) -> Question:
    steps = " ".join(sequence["steps"])  # type: ignore[arg-type]  # texts
    return Question(f"{form.rule} Read once, cover it, and answer: {steps}", str(sequence["answer"]))
