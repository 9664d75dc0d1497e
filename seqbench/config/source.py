"""The code of a class that is not seqbench's own: a part of the fingerprint of its runs, because nobody versions it."""

import ast
import hashlib
import importlib.util
import inspect
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

#: Packages lie here; each of them is a world of its own.
INSTALLED = f"{os.sep}site-packages{os.sep}", f"{os.sep}dist-packages{os.sep}"


def is_ours(target: str) -> bool:
    """Whether a dotted path is that of something in seqbench."""
    return target.startswith("seqbench.")


def source_of(cls: type, target: str) -> str:
    """A hash of the code of a class that is named by this dotted path.

    It is that of the module which the path names, of the one that defines the class, of the packages that they lie in,
    and of every file beside them that these import, directly or not. What counts are the names of the modules and what
    the files say, not where they are. Of a class of a script or notebook it is its own text. "" where there is none,
    and for seqbench's own, which have versions.
    """
    found = {name: text for name, _, text in _files_of(cls, target)}
    if cls.__module__ == "__main__":
        found["__main__"] = _text(cls)
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()[:16] if any(found.values()) else ""


def files_of(cls: type, target: str) -> set[Path]:
    """The files whose text counts in `source_of`, whether they have been imported by now or not."""
    return {file for _, file, _ in _files_of(cls, target)}


def files_behind(target: str) -> Iterator[tuple[Path, str, bytes]]:
    """The same of a dotted path, nothing being imported: a folder to import from, the file in it, and what it says.

    None of what is installed, which is a part of the environment.
    """
    module = target.rpartition(".")[0]
    folder = _folder(module)
    for _, file, _ in _files(module):
        if folder and not _is_installed(file):
            yield folder, file.relative_to(folder).as_posix(), file.read_bytes()


def _files_of(cls: type, target: str) -> Iterator[tuple[str, Path, bytes]]:
    for module in {cls.__module__, target.rpartition(".")[0]}:
        if not is_ours(f"{module}."):
            yield from _files(module)


def _text(cls: type) -> bytes:
    with suppress(OSError, TypeError):
        return inspect.getsource(cls).encode()
    return b""


def _files(module: str) -> Iterator[tuple[str, Path, bytes]]:
    """The modules that one rests on, itself among them, their files, and what these say."""
    folder, seen, left = _folder(module), set[str](), list(_with_packages(module))
    while folder and left:
        name = left.pop()
        file = _file(folder, name)
        if file and name not in seen and (name.split(".")[0] == module.split(".")[0] or not _is_installed(file)):
            seen.add(name)
            text = b"\n".join(file.read_bytes().splitlines())
            yield name, file, text
            left += _imported(name if file.name == "__init__.py" else name.rpartition(".")[0], text)


def _folder(module: str) -> Path | None:
    """The one that the outermost package of a module, or the module itself, lies in."""
    spec = None
    with suppress(ValueError):  # of a module that a script made up
        spec = importlib.util.find_spec(module.partition(".")[0])
    if spec is None:
        return None
    if spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).parent
    return Path(spec.origin).parent if spec.has_location and spec.origin else None


def _file(folder: Path, module: str) -> Path | None:
    path = folder.joinpath(*module.split("."))
    return next((file for file in (path / "__init__.py", path.with_name(f"{path.name}.py")) if file.is_file()), None)


def _is_installed(file: Path) -> bool:
    return any(place in str(file) for place in INSTALLED)


def _imported(package: str, text: bytes) -> Iterator[str]:
    """The modules that the import statements of a file in `package` may name, with the packages that these lie in."""
    with suppress(SyntaxError, ValueError, ImportError):  # a file that Python cannot read either imports nothing
        for node in ast.walk(ast.parse(text)):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                base = importlib.util.resolve_name("." * node.level + (node.module or ""), package or None)
                names = [f"{base}.{alias.name}" for alias in node.names]
            for name in names:
                yield from _with_packages(name)


def _with_packages(module: str) -> Iterator[str]:
    parts = module.split(".")
    yield from (".".join(parts[: i + 1]) for i in range(len(parts)))
