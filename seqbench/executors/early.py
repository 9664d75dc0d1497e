"""The server of the workers, begun with the first words of a command: it imports while the command is being read."""

import re
from collections.abc import Sequence

from seqbench.executors.children import start_server

#: Words after which nothing is run, or not by workers.
_NO_WORKERS = re.compile(r"(-h|--help|--version|-c|--cfg|-i|--info)(=.*)?|(dry_run|executor)=.*")


def begin(words: Sequence[str]) -> None:
    """Start the server unless these words say that it is not needed.

    Where it is not needed after all, it has taken another core, and nobody's time.
    """
    if not any(_NO_WORKERS.fullmatch(word) for word in words):
        start_server()
