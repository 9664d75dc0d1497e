"""What every column of every file of a report is: its unit, if it has one, and its meaning.

A column that ends in an asterisk stands for all that begin like it.
"""

from collections.abc import Mapping
from fnmatch import fnmatchcase

from seqbench.report.columns import beyond, gradients, runs, searches
from seqbench.report.columns.common import Column as Column

FILES: Mapping[str, Mapping[str, Column]] = {**runs.FILES, **searches.FILES, **gradients.FILES, **beyond.FILES}
"""By file; there is only what has rows."""


def described(column: str, file: str) -> bool:
    """Whether a column of a file has its place here."""
    return any(fnmatchcase(column, name) for name in FILES[file])
