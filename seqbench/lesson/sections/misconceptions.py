"""Three things that are often believed, each answered by a control."""

from collections.abc import Mapping
from dataclasses import dataclass

from seqbench import wording
from seqbench.analysis import controls
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Question, Section
from seqbench.record import results, store

TITLE = "Is that so? Answered by controls"
CONTROLS = "controls"
SHARED = "shared parameters"
"""The experiment that states controls, and its requirement about the weights of a step."""
EQUAL = 1.02
"""Numbers of parameters that are less than this factor apart are as good as equal."""


@dataclass(frozen=True)
class Answer:
    """What is believed, and what a control says of it."""

    belief: str
    verdict: str
    sentence: str


def section(material: Material) -> Section | LeftOut:
    """Those that the record has a control for; of the others, the command that makes one."""
    found = [_parameters(material), _positions(material), _unshared()]
    answers = [one for one in found if isinstance(one, Answer)]
    missing = [one.reason for one in found if isinstance(one, LeftOut)]
    if not answers:
        return LeftOut(" ".join(missing))
    questions = tuple(
        Question(f"True or false? “{one.belief}”", wording.joined(f"{one.verdict}.", one.sentence)) for one in answers
    )
    return Section(values={"answers": answers, "missing": missing}, questions=questions)


# -- as many parameters --------------------------------------------------------------------------------------


def _parameters(material: Material) -> Answer | LeftOut:
    if not material.plain or not material.gated:
        return LeftOut("Whether parameters are what counts: the record does not have networks with gates and without.")
    plain, gated = material.plain, material.gated[0]
    sizes = {arm: int(material.of_arm(arm).parameters.median()) for arm in (plain, gated)}
    return parameters(plain, gated, sizes, material.bridged)


def parameters(plain: str, gated: str, sizes: Mapping[str, int], bridged: Mapping[str, int]) -> Answer | LeftOut:
    """Whether the arm with gates gets farther because it is larger."""
    told = f"{gated} has {wording.count(sizes[gated])} parameters, {plain} {wording.count(sizes[plain])}"
    belief = f"{gated} gets farther than {plain} because it has more parameters."
    ratio = sizes[gated] / sizes[plain]
    if not 1 / EQUAL < ratio < EQUAL:
        equal = f"The sweep with `match.parameters={sizes[gated]}`, under another name, makes them equal."
        return LeftOut(f"Whether parameters are what counts: {told}. {equal}")
    if bridged[gated] > bridged[plain]:
        return Answer(belief, "False", f"{told}, and still {gated} bridged gap {bridged[gated]}, "
                                       f"{plain} {f'gap {bridged[plain]}' if bridged[plain] else 'none'}.")  # fmt: skip
    return Answer(belief, "Open", f"{told}, and {gated} did not get farther here.")


# -- accuracy over all positions -----------------------------------------------------------------------------


def _positions(material: Material) -> Answer | LeftOut:
    failed = material.runs[(material.runs.outcome == "unsolved") & material.runs.test_score.notna()]
    failed = failed.sort_values(["gap", "test_score"], ascending=[False, True])
    saved = material.saved(failed.run_id.iloc[0]) if len(failed) and material.facts.score_name == "accuracy" else None
    if saved is None:
        return LeftOut("Accuracy over all positions: it takes a run that failed at a task of classes, and its model.")
    batch = saved.task.batch(saved.spec.seed, "test", 0, 1)
    asked = int(batch.mask[0].sum()) / int(batch.lengths[0])
    return positions(f"{failed.arm.iloc[0]} at gap {failed.gap.iloc[0]}", float(failed.test_score.iloc[0]), asked)


def positions(run: str, accuracy: float, asked: float) -> Answer:
    """What the accuracy of a failed run would be if steps counted at which there is nothing to say.

    They are `asked` of all steps, and at the others anything that has learned to be silent is right.
    """
    everywhere = 1 - asked * (1 - accuracy)
    belief = f"An accuracy of {wording.percent(everywhere)} means that the task is nearly solved."
    told = (
        f"A run of {run} is right at {wording.percent(accuracy)} of the steps that are asked. These are "
        f"{wording.percent(asked)} of all steps; a network that is silent at the others has "
        f"{wording.percent(everywhere)} over all of them"
    )
    if everywhere >= 0.9:
        return Answer(belief, "False", f"{told}, and has failed.")
    return Answer(belief, "Not here", f"{told}, so that the difference shows even then.")


# -- weights that are not shared ------------------------------------------------------------------------------


def _unshared() -> Answer | LeftOut:
    try:
        record = results.load(CONTROLS, points=False)
        claims = controls.verdicts(record.runs, record.refusals)
    except store.NoSuchExperiment:
        claims = []
    about = [claim for claim in claims if claim.requirement == SHARED]
    if not about:
        return LeftOut(
            "Whether a network could have weights of its own for each step: the record has no control of it; "
            "`python -m seqbench +experiment=controls` makes one."
        )
    return unshared(about)


def unshared(claims: list[controls.Verdict]) -> Answer:
    """What became of a network with weights of its own for each step."""
    told = "; ".join(f"{claim.control}: {claim.found}" for claim in claims)
    belief = "A network could just as well have weights of its own for each step."
    if all(claim.as_expected for claim in claims):
        return Answer(belief, "Only for one length", f"{told}. It can learn, but only sequences as long as it is.")
    return Answer(belief, "Open", f"{told}. The control did not come out as stated.")
