"""Characters that the font of the figures has no picture of: boxes stand for them."""

from collections.abc import Iterable

from matplotlib.font_manager import FontProperties, findfont, get_font

from seqbench.report.figures.theme import theme


def missing(texts: Iterable[str]) -> str:
    """A line that names those in these texts; empty where there are none."""
    with theme():
        font = get_font(findfont(FontProperties()))
    known = font.get_charmap()
    unknown = "".join(dict.fromkeys(letter for text in texts for letter in text if ord(letter) not in known))
    return f"the font {font.family_name} has no {unknown}: figures have boxes there" if unknown else ""
