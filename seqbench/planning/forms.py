"""What a plan has to know of a class: kept in the user's cache, so that nobody waits for torch over a misspelling.

What is kept belongs to the exact files that it was made from. It is good enough to plan with: a class is imported
again before it is run, and a class that is not seqbench's own before it is refused.
"""

import functools
import importlib
import importlib.util
import json
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from seqbench.config import Schema, in_one_line, knobs, later, load_class, schema
from seqbench.config.cache import keep, read, sha256
from seqbench.config.importing import quickly
from seqbench.config.source import INSTALLED, files_of, is_ours, source_of
from seqbench.executors.base import WorkerLost
from seqbench.planning.foreign import Asking

#: What a class of each group must be a subclass of.
CONTRACTS = {
    "task": "seqbench.tasks.base.Task",
    "model": "seqbench.models.base.Model",
    "executor": "seqbench.executors.base.Executor",
}


@dataclass(frozen=True)
class Form:
    """A class as a plan sees it."""

    core: Mapping[str, Any]
    """Of `seqbench.config.Schema`."""
    module: str
    version: int
    has_gap: bool
    reads: bool
    """Whether it has a `data` of its own, which tells what it reads from elsewhere."""
    imports_by_name: bool
    source: str = ""
    """Of `seqbench.config.source`, for a class that is not seqbench's own."""
    changes: str = ""
    """What its module changes when it is imported that all runs of a process share, if it is not seqbench's own."""
    state: str = ""
    """Changes with the code that the class rests on; "" where that is not known."""
    later: Mapping[str, Any] = field(default_factory=dict)
    """As `seqbench.config.later`."""

    @functools.cached_property
    def schema(self) -> Schema:
        """How its settings are checked."""
        return Schema(self.core)


class Forms:
    """Classes by group and dotted path; `fresh` ones are all made from the classes themselves."""

    def __init__(self, asking: Asking, fresh: bool = False) -> None:
        self.asking, self.fresh, self.known = asking, fresh, dict[tuple[str, str], Form]()
        self.believed = False
        """Whether what was kept of a class that is not seqbench's own was used."""

    def of(self, group: str, target: str) -> Form:
        """Raises ValueError, with the reason in plain words, unless the class can be imported and fits its group."""
        if (group, target) not in self.known:
            self.known[group, target] = self._kept(group, target) or self._made(group, target)
        return self.known[group, target]

    def _kept(self, group: str, target: str) -> Form | None:
        if self.fresh or target.rpartition(".")[0] in sys.modules:
            return None
        content = read(_name(group, target))
        if content is None:
            return None
        try:
            kept = json.loads(content)
            form, files = Form(**kept["form"]), kept["files"].items()
            if kept["seqbench"] != code() or any(_digest(Path(file)) != told for file, told in files):
                return None
        except (ValueError, TypeError, LookupError, AttributeError):  # of another version
            return None
        self.believed |= not is_ours(target)
        return form

    def _made(self, group: str, target: str) -> Form:
        content = self._asked(group, target)
        if content is None:
            return _of_class(group, target)[0]
        keep(_name(group, target), content.encode())
        return Form(**json.loads(content)["form"])

    def _asked(self, group: str, target: str) -> str | None:
        if group == "executor":  # which this process needs
            return _content(group, target)
        question = _content_of_ours if is_ours(target) else _content
        try:
            return self.asking.ask(f"importing {target}", [target], question, group, target)
        except WorkerLost as error:
            raise ValueError(f"{target!r} cannot be imported: {error}") from error

    @property
    def changes(self) -> dict[str, str]:
        """What modules from outside of seqbench change when they are imported, by the name of the module."""
        known = {target.rpartition(".")[0]: form.changes for (_, target), form in self.known.items()}
        return {module: changes for module, changes in known.items() if changes}


def _content(group: str, target: str) -> str | None:
    """What is kept of a class; None where no file can hold it. Raises ValueError as `Forms.of` does."""
    form, about = _of_class(group, target)
    try:
        told = json.dumps([about, asdict(form)])
    except (TypeError, ValueError):  # of a setting
        return None
    if form.module == "__main__" or json.loads(told)[1] != asdict(form):
        return None
    return json.dumps({**about, "form": asdict(replace(form, state=sha256(told.encode())))})


@functools.cache
def _content_of_ours(group: str, target: str) -> str | None:
    """Of a class that stays what it is: a search asks again before each of its runs."""
    return _content(group, target)


def _of_class(group: str, target: str) -> tuple[Form, dict[str, Any]]:
    """The form of a class, and the code that it was made from."""
    with quickly():
        contract = _contract(group)
        plain = is_ours(target) or group == "executor"
        cls, changes = (load_class(target, contract), "") if plain else _imported(target, contract)
    try:
        form = replace(_form(group, target, cls), changes=changes)
    except Exception as error:  # whatever other people write into annotations
        raise ValueError(f"the knobs of {target!r} cannot be read: {in_one_line(error)}") from error
    return form, {"seqbench": code(), "files": {} if is_ours(target) else _files_of_ones_own(cls, target)}


def _imported(target: str, contract: type) -> tuple[type, str]:
    """A class, and what the first import of its module in this process changed, which is put back."""
    from seqbench.training.untouched import put_back

    with put_back() as changed:
        cls = load_class(target, contract)
    return cls, _CHANGED.setdefault(target.rpartition(".")[0], ", ".join(changed))


#: By module.
_CHANGED: dict[str, str] = {}


def _contract(group: str) -> Any:
    module, _, name = CONTRACTS[group].rpartition(".")
    return getattr(importlib.import_module(module), name)


def _form(group: str, target: str, cls: Any) -> Form:
    return Form(
        core=schema(cls).core,
        module=cls.__module__,
        version=getattr(cls, "version", 1),
        has_gap="gap" in knobs(cls) or hasattr(cls, "gap"),
        reads=group == "task" and cls.data.__func__ is not _contract("task").data.__func__,
        imports_by_name=getattr(cls, "imports_by_name", False),
        source=source_of(cls, target),
        later=later(cls),
    )


@functools.cache
def code() -> str:
    """Changes with every file of seqbench, and with every package that is installed."""
    package = Path(__file__).parents[1]
    own = {str(file.relative_to(package)): _digest(file) for file in sorted(package.rglob("*.py"))}
    # Ray adds folders of its own to the path when it is imported.
    folders = [folder for folder in sys.path if not any(place in folder for place in INSTALLED)]
    installed = sorted({path.name for folder in folders for path in Path(folder or ".").glob("*.dist-info")})
    return sha256(json.dumps([sys.version, installed, own]).encode())


def _files_of_ones_own(cls: type, target: str) -> dict[str, str]:
    """Every file from outside of seqbench and of what is installed that was imported or counts in `source_of`, with
    what it holds: a function may import its helpers when it is called."""
    others = str(Path(functools.__file__).parent), str(Path(__file__).parents[1])
    files = {getattr(module, "__file__", None) or "" for name, module in sys.modules.items() if name != "__main__"}
    files |= {str(file.resolve()) for file in files_of(cls, target)}
    own = [file for file in files if file.endswith(".py") and not file.startswith(others)]
    return {file: _digest(Path(file)) for file in sorted(own) if not any(place in file for place in INSTALLED)}


def _name(group: str, target: str) -> str:
    """That of the file; where a class would be imported from now is a part of it."""
    spec = None
    if not is_ours(target):
        with suppress(ValueError):  # of a module that a script made up
            spec = importlib.util.find_spec(target.partition(".")[0])
    place = [spec.origin, *map(str, spec.submodule_search_locations or ())] if spec else []
    return f"classes/{sha256(json.dumps([group, target, place]).encode())[:32]}.json"


def _digest(file: Path) -> str:
    try:
        return sha256(file.read_bytes())
    except OSError:
        return "gone"
