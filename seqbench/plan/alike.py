"""The runs of one plan beside one another: what tells those of the same name apart, and which are there twice."""

from collections.abc import Iterable, Mapping, Sequence

from seqbench.config import Fault
from seqbench.plan.spec import RunSpec, told


def apart(runs: Iterable[RunSpec]) -> dict[str, str]:
    """By fingerprint, the settings that tell a run from others with the same name: "hidden_size=32 lr=0.01"."""
    named: dict[str, list[RunSpec]] = {}
    for run in runs:
        named.setdefault(run.run_name, []).append(run)
    return {run.fingerprint: _told(run, _varied(alike)) for alike in named.values() if len(alike) > 1 for run in alike}


def _varied(alike: Sequence[RunSpec]) -> dict[str, bool]:
    """What varies, and whether every one of the runs has it: then one for which it is None has nothing to say."""
    keys = dict.fromkeys(key for run in alike for key in run.settings)
    varied = [key for key in keys if len({run.settings.get(key) for run in alike}) > 1]
    return {key: all(key in run.settings for run in alike) for key in varied}


def _told(run: RunSpec, varied: Mapping[str, bool]) -> str:
    given = {key: run.settings[key] for key in varied if key in run.settings}
    return " ".join(told(_short(key), value) for key, value in given.items() if value is not None or not varied[key])


def _short(key: str) -> str:
    """Without its group, which the name of the run has: "hidden_size", "clip.value"."""
    return key.partition(".")[2] or key


def duplicates(runs: Iterable[RunSpec]) -> list[Fault]:
    """A fault for every run that is the same as an earlier one, however its settings were written."""
    seen: set[str] = set()
    faults = []
    for run in runs:
        if run.fingerprint in seen:
            faults.append(Fault("", "is in the plan twice", run.run_name))
        seen.add(run.fingerprint)
    return faults
