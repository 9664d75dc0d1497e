"""What a task or a model is, in a sentence: the first comment of its file, which speaks of the file's settings."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from seqbench.config.comments import first_comment
from seqbench.config.settings import Scalar

AXES = ("gap", "hidden_size")
"""Settings that no sentence speaks of: every experiment has its own."""


class About(NamedTuple):
    """The sentence, and the settings that it holds for."""

    says: str
    settings: Mapping[str, Scalar]

    def of(self, settings: Mapping[str, object]) -> str:
        """Of a run with these settings: where they are others than those of the file, that is added."""
        other = {k: settings[k] for k, v in self.settings.items() if k in settings and not _same(settings[k], v)}
        told = ", ".join(f"{key}={value}" for key, value in other.items() if key not in AXES)
        return f"{self.says}; here with {told}" if told else self.says


def _same(one: object, other: object) -> bool:
    """Settings are texts in a record: "1.0" is 1, and "None" is null."""
    try:
        return float(str(one)) == float(str(other))
    except ValueError:
        return str(one) == str(other)


def about(group: str, name: str, target: str, folders: Iterable[Path]) -> About | None:
    """What the file of that name says, in the first of these folders that has it; None unless it is of that class."""
    import yaml  # type: ignore[import-untyped]

    file = next((found for folder in folders if (found := folder / group / f"{name}.yaml").is_file()), None)
    written = yaml.safe_load(file.read_text(encoding="utf-8")) if file else None
    if file is None or not isinstance(written, dict) or written.pop("_target_", None) != target:
        return None
    says = first_comment(file)
    return About(says, written) if says else None
