"""How annotations are checked while the tests run.

As everywhere in Python, an int will do for a float, and a number of NumPy's, which pandas gives, for one of Python's.
What NumPy takes for an array it says itself: `ArrayLike` is beyond a check of types.
"""

import functools
from collections.abc import Callable
from typing import Any

import jaxtyping
import numpy as np
from beartype import BeartypeConf, FrozenDict, beartype
from numpy.typing import ArrayLike

WIDER = FrozenDict({int: int | np.integer, float: float | int | np.integer | np.floating, ArrayLike: object})

check = beartype(conf=BeartypeConf(hint_overrides=WIDER))


def check_annotations(package: str) -> None:
    """From here on, of every module of the package that is imported."""
    jaxtyping.jaxtyped = functools.partial(checked, of_shapes=jaxtyping.jaxtyped)
    jaxtyping.install_import_hook(package, f"{__name__}.check")


def checked(*, typechecker: Callable[[Any], Any], of_shapes: Any) -> Callable[[Any], Any]:
    """The decorator that the import hook puts everywhere.

    Only functions whose annotations name shapes compare these. That costs ten times the check of their types alone,
    and the grammar of `agreement` is built by a million calls of functions without any.
    """

    def decorate(it: Any) -> Any:
        return (of_shapes(typechecker=typechecker) if names_shapes(it) else typechecker)(it)

    return decorate


def names_shapes(it: Any) -> bool:
    """Whether its annotations may; those of a class are looked at by the decorator, and text is not looked into."""
    hints = getattr(it, "__annotations__", {}).values()
    return not callable(it) or isinstance(it, type) or any(isinstance(h, str) or "jaxtyping." in repr(h) for h in hints)
