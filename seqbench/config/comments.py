"""What files of configuration say of themselves: the first comment of each."""

from collections.abc import Iterable
from pathlib import Path


def first_comment(path: Path) -> str:
    """The first line of a comment in a file, as `--help` shows it; empty where there is none."""
    lines = path.read_text(errors="replace").splitlines()
    comments = (line for line in lines if line.startswith("#") and "@package" not in line)
    return next(comments, "#").lstrip("# ")


def question(experiment: str, folders: Iterable[Path]) -> str:
    """What an experiment asks: the first comment of its file, in the first of these folders that has it."""
    files = (folder / "experiment" / f"{experiment}.yaml" for folder in folders)
    return next((first_comment(file) for file in files if experiment and file.is_file()), "")
