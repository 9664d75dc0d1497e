"""What files of configuration say of themselves: the first comment of each, and a setting by its name."""

from collections.abc import Iterable
from pathlib import Path


def first_comment(path: Path) -> str:
    """The first line of a comment in a file, as `--help` shows it; empty where there is none."""
    lines = path.read_text(errors="replace").splitlines()
    comments = (line for line in lines if line.startswith("#") and "@package" not in line)
    return next(comments, "#").lstrip("# ")


def setting(path: Path, name: str) -> str:
    """The text of a setting at the top of a file; empty where it has none."""
    lines = path.read_text(errors="replace").splitlines()
    values = (
        line.removeprefix(f"{name}:").split("#")[0].strip(" '\"") for line in lines if line.startswith(f"{name}:")
    )
    return next(values, "")


def question(experiment: str, folders: Iterable[Path]) -> str:
    """What an experiment asks: the first comment of its file, in the first of these folders that has it."""
    files = (folder / "experiment" / f"{experiment}.yaml" for folder in folders)
    return next((first_comment(file) for file in files if experiment and file.is_file()), "")
