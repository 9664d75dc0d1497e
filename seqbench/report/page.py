"""The report as one HTML page that needs nothing but itself: a frame around the sections."""

from collections.abc import Iterator
from pathlib import Path

import jinja2

from seqbench.analysis import cells
from seqbench.analysis.findings import Findings
from seqbench.report import sections
from seqbench.report.drawn import Drawn

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def page(found: Findings, drawn: Drawn) -> str:
    """The whole page with the figures inline: nothing is fetched."""
    common = {
        "experiment": found.record.experiment,
        "gaps": len(cells.with_gap(found.runs)) > 0,
        "looks": found.looks,
        "most": sections.MOST_LISTED,
    }
    markup = _TEMPLATES.get_template("page.html").render(common, sections=_sections(found, drawn, common))
    # A percent sign stays on the line of its number.
    return markup.replace(" %", "\N{NO-BREAK SPACE}%")


def _sections(found: Findings, drawn: Drawn, common: dict[str, object]) -> Iterator[str]:
    """Those that the record has something for; each template finds its section's values and what all have in common."""
    for section in sections.ORDER:
        values = section.values(found, drawn)
        if values is not None:
            name = section.__name__.rpartition(".")[2]
            yield _TEMPLATES.get_template(f"sections/{name}.html").render(common, **values)
