"""How annotations are checked while the tests run: as everywhere in Python, an int will do for a float, and a number
of NumPy's, which pandas gives, for one of Python's."""

import numpy as np
from beartype import BeartypeConf, FrozenDict, beartype

NUMBERS = FrozenDict({int: int | np.integer, float: float | int | np.integer | np.floating})

check = beartype(conf=BeartypeConf(hint_overrides=NUMBERS))
