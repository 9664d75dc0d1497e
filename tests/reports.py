"""Figures and pages of small records, and what a reader reads on them."""

import html
import re
from collections.abc import Mapping

import synthetic

from seqbench.analysis.findings import findings
from seqbench.record.values import Record
from seqbench.report import drawn, figures, page
from seqbench.report.drawn import Drawn
from seqbench.report.figures.draw import draw
from seqbench.report.figures.plot import Plot
from seqbench.report.figures.theme import theme
from seqbench.trace.values import Trace

ARMS, GAPS, SEEDS = ("rnn", "lstm"), (10, 50), range(5)


def small(**changes: object) -> Record:
    """Two arms, one task, two gaps: rnn solves gap 10 only, lstm both but for one seed."""
    return synthetic.record(**{"arms": ARMS, "tasks": ("copy",), "gaps": GAPS, "seeds": SEEDS, **changes})  # type: ignore[arg-type]


def all_cells(outcome: str) -> dict[synthetic.Cell, str]:
    return {("copy", arm, gap, seed): outcome for arm in ARMS for gap in GAPS for seed in SEEDS}


def plots_of(record: Record, traces: Mapping[str, Trace] | None = None) -> dict[str, Plot]:
    """All figures, of which none may be left out."""
    plots, left_out = draw(findings(record), traces=traces)
    assert not left_out, left_out
    return {plot.name: plot for plot in plots}


def drawn_by(module: str, record: Record) -> dict[str, Plot]:
    """The figures of one module alone."""
    with theme():
        return {plot.name: plot for plot in getattr(figures, module).plots(findings(record))}


def caption(module: str, record: Record) -> str:
    """What is said of the figure that bears the name of its module."""
    return " ".join(drawn_by(module, record)[module].caption)


def page_of(record: Record) -> str:
    """The page with its figures; without the files beside it, of which PDFs take as long again."""
    found = findings(record)
    return page.page(found, drawn.rendered(*draw(found)))


def bare_page(record: Record) -> str:
    """The page without figures, which take long."""
    return page.page(findings(record), Drawn())


def text_of(markup: str) -> str:
    """What a reader reads: without tags, styles, scripts, drawings and the contents."""
    bare = re.sub(r"<(style|svg|script|aside)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())
