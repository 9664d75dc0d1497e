"""What an arm is, beside what it achieved: its state, the time constants that it starts with, its pace.

They stand beside the parameters in every table of arms; what a record from before does not know is empty.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.events import INIT, of_layer
from seqbench.record import names

PERCENTILES = {"p10": 0.1, "p50": 0.5, "p90": 0.9}
TIME_CONSTANTS = tuple(f"time_constant_{name}" for name in PERCENTILES)
COLUMNS = ("state_size", *TIME_CONSTANTS, names.MILLISECONDS)
"""Of the runs, and of the tables that summarise them; with stacks, those of their layers besides."""
PARAMETERS, STATE, TIME_CONSTANT, PACE = "parameters", "state", "time constant", "ms a step"
HEADINGS = (STATE, TIME_CONSTANT, PACE)
ABOUT = (PARAMETERS, *HEADINGS)
"""What every table of arms has, whether unfolded or not."""


def with_time_constants(runs: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """The runs with the percentiles over their units at initialisation; empty where no gate keeps the state.

    Each layer of a stack has columns of its own: "time_constant_p10_layer_1".
    """
    known = runs.assign(**dict.fromkeys(TIME_CONSTANTS, np.nan))
    for layer, metric in sorted(_at_initialisation(metrics).items()):
        told = metrics[metrics.metric == metric]
        by_run = percentiles(told.value.astype(float), [told.run_id.astype(str)])
        suffix = f"_layer_{layer}" if layer else ""
        known = known.assign(**{f"time_constant_{name}{suffix}": runs.run_id.map(by_run[name]) for name in PERCENTILES})
    return known


def _at_initialisation(metrics: pd.DataFrame) -> dict[int, str]:
    """The metric of each layer; a core alone has the layer 0."""
    of_units = [str(name) for name in metrics.metric.unique() if str(name).startswith(names.TIME_CONSTANT)]
    places = {name: of_layer(name.removeprefix(names.TIME_CONSTANT)) for name in of_units}
    return {layer or 0: name for name, (stage, layer) in places.items() if stage == INIT}


def columns(known: Iterable[str]) -> list[str]:
    """`COLUMNS`, and those of layers among the names of columns, in their order."""
    layers = [str(name) for name in known if str(name).startswith(TIME_CONSTANTS) and name not in TIME_CONSTANTS]
    return ["state_size", *TIME_CONSTANTS, *layers, names.MILLISECONDS]


def percentiles(steps: pd.Series, by: list[pd.Series]) -> pd.DataFrame:
    """`PERCENTILES` of the time constants of units; between two, their rates of forgetting are interpolated."""
    rates = (1 / steps).groupby(by)
    return pd.DataFrame({name: 1 / rates.quantile(1 - q) for name, q in PERCENTILES.items()})


def numbers(runs: pd.DataFrame) -> dict[str, float]:
    """Of the runs of an arm: the median over those that know it; of time constants by their rates of forgetting."""
    known = runs.reindex(columns=columns(list(runs))).astype(float)
    return {name: _middle(known[name], name) for name in known}


def _middle(values: pd.Series, name: str) -> float:
    if not name.startswith(TIME_CONSTANTS):
        return float(values.median())
    rate = float((1 / values).median())
    return np.inf if rate == 0 else 1 / rate


def texts(found: Mapping[str, float]) -> dict[str, str]:
    """Numbers of `numbers` under `HEADINGS`, as a reader expects them."""
    state, pace = (found[name] for name in ("state_size", names.MILLISECONDS))
    layers = zip(*([found[name] for name in found if name.startswith(first)] for first in TIME_CONSTANTS), strict=True)
    return {
        STATE: "" if np.isnan(state) else wording.count(state),
        TIME_CONSTANT: "; ".join(" / ".join(map(steps, taus)) for taus in layers if not np.isnan(taus).all()),
        PACE: "" if np.isnan(pace) else wording.number(pace),
    }


def steps(time_constant: float) -> str:
    """A unit whose gate stays open forgets nothing."""
    return "∞" if np.isinf(time_constant) else wording.number(time_constant)


def note(runs: pd.DataFrame) -> str:
    """What the columns mean, as far as these runs have them; where and beside what the pace was measured."""
    known = runs.reindex(columns=[*columns(list(runs)), "workers"]).notna().any()
    layers = [name for name in known.index[known] if name.startswith(TIME_CONSTANTS) and name not in TIME_CONSTANTS]
    told = {
        "state_size": f"{STATE}: numbers that are carried from step to step.",
        TIME_CONSTANTS[0]: f"{TIME_CONSTANT}: steps within which 10 / 50 / 90 % of the units forget to 1/e at "
        "initialisation, by the gate that keeps their state; the median over runs."
        + " Of a stack: layer by layer, the first reads the input."
        * bool(layers),
        names.MILLISECONDS: f"{PACE}: a step of training on this record's machine (data, forward, backward, update), "
        f"the median over the steps of a run and over runs{_beside(runs)}.",
    }
    return " ".join(text for name, text in told.items() if known[name] or (layers and name in TIME_CONSTANTS))


def _beside(runs: pd.DataFrame) -> str:
    """ ", beside 1 other run at most"."""
    workers = runs.get("workers", pd.Series(dtype=float)).dropna()
    if workers.empty:
        return ""
    others = max(0, int(workers.max()) - 1)
    return f", beside {wording.plural(others, 'other run')} at most" if others else ", one run at a time"
