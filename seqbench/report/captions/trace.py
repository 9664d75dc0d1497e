"""What a look into a trained model shows: whose it is, what its rows are, where evidence and question lie."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import finished

if TYPE_CHECKING:
    from seqbench.trace.sequence import Trace

STATES = {"h": "hidden state", "c": "cell state"}
MOST_STEPS = 6
"""Steps of the evidence that are named; of more, the first and the last."""


def trace(found: "Trace", run: pd.Series, runs: pd.DataFrame, rank: str) -> list[str]:
    """`rank` is "best", "worst" or "only"; `runs` are all of the record, for how the arm fared."""
    return [_whose(run, runs, rank), _rows(found), wording.joined(_marks(found), _gradient(found))]


def _whose(run: pd.Series, runs: pd.DataFrame, rank: str) -> str:
    own = finished(runs[runs.arm == run.arm])
    solved = int((own.outcome == "solved").sum())
    among = "the only gated arm" if rank == "only" else f"the {rank} of the gated arms by runs solved, then by steps"
    place = f"{wording.at(run.task, run.gap)} with seed {run.seed}"
    return (
        f"{run.arm} is {among} ({wording.tally(solved, len(own))} runs solved their task). This is its run on {place} "
        f"({run.outcome} after {wording.count(run.steps)} steps; run {run.run_id[:8]}), with the parameters of its "
        f"lowest validation loss, reading the first sequence of its test."
    )


def _rows(found: "Trace") -> str:
    gates = wording.listed(f"the {name} gate" for name in found.gates)
    states = wording.listed(f"the {STATES.get(name, name)}" for name in found.states)
    return (
        f"Time runs to the right, one column per step. Panels from the top: the inputs, a row per feature; "
        f"{gates} (0 shut, 1 open) and {states}, a row per unit, in all of these panels in the same order: "
        f"by {found.order}; at the bottom, the gradient of the question's loss with respect to the states of each step."
    )


def _marks(found: "Trace") -> str:
    """Steps count from 0, as the axis does."""
    question = f"the question (dashed) is asked at step {found.question}, counted from 0"
    if not found.evidence:
        return f"{question[0].upper()}{question[1:]} ({found.answer})."
    shown = found.evidence if len(found.evidence) <= MOST_STEPS else (found.evidence[0], found.evidence[-1])
    through = "" if shown is found.evidence else f", {len(found.evidence)} steps in all"
    steps = f"step{'s' if len(shown) > 1 else ''} {wording.listed(shown)}{through}"
    return f"The evidence (orange) is shown at {steps}, and {question} ({found.answer})."


def _gradient(found: "Trace") -> str:
    """At the first evidence, relative to the hidden state at the question, as it is drawn."""
    if not found.evidence:
        return ""
    at = {STATES.get(state, state): values[found.evidence[0]] for state, values in found.gradient.items()}
    told = [f"{wording.from_log10(value)} for the {state}" for state, value in at.items() if np.isfinite(value)]
    first = "the evidence" if len(found.evidence) == 1 else "the first evidence"
    return f"Of the gradient at the question, {wording.listed(told)} is left at {first}." if told else ""
