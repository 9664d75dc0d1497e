"""The page of all commands: what each says with `--help`."""

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import seqbench

PACKAGE = Path(seqbench.__file__).parent
INTRODUCTION = """\
---
hide: [toc]
---

# Commands

What each command says with `--help`. All of them can be typed in any folder; the record is looked for there
(`mlflow.db`) unless `MLFLOW_TRACKING_URI` names another.

Exit codes are the same everywhere: 0 all is done, 1 some runs failed or a control did not come out as stated, 2 a bad
configuration or nothing to do it with, 3 the record or a folder cannot be reached, 130 interrupted.
"""


def names() -> list[str]:
    """Modules that can be run: "seqbench", "seqbench.report", ..."""
    return ["seqbench", *sorted(f"seqbench.{name}" for name in _runnable())]


def _runnable() -> Iterator[str]:
    yield from (file.parent.name for file in PACKAGE.glob("*/__main__.py"))
    yield from (file.stem for file in PACKAGE.glob("[a-z]*.py") if '__name__ == "__main__"' in file.read_text())


def page() -> str:
    """The whole page; the commands are asked side by side, because each takes a moment to start."""
    with ThreadPoolExecutor() as pool:
        told = pool.map(_help, names())
    sections = [f"## python -m {name}\n\n```text\n{text}\n```\n" for name, text in zip(names(), told, strict=True)]
    contents = ", ".join(f"[{name}](#python-m-{name.replace('.', '')})" for name in names())
    return "\n".join([INTRODUCTION, f"{contents}.\n", *sections])


def _help(name: str) -> str:
    command = [sys.executable, "-m", name, "--help"]
    asked = subprocess.run(command, env={**os.environ, "COLUMNS": "100"}, capture_output=True, text=True, check=True)
    return asked.stdout.strip()
