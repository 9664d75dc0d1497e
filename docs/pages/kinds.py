"""What a setting may be, in words: "whole number, 1 or more; or `null`"."""

import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt

from seqbench.config.settings import LARGEST

NAMES = {bool: "`true` or `false`", int: "whole number", float: "number", str: "text", type(None): "`null`"}


def in_words(annotation: Any) -> str:
    """Of the annotation of a knob."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return ", ".join([in_words(inner[0]), *filter(None, map(_bound, inner[1:]))])
    if origin is Literal:
        return ", ".join(f"`{value}`" for value in inner)
    if origin in (Union, types.UnionType):
        return ", or ".join(map(in_words, inner))
    if origin is tuple:
        return f"list of: {in_words(inner[0])}"
    if origin is dict:
        return "map"
    return NAMES[annotation]


def _bound(limit: Any) -> str:
    """A limit of a range; nothing for what every number has."""
    if isinstance(limit, Ge):
        return f"{limit.ge} or more"
    if isinstance(limit, Gt):
        return f"above {limit.gt}"
    if isinstance(limit, Le):
        return "" if limit.le == LARGEST else f"at most {limit.le:,}"
    return f"below {limit.lt}" if isinstance(limit, Lt) else ""
