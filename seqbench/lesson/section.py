"""What a section of the lesson consists of, or why it is left out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from seqbench.lesson.drawing import Drawing
from seqbench.lesson.textbook import Check


@dataclass(frozen=True)
class Question:
    """Of the printed sheet, with its answer; `asked` and `answered` are drawings beside them."""

    text: str
    answer: str
    asked: Drawing | None = None
    answered: Drawing | None = None
    table: Sequence[Sequence[str]] = ()
    """Rows to be filled in, the heads of its columns first; where a cell is empty, `filled` has the answer."""
    filled: Sequence[Sequence[str]] = ()
    first: str = ""
    """What has to be said before it, and before those that follow and need it, too."""


@dataclass(frozen=True)
class Section:
    """What the template of a section shows, and what goes with it."""

    values: Mapping[str, object] = field(default_factory=dict)
    drawings: Mapping[str, Drawing] = field(default_factory=dict)
    """By the name under which the template shows them."""
    data: object = None
    """What the script of the page and the cells of the notebook read; JSON."""
    cells: tuple[str, ...] = ()
    """Of the notebook, to be run; `lesson` has in them the data of all sections by their names."""
    questions: tuple[Question, ...] = ()
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """Why the record has nothing for a section, in one line, with the command that changes it."""

    reason: str
