"""The time of a training step."""

import pytest

from seqbench.training import stopwatch


def test_a_step_is_its_parts_and_not_what_lies_between_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of 3 + 1, 5 + 1 and 40 + 1 seconds, with pauses of 100 in between: the median is 6 s."""
    now = 0.0
    monkeypatch.setattr(stopwatch.time, "perf_counter", lambda: now)
    clock = stopwatch.Stopwatch()
    assert clock.milliseconds is None
    for first in (3, 40, 5):
        for part in (first, 1):
            now += 100
            with clock:
                now += part
        clock.lap()
    assert clock.milliseconds == 6000
