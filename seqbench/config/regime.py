"""Settings of training that are maps: what each may hold, and what a run has of what one types."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import pydantic
from annotated_types import Gt

from seqbench.config.faults import Fault, shown
from seqbench.config.schema import validate
from seqbench.config.settings import Count, Positive

#: By their keys: what is in them can be set alone, too, as in training.clip.value=0.5.
MAPS = ("training.optimizer_options", "training.clip", "training.curriculum")


@dataclass(frozen=True, kw_only=True)
class Clip:
    """What bounds a gradient: the norm of the whole of it, or each of its numbers by itself."""

    norm: Positive | None = None
    value: Positive | None = None


@dataclass(frozen=True, kw_only=True)
class Curriculum:
    """Training begins at the gap `start`; whenever the present gap is solved, it grows by the `factor`."""

    start: Count
    factor: Annotated[float, Gt(1), pydantic.AllowInfNan(False)]

    def gaps(self, last: int) -> list[int]:
        """All gaps that there are on the way to the `last`, rounded to whole steps."""
        found = [self.start]
        while found[-1] < last:
            found.append(min(last, max(found[-1] + 1, round(min(last, found[-1] * self.factor)))))
        return found


def as_a_run_has_them(typed: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """The settings of training from those that one types, and what is wrong with the maps among them."""
    faults: list[Fault] = []
    return {**typed, **_clip(typed, faults), "curriculum": _curriculum(typed.get("curriculum"), faults)}, faults


def _clip(typed: Mapping[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """A bound of the norm is `clip_norm`, as it was when there was no other."""
    given, plain = typed.get("clip"), typed.get("clip_norm")
    if repr(given) == repr(plain):
        return {"clip": None}
    clean, wrong = validate(Clip, given if isinstance(given, Mapping) else {"norm": given}, "training.clip.")
    faults += wrong
    if isinstance(given, Mapping) and not wrong and (clean["norm"] is None) == (clean["value"] is None):
        told = f"{shown(given)} is not allowed; it should be one of the two, {{norm: 1.0}} or {{value: 0.5}}"
        faults.append(Fault("training.clip", told))
    value = clean.get("value")
    return {"clip_norm": clean.get("norm"), "clip": None if value is None else {"value": value}}


def _curriculum(given: Any, faults: list[Fault]) -> dict[str, Any] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        told = f"{shown(given)} is not allowed; it should be a map, as {{start: 5, factor: 2}}"
        faults.append(Fault("training.curriculum", told))
        return None
    clean, wrong = validate(Curriculum, given, "training.curriculum.")
    faults += wrong
    return clean
