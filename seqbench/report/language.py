"""The figures of tasks over words: agreement by gap and attractors, and the loss of a text by length of context."""

from collections.abc import Iterator, Mapping

import pandas as pd

from seqbench.analysis import arms as palette
from seqbench.record.values import Record
from seqbench.report import agreement, captions, figures, settings, variants
from seqbench.report.figures.plot import Plot, ids

NAMES = ("agreement", "generalisation", "context")


def language_plots(record: Record, looks: Mapping[str, palette.Look]) -> Iterator[Plot]:
    """Those for which the record has data."""
    yield from _agreement_plots(record, looks)
    contexts = variants.by_context(record)
    effective = variants.context_table(contexts)
    shown = contexts[contexts.task.isin(effective.task) & contexts.task.isin(list(record.tasks))]
    if len(shown):
        caption = captions.context(shown, effective, record.tasks, _test_words(record, shown))
        caption += list(filter(None, [settings.by_character(record.runs)]))
        figure = figures.context(shown, effective, record.tasks, looks)
        yield Plot("context", "How many of the last words are used", caption, figure, ids(shown))


def _agreement_plots(record: Record, looks: Mapping[str, palette.Look]) -> Iterator[Plot]:
    runs = agreement.runs_of(record.runs)
    if len(runs):
        caption, figure = captions.agreement(runs), figures.agreement(runs, looks)
        yield Plot("agreement", "Accuracy at the verb against gap", caption, figure, ids(runs))
    scores = variants.by_sentence(record)
    shown = scores[scores.run_id.isin(agreement.chosen(runs).run_id)]
    if len(shown):
        caption, figure = captions.generalisation(shown), figures.generalisation(shown, looks)
        yield Plot("generalisation", "Longer sentences than trained on", caption, figure, ids(shown))


def _test_words(record: Record, contexts: pd.DataFrame) -> int | None:
    """Words that each context was tested on, where that is known and the same in all runs.

    As many as asked for, if the test text has so many after the longest context.
    """
    runs = record.runs[record.runs.run_id.isin(contexts.run_id)]
    asked = pd.to_numeric(runs.get("training.variant_sequences", pd.Series(dtype=float)), errors="coerce")
    there = runs.task.map({task: facts.about.get("test words") for task, facts in record.tasks.items()})
    left = pd.to_numeric(there, errors="coerce") - contexts.context.max()
    numbers = pd.concat([asked, left], axis=1).min(axis=1, skipna=False).unique()
    return int(numbers[0]) if len(numbers) == 1 and pd.notna(numbers[0]) else None
