"""Text in as many lines as it takes to fit a width, by the widths that its letters have."""

import re

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

HINTED = 1.08
"""Factor by which text on a screen may be wider than its letters in all, each of which has whole pixels."""


def wrapped(text: str, room: float, font: FontProperties) -> str:
    """Broken at spaces, and where a word alone is too long, within it; `room` is in points."""
    return "\n".join(line for told in text.split("\n") for line in _lines(told, room / HINTED, font))


def width(text: str, font: FontProperties) -> float:
    """Of its longest line, in points."""
    return max(text_to_path.get_text_width_height_descent(line, font, ismath=False)[0] for line in text.split("\n"))


def _lines(text: str, room: float, font: FontProperties) -> list[str]:
    lines = [""]
    for word in re.findall(r"\s*\S+", text):
        if width(lines[-1] + word, font) <= room:
            lines[-1] += word
            continue
        *full, rest = _pieces(word.lstrip(), room, font)
        lines += [*full, rest]
    return [line for line in lines if line] or [text]


def _pieces(word: str, room: float, font: FontProperties) -> list[str]:
    """A word in pieces that fit, each of a letter at least; after a sign between its parts where it has one."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, font) > room:
            at = 1 + max(pieces[-1].rfind(sign) for sign in "_=,./-") or len(pieces[-1])
            pieces[-1:] = [pieces[-1][:at], pieces[-1][at:]]
        pieces[-1] += letter
    return pieces
