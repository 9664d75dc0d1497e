"""What a textbook says of recurrent networks, held against the record: agreed with, contradicted, or left open.

Each check is a function of numbers of the record alone, and says by which rule it was decided.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from seqbench import wording


class Verdict(StrEnum):
    """What became of a sentence of a textbook."""

    AGREES = "as the textbook says"
    AGAINST = "against the textbook"
    OPEN = "open"


AGREES, AGAINST, OPEN = Verdict

#: Two decays per step agree if they are less than this factor apart.
ALIKE = 1.25
#: A gradient has vanished if less than this share of it is left, a thousandth.
VANISHED = -3.0
#: Time constants after which a unit has forgotten: exp(-5) is less than a hundredth.
FORGOTTEN = 5
#: A unit holds something of what is asked if that decides at least this share of how it varies.
HELD = 0.5


@dataclass(frozen=True)
class Check:
    """What the record says of one sentence of a textbook."""

    verdict: Verdict
    sentence: str


def keep(bias: float) -> float:
    """The share that a gate with this bias keeps at each step where nothing else drives it: sigma(b)."""
    return 1 / (1 + math.exp(-bias))


def time_constant(bias: float) -> float:
    """Steps after which such a gate has forgotten to 1/e: -1 / ln sigma(b)."""
    return -1 / math.log(keep(bias))


def bias_of(steps: float) -> float:
    """The bias of a gate with this time constant."""
    return -math.log(math.expm1(1 / steps))


def vanishing(arm: str, left: float, gap: int) -> Check:
    """Whether the gradient of an untrained network without gates is gone at the gap; `left` is its log10 there."""
    share = wording.from_log10(left)
    if left <= VANISHED:
        said = f"After {gap} steps back, {share} of the gradient is left in the untrained {arm}: it has vanished."
        return Check(AGREES, said)
    said = f"The gradient of the untrained {arm} has not vanished here: after {gap} steps back, {share} of it is left."
    return Check(AGAINST, f"{said} (Vanished means less than {wording.number(10**VANISHED)}.)")


def training_and_gradient(arm: str, before: float, after: float, gap: int) -> Check:
    """Whether the gradient at the gap is still gone in runs that failed; both are log10 there."""
    told = (
        f"{gap} steps back, {wording.from_log10(before)} of the gradient is left before training and "
        f"{wording.from_log10(after)} after it, in runs of {arm} that failed"
    )
    if after <= VANISHED:
        return Check(AGREES, f"Training did not mend it: {told}.")
    return Check(AGAINST, f"Training did mend it: {told}. So a vanished gradient is not why they failed in the end.")


def order(plain: str, gated: str, reach: Mapping[str, int]) -> Check:
    """Whether the arm with gates bridged the longer gap; 0 where an arm bridged none."""
    far = {arm: f"gap {reach[arm]}" if reach[arm] else "no gap" for arm in (plain, gated)}
    told = f"{gated} bridged {far[gated]}, {plain} {far[plain]}"
    if reach[gated] > reach[plain]:
        return Check(AGREES, f"Gates reach farther: {told}.")
    if reach[gated] == reach[plain]:
        return Check(OPEN, f"That gates reach farther is not shown here: {told}.")
    return Check(AGAINST, f"Gates do not reach farther here: {told}.")


def gradient_and_gap(kinds: Sequence[str], pairs: int, against: str, left_out: str = "") -> Check:
    """Whether the kinds whose gradient decays less reached the longer gap: no pair of them may say otherwise.

    `left_out` are those without a place among them all, with the reason; they count in the pairs whose order is known.
    """
    rest = f" Without a place among them all: {left_out}." if left_out else ""
    if not against:
        known = " whose order is known" if left_out else ""
        counted = f"in all {wording.plural(pairs, 'pair')}" if pairs > 1 else "in the one pair"
        said = "The kind whose gradient decays less at the start is never the one that reaches less far"
        return Check(AGREES, f"{said}, {counted} of {wording.listed(kinds)}{known}.{rest}")
    said = "The gradient at the start does not decide alone who reaches far"
    return Check(AGAINST, f"{said}: {against}.{rest}")


def line_and_measure(arm: str, bias: float, decay: float) -> Check:
    """Whether the measured gradient of the cell, in nats per step, falls as the line of its forget bias."""
    line = -math.log(keep(bias))
    told = f"the line multiplies by {keep(bias):.2f} at each step back, the measured gradient by {math.exp(-decay):.2f}"
    if 1 / ALIKE < decay / line < ALIKE:
        return Check(AGREES, f"The line of b = {bias:g} describes the untrained {arm}: {told}.")
    how = "faster" if decay > line else "more slowly"
    return Check(AGAINST, f"The gradient of the untrained {arm} falls {how} than the line of b = {bias:g}: {told}. "
                          f"The gate also depends on the input and on h, and there are other ways back.")  # fmt: skip


def beyond_the_time_constant(arm: str, bias: float, gap: int) -> Check:
    """Whether an arm bridged a gap longer than its gates keep at the start; 0 if it bridged none."""
    limit = FORGOTTEN * time_constant(bias)
    left = wording.from_log10(-FORGOTTEN * math.log10(math.e))
    told = f"{FORGOTTEN} time constants of b = {bias:g}, after which a share of {left} is left, are {limit:.1f} steps"
    if not gap:
        return Check(OPEN, f"{arm} bridged no gap; {told}.")
    if gap <= limit:
        return Check(AGREES, f"{arm} bridged gap {gap}, within what its gates keep at the start: {told}.")
    return Check(AGAINST, f"{arm} bridged gap {gap}, although its gates start by forgetting sooner: {told}. "
                          f"Training moves the gates, so the time constant at the start is no limit.")  # fmt: skip


def kept_inside(gated: str, plain: str, of_gated: float, of_plain: float, steps: int) -> Check:
    """Whether more of the gradient reaches the evidence in the cell than in the state without gates; log10 of each."""
    told = (
        f"{steps} steps before the question, where the evidence is, the gradient in the cell of {gated} is "
        f"{wording.from_log10(of_gated)} times that at the question, in the state of {plain} "
        f"{wording.from_log10(of_plain)} times"
    )
    if of_gated > of_plain:
        return Check(AGREES, f"The cell is the better way back: {told}.")
    return Check(AGAINST, f"The cell is not the better way back in this sequence: {told}.")


def better_where_both_fail(
    gated: str, plain: str, gap: int, scores: Sequence[Sequence[float]], score: str, *, rises: bool
) -> Check:
    """Whether gates help even where neither kind solves the task: each run of one is better than each of the other.

    `scores` are those of failed runs, with gates and without; `rises` says whether more is better.
    """
    means = [wording.level(sum(own) / len(own)) for own in scores]
    told = f"in failed runs at gap {gap}, the mean of {score}, is {means[0]} for {gated} and {means[1]} for {plain}"
    of_gated, of_plain = [[value if rises else -value for value in own] for own in scores]
    if min(of_gated) > max(of_plain):
        return Check(AGREES, f"Even where both fail, gates help: {told}.")
    if max(of_gated) < min(of_plain):
        return Check(AGAINST, f"Where both fail, {plain} is the better one, in each of its runs: {told}.")
    return Check(OPEN, f"Whether gates help where both fail is not decided, their runs overlap: {told}.")


@dataclass(frozen=True)
class Known:
    """What a network knows of what is asked first, over some sequences of its test."""

    arm: str
    share: float
    """That the right answer decides of how the unit varies at the question that tells most."""
    right: int
    """How often it answers right."""


def lost(gated: Known, plain: Known, asked: str, sequences: int) -> Check:
    """Whether the network without gates has lost what is asked, unlike the one with gates, when the question comes."""
    told = (
        f"{asked} decides {wording.percent(plain.share)} of how the unit of {plain.arm} above varies when the question "
        f"comes, and {wording.percent(gated.share)} in {gated.arm}; of {sequences} sequences, {plain.arm} says "
        f"{asked} right in {plain.right}, {gated.arm} in {gated.right}"
    )
    if gated.share < HELD:
        return Check(OPEN, f"That a unit of the cell holds {asked} is not shown: {told}.")
    if plain.share < HELD:
        return Check(AGREES, f"Gates hold {asked}, and without them it is lost: {told}.")
    return Check(AGAINST, f"{plain.arm} has not lost all of it: {told}.")


def summary(checks: list[Check]) -> str:
    """How often the record agrees with the textbook and how often not."""
    agree, against = (sum(check.verdict == verdict for check in checks) for verdict in (AGREES, AGAINST))
    if not checks:
        return "This record decides none of the sentences of a textbook that the lesson knows."
    rest = len(checks) - agree - against
    told = [f"{against or 'none'} against it"] if not rest else [f"{against or 'none'} against it", f"{rest} left open"]
    parts = wording.listed([f"{agree or 'none'} {'is' if agree == 1 else 'are'} as the textbook says", *told])
    return (
        f"The lesson holds {wording.plural(len(checks), 'sentence')} that textbooks say of such networks against this "
        f"record: {parts}. Each has its mark."
    )
