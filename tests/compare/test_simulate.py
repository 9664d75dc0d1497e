"""Equal arms are said to differ in at most 5 % of records, whatever the runs of one seed have in common."""

import numpy as np
import pytest
from scipy import stats

from seqbench.compare import simulate
from seqbench.statistics.exchange import exchange

RECORDS = 200
MOST = int(stats.binom.ppf(0.999, RECORDS, 0.05))
"""A test with 5 % false positives has more of them in one such study of a thousand."""


@pytest.mark.parametrize("likeness", simulate.LIKENESSES)
@pytest.mark.parametrize("shared", [True, False])
def test_false_positives_are_at_most_five_per_cent(likeness: float, shared: bool) -> None:
    found = simulate.false_positives(RECORDS, 8, likeness, shared)
    assert max(found.values()) <= MOST
    assert found["speed"] > 0


def test_exchanging_runs_one_by_one_would_not_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    """The study can fail: with every pair of runs as a unit, equal arms differ far too often."""
    monkeypatch.setattr(
        simulate, "_between", lambda one, two: exchange(*([(run, run[1]) for run in its.runs] for its in (one, two)))
    )
    found = simulate.false_positives(60, 4, 0.9, shared=True)
    assert found["report"] > 60 * 0.15


def test_runs_of_a_seed_are_as_alike_as_they_are_said_to_be() -> None:
    steps = np.log(simulate.made(range(4000), 0.5, np.random.default_rng(0)).steps)
    assert np.corrcoef(steps.T)[0, 1:] == pytest.approx(0.5, abs=0.05)
    assert steps.std(axis=0) == pytest.approx(simulate.SPREAD, abs=0.03)


def test_equal_searches_seldom_differ() -> None:
    assert simulate.searches_apart(20, 3.0) <= stats.binom.ppf(0.999, 20, 0.05)


def test_the_study_is_printed_as_markdown(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulate, "SEEDS", (5,))
    simulate.main(["2"])
    out = capsys.readouterr().out.splitlines()
    assert out[0] == simulate.HEADER.splitlines()[0]
    assert len(out) == 2 + 6 + 1 + 2 + 3
