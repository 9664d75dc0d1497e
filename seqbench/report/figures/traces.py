"""A look into the best and the worst gated arm: what happens inside while a trained model reads a sequence."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.findings import Findings
from seqbench.analysis.gated import best_and_worst
from seqbench.record.states import drawn_of, gate_in_words, in_words, of_layers
from seqbench.report.figures.plot import Plot
from seqbench.trace.figure import EVIDENCE_WORD, QUESTION_WORD, trace_figure

if TYPE_CHECKING:
    from seqbench.trace.values import Trace

MOST_STEPS = 6
"""Steps of the evidence that are named; of more, the first and the last."""


def plots(found: Findings, traces: "Mapping[str, Trace]") -> Iterator[Plot]:
    """Of those runs that are in `traces`, by run."""
    chosen = best_and_worst(found)
    for place, run_id in zip(("best", "worst"), chosen, strict=False):
        if run_id in traces:
            rank = place if len(chosen) > 1 else "only"
            run = found.runs[found.runs.run_id == run_id].iloc[0]
            caption = _caption(traces[run_id], run, found.of_arms, rank)
            title = f"{run.arm} on {wording.cell(run.task, run.gap)}, seed {run.seed}: {run.outcome}"
            figure = trace_figure(traces[run_id], title)
            yield Plot(f"trace_{place}", f"Inside the {rank} gated arm: {run.arm}", caption, figure, (run_id,))


def _caption(trace: "Trace", run: pd.Series, done: pd.DataFrame, rank: str) -> list[str]:
    """Whose it is, what its rows are, where evidence and question lie; `rank` is "best", "worst" or "only"."""
    return [
        f"{_whose(run, done, rank)}{trace.sequence}.",
        _rows(trace),
        wording.joined(_marks(trace), _gradient(trace)),
    ]


def _whose(run: pd.Series, done: pd.DataFrame, rank: str) -> str:
    own = done[done.arm == run.arm]
    solved = int((own.outcome == "solved").sum())
    among = "the only gated arm" if rank == "only" else f"the {rank} of the gated arms by how far they got"
    place = f"{wording.at(run.task, run.gap)} with seed {run.seed}"
    return (
        f"{run.arm} is {among} ({wording.tally(solved, len(own))} runs solved their task). This is its run on {place} "
        f"({run.outcome} after {wording.count(run.steps)} steps; run {run.run_id[:8]}), with the parameters of its "
        f"lowest validation loss, reading "
    )


def _rows(trace: "Trace") -> str:
    gates = wording.listed(f"the {gate_in_words(name)}" for name in trace.gates)
    states = wording.listed(f"the {in_words(name)}" for name in trace.states)
    panels = "the panels of a layer" if of_layers(trace.states) else "all of these panels"
    return (
        f"Time runs to the right, one column per step. Panels from the top: the inputs, a row per feature; "
        f"{gates} (0 shut, 1 open) and {states}, a row per unit, in {panels} in the same order: "
        f"by {trace.order}; at the bottom, the gradient of the question's loss with respect to the states of each step."
    )


def _marks(trace: "Trace") -> str:
    """Steps count from 0, as the axis does."""
    question = f"the question ({QUESTION_WORD}) is asked at step {trace.question}, counted from 0"
    if not trace.evidence:
        return f"{question[0].upper()}{question[1:]} ({trace.answer})."
    shown = trace.evidence if len(trace.evidence) <= MOST_STEPS else (trace.evidence[0], trace.evidence[-1])
    through = "" if shown is trace.evidence else f", {len(trace.evidence)} steps in all"
    steps = f"step{'s' if len(shown) > 1 else ''} {wording.listed(shown)}{through}"
    return f"The evidence ({EVIDENCE_WORD}) is shown at {steps}, and {question} ({trace.answer})."


def _gradient(trace: "Trace") -> str:
    """At the first evidence, relative to the hidden state at the question, as it is drawn."""
    if not trace.evidence:
        return ""
    at = {in_words(state): trace.gradient[state][trace.evidence[0]] for state in drawn_of(trace.gradient)}
    told = [f"{wording.from_log10(value)} for the {state}" for state, value in at.items() if np.isfinite(value)]
    first = "the evidence" if len(trace.evidence) == 1 else "the first evidence"
    return f"Of the gradient at the question, {wording.listed(told)} is left at {first}." if told else ""
