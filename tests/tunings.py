"""Arms whose learning rate was tuned, with outcomes that are known."""

import pandas as pd
from searches import SEARCH, frame

from seqbench.horizon.race import Race
from seqbench.horizon.tuning import Tried, Tuning
from seqbench.record.values import Record, no_slots

TUNING = Tuning(around=0.003)
COMMON = 0.003


def raced(reach: dict[float, float]) -> list[Tried]:
    """A whole race of rates that solve the gaps up to their reach in 200 steps, and fail in 1,000."""
    race, results = Race(TUNING, SEARCH), list[Tried]()
    while trials := race.next(results):
        results += [
            Tried(rate, gap, seed, gap <= reach.get(rate, 0), 200 if gap <= reach.get(rate, 0) else 1000)
            for rate, gap, seed in trials
        ]
    return results


def tuning_frame(reach: dict[float, float], arm: str, task: str = "copy") -> pd.DataFrame:
    """The runs of a race; its id is that of the arm's search at the common rate."""
    return pd.DataFrame(
        [
            {
                **_identity(arm, task, one.rate), "run_id": f"{task} {arm} {one.trial}", "gap": one.gap,
                "seed": one.seed, "outcome": "solved" if one.solved else "unsolved", "steps": one.steps, "search": "",
            }
            for one in raced(reach)
        ]
    )  # fmt: skip


def search_frame(reach: dict[float, float], rate: float, arm: str, task: str = "copy") -> pd.DataFrame:
    """A search at a rate, of a tuned arm."""
    runs = frame(reach.get(rate, 0) + 0.5, arm, task).assign(**_identity(arm, task, rate))
    if rate == COMMON:
        return runs
    return runs.assign(search=f"{task} {arm} {rate}", run_id=runs.run_id + f" {rate}")


def _identity(arm: str, task: str, rate: float) -> dict[str, object]:
    return {
        "task": task, "arm": arm, "plain_task": task, "plain_arm": arm, "tuning": f"{task} {arm}",
        "training.learning_rate": str(rate), "model.hidden_size": "64", "seconds": 2.0, "parameters": 4545,
        "budget": 1000, "status": "FINISHED", "run_name": "", "fingerprint": "",
    }  # fmt: skip


def tuned_record(reaches: dict[str, dict[float, float]], own: dict[str, float], task: str = "copy") -> Record:
    """Each arm raced, searched at the common rate and at its own."""
    searches = [
        search_frame(reach, rate, arm, task)
        for arm, reach in reaches.items()
        for rate in sorted({COMMON, own.get(arm, COMMON)})
    ]
    runs = pd.concat(searches, ignore_index=True)
    races = pd.concat([tuning_frame(reach, arm, task) for arm, reach in reaches.items()], ignore_index=True)
    return Record(
        "tuned", runs, curves=no_slots(), lags=no_slots(), tasks={}, searches=dict.fromkeys(runs.search, SEARCH),
        tunings=dict.fromkeys(runs.tuning, TUNING), tuning_runs=races,
    )  # fmt: skip
