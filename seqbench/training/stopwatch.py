"""How long the steps of a run take: the drawing of data, forward, backward and update, and nothing between them."""

import statistics
import time


class Stopwatch:
    """`with` it around the parts of a step, and `lap` at its end."""

    def __init__(self) -> None:
        self._laps: list[float] = []
        self._spent = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._spent += time.perf_counter() - self._began

    def lap(self) -> None:
        """The next part belongs to another step."""
        self._laps.append(self._spent)
        self._spent = 0.0

    @property
    def milliseconds(self) -> float | None:
        """The median over the steps, which what else the machine does for a moment does not change."""
        return 1000 * statistics.median(self._laps) if self._laps else None
