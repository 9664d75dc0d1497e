"""Files of the user's own, looked at before Hydra reads them: what they hold would keep it busy, or end it."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import yaml  # type: ignore[import-untyped]
from omegaconf import OmegaConf
from omegaconf.errors import OmegaConfBaseException

from seqbench.config import ConfigError, Fault
from seqbench.planning.grammar import search_path
from seqbench.planning.options import FILED, cannot_be_set

#: So deep a file may nest, and so many values it may hold, each counted as often as an alias repeats it.
MOST_DEEP, MOST_VALUES = 20, 10_000
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def require_usable(folder: Path | None, words: Sequence[str]) -> None:
    """Raises ConfigError if the words name files, in this folder or on their own search path, that cannot be used."""
    if faults := faults_in([*([folder] if folder else []), *search_path(words)], words):
        raise ConfigError(faults)


def faults_in(folders: Iterable[Path], words: Sequence[str]) -> list[Fault]:
    """A fault for each file in the groups of these folders that cannot be used, and that the words name.

    So do the values in a file that is named: it may have defaults of its own.
    """
    files = [path for folder in folders for path in sorted(folder.glob("*/*.yaml"))]
    faults, seen, left = list[Fault](), set[Path](), [name for word in words for name in _names(word)]
    while left:
        name = left.pop()
        for path in (path for path in files if path not in seen and name in (path.stem, "*")):
            seen.add(path)
            try:
                left += _values(path)
                faults += _of_content(path)
            except (OSError, ValueError, RecursionError, yaml.YAMLError, OmegaConfBaseException) as error:
                faults.append(Fault(str(path), f"cannot be used: {' '.join(str(error).split())}"))
    return faults


def _names(word: str) -> list[str]:
    """What a word may name; everything where it has a pattern."""
    return ["*"] if "glob(" in word else [name.strip() for name in re.split(r"[=,()'\"/]", word)]


def _values(path: Path) -> list[str]:
    """The texts in a file, found without making what it describes. ValueError if that is too much."""
    texts, total, sizes, still_open = list[str](), 0, dict[str, int](), list[tuple[str, int]]()
    for event in _events(path):
        if isinstance(event, yaml.NodeEvent) and not (still_open or isinstance(event, yaml.MappingStartEvent)):
            raise ValueError("it should hold settings, each on a line of its own as key: value")
        if isinstance(event, yaml.CollectionStartEvent):
            still_open.append((event.anchor or "", total))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = still_open.pop()
            sizes[anchor] = total - before
        elif isinstance(event, yaml.ScalarEvent):
            texts.append(event.value)
            sizes[event.anchor or ""] = 1
            total += 1
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes:
                raise ValueError(f"*{event.anchor} stands within what it repeats, or before it")
            total += sizes[event.anchor]
        if len(still_open) > MOST_DEEP:
            raise ValueError(f"it nests more than {MOST_DEEP} deep")
        if total > MOST_VALUES:
            raise ValueError(f"it holds more than {MOST_VALUES:,} values, each counted as often as it is repeated")
    return texts


def _events(path: Path) -> Iterator[Any]:
    with path.open("rb") as file:
        yield from yaml.parse(file, Loader=_LOADER)


def _of_content(path: Path) -> Iterator[Fault]:
    hydra = cast(dict[str, Any], OmegaConf.to_container(OmegaConf.load(path), resolve=False)).get("hydra")
    for key in _keys(hydra) if isinstance(hydra, Mapping) else ():
        if not key.startswith(FILED):
            yield Fault(key, f"{cannot_be_set(key)} (in {path})")


def _keys(tree: Any, key: str = "hydra") -> Iterator[str]:
    """The settings of a tree by their path."""
    if isinstance(tree, Mapping) and not key.startswith(FILED):
        for name, value in tree.items():
            yield from _keys(value, f"{key}.{name}")
    else:
        yield key
