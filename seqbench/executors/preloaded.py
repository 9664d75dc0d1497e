"""What all workers need: imported once, by the server that they are forked from.

Nothing here may start a thread, and so nothing may be computed: a forked process has none of its parent's threads.
"""

import gc
from contextlib import suppress

from seqbench.config.importing import quickly

# A fault here would end the server. It comes again where a run needs the module, and is told there.
with suppress(Exception), quickly():
    import torch._dynamo  # noqa: F401  # otherwise the first optimiser of each worker imports it

    import seqbench.training.fit  # noqa: F401

gc.freeze()  # workers need not look for garbage in what they share
