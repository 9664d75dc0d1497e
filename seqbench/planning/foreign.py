"""Questions about classes, asked where somebody else's code can do no harm.

A class from outside of seqbench that this process has not imported is imported and tried in another one, whoever
carries out its runs. So one that ends its process is a fault of the plan like any other.
"""

import importlib
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from seqbench.config import CPU, Fault, Scalar, in_one_line, load_class
from seqbench.config.importing import quickly
from seqbench.config.source import is_ours
from seqbench.executors.base import Answer, Given, WorkerLost
from seqbench.plan import RunSpec

if TYPE_CHECKING:
    from seqbench.executors.elsewhere import Elsewhere

#: Seconds after which a person is told what is waited for; of seqbench's own classes, which take none as a rule.
PATIENCE, PATIENCE_WITH_OURS = 2.0, 10.0


class Asking:
    """Where the questions of one plan are answered."""

    def __init__(self) -> None:
        self._elsewhere: Elsewhere | None = None

    def ask(
        self,
        doing: str,
        targets: Sequence[str],
        question: Callable[[*Given], Answer],
        *given: *Given,
        apart: bool = False,
    ) -> Answer:
        """What the question gives or raises; it rests on the classes of these dotted paths.

        Another process answers it where one of them has not been imported here, and whenever it is to be kept `apart`.
        If the answer takes long, the person who waits is told what is being done. Raises WorkerLost.
        """
        foreign = [target for target in targets if not is_ours(target)]
        here = not apart and all(target.rpartition(".")[0] in sys.modules for target in foreign)
        if here:
            _import(set(targets) - set(foreign))
        ask = question if here else partial(self._place().ask, question)
        with _told(doing, PATIENCE if foreign else PATIENCE_WITH_OURS):
            return ask(*given)

    def about(
        self, run: RunSpec, doing: str, question: Callable[[RunSpec, *Given], Answer | Fault], *given: *Given
    ) -> Answer | Fault:
        """The answer to a question for which the model of a run is made; a fault where that ends its process."""
        what = f"{doing} {run.model.name} ({run.model.target}) on {run.task.name}"
        try:
            # What has once used a card can no longer be forked.
            return self.ask(what, [run.task.target, run.model.target], question, run, *given, apart=run.device != CPU)
        except WorkerLost as error:
            return Fault(f"task={run.task.name} model={run.model.name}", str(error))

    def _place(self) -> "Elsewhere":
        """The process that is asked, ready: whoever waits for the import of torch does not wait for foreign code."""
        from seqbench.executors.elsewhere import Elsewhere  # what it needs of Python takes its time

        self._elsewhere = self._elsewhere or Elsewhere()
        self._elsewhere.ask(bool)
        return self._elsewhere

    def close(self) -> None:
        """End the process that was asked."""
        if self._elsewhere is not None:
            self._elsewhere.close()


def _import(ours: set[str]) -> None:
    """Whoever waits for the import of torch does not wait for what is asked."""
    with quickly(), suppress(ImportError):  # of a class that there is not: the question finds out, too
        for target in ours:
            importlib.import_module(target.rpartition(".")[0])


@contextmanager
def _told(doing: str, patience: float) -> Iterator[None]:
    timer = threading.Timer(patience, print, [f"seqbench: {doing} ..."], {"file": sys.stderr, "flush": True})
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


# -- questions: what they need is imported where they are answered ---------------------------------------------


def found_of(run: RunSpec) -> str | Fault:
    """What is found of the model of a run when it is tried, or what keeps it from being made."""
    from seqbench.training import build

    return build.found_of(run)


def hidden_size_for(run: RunSpec, what: str, count: int, within: float) -> int | Fault:
    """The hidden size at which the model has so much of it, but for this share, or what keeps it from being found."""
    from seqbench.training import matching
    from seqbench.training.build import answer_to

    return answer_to(partial(matching.hidden_size_for, what=what, count=count, within=within), run)


def device_of(name: str) -> str:
    """The device of this name on this machine. Raises ValueError where there is none."""
    from seqbench.training.device import device_of

    return device_of(name)


def optimizer_options(optimizer: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Those that differ from what the optimiser has by itself. Raises ValueError with what is wrong."""
    from seqbench.training.descent import options

    return options(optimizer, given)


def data_of(target: str, settings: Mapping[str, Scalar]) -> str:
    """What a task tells of what it reads. Raises ValueError with what is wrong."""
    from seqbench.tasks.base import Task

    task: type[Task] = load_class(target, Task)
    try:
        told: Any = task.data(**settings)
    except (Exception, SystemExit) as error:  # whatever other people's code raises
        raise ValueError(in_one_line(error)) from error
    return str(told)
