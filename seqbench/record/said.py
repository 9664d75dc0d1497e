"""What the tasks and the models of a record are, by group and name: "task/copy", "model/lstm".

The driver writes what their files say when a run of them begins. Records from before have it from the files of this
installation, where these name the same class.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seqbench.config import config_dir
from seqbench.config.about import About, about
from seqbench.plan import RunSpec
from seqbench.record import names
from seqbench.record.reading import Recorded
from seqbench.wording import printable

Said = Mapping[str, About]
LONGEST = 200
"""Characters of a sentence that are kept."""


def of_run(run: RunSpec, folders: Iterable[Path]) -> dict[str, About]:
    """What the files in these folders say of a run's task and model."""
    return _of((("task", run.task.name, run.task.target), ("model", run.model.name, run.model.target)), [*folders])


def _of(parts: Iterable[tuple[str, str, str]], folders: list[Path]) -> dict[str, About]:
    found = {f"{group}/{name}": about(group, name, target, folders) for group, name, target in parts}
    return {key: it._replace(says=printable(it.says, LONGEST)) for key, it in found.items() if it is not None}


def of_record(tags: Mapping[str, str], runs: Iterable[Recorded]) -> dict[str, About]:
    """What was told of them, and what was not as it is told today."""
    specs = (json.loads(run.tags[names.SPEC]) for run in runs if names.SPEC in run.tags)
    known = {(g, spec[g]["name"], spec[g]["target"]) for spec in specs for g in ("task", "model")}
    return {**_of(sorted(known), [config_dir()]), **read(tags.get(names.SAID, "{}"))}


def text(said: Said) -> str:
    """To be kept as a tag."""
    return json.dumps({key: it._asdict() for key, it in sorted(said.items())}, ensure_ascii=False)


def read(told: str | Mapping[str, Any]) -> dict[str, About]:
    """The inverse of `text`, also of its values."""
    values = json.loads(told) if isinstance(told, str) else told
    return {key: About(**it) for key, it in values.items()}
