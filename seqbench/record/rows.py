"""A row per run: what the store has of it, as the columns of a table."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from seqbench.config import CPU
from seqbench.events import END, HIDDEN, INIT, INPUTS, TaskFacts
from seqbench.record import names
from seqbench.record.labels import label
from seqbench.record.reading import Recorded
from seqbench.record.values import facts_of, with_inputs_apart

#: Columns that are tags: which, and what there is without it.
TAGS = {
    "outcome": (names.OUTCOME, "unfinished"),
    "reason": (names.REASON, ""),
    "label": (names.LABEL, ""),
    "evidence": (names.EVIDENCE, ""),
    "not_finite": (names.NOT_FINITE, ""),
    "command": (names.COMMAND, ""),
    "search": (names.SEARCH, ""),
    "tuning": (names.TUNING, ""),
    "claims": (names.CLAIMS, "[]"),
}
#: Beginnings of parameters that are columns under their own names.
SETTINGS = ("task.", "model.", "training.", "version.")


def runs_frame(runs: Iterable[Recorded]) -> pd.DataFrame:
    """A row per run, in the order of task, arm, gap and seed as they were started."""
    known = [replace(run, metrics={names.as_now(key): it for key, it in run.metrics.items()}) for run in runs]
    frame = pd.DataFrame([_row(run) for run in known]).rename(columns={"num_parameters": "parameters"})
    by_inputs = [run.run_id for run in known if names.ByLag(INPUTS, INIT).metric in run.metrics]
    return label(with_inputs_apart(frame, by_inputs))


def _row(run: Recorded) -> dict[str, Any]:
    return {
        "run_id": run.run_id,
        "run_name": run.run_name,
        "status": run.status,
        **{column: run.tags.get(tag, without) for column, (tag, without) in TAGS.items()},
        **_of_what(run.params),
        **_came_to(run),
        **_at_gap(run.metrics),
        **_took(run),
        "fingerprint": run.tags[names.FINGERPRINT],
        "copies": run.copies,
        "thinned": False,
        "git_revision": run.params.get("git_revision", ""),
        **{key: value for key, value in run.params.items() if key.startswith(SETTINGS)},
    }


def _of_what(params: Mapping[str, str]) -> dict[str, Any]:
    """Task and arm, once to become labels and once as they are, and how large the model is."""
    return {
        "task": params["task"],
        "arm": params["arm"],
        "plain_task": params["task"],
        "plain_arm": params["arm"],
        **{key: int(params[key]) for key in ("gap", "load", "seed")},
        "device": params.get("device", CPU),
        "card": params.get("card", ""),
        **{key: int(params.get(key, 0)) for key in ("num_parameters", "evidence_lag")},
        "family": params.get("family", ""),
        "state_size": float(params.get("state_size", math.nan)),
        "auxiliary_states": params.get("auxiliary_states", ""),
    }


def _came_to(run: Recorded) -> dict[str, Any]:
    """How long it trained, and what the test said."""
    metrics = run.metrics
    facts = facts_told(run.tags[names.FACTS]) if names.FACTS in run.tags else None
    return {
        "steps": metrics.get(names.STEPS, math.nan),
        "budget": int(run.params["training.max_steps"]),
        "steps_to_solve": metrics.get(names.STEPS_TO_SOLVE, math.nan),
        **{key: value for key, value in metrics.items() if key.startswith(names.SOLVED_BY)},
        **{key: metrics[key] for key in (names.HOLD_MULTIPLE, names.HOLD_TESTED) if key in metrics},
        "test_loss": metrics.get(f"{names.TEST}loss", math.nan),
        "test_loss_error": metrics.get(f"{names.TEST}loss_error", math.nan),
        "test_score": metrics.get(f"{names.TEST}{facts.score_name}", math.nan) if facts else math.nan,
        "test_perplexity": metrics.get(names.PERPLEXITY, math.nan),
        "test_bits_per_character": metrics.get(names.BITS, math.nan),
        "best_baseline_loss": facts.baselines[-1].loss if facts and facts.baselines else math.nan,
    }


def _at_gap(metrics: Mapping[str, float]) -> dict[str, float]:
    """The numbers of the gradient at the gap, of the hidden state and of inputs, before training and after."""
    numbers = [names.of_curve(name, state) for state in (HIDDEN, INPUTS) for name in names.AT_GAP]
    return {
        f"{number}_{stage}": metrics.get(names.at_stage(number, stage), math.nan)
        for number in numbers
        for stage in (INIT, END)
    }


def _took(run: Recorded) -> dict[str, float]:
    """Time, and with how many others the machine was shared."""
    return {
        "seconds": run.metrics.get(names.SECONDS, math.nan),
        names.MILLISECONDS: run.metrics.get(names.MILLISECONDS, math.nan),
        "workers": float(run.params.get("workers", math.nan)),
    }


def facts_told(text: str) -> TaskFacts:
    """What the tag of a run says of its task. Raises LookupError where it cannot be read."""
    try:
        return facts_of(json.loads(text))
    except (LookupError, TypeError, ValueError) as error:
        raise LookupError(f"a run's tag {names.FACTS} does not say what its task is: {text[:60]!r}") from error
