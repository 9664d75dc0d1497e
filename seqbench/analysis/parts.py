"""Before training all runs are alike; a trained state is that of a run that solved its task, or of one that did not.

One median over both would be of neither: 1e-36 beside 1e-3.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from seqbench.events import END, HIDDEN, INIT, INPUTS
from seqbench.record import names, states

OUTCOMES = {True: "solved", False: "not solved"}
"""Whether a run solved its task, in words: one that diverged did not."""


@dataclass(frozen=True)
class Part:
    """Runs that are summarised together at a stage: all, those that solved their task, or the others."""

    stage: str
    solved: bool | None = None

    @property
    def name(self) -> str:
        """ "init", "end_solved", "end_unsolved"."""
        return self.stage if self.solved is None else f"{self.stage}_{'solved' if self.solved else 'unsolved'}"

    @property
    def words(self) -> str:
        """ "after training, not solved"."""
        return states.STAGE_IN_WORDS.get(self.stage, self.stage) + (f", {self.outcome}" if self.outcome else "")

    @property
    def outcome(self) -> str:
        """ "solved" or "not solved", empty where that is yet to come."""
        return "" if self.solved is None else OUTCOMES[self.solved]

    def of(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Its rows, by the columns `outcome` and, where there is one, `stage`."""
        own = frame if self.solved is None else frame[(frame.outcome == "solved") == self.solved]
        return own[own.stage == self.stage] if "stage" in own else own


PARTS = (Part(INIT), Part(END, solved=True), Part(END, solved=False))


def before_and_after(told: Mapping[Part, str]) -> str:
    """ "0.054 → solved 0.19, not solved 3·10⁻⁵"; what is empty is not told."""
    before = [text for part, text in told.items() if text and not part.outcome]
    after = [f"{part.outcome} {text}" for part, text in told.items() if text and part.outcome]
    return " → ".join([*before, *([", ".join(after)] if after else [])])


def column(number: str, state: str, part: Part) -> str:
    """The column of a summary for a number of `names.AT_GAP`: "log10_gradient_at_gap_end_solved"."""
    scale = "log10_" if number == names.GRADIENT_AT_GAP else ""
    return f"{scale}{names.of_curve(number, state)}_{part.name}"


def at_gap(done: pd.DataFrame) -> dict[str, float]:
    """Every number at the gap by its column: the median over the runs of the part, or of shares their mean."""
    return {
        column(number, state, part): _middle(part.of(done), number, state, part.stage)
        for state in (HIDDEN, INPUTS)
        for number in names.AT_GAP
        for part in PARTS
    }


def _middle(runs: pd.DataFrame, number: str, state: str, stage: str) -> float:
    values = runs.get(f"{names.of_curve(number, state)}_{stage}", pd.Series(dtype=float)).astype(float)
    return float(values.mean() if number == names.ZERO_AT_GAP else values.median())
