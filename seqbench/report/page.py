"""The report as one HTML page that needs nothing but itself: a frame around the sections."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import jinja2

from seqbench.analysis import cells, leaderboard, sizes
from seqbench.analysis.findings import Findings
from seqbench.horizon.axis import GAP, Axis
from seqbench.report import compact, data, legend, sections
from seqbench.report.drawn import Drawn
from seqbench.report.figures.plot import Plot

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
SCRIPTS = [f"scripts/{name}.js" for name in ("dom", "arms", "runs", "points", "zoom", "tables", "start")]
"""In the order in which they need one another."""
_HEADING = re.compile(r'<(section|figure) id="([\w-]+)"[^>]*>\s*<h[23][^>]*>(.*?)</h[23]>')


class Shown(NamedTuple):
    """A figure on the page; `width` is that at which its type has its intended size, in CSS pixels."""

    plot: Plot
    number: int
    svg: str
    width: int


def page(found: Findings, drawn: Drawn) -> str:
    """The whole page with the figures inline: nothing is fetched."""
    figures, glyphs = shown(drawn)
    gaps, axes = len(cells.with_gap(found.runs)) > 0, leaderboard.axes(found.board)
    common = {
        "experiment": found.record.experiment,
        "gaps": gaps,
        "trained": not found.untrained,
        "axes": axes,
        "question": question(found.record.question, gaps, axes[0]),
        "looks": found.looks,
        "most": sections.MOST_LISTED,
        "about_of": found.about,
        "about": sizes.ABOUT,
        "figures": figures,
        "brief": len(drawn.elsewhere) > 0,
    }
    body = "".join(_sections(found, drawn, common))
    frame = {
        "body": body,
        "contents": contents(body),
        **legend.entries(found),
        "beside_in_words": legend.beside_in_words(found),
        "glyphs": glyphs,
        "scripts": SCRIPTS,
    }
    markup = _TEMPLATES.get_template("page.html").render(common, **frame, data=data.data(found, drawn))
    # A percent sign stays on the line of its number.
    return markup.replace(" %", "\N{NO-BREAK SPACE}%")


def question(asked: str, gaps: bool, axis: Axis = GAP) -> str:
    """What the experiment asks, without what its file says of it in brackets at the end; else what all like it ask."""
    usual = axis.question if gaps else "How well is the next word predicted?"
    bare = re.sub(r"\s*\([^()]*\)\s*$", "", asked)
    return f"{bare[:1].upper()}{bare[1:]}" or usual


def shown(drawn: Drawn) -> tuple[Mapping[str, Shown], str]:
    """The figures by name, numbered in the order of the page, and their glyphs."""
    bare, glyphs = compact.with_glyphs_apart(drawn.images[plot.name].svg for plot in drawn.ordered)
    each = enumerate(zip(drawn.ordered, bare, strict=True), start=1)
    return {plot.name: Shown(plot, number, svg, _width(plot)) for number, (plot, svg) in each}, glyphs


def _width(plot: Plot) -> int:
    return round(float(plot.figure.get_size_inches()[0]) * 96)


def contents(body: str) -> list[tuple[str, str, str]]:
    """What the page has, as (kind, id, title): its sections, and in them its figures."""
    return [(kind, id, re.sub("<[^>]*>", "", title)) for kind, id, title in _HEADING.findall(body)]


def _sections(found: Findings, drawn: Drawn, common: dict[str, object]) -> Iterator[str]:
    """Those that the record has something for; each template finds its section's values and what all have in common."""
    for section in sections.ORDER:
        values = section.values(found, drawn)
        if values is not None:
            name = section.__name__.rpartition(".")[2]
            yield _TEMPLATES.get_template(f"sections/{name}.html").render(common, **values)
