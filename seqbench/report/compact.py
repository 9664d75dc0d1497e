"""Drawings in fewer bytes: what matplotlib writes without what nobody sees, and the glyphs of a page once."""

import re
from collections.abc import Iterable

_NOTHING = re.compile(r"<!--.*?-->|<metadata>.*?</metadata>|<style.*?</style>", re.DOTALL)
_PATH, _STEP = re.compile(r' d="([^"]*)"'), re.compile(r"([MLQCz])([^MLQCz]*)")
_PLACE, _FURTHER_DIGITS = re.compile(r' (?:x|y|width|height)="[^"]*"|translate\([^)]*\)'), re.compile(r"(\.\d\d)\d+")
_ID, _REFERENCE = re.compile(r' id="([^"]*)"'), re.compile(r'href="#([^"]+)"|url\(#([^)]+)\)')
_STYLE = re.compile(r' style="([^"]*)"')
_ALIKE = re.compile(r'(?:<use [^>]*?( style="[^"]*")/>\s*)(?:<use [^>]*?\1/>\s*)+')
_LETTER = re.compile(r'(<use href="[^"]*") transform="translate\((\S+) 0\)"')
_GLYPH = re.compile(r'<path id="(~[^"]+)"[^>]*/>')


def compact(svg: str) -> str:
    """The same drawing: paths relative and to a hundredth of a point, no ids that nothing refers to, no comments."""
    svg = _NOTHING.sub("", svg).replace("xlink:href", "href")
    used = {one or other for one, other in _REFERENCE.findall(svg)}
    svg = _ID.sub(lambda found: found[0] if found[1] in used else "", svg)
    svg = _PATH.sub(lambda found: f' d="{_relative(found[1])}"', svg)
    svg = _PLACE.sub(lambda found: _FURTHER_DIGITS.sub(r"\1", found[0]), svg)
    svg = _LETTER.sub(r'\1 x="\2"', svg)
    svg = _STYLE.sub(lambda found: f' style="{found[1].replace("; ", ";").replace(": ", ":")}"', svg)
    svg = _ALIKE.sub(_told_once, svg)
    return re.sub(r"\s*\n\s*", "", svg).replace("<defs></defs>", "")


def _relative(path: str) -> str:
    """Each step from the point before it: numbers of few digits. Rounded in place, so that errors do not add up."""
    written, before, x, y = [], "", 0, 0
    for command, numbers in _STEP.findall(path):
        values = [round(100 * float(number)) for number in numbers.split()]
        if command == "M":
            written.append("M" + _joined(values))
        elif command == "z":
            written.append("z")
        else:
            steps = [value - (y if place % 2 else x) for place, value in enumerate(values)]
            text = _joined(steps)
            written.append(command.lower() + text if command != before else text if text[0] == "-" else f" {text}")
        before = command
        x, y = values[-2:] or (x, y)
    return "".join(written)


def _joined(hundredths: Iterable[int]) -> str:
    """A minus sign separates numbers as well as a space does."""
    return " ".join(map(_short, hundredths)).replace(" -", "-")


def _short(hundredths: int) -> str:
    """ "-.5" for -50."""
    sign, whole, rest = "-" * (hundredths < 0), *divmod(abs(hundredths), 100)
    decimals = f".{rest:02}".rstrip("0") if rest else ""
    return f"{sign}{whole or ('' if decimals else '0')}{decimals}"


def _told_once(marks: re.Match[str]) -> str:
    """Marks of one style, which their group has."""
    return f"<g{marks[1]}>{marks[0].replace(marks[1], '')}</g>"


def with_glyphs_apart(drawings: Iterable[str]) -> tuple[list[str], str]:
    """Drawings without their glyphs, and all of their glyphs once: an element to stand on the same page."""
    drawings = list(drawings)
    glyphs = {found[1]: found[0] for svg in drawings for found in _GLYPH.finditer(svg)}
    bare = [_GLYPH.sub("", svg).replace("<defs></defs>", "") for svg in drawings]
    return bare, f'<svg width="0" height="0" aria-hidden="true"><defs>{"".join(glyphs.values())}</defs></svg>'
