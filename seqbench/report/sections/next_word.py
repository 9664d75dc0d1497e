"""How well each arm predicts the next word of a text, beside what models score that count words."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import next_word, sizes, variants
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.events import Baseline
from seqbench.report import settings
from seqbench.report.drawn import Drawn
from seqbench.statistics import rates


@dataclass(frozen=True)
class Row:
    """An arm on a text, as text; empty where nothing was measured."""

    arm: str
    perplexity: str
    perplexity_interval: str
    bits: str
    bits_interval: str
    context: str
    seeds: str
    budget: str


@dataclass(frozen=True)
class Prediction:
    """All arms on one text; a baseline as (name, perplexity, loss in nats per word)."""

    task: str
    baselines: list[tuple[str, str, str]]
    rows: list[Row]
    verdicts: list[str]


def values(found: Findings, drawn: Drawn) -> dict[str, object] | None:
    """A table per text."""
    texts = predictions(found)
    if not texts:
        return None
    explained = "context" in drawn.names
    by_character, meaning = settings.by_character(found.runs), sizes.note(next_word.measured(found.done))
    return {"predictions": texts, "by_character": by_character, "explained": explained, "meaning": meaning}


def headline(found: Findings) -> list[str]:
    """Which arm predicts each text best by its mean perplexity, and how many arms beat the models that count."""
    texts = [(str(task), runs) for task, runs in next_word.measured(found.done).groupby("task", sort=True)]
    best = [told for task, runs in texts if (told := _best(task, runs))]
    if not best:
        return ["No run has come to a result."]
    beating = [told for task, runs in texts if (told := _beating(runs, found.record.tasks[task].baselines, task))]
    return [f"Least test perplexity: {'; '.join(best)}.", *([f"{'; '.join(beating)}."] if beating else [])]


def _best(task: str, runs: pd.DataFrame) -> str:
    means = runs.groupby("arm").test_perplexity.mean()
    means = means[np.isfinite(means)]
    if means.empty:
        return ""
    mean, interval = _mean(runs.test_perplexity[runs.arm == means.idxmin()])
    return f"{means.idxmin()} on {task}, {mean} ({interval})"


def _beating(runs: pd.DataFrame, baselines: Sequence[Baseline], task: str) -> str:
    if not baselines:
        return ""
    arms = arms_in_order(runs.arm)
    beat = sum(next_word.beats(runs[runs.arm == arm], baselines[-1]) for arm in arms)
    return f"{beat} of {wording.plural(len(arms), 'arm')} beat the {baselines[-1].name} model on {task}"


def predictions(found: Findings) -> list[Prediction]:
    """One per text: per task without a gap whose runs have a perplexity."""
    return [
        _prediction(str(task), runs, found) for task, runs in next_word.measured(found.done).groupby("task", sort=True)
    ]


def _prediction(task: str, runs: pd.DataFrame, found: Findings) -> Prediction:
    baselines = found.record.tasks[task].baselines
    contexts = found.effective_context[found.effective_context.task == task].set_index("arm")
    own = {arm: runs[runs.arm == arm] for arm in arms_in_order(runs.arm)}
    return Prediction(
        task=task,
        baselines=[(b.name, next_word.number(b.score), next_word.number(b.loss)) for b in baselines],
        rows=[_row(arm, of_arm, contexts) for arm, of_arm in own.items()],
        verdicts=[next_word.verdict(arm, of_arm, baselines[-1]) for arm, of_arm in own.items()] if baselines else [],
    )


def _row(arm: str, runs: pd.DataFrame, contexts: pd.DataFrame) -> Row:
    perplexity, perplexity_interval = _mean(runs.test_perplexity)
    bits, bits_interval = _mean(runs.test_bits_per_character)
    context = contexts.loc[arm] if arm in contexts.index else None
    return Row(
        arm=arm,
        perplexity=perplexity,
        perplexity_interval=perplexity_interval,
        bits=bits,
        bits_interval=bits_interval,
        context="" if context is None else variants.with_interval(context),
        seeds=f"{int(np.isfinite(runs.test_perplexity).sum())}",
        budget=wording.listed(wording.count(budget) for budget in sorted(runs.budget.unique())),
    )


def _mean(values: pd.Series) -> tuple[str, str]:
    """Mean over seeds and its interval as text."""
    mean, low, high = rates.mean_interval(values)
    if not math.isfinite(mean):
        return "n/a", ""
    between = f"{next_word.number(low)} to {next_word.number(high)}" if math.isfinite(low) else "one seed"
    return next_word.number(mean), between
