"""seqbench: how long a dependency can a sequence model bridge, and why does it fail beyond that?"""

__version__ = "0.1.0"
