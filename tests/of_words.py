"""Made-up records of tasks over words: texts, which have no gap, and agreement, which has."""

from dataclasses import replace

import numpy as np
import pandas as pd
import synthetic

from seqbench.events import Baseline, TaskFacts
from seqbench.record.values import Record

SEEDS = range(5)
CONTEXTS = (1, 10, 100, 200)
TRIGRAM = Baseline("trigram", 4.0, float(np.exp(4)))
TEXT = TaskFacts(
    loss_name="cross-entropy (nats per word)",
    score_name="perplexity",
    criterion="test perplexity below that of the trigram model",
    baselines=(Baseline("unigram", 5.0, float(np.exp(5))), TRIGRAM),
    about={"text": "a novel", "vocabulary": 1684, "test words": 8639, "unknown in test": 0.0657},
)
AGREEMENT = TaskFacts(
    loss_name="cross-entropy (nats per word)",
    score_name="accuracy",
    criterion="the right form in at least 99 % of the sentences",
    baselines=(Baseline("no memory", 3.5, 0.5),),
    level=0.99,
)

NEEDS_TEN = (8.0, 4.04, 4.0, 4.0)
NEEDS_MORE = (8.0, 6.0, 5.0, 4.0)


GOOD = {"rnn": [4.5, 4.4, 4.6, 4.5, 4.5], "lstm": [3.9, 3.8, 4.1, 3.9, 3.7]}
"""Losses by arm, of which the LSTM beats the trigram model in four of five seeds."""


def text(losses: dict[str, list[float]], by_context: tuple[float, ...] = NEEDS_TEN) -> Record:
    """Runs on a text by arm and seed, each with its test loss; what a context costs is the same for all."""
    whole = of_task("text", TEXT, list(losses), gaps=(0,), seeds=range(max(map(len, losses.values()))))
    loss = whole.runs.apply(lambda run: losses[run.arm][run.seed], axis=1)
    runs = whole.runs.assign(
        test_loss=loss, test_perplexity=np.exp(loss), test_bits_per_character=loss / 3,
        outcome=np.where(loss.isna(), "diverged", np.where(loss < TRIGRAM.loss, "solved", "unsolved")),
    ).assign(**{"training.variant_sequences": "500"})  # fmt: skip
    tested = [{"context": context, "loss": value} for context, value in zip(CONTEXTS, by_context, strict=True)]
    rows = [table(run, tested) for run in runs[loss.notna()].to_dict("records")]
    return replace(whole, runs=runs, variants=pd.concat(rows, ignore_index=True))


def agreements(accuracy=lambda arm, gap, attractors: 1.0, arms=("ngram", "lstm"), gaps=(10, 20)) -> Record:
    """Runs on agreement with none and one attractor, tested on gaps up to three times as long."""
    parts = [with_attractors(number, accuracy, arms, gaps) for number in (0, 1)]
    return joined(*parts)


def with_attractors(number, accuracy, arms, gaps) -> Record:
    whole = of_task(f"agreement, attractors={number}", AGREEMENT, arms, gaps, SEEDS)
    score = whole.runs.apply(lambda run: accuracy(run.arm, run.gap, number), axis=1)
    runs = whole.runs.assign(
        test_score=score, test_perplexity=30.0, outcome=np.where(score >= 0.99, "solved", "unsolved")
    )
    runs = runs.assign(**{"task.attractors": str(number)})
    rows = [table(run, sentences_of(run, accuracy)) for run in runs.to_dict("records")]
    return replace(whole, runs=runs, variants=pd.concat(rows, ignore_index=True))


def sentences_of(run, accuracy):
    kinds = [(factor * run["gap"], attractors) for factor in (1, 2, 3) for attractors in (0, 1, 2)]
    return [
        {"gap": gap, "attractors": number, "accuracy": accuracy(run["arm"], gap, number), "perplexity": 20.0 + gap}
        for gap, number in kinds
    ]


def of_task(task, facts, arms, gaps, seeds) -> Record:
    """The shapes of the synthetic record under another name."""
    whole = synthetic.record(arms=arms, tasks=("copy",), gaps=gaps, seeds=seeds)

    def renamed(frame):
        return frame.assign(task=task, run_id=task + " " + frame.run_id) if len(frame) else frame

    runs = renamed(whole.runs).drop(columns=["task.gap"]).assign(plain_task=task.partition(",")[0])
    return replace(
        whole, runs=runs, curves=renamed(whole.curves), lags=renamed(whole.lags), slots=whole.slots.iloc[:0],
        tasks={task: facts},
    )  # fmt: skip


def table(run, rows) -> pd.DataFrame:
    """The rows of a table of one run, long, as the record holds them."""
    cells = [(metric, row, value) for row, values in enumerate(rows) for metric, value in values.items()]
    frame = pd.DataFrame(cells, columns=["metric", "row", "value"])
    return frame.assign(**{key: run[key] for key in synthetic.KEYS})


def joined(*records: Record) -> Record:
    frames = {
        name: pd.concat([getattr(record, name) for record in records], ignore_index=True)
        for name in ("runs", "curves", "lags", "variants")
    }
    return replace(records[0], **frames, tasks={k: v for record in records for k, v in record.tasks.items()})


def fails_beyond(arm, gap, attractors):
    """The n-gram model guesses; the LSTM is right up to gap 40, and with two attractors up to 20."""
    return 0.5 if arm == "ngram" or gap > (20 if attractors == 2 else 40) else 1.0
