"""The task, answered by hand."""

from collections.abc import Mapping

from seqbench import wording
from seqbench.lesson import by_hand
from seqbench.lesson.asked import LOOKED_AT, Answers, answers
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.record.saved import SavedModel
from seqbench.trace.sequence import sequence_of_test

TITLE = "The task, answered by hand"
SHOWN = 3
"""Sequences that are shown at each gap."""
SEE = """\
# One step at a time: read, remember, and answer in the next cell.
gap, number, pause = "{gap}", 1, 0.8    # another gap, another sequence, seconds for each step

import time

try:
    from IPython.display import clear_output
except ImportError:    # outside of a notebook, what was seen scrolls away
    def clear_output(wait=False):
        print("\\n" * 60)

sequence = lesson["task"]["gaps"][gap][number - 1]
for place, seen in enumerate(sequence["steps"], 1):
    clear_output(wait=True)
    print("step", place, "of", len(sequence["steps"]), "\\n\\n    ", seen)
    time.sleep(pause)
clear_output(wait=True)
print("Now answer, in the cell below.")"""
ANSWER = """\
my_answer = ""    # type it between the quotation marks and run this cell
if my_answer:
    print("You said", my_answer, "and right is", sequence["answer"])
    print("The whole sequence:", " ".join(sequence["steps"]))
    for network in sequence["said"]:
        print(network["arm"], "said", network["text"])"""


def section(material: Material) -> Section | LeftOut:
    """The first sequences of the test of one seed, at each gap, with what the networks of that seed answered."""
    models = {gap: _models(material, gap) for gap in material.gaps}
    models = {gap: own for gap, own in models.items() if own}
    if not models:
        return LeftOut(
            "the record has no saved model of these runs; made in an empty folder, with `training.save_model=true`, "
            "they have one."
        )
    tasks = {gap: next(iter(own.values())).task for gap, own in models.items()}
    form = by_hand.form_of(next(iter(tasks.values())))
    if form is None:
        return LeftOut(f"the lesson can show the tasks adding and copy, and this is {material.task}.")
    asked = {gap: {arm: answers(saved, form) for arm, saved in own.items()} for gap, own in models.items()}
    gaps = {gap: [_sequence(own, asked[gap], i, form) for i in range(SHOWN)] for gap, own in models.items()}
    middle = sorted(gaps)[(len(gaps) - 1) // 2]
    waits = {gap: form.waits(task) for gap, task in tasks.items()}
    return Section(
        values={"rule": form.rule, "how": form.how, "seed": material.seed, "gaps": sorted(gaps), "waits": waits[middle],
                "example": gaps[middle][0], "middle": middle, "luck": luck(asked, material.bridged),
                "counts": _counts(material, asked), "looked_at": LOOKED_AT},
        data={"gaps": gaps, "allowed": form.allowed, "waits": waits},
        cells=(SEE.format(gap=middle), ANSWER),
        questions=(_question(form, gaps[middle][1]),),
    )  # fmt: skip


Asked = Mapping[int, Mapping[str, Answers]]
"""What the networks answered, by gap and arm."""


def luck(asked: Asked, bridged: Mapping[str, int]) -> str:
    """How often the answers that are shown say something else than how far their network's kind reached."""
    shown = [(found.right[:SHOWN], bridged[arm] >= gap) for gap, own in asked.items() for arm, found in own.items()]
    failed = [right for own, reached in shown if not reached for right in own]
    reached = [right for own, reached in shown if reached for right in own]
    parts = []
    if failed:
        kind = "though most networks of that kind failed at that gap"
        parts.append(f"{sum(failed)} of {len(failed)} are right {kind}")
    if reached:
        wrong = len(reached) - sum(reached)
        parts.append(f"{wrong} of {len(reached)} are wrong though most of their kind solved the task at that gap")
    return f"One answer proves little. Of the answers above, {wording.listed(parts)}."


def _counts(material: Material, asked: Asked) -> list[list[str]]:
    """Rows of a table: an arm, and at each gap how many sequences its network answers right."""
    found = [[asked[gap].get(arm) for gap in sorted(asked)] for arm in material.arms]
    return [[arm, *(str(sum(one.right)) if one else "" for one in own)]
            for arm, own in zip(material.arms, found, strict=True)]  # fmt: skip


def _models(material: Material, gap: int) -> dict[str, SavedModel]:
    """Of the seed that is shown, by arm; those that read the same sequences."""
    runs = {arm: material.run(arm, gap, material.seed) for arm in material.arms}
    found = {arm: material.saved(run_id) for arm, run_id in runs.items() if run_id}
    saved = {arm: one for arm, one in found.items() if one}
    return {arm: one for arm, one in saved.items() if one.spec.task == next(iter(saved.values())).spec.task}


def _sequence(
    models: dict[str, SavedModel], asked: dict[str, Answers], index: int, form: by_hand.Form
) -> dict[str, object]:
    saved = next(iter(models.values()))
    batch = sequence_of_test(saved.task, saved.spec.seed, index, saved.spec.training.test_sequences)
    due = form.answer(batch.targets[batch.mask])
    said = [{"arm": arm, "text": own.said[index], "right": own.right[index]} for arm, own in asked.items()]  # fmt: skip
    return {"steps": form.steps(batch), "answer": due, "said": said}


def _question(form: by_hand.Form, sequence: dict[str, object]) -> Question:
    steps = " ".join(sequence["steps"])  # type: ignore[arg-type]  # texts
    return Question(f"{form.rule} Read once, cover it, and answer: {steps}", str(sequence["answer"]))
