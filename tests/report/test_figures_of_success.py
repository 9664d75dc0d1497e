"""Success, loss and slots: captions follow the data."""

from dataclasses import replace

from synthetic import TASKS

from reports import GAPS, SEEDS, caption, drawn_by, small


def test_success_caption_says_where_intervals_are_apart() -> None:
    told = caption("success", small(outcomes={("copy", "lstm", 50, 4): "solved"}))
    assert "apart at gap 50 (at gap 50, lstm solved 5 of 5 and rnn 0 of 5) and overlap at 10" in told
    assert "they show no arm to be better" in caption("success", small(seeds=range(2)))


def test_success_that_returns_at_a_longer_gap_is_said() -> None:
    outcomes = {("copy", "rnn", gap, seed): "unsolved" if gap == 10 else "solved" for gap in GAPS for seed in SEEDS}
    assert "rnn at gap 50, but not at 10" in caption("success", small(outcomes=outcomes))


def test_loss_caption_places_unsolved_runs_among_the_baselines() -> None:
    record = small()
    assert "the unsolved runs of rnn and lstm ended at the level of “no memory” (2.08)" in caption("loss", record)
    level = TASKS["copy"].baselines[0].loss
    lower = replace(record, runs=record.runs.assign(test_loss=0.5))
    assert "ended below “no memory”, with a median test loss of 0.500" in caption("loss", lower)
    near, far = 0.99 * level, 1.05 * level
    in_two = record.runs.test_loss.where(record.runs.seed > 0, near).where(record.runs.seed < 4, far)
    told = caption("loss", replace(record, runs=record.runs.assign(test_loss=in_two)))
    assert "ended at the level of “no memory” (2.08) (3), below “no memory” (1) and above every baseline (1)" in told


def test_loss_caption_counts_solved_and_diverged_runs() -> None:
    told = caption("loss", small(outcomes={("copy", "rnn", 50, 1): "diverged"}))
    assert "14 of 20 runs solved the task" in told
    assert "1 run diverged" in told
    assert "diverged" not in caption("loss", small())


def test_slots_caption_gives_the_profile_of_each_arm() -> None:
    told = caption("slots", small())
    assert "on copy at gap 50: rnn 0.500 / 0.250 / 0.125; lstm 0.999 / 0.998 / 0.997" in told
    assert drawn_by("slots", small(tasks=("adding",))) == {}
