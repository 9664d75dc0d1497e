"""Test loss against the number of last words given, and how many of them each arm uses."""

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from seqbench import wording
from seqbench.analysis import variants
from seqbench.analysis.arms import Look
from seqbench.analysis.findings import Findings
from seqbench.events import Baseline, TaskFacts
from seqbench.report import settings
from seqbench.report.figures import crowd, lines, marked, panels, theme, told
from seqbench.report.figures.plot import IdsBy, Plot, ids, ids_by
from seqbench.statistics.effective_context import TOLERANCE

ENOUGH = wording.percent(TOLERANCE)
BEYOND = 1.3
"""Factor by which the place of "beyond all contexts" lies beyond the longest."""
Tasks = Mapping[str, TaskFacts]


def plots(found: Findings) -> Iterator[Plot]:
    """Where runs on texts were tested on several contexts."""
    effective, tasks = found.effective_context, found.record.tasks
    contexts = found.contexts[found.contexts.task.isin(effective.task) & found.contexts.task.isin(list(tasks))]
    if len(contexts):
        caption = _caption(contexts, effective, tasks, _test_words(found, contexts))
        caption += list(filter(None, [settings.by_character(found.runs)]))
        figure = _draw(contexts, effective, tasks, found.looks)
        yield Plot("context", "How many of the last words are used", caption, figure, ids(contexts))


def _test_words(found: Findings, contexts: pd.DataFrame) -> int | None:
    """Words that each context was tested on, where that is known and the same in all runs.

    As many as asked for, if the test text has so many after the longest context.
    """
    runs = found.runs[found.runs.run_id.isin(contexts.run_id)]
    asked = pd.to_numeric(runs.get("training.variant_sequences", pd.Series(dtype=float)), errors="coerce")
    there = runs.task.map({task: facts.about.get("test words") for task, facts in found.record.tasks.items()})
    left = pd.to_numeric(there, errors="coerce") - contexts.context.max()
    numbers = pd.concat([asked, left], axis=1).min(axis=1, skipna=False).unique()
    return int(numbers[0]) if len(numbers) == 1 and pd.notna(numbers[0]) else None


def _draw(contexts: pd.DataFrame, effective: pd.DataFrame, tasks: Tasks, looks: Mapping[str, Look]) -> Figure:
    """Panels per text: the loss by context, and below all the effective contexts with their intervals."""
    names, shown = sorted(contexts.task.unique()), panels.present(looks, contexts)
    parts, below = crowd.parts(shown), 0.5 + 0.16 * len(shown)
    heights = [3.4 if len(parts) == 1 else 3.4 * crowd.LOWER] * len(parts) + [below]
    figure = Figure(figsize=theme.size(min(theme.FULL_WIDTH, 3 + 5 * len(names)), sum(heights)))
    axes = figure.subplots(len(heights), len(names), squeeze=False, sharex="col", height_ratios=heights)
    for (*uppers, lower), task in zip(axes.T, names, strict=True):
        here = contexts[contexts.task == task]
        for upper, (part, looks) in zip(uppers, parts.items(), strict=True):
            upper.set_title(crowd.named(task, part), loc="left", fontweight="bold")
            _losses(upper, here, looks)
            _baselines(upper, tasks[task].baselines)
            upper.tick_params(labelbottom=False)
        _effective(lower, effective[effective.task == task], shown, ids_by(here, "arm"))
        _words_axis(lower, [int(k) for k in sorted(here.context.unique())])
    for ax in axes[:-1, 0]:
        ax.set_ylabel("test loss\n(nats per word)")
    axes[-1, 0].set_ylabel("effective\ncontext")
    marks = [
        lines.line("from the least to the greatest seed", width=5, colour="#CCCCCC"),
        lines.line("95 % interval of the effective context", width=2.4, colour="#999999"),
        *([lines.mark("beyond all contexts measured", ">")] if np.isinf(effective.words).any() else []),
    ]
    panels.legend(figure, shown, marks)
    return figure


def _words_axis(ax: Axes, contexts: list[int]) -> None:
    panels.gap_axis(ax, contexts)
    ax.xaxis.set_major_locator(FixedLocator(contexts))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(contexts[0] / 1.15, contexts[-1] * BEYOND**2)
    ax.set_xlabel("last words given (log scale)")


def _losses(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look]) -> None:
    for arm, look in marked.by_arm(ax, panels.present(looks, rows)):
        own = rows[rows.arm == arm]
        by_context = own.groupby("context").loss
        middle = by_context.median()
        if own.run_id.nunique() > 1:
            ax.fill_between(
                middle.index, by_context.min(), by_context.max(), color=look.colour, alpha=0.15, linewidth=0
            )
        ax.plot(middle.index, middle, color=look.colour, linestyle=look.linestyle, linewidth=1.9, marker=look.marker,
                markersize=5.5, markeredgecolor="white", markeredgewidth=0.6, zorder=3)  # fmt: skip
        told.along(ax, middle.index, middle, "loss with the last {:.0f} words".format, wording.level, ids(own),
                   (by_context.min(), by_context.max()))  # fmt: skip


def _baselines(ax: Axes, baselines: tuple[Baseline, ...]) -> None:
    """Named in the right margin."""
    for baseline in baselines:
        ax.axhline(baseline.loss, color="#777777", linewidth=0.9, linestyle=lines.BASELINE.line, zorder=1.5)
        name = baseline.name.replace(" (", "\n(")
        ax.annotate(f"{name}\n{wording.level(baseline.loss)}", xy=(1.02, baseline.loss), va="center", fontsize=8.5,
                    xycoords=ax.get_yaxis_transform(), color=theme.INK, annotation_clip=False)  # fmt: skip


def _effective(ax: Axes, rows: pd.DataFrame, looks: Mapping[str, Look], whose: IdsBy) -> None:
    """A row per arm, the first at the top."""
    present = panels.present(looks, rows)
    for place, (arm, look) in enumerate(marked.by_arm(ax, present)):
        row, height = rows[rows.arm == arm].iloc[0], len(present) - place
        words, low, high = (min(value, row.longest * BEYOND) for value in (row.words, row.low, row.high))
        ax.plot([low, high], [height, height], color=look.colour, linewidth=2.4, alpha=0.55, solid_capstyle="butt")
        marker = look.marker if np.isfinite(row.words) else ">"
        ax.plot(words, height, marker=marker, color=look.colour, markersize=7, markeredgewidth=0.6, zorder=3)
        value = variants.with_interval(row)
        told.tell(ax, words, height, [told.Tip("effective context, in words", value, runs=whose[(arm,)])])
    ax.set_ylim(0.3, len(present) + 0.7)
    ax.yaxis.set_major_locator(NullLocator())


def _caption(contexts: pd.DataFrame, effective: pd.DataFrame, tasks: Tasks, test_words: int | None) -> list[str]:
    """What was measured, the effective context of each arm per text, and how that is defined."""
    seeds = sorted(effective.seeds.unique())
    number = f"{seeds[0]}" if len(seeds) == 1 else f"{seeds[0]} to {seeds[-1]}"
    predicted = "the same words" if test_words is None else f"the same {wording.count(test_words)} words"
    parts = [
        "Test loss when only the last k words before a word may be used to predict it. Below: the fewest words from "
        "which on a longer context hardly lowers the loss (effective context).",
        wording.joined(
            f"The model starts from its initial state k words before. For every k {predicted} of the test text are "
            f"predicted. Line: median over seeds ({number} to an arm); band: from the least to the greatest.",
            _baselines_in_words(contexts, tasks),
        ),
    ]
    parts += [_by_arm(str(task), rows) for task, rows in effective.groupby("task")]
    parts.append(
        "The effective context is the fewest words from which on no longer context lowers the loss by more than "
        f"{ENOUGH} of its lowest value (after Khandelwal et al. 2018, who take {ENOUGH} of the perplexity, which "
        "is stricter: in square brackets), read off on the logarithmic scale, of the mean curve of all seeds. Its 95 % "
        "interval comes from drawing the seeds anew (bootstrap), and with few seeds is too narrow. “>” stands where "
        f"the loss still falls by more than {ENOUGH} at the last doubling of the context: the longest measured is "
        "needed, and perhaps more."
    )
    return parts


def _baselines_in_words(contexts: pd.DataFrame, tasks: Tasks) -> str:
    names = list(dict.fromkeys(b.name for task in sorted(contexts.task.unique()) for b in tasks[task].baselines))
    style = lines.BASELINE.word.capitalize()
    return f"{style}: {wording.listed(names)}, on the whole test text." if names else ""


def _by_arm(task: str, rows: pd.DataFrame) -> str:
    told = [_effective_in_words(row) for _, row in rows.iterrows()]
    worse = [row.arm for _, row in rows.iterrows() if row.rises]
    longest = f"With the longest context, {wording.listed(worse)} did worse than with a shorter one"
    harm = f"{longest} by more than {ENOUGH}."
    numbers = f"Effective context on {task}, in words, with its 95 % interval: {'; '.join(told)}."
    return wording.joined(numbers, variants.more_words(rows), harm if worse else "")


def _effective_in_words(row: pd.Series) -> str:
    """ "lstm 24 (18 to 31) [47]"."""
    return f"{row.arm} {variants.with_interval(row)} [{variants.words(row.by_perplexity, row.longest)}]"
