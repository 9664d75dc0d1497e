"""The page of all settings: types and ranges from the annotations, values and meanings from the files in `conf/`.

What a setting means is the comment beside it in its file, or in another file of its group that sets it, too.
"""

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_type_hints

from pages.kinds import in_words
from seqbench.config import Device, Layers, Match, Options, Repetition, Training, config_dir, knobs, load_class
from seqbench.horizon.search import Search
from seqbench.horizon.tuning import Tuning

INTRODUCTION = """\
# Settings

Everything that can be set on the command line or in a file, with the value that holds where nothing is said.
`task.*`, `model.*`, `training.*`, `seed` and `device` take several values (`task.gap=10,20`), and so make a sweep.
`python -m seqbench --cfg job` prints the settings of a command.
"""
GROUPS = {
    "task": "chosen by `task=NAME`",
    "model": "an arm, chosen by `model=NAME`",
    "executor": "who carries out the runs, chosen by `executor=NAME`",
}
_LINE = re.compile(r"( *)(- )?([\w.]+):(?: ([^#]*[^#\s]))?(?: +# (.*))?")
"""Indentation, whether it is an item of a list, key, value, comment."""


@dataclass(frozen=True)
class Setting:
    """A row of the page; all is text."""

    key: str
    kind: str
    value: str
    meaning: str

    @property
    def row(self) -> str:
        """In a table of Markdown."""
        cells = f"`{self.key}`", self.meaning, self.kind, f"`{self.value}`" if self.value else "none"
        return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


@dataclass(frozen=True)
class Section:
    """Settings under a heading."""

    heading: str
    text: str
    settings: tuple[Setting, ...]

    def __str__(self) -> str:
        head = ["| setting | meaning | may be | default |", "|---|---|---|---|"]
        table = [*head, *(one.row for one in self.settings)] if self.settings else ["No settings."]
        return "\n".join([self.heading, "", self.text, "", *table, ""])


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *map(str, sections())])


def sections() -> Iterator[Section]:
    """In the order of the page."""
    general, horizon = written(config_dir() / "config.yaml"), comments(config_dir() / "experiment/horizon.yaml")
    chosen = [Setting(group, f"a file of `conf/{group}/`", general[group][0], text) for group, text in GROUPS.items()]
    first = [*chosen, *_of_runs(general), *_settings(Options, general)]
    yield Section("## A plan", "Which runs, and what becomes of them.", (*first, *_sections_of_files(general)))
    yield Section("## Training", _first_line(Training), _settings(Training, general, "training."))
    layers = written(config_dir() / "layers.yaml")
    yield Section("## Layers of any model that is trained", _first_line(Layers), _settings(Layers, layers, "model."))
    yield Section("## Equal arms", _first_line(Match), _settings(Match, general, "match."))
    yield Section("## The search for the horizon", _first_line(Search), _settings(Search, horizon, "horizon."))
    yield Section("## Learning rates", _first_line(Tuning), _settings(Tuning, horizon, "tuning."))
    for group in GROUPS:
        yield from _of_group(group)


def _of_runs(general: Mapping[str, tuple[str, str]]) -> Iterator[Setting]:
    for cls in (Repetition, Device):
        yield from _settings(cls, general)


def _sections_of_files(general: Mapping[str, tuple[str, str]]) -> list[Setting]:
    return [Setting(key, "a section of a file", "null", general[key][1]) for key in ("controls", "horizon", "tuning")]


def _of_group(group: str) -> Iterator[Section]:
    files = sorted((config_dir() / group).glob("*.yaml"))
    meanings = {key: told for file in files for key, (_, told) in written(file).items() if told}
    for file in files:
        values = {key: (value, told or meanings.get(key, "")) for key, (value, told) in written(file).items()}
        cls = load_class(values["_target_"][0], object)
        about = file.read_text().splitlines()[0].lstrip("# ")
        text = f"{about[0].upper()}{about[1:]}. Class: `{cls.__module__}.{cls.__qualname__}`."
        yield Section(f"## {group}={file.stem}", text, _settings(cls, values, f"{group}."))


def _settings(cls: type, files: Mapping[str, tuple[str, str]], prefix: str = "") -> tuple[Setting, ...]:
    """Those that a class declares; a value that is in no file is the class's own default."""
    hints = get_type_hints(cls.__init__, include_extras=True)  # type: ignore[misc]  # the class itself, not an instance
    found = {name: files.get(f"{prefix}{name}") or files.get(name, ("", "")) for name in knobs(cls)}
    return tuple(
        Setting(f"{prefix}{name}", in_words(hints[name]), found[name][0] or _default(knob), found[name][1])
        for name, knob in knobs(cls).items()
    )


def _default(knob: inspect.Parameter) -> str:
    """As it is written in a file; nothing where a value has to be given."""
    return "" if knob.default is knob.empty else {None: "null", (): "[]"}.get(knob.default, str(knob.default))


def written(file: Path) -> dict[str, tuple[str, str]]:
    """Value and comment of every key of a file of `conf/`; those of a section bear its name: "training.max_steps"."""
    found, section = dict[str, tuple[str, str]](), ""
    for line in filter(None, map(_LINE.fullmatch, file.read_text().splitlines())):
        indent, item, key, value, told = line.groups(default="")
        section = section if indent else f"{key}."
        found[f"{section if indent and not item else ''}{key}"] = value, told
    return found


def comments(file: Path) -> dict[str, tuple[str, str]]:
    """The same without the values, which are those of an experiment."""
    return {key: ("", told) for key, (_, told) in written(file).items()}


def _first_line(cls: type) -> str:
    return str(cls.__doc__).partition("\n\n")[0].replace("\n    ", " ")
