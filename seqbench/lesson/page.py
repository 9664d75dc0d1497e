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
_DARK, _READABLE = "#14191d", 4.5
"""The paper of a dark page (`lesson.css`), and the contrast to it from which on WCAG 2.1 calls text readable."""


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
    colours = [look.colour for look in material.looks.values()]
    return [(number, colour, lighter(colour)) for number, colour in enumerate(colours)]


def lighter(colour: str) -> str:
    """With as much white, in twentieths, as a dark page needs."""
    mixed = ("#" + "".join(f"{round(p + (255 - p) * share / 20):02x}" for p in _parts(colour)) for share in range(21))
    return next(one for one in mixed if (_light(one) + 0.05) / (_light(_DARK) + 0.05) >= _READABLE)


def _parts(colour: str) -> list[int]:
    return [int(part, 16) for part in re.findall("[0-9A-Fa-f]{2}", colour)]


def _light(colour: str) -> float:
    """Relative luminance, as WCAG 2.1 has it."""
    shares = [part / 255 for part in _parts(colour)]
    linear = [share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
