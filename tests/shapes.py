"""How annotations are checked while the tests run.

An int will do for a float, as everywhere in Python, and a number that comes out of an array or a frame for a plain one.
What numpy takes for an array it says itself: its `ArrayLike` is beyond a check by types.
"""

import numpy as np
from beartype import BeartypeConf, FrozenDict, beartype
from numpy.typing import ArrayLike

WIDER = FrozenDict({int: int | np.integer, float: float | int | np.floating | np.integer, ArrayLike: object})
check = beartype(conf=BeartypeConf(hint_overrides=WIDER))
