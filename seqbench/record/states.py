"""The states and stages of measured gradients as a reader meets them: in words, and in which order."""

from collections.abc import Iterable

import pandas as pd

from seqbench.events import END, HIDDEN, INIT, INPUTS, THEORY, of_layer

_IN_WORDS = {HIDDEN: "hidden state", "c": "cell state", INPUTS: "inputs (the core states no step)"}

#: The stages at which every run is probed.
STAGE_IN_WORDS = {INIT: "at initialisation", END: "after training"}


def in_words(state: str) -> str:
    """What a reader calls a measured state; one that nobody has named keeps the name that its core has for it."""
    name, layer = of_layer(state)
    words = _IN_WORDS.get(name, name)
    return words if layer is None else f"{words} of layer {layer}"


def gate_in_words(gate: str) -> str:
    """ "forget gate", "forget gate of layer 2"."""
    name, layer = of_layer(gate)
    return f"{name} gate" + ("" if layer is None else f" of layer {layer}")


def states_of_cores(curves: Iterable[str]) -> list[str]:
    """Of curves by lag, those of states that a core has: the hidden state first, then by layer and by name."""
    return sorted(set(curves) - {INPUTS, *THEORY}, key=lambda state: (state != HIDDEN, *_place(state)))


def are_auxiliary(lags: pd.DataFrame, runs: pd.DataFrame) -> pd.Series:
    """Of rows by lag, which are of states that a core holds beside others, by what its run says of them."""
    told = runs[runs.get("auxiliary_states", pd.Series("", runs.index)) != ""]
    found = pd.Series(data=False, index=lags.index)
    for names, own in told.groupby("auxiliary_states") if len(told) else ():
        here = [state for state in lags.state.unique() if of_layer(state)[0] in str(names).split(", ")]
        found |= lags.run_id.isin(own.run_id) & lags.state.isin(here)
    return found


def of_layers(states: Iterable[str]) -> list[str]:
    """Those of layers of stacks."""
    return [state for state in states if of_layer(state)[1] is not None]


def drawn_of(states: Iterable[str]) -> list[str]:
    """Of the measured states of one core, those that are drawn beside one another.

    In a stack, they are those of its layers: they say what the hidden states together do, and where.
    """
    given = list(states)
    return of_layers(given) or given


def memory_of(curves: Iterable[str]) -> str:
    """Of the curves of one core, that of the state which its gates keep: another than the hidden one, if it has any.

    Of a stack, that of the top layer.
    """
    return max(states_of_cores(curves), key=lambda state: (of_layer(state)[1] or 0, of_layer(state)[0] != HIDDEN))


def _place(state: str) -> tuple[int, bool, str]:
    name, layer = of_layer(state)
    return layer or 0, name != HIDDEN, name
