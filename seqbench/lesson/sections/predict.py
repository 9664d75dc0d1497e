"""The next word, and what a network remembered of the noun that decides it."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from seqbench import wording
from seqbench.gradients.flow import encoded, unroll
from seqbench.language.english import OTHER_FORM
from seqbench.lesson.drawing import ACCENT, Axis, Chart, Drawing
from seqbench.lesson.material import Material, recorded
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.models.base import SequenceModel
from seqbench.predict.sentence import next_words
from seqbench.record import names
from seqbench.record.finding import NoSuchModel
from seqbench.record.saved import SavedModel, load_language_model, load_saved
from seqbench.tasks.agreement import Agreement
from seqbench.tasks.base import Batch
from seqbench.trace.sequence import sequence_of_test

TITLE = "A sentence: the next word, and what is remembered of the noun"
MADE_BY = "python -m seqbench task=agreement model=gru task.gap=6 training.learning_rate=0.01"
TOP = 5
"""Next words that are shown."""
KEPT = 0.1
"""Share of the difference at the noun that counts as remembered when the verb is due."""
CODE = """\
for name, sentence in lesson["predict"].items():
    print(sentence["text"], "...")
    for word, probability in sentence["next"]:
        print(f"    {probability:5.1%}  {word}")"""


@dataclass(frozen=True)
class Sentence:
    """The beginning of a sentence up to its verb, and what may come next."""

    text: str
    next: list[tuple[str, float]]
    right: float
    """The probability of the verb in the form that agrees."""
    wrong: float
    verbs: tuple[str, str]
    """The verb in that form, and in the other."""


@dataclass(frozen=True)
class Remembered:
    """How far the states of two sentences lie apart that differ in the number of their noun alone, word by word."""

    words: list[str]
    apart: list[float]

    @property
    def kept(self) -> float:
        """At the last word, relative to the noun."""
        return self.apart[-1] / self.apart[0]


def section(_: Material) -> Section | LeftOut:
    """Of the best run on `agreement` in the same database: one that solved it, at the longest gap."""
    saved = _best()
    if saved is None:
        return LeftOut(f"the database has no saved model that solved the task agreement; `{MADE_BY}` trains one.")
    one, other = _two_nouns(saved)
    sentences, remembered = [_sentence(saved, batch) for batch in (one, other)], _remembered(saved, one, other)
    told = memory(remembered, sentences)
    return Section(
        values={"sentences": sentences, "model": saved.spec.model.name, "told": told, "gap": saved.task.gap,
                "percent": wording.percent, "run": saved.run_id[:8]},
        drawings={"memory": _drawn(remembered)},
        data={side: {"text": s.text, "next": [[w, round(p, 4)] for w, p in s.next]}
              for side, s in zip(("one", "other"), sentences, strict=True)},
        cells=(CODE,),
        questions=(Question(f"“{sentences[0].text} …” Which word decides the form of the verb, and how many words come "
                            f"between?", f"{remembered.words[0]}, with {saved.task.gap} words between."),),
    )  # fmt: skip


def memory(remembered: Remembered, sentences: list[Sentence]) -> str:
    """Whether the noun is still in the state when the verb is due, and whether it is used."""
    kept = wording.percent(remembered.kept)
    right = sum(sentence.right > sentence.wrong for sentence in sentences)
    held = (
        f"At the verb, the two states are still {kept} as far apart as at the noun: its number is remembered"
        if remembered.kept >= KEPT
        else f"At the verb, the two states are {kept} as far apart as at the noun: its number is all but forgotten"
    )
    used = {
        2: "the form that agrees is the more probable one in both sentences",
        1: "the form that agrees is the more probable one in just one of the two sentences",
        0: "the form that agrees is the less probable one in both sentences",
    }[right]
    joint = "and" if (remembered.kept >= KEPT) == (right == 2) else "but"
    return f"{held}, {joint} {used}."


def _best() -> SavedModel | None:
    known = [run for run in recorded() if run.params.get("task") == "agreement" and run.status == "FINISHED"]
    solved = [run for run in known if run.tags.get(names.OUTCOME) == "solved" and names.SAVED_STEP in run.metrics]
    for run in sorted(solved, key=lambda run: (-int(run.params["gap"]), run.run_name, run.run_id)):
        try:
            saved = load_saved(run.run_id)
        except NoSuchModel:
            continue
        if isinstance(saved.task, Agreement) and saved.model.core.has_step:
            return saved
    return None


def _two_nouns(saved: SavedModel) -> tuple[Batch, Batch]:
    """The first sentence of the test up to its verb, and the same with the noun in its other number."""
    whole = sequence_of_test(saved.task, saved.spec.seed, 0, saved.spec.training.test_sequences)
    asked = int(saved.task.probed(whole)[0])
    inputs, targets, mask = (part[:, : asked + 1] for part in whole[:3])
    one = Batch(inputs, targets, mask, torch.tensor([asked + 1]))
    noun = saved.task.evidence(whole)[0, : asked + 1]
    turned = torch.where(noun, torch.as_tensor(OTHER_FORM)[one.inputs], one.inputs)
    other_verb = targets.clone()
    other_verb[0, -1] = int(OTHER_FORM[int(targets[0, -1])])
    return one, one._replace(inputs=turned, targets=other_verb)


def _sentence(saved: SavedModel, batch: Batch) -> Sentence:
    language = load_language_model(saved.run_id)
    ids, verb = batch.inputs[0, 1:].tolist(), int(batch.targets[0, -1])  # without the <end> that begins it
    probable = next_words(language, ids)
    best = [(language.words[i], float(probable[i])) for i in np.argsort(-probable, kind="stable")[:TOP]]
    text = " ".join(language.words[i] for i in ids)
    other = int(OTHER_FORM[verb])
    verbs = language.words[verb], language.words[other]
    return Sentence(text, best, float(probable[verb]), float(probable[other]), verbs)


def _remembered(saved: SavedModel, one: Batch, other: Batch) -> Remembered:
    """From the noun on. Of the last state of the core: the cell, where there is one."""
    states = [_states(saved.model, batch) for batch in (one, other)]
    noun = int((one.inputs[0] != other.inputs[0]).int().argmax())
    apart = (states[0] - states[1]).norm(dim=-1)[noun:].tolist()
    words = saved.task.words
    assert words is not None
    return Remembered([words[i] for i in one.inputs[0, noun:].tolist()], apart)


@torch.no_grad()
def _states(model: SequenceModel, batch: Batch) -> Tensor:
    double = SequenceModel.double(model)
    return torch.stack([state[-1][0] for state in unroll(double.core, encoded(double, batch))[1:]])


def _drawn(remembered: Remembered) -> Drawing:
    last = len(remembered.words) - 1
    high = max(remembered.apart) * 1.05 or 1.0
    places = {float(i): str(i) for i in range(0, last + 1, max(1, last // 6))}
    distance = Axis("distance of states", 0.0, high, {0.0: "0", high: wording.number(high)})
    chart = Chart(Axis("words after the noun", 0, max(1, last), places), distance, height=230)
    steps = np.arange(last + 1)
    chart.line(steps, remembered.apart, ACCENT)
    chart.dots(list(steps), remembered.apart, ACCENT)
    return chart.drawing("How far the states of the two sentences are apart, word by word from the noun to the verb")
