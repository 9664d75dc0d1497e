"""The chapters of a lesson: its sections in order, as the page, the notebook and the sheet show them."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
from markupsafe import Markup, escape

from seqbench.lesson import sections
from seqbench.lesson.material import Material
from seqbench.lesson.section import LeftOut, Section
from seqbench.lesson.textbook import AGAINST, AGREES, OPEN, Check

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_SIGNS = {AGREES: "✓", AGAINST: "✗", OPEN: "?"}


Shown = Callable[..., str]
"""How a drawing is put into a text: its markup, by its chapter and its name."""


@dataclass(frozen=True)
class Chapter:
    """A section with its name, heading and number."""

    name: str
    title: str
    number: int
    content: Section | LeftOut

    @property
    def section(self) -> Section | None:
        """None where it is left out."""
        return self.content if isinstance(self.content, Section) else None

    def text(self, shown: Shown, *, notebook: bool) -> str:
        """Its template as HTML; the notebook has cells to run where the page has something to touch."""
        if isinstance(self.content, LeftOut):
            return Markup('<p class="left-out">Left out: {}</p>').format(with_code(self.content.reason))
        return TEMPLATES.get_template(f"sections/{self.name}.html").render(
            self.content.values,
            notebook=notebook,
            marks=marks,
            code=with_code,
            drawing=lambda name: Markup(shown(self, name)),
        )


def chapters(material: Material) -> list[Chapter]:
    """All sections, those that are left out among them."""
    named = [(module.__name__.rpartition(".")[2], module) for module in sections.ORDER]
    return [Chapter(name, module.TITLE, i, module.section(material)) for i, (name, module) in enumerate(named, 1)]


def checks(found: Sequence[Chapter]) -> list[Check]:
    """What the lesson holds against textbooks."""
    return [check for chapter in found if chapter.section for check in chapter.section.checks]


def with_code(text: str) -> Markup:
    """A line in which `commands` stand between backticks."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def marks(found: Sequence[Check]) -> Markup:
    """Each check with its verdict."""
    line = Markup('<p class="check {}"><b>{} {}.</b> {}</p>')
    told = [(check.verdict, check.sentence) for check in found]
    return Markup("\n").join(line.format(v.name.lower(), _SIGNS[v], v.capitalize(), text) for v, text in told)
