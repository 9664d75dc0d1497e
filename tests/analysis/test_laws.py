"""Whether the gradient falls exponentially or as a power of the lag, from made-up curves whose law is known."""

import numpy as np
import pandas as pd

from seqbench.analysis import laws


def curve(arm: str, values: np.ndarray, *, gap: int = 50, seed: int = 0, stage: str = "init") -> pd.DataFrame:
    """The gradient at lags 0, 1, ... of a run."""
    name = f"{arm}-{gap}-{seed}"
    return pd.DataFrame({"lag": range(len(values)), "log10_gradient": values}).assign(
        run_id=name, task="copy", arm=arm, gap=gap, seed=seed, state="h", stage=stage, outcome="unsolved", zero=0.0
    )


LAGS = np.arange(60)
EXPONENTIAL, POWER = -LAGS / 10, -2 * np.log10(np.maximum(LAGS, 1))


def test_the_law_of_each_arm_is_told_with_its_rate_and_how_far_either_is_off() -> None:
    straight = -2 * np.log10(np.arange(1, 51))
    line = np.polyval(np.polyfit(np.arange(1, 51), straight, 1), np.arange(1, 51))
    off = np.sqrt(np.mean((straight - line) ** 2))
    table = laws.laws_table(pd.concat([curve("rnn", EXPONENTIAL), curve("lru", POWER)]))
    (told,) = laws.sentences(table, "copy", "h")
    assert told.startswith("Before training, over lags on copy at gap 50: rnn exponential, a tenth every 10 steps (")
    misses = f"power off by under 0.001 decades, exponential by {off:.2f}"
    assert f"lru a power of the lag, exponent −2.00 ({misses})." in told
    assert laws.in_short(table) == "On copy, an exponential describes rnn, a power describes lru."


def test_laws_that_are_not_told_apart_and_a_gradient_that_does_not_fall_are_called_so() -> None:
    """One twentieth of a decade over 50 lags is within what either law may miss; a constant falls by neither."""
    table = laws.laws_table(pd.concat([curve("slstm", -LAGS / 400), curve("mamba", -LAGS / 410),
                                       curve("deltanet", 0.0 * LAGS)]))  # fmt: skip
    assert (
        laws.in_short(table) == "On copy, the two are not told apart for slstm and mamba, it stays level for deltanet."
    )
    (told,) = laws.sentences(table, "copy", "h")
    assert "slstm either law (exponential off by under 0.001 decades, power by " in told
    assert told.endswith("; deltanet stays level.")


def test_lags_beyond_the_gap_do_not_count() -> None:
    later = np.where(LAGS <= 50, EXPONENTIAL, 0.0)
    assert set(laws.laws_table(curve("rnn", later)).law) == {"exponential"}


def test_runs_are_looked_at_alone_beside_their_median() -> None:
    """Two of three seeds are exponential, and so is the median; the third is a power."""
    seeds = [curve("rnn", EXPONENTIAL), curve("rnn", EXPONENTIAL, seed=1), curve("rnn", POWER, seed=2)]
    (row,) = laws.laws_table(pd.concat(seeds)).itertuples()
    assert (row.law, row.alike, row.alone, row.runs) == ("exponential", 2, 3, 3)
    assert "; 2 of 3 alone)." in laws.sentences(laws.laws_table(pd.concat(seeds)), "copy", "h")[0]


def test_a_gradient_that_most_sequences_lack_is_zero() -> None:
    whole = curve("irnn", EXPONENTIAL)
    (row,) = laws.laws_table(whole.assign(zero=np.where(whole.lag >= 20, 0.5, 0.0))).itertuples()
    assert (row.law, row.zero_from) == ("neither", 20)
    assert "irnn neither law, exactly zero from lag 20 on" in laws.sentences(laws.laws_table(
        whole.assign(zero=np.where(whole.lag >= 20, 0.5, 0.0))), "copy", "h")[0]  # fmt: skip


def test_a_memory_that_is_divided_by_its_size_is_a_power_of_the_gap_and_no_power_of_the_lag() -> None:
    """With T steps in all and every one kept, a state t steps after the first has the share (t + 1) / (T + 1)."""
    gaps = (10, 20, 50, 100, 200)
    lags = pd.concat(curve("slstm", np.log10((gap + 1 - np.arange(gap + 1)) / (gap + 1)), gap=gap) for gap in gaps)
    found = laws.laws_table(lags).set_index("over")
    assert found.law.to_dict() == {"lag": "neither", "gap": "power"}
    assert -1.0 < found.exponent["gap"] < -0.9
