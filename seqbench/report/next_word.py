"""How well each arm predicts the next word of a text, beside what models score that count words."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import cells as tables
from seqbench.analysis import variants
from seqbench.analysis.findings import Findings
from seqbench.events import Baseline
from seqbench.record.values import Record
from seqbench.statistics import rates


@dataclass(frozen=True)
class Row:
    """An arm on a text, as text; empty where nothing was measured."""

    arm: str
    look: palette.Look
    perplexity: str
    perplexity_interval: str
    bits: str
    bits_interval: str
    context: str
    context_interval: str
    seeds: str
    budget: str


@dataclass(frozen=True)
class Prediction:
    """All arms on one text; a baseline as (name, perplexity, loss in nats per word)."""

    task: str
    baselines: list[tuple[str, str, str]]
    rows: list[Row]
    verdicts: list[str]


def predictions(found: Findings) -> list[Prediction]:
    """One per text: per task without a gap whose runs have a perplexity."""
    runs, contexts = _measured(found.runs), found.effective_context.set_index(["task", "arm"])
    return [
        _prediction(str(task), group, found.record, contexts, found.looks)
        for task, group in runs.groupby("task", sort=True)
    ]


def _measured(runs: pd.DataFrame) -> pd.DataFrame:
    """Finished runs of tasks without a gap of which some have a perplexity."""
    done = tables.finished(runs.reindex(columns=runs.columns.union(["test_perplexity", "test_bits_per_character"])))
    texts = done.task[(done.gap == 0) & done.test_perplexity.notna()]
    return done[done.task.isin(texts)]


def _prediction(
    task: str, runs: pd.DataFrame, record: Record, contexts: pd.DataFrame, looks: dict[str, palette.Look]
) -> Prediction:
    baselines = record.tasks[task].baselines
    arms = {arm: runs[runs.arm == arm] for arm in palette.ordered(runs.arm)}
    return Prediction(
        task=task,
        baselines=[(b.name, _number(b.score), _number(b.loss)) for b in baselines],
        rows=[_row(arm, looks[arm], own, contexts) for arm, own in arms.items()],
        verdicts=[_verdict(arm, own, baselines[-1]) for arm, own in arms.items()] if baselines else [],
    )


def _row(arm: str, look: palette.Look, runs: pd.DataFrame, contexts: pd.DataFrame) -> Row:
    perplexity, perplexity_interval = _mean(runs.test_perplexity)
    bits, bits_interval = _mean(runs.test_bits_per_character)
    place = (runs.task.iloc[0], arm)
    found = contexts.loc[place] if place in contexts.index else None
    return Row(
        arm=arm,
        look=look,
        perplexity=perplexity,
        perplexity_interval=perplexity_interval,
        bits=bits,
        bits_interval=bits_interval,
        context="" if found is None else variants.words(found.words, found.longest),
        context_interval="" if found is None else variants.words_interval(found),
        seeds=f"{int(np.isfinite(runs.test_perplexity).sum())}",
        budget=wording.listed(wording.count(budget) for budget in sorted(runs.budget.unique())),
    )


def _mean(values: pd.Series) -> tuple[str, str]:
    """Mean over seeds and its interval as text."""
    mean, low, high = rates.mean_interval(values)
    if not math.isfinite(mean):
        return "n/a", ""
    return _number(mean), f"{_number(low)} to {_number(high)}" if math.isfinite(low) else "one seed"


def _number(value: float) -> str:
    """Four significant digits: runs that differ by a per cent are to be told apart."""
    return f"{value:#.4g}".rstrip(".") if abs(value) < 1e4 else wording.count(value)


def _verdict(arm: str, runs: pd.DataFrame, best: Baseline) -> str:
    """Whether the arm beats the best of the models that count, and in how many of its seeds; diverged ones do not."""
    beaten, number = int((runs.test_loss < best.loss).sum()), len(runs)
    diverged = int((runs.outcome == "diverged").sum())
    mark = f"the {best.name} model (perplexity {_number(best.score)})"
    told = (
        f"{arm} beats {mark} in {'all' if beaten == number > 1 else f'{beaten} of'} {wording.plural(number, 'seed')}"
        if beaten
        else f"{arm} does not beat {mark} in any of {wording.plural(number, 'seed')}"
    )
    return f"{told}; {wording.plural(diverged, 'run')} diverged." if diverged else f"{told}."
