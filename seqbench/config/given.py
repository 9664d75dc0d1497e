"""What the functions of the Python interface are given; a script may give anything."""

import functools
import inspect
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from seqbench.config.faults import shown

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def takes(
    **expected: tuple[type | tuple[type, ...], str],
) -> Callable[[Callable[Given, Answer]], Callable[Given, Answer]]:
    """Of parameters by name, the classes that they may have, in words.

    Whoever calls the function with anything else gets a TypeError that says so, before it begins.
    """

    def checking(function: Callable[Given, Answer]) -> Callable[Given, Answer]:
        """The function, behind the check."""
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def call(*args: Given.args, **kwargs: Given.kwargs) -> Answer:
            given: dict[str, Any] = {**dict(zip(names, args, strict=False)), **kwargs}
            for name, (kinds, told) in expected.items():
                if name in given and not isinstance(given[name], kinds):
                    raise TypeError(f"{function.__name__} takes {told}, not {shown(given[name])}")
            return function(*args, **kwargs)

        return call

    return checking
