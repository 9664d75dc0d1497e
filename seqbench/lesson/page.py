"""The lesson as one HTML page that needs nothing but itself."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

from markupsafe import Markup

from seqbench.lesson.chapters import TEMPLATES, Chapter, checks
from seqbench.lesson.material import Material
from seqbench.lesson.textbook import summary

_HERE = Path(__file__).parent
_DARKER = 0.35
"""How much white is mixed into the colour of an arm on a dark page."""


def page(material: Material, found: Sequence[Chapter]) -> str:
    """All chapters, the data of their scripts once, and the script."""
    text = TEMPLATES.get_template("page.html").render(
        experiment=material.experiment,
        task=material.task,
        runs=len(material.runs),
        chapters=[(chapter, Markup(chapter.text(inline, notebook=False))) for chapter in found],
        summary=summary(checks(found)),
        looks=_looks(material),
        data=Markup(_embedded(data(found))),
        style=Markup((_HERE / "lesson.css").read_text(encoding="utf-8")),
        script=Markup("\n".join(_scripts(found))),
    )
    return text.replace(" %", "\N{NO-BREAK SPACE}%")  # it stays on the line of its number


def inline(chapter: Chapter, name: str) -> str:
    """The drawing itself."""
    assert chapter.section
    return f'<div class="drawing" data-drawing="{name}">{chapter.section.drawings[name].svg}</div>'


def data(found: Sequence[Chapter]) -> dict[str, object]:
    """What scripts and cells read, by the names of the sections."""
    return {chapter.name: chapter.section.data for chapter in found if chapter.section and chapter.section.data}


def _scripts(found: Sequence[Chapter]) -> list[str]:
    """What is shared, and the scripts of the sections that have one."""
    own = [_HERE / "sections" / f"{chapter.name}.js" for chapter in found if chapter.section]
    return [file.read_text(encoding="utf-8") for file in (_HERE / "lesson.js", *own) if file.exists()]


def _embedded(content: object) -> str:
    """JSON that cannot end the element that it stands in."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")


def _looks(material: Material) -> list[tuple[int, str, str]]:
    """Number, colour, and colour on a dark page of each arm."""
    colours = [look.colour for look in material.found.looks.values()]
    return [(number, colour, _lighter(colour)) for number, colour in enumerate(colours)]


def _lighter(colour: str) -> str:
    parts = [int(part, 16) for part in re.findall("[0-9A-Fa-f]{2}", colour)]
    return "#" + "".join(f"{round(part + (255 - part) * _DARKER):02x}" for part in parts)
