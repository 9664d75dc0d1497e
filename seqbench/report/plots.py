"""The figures of a report with their captions and the runs they show: which there are depends on the record."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import arms as palette
from seqbench.analysis import by_lag, leaderboard
from seqbench.analysis import cells as tables
from seqbench.analysis import reach as reaching
from seqbench.analysis.cells import at_longest_gap
from seqbench.record.values import Record
from seqbench.report import captions, figures, solving
from seqbench.report.figures.flow import THEORY
from seqbench.report.figures.gradient_by_lag import STAGES
from seqbench.report.figures.gradient_norm import BLOCKS
from seqbench.report.figures.panels import theme
from seqbench.report.figures.plot import Plot, ids
from seqbench.report.language import language_plots
from seqbench.report.traces import best_and_worst_gated
from seqbench.trace.figure import trace_figure

if TYPE_CHECKING:
    from seqbench.trace.sequence import Trace

NAMES = (
    "horizon", "horizon_curves", "horizon_path", "success", "time_to_solve", "growth", "loss", "slots",
    "gradient_by_lag", "gradient_by_lag_cell",
    "gradient_by_lag_inputs", "flow", "flow_snapshots", "decay_and_reach", "gradient_norm", "gradient_blocks",
    "trace_best", "trace_worst",
)  # fmt: skip


def all_plots(record: Record, traces: "Mapping[str, Trace] | None" = None) -> Iterator[Plot]:
    """All figures for which the record has data, in the order of the page; `traces` as in `write_report`."""
    done = tables.finished(record.runs)
    if done.empty:
        return
    looks = palette.looks(record.runs.arm)
    summary = tables.summary_table(record.runs)
    board = leaderboard.entries(done, record.searches)
    grid = leaderboard.of_no_search(done, board)
    curves, lags = tables.at_commonest_gaps(_of(done, record.curves)), _of(done, record.lags)
    with theme():
        yield from _horizon_plots(board, looks)
        yield from _success_plots(tables.with_gap(grid), looks)
        yield from _time_plots(solving.timed(done), looks)
        yield from language_plots(record, looks)
        yield from _curve_plots(record, curves, looks)
        yield from _slot_plots(record, _of(done, record.slots), looks)
        yield from _lag_plots(_where(lags, lags.stage.isin(list(STAGES))), summary, looks)
        yield from _flow_plots(_where(lags, np.isfinite(lags.log10_gradient)), done, looks)
        yield from _reach_plots(reaching.reach_table(done), done, looks)
        yield from _norm_plots(curves, looks, clip_norm(done))
    yield from _trace_plots(record, traces or {})


def clip_norm(runs: pd.DataFrame) -> float | None:
    """The norm at which gradients were clipped, if it was one and the same in all runs."""
    values = runs.get("training.clip_norm", pd.Series(dtype=float))
    numbers = pd.to_numeric(values, errors="coerce").unique()
    return float(numbers[0]) if len(numbers) == 1 and np.isfinite(numbers[0]) else None


def _horizon_plots(board: list[leaderboard.Entry], looks: dict[str, palette.Look]) -> Iterator[Plot]:
    if board:
        drawn = ids(pd.concat([entry.runs for entry in board]))
        yield Plot("horizon", "The horizon of each arm", captions.horizon(board), figures.horizon(board, looks), drawn)
        caption, figure = captions.horizon_curves(board), figures.horizon_curves(board, looks)
        yield Plot("horizon_curves", "Success against gap, as the searches found it", caption, figure, drawn)
        caption, figure = captions.horizon_path(board), figures.horizon_path(board, looks)
        yield Plot("horizon_path", "The searches behind it", caption, figure, drawn)


def _success_plots(runs: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    if len(runs):
        summary = tables.summary_table(runs)
        caption, figure = captions.success(summary), figures.success(summary, looks)
        yield Plot("success", "Success against gap", caption, figure, ids(runs))


def _time_plots(runs: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    """`runs` as `solving.timed` gives them."""
    if chosen := solving.telling(runs):
        shown = runs[pd.MultiIndex.from_frame(runs[["task", "gap"]]).isin(chosen)]
        caption, figure = captions.time_to_solve(runs, chosen), figures.time_to_solve(shown, chosen, looks)
        yield Plot("time_to_solve", "Time to solve", caption, figure, ids(shown))
    if growths := solving.growths(runs):
        caption, figure = captions.growth(growths), figures.growth(runs, growths, looks)
        drawn = runs[runs.task.isin([task for task, _ in growths])]
        yield Plot("growth", "Growth of the time to solve with the gap", caption, figure, ids(drawn))


def _curve_plots(record: Record, curves: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    loss = curves[curves.metric == "validation/loss"]
    if np.isfinite(loss.value).any():
        figure = figures.loss(loss, record.tasks, looks)
        yield Plot("loss", "Validation loss through training", captions.loss(loss, record.tasks), figure, ids(loss))


def _lag_plots(lags: pd.DataFrame, summary: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    titles = {
        "h": ("gradient_by_lag", "Gradient against lag"),
        "c": ("gradient_by_lag_cell", "Gradient against lag, cell state"),
        "inputs": ("gradient_by_lag_inputs", "Gradient against lag, inputs (the core states no step)"),
    }
    for state, (name, title) in titles.items():
        shown = lags[(lags.state == state) & np.isfinite(lags.log10_gradient)]
        if len(shown):
            caption = captions.gradient_by_lag(shown, summary, state)
            figure = figures.gradient_by_lag(shown, looks)
            yield Plot(name, title, caption, figure, ids(at_longest_gap(shown)))


def _slot_plots(record: Record, slots: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    decides = slots.task.map({task: facts.score_name for task, facts in record.tasks.items()})
    shown = slots[(slots.metric == decides) & np.isfinite(slots.value.astype(float))]
    if len(shown):
        caption, figure = captions.slots(shown, record.tasks), figures.slots(shown, record.tasks, looks)
        yield Plot("slots", "Test score by slot", caption, figure, ids(shown))


def _flow_plots(lags: pd.DataFrame, runs: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    """`lags` without what is not finite."""
    stages, hidden = _where(lags, lags.stage.isin(list(STAGES))), lags[lags.state.isin(["h", "inputs"])]
    if stages.state.isin(list(THEORY)).any():
        caption, figure = captions.flow(stages, runs), figures.flow(stages, looks)
        yield Plot("flow", "Gradient by lag: measurement and theory", caption, figure, ids(at_longest_gap(stages)))
    if hidden.stage.str.startswith("step_").any():
        steps = by_lag.with_steps(hidden, runs)
        caption, figure = captions.flow_snapshots(steps), figures.flow_snapshots(steps, looks)
        yield Plot("flow_snapshots", "Gradient by lag through training", caption, figure, ids(at_longest_gap(steps)))


def _reach_plots(reach: pd.DataFrame, runs: pd.DataFrame, looks: dict[str, palette.Look]) -> Iterator[Plot]:
    if len(reach):
        caption, figure = captions.decay_and_reach(reach), figures.decay_and_reach(reach, looks)
        drawn = runs.merge(reach[["task", "arm", "seed"]])
        yield Plot("decay_and_reach", "Decay of the gradient and longest gap solved", caption, figure, ids(drawn))


def _norm_plots(curves: pd.DataFrame, looks: dict[str, palette.Look], clip: float | None) -> Iterator[Plot]:
    usable = np.isfinite(curves.value) & (curves.value > 0)
    whole, blocks = curves[curves.metric == "gradient/norm"], curves[curves.metric.isin(list(BLOCKS))]
    if usable[whole.index].any():
        caption, figure = captions.gradient_norm(whole, clip), figures.gradient_norm(whole, looks, clip)
        yield Plot("gradient_norm", "Gradient norm through training", caption, figure, ids(whole))
    if usable[blocks.index].any():
        longest = at_longest_gap(blocks)
        caption, figure = captions.gradient_blocks(longest, BLOCKS), figures.gradient_blocks(longest, looks)
        yield Plot("gradient_blocks", "Gradient norm by part of the model", caption, figure, ids(longest))


def _trace_plots(record: Record, traces: "Mapping[str, Trace]") -> Iterator[Plot]:
    chosen = best_and_worst_gated(record)
    for place, run_id in zip(("best", "worst"), chosen, strict=False):
        if run_id in traces:
            rank = place if len(chosen) > 1 else "only"
            run = record.runs[record.runs.run_id == run_id].iloc[0]
            caption = captions.trace(traces[run_id], run, record.runs, rank)
            title = f"{run.arm} on {wording.cell(run.task, run.gap)}, seed {run.seed}: {run.outcome}"
            figure = trace_figure(traces[run_id], title)
            yield Plot(f"trace_{place}", f"Inside the {rank} gated arm: {run.arm}", caption, figure, (run_id,))


def _of(runs: pd.DataFrame, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of a long frame that belong to these runs, with the outcome of each."""
    outcome = runs.set_index("run_id").outcome
    kept = _where(frame, frame.run_id.isin(outcome.index)).reset_index(drop=True)
    return kept.assign(outcome=kept.run_id.map(outcome))


def _where(frame: pd.DataFrame, mask: pd.Series) -> pd.DataFrame:
    """The rows of the mask; the frame itself where that is all of them, since large records take much memory."""
    return frame if mask.all() else frame[mask]
