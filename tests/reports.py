"""Pages of small records, and what a reader reads on them."""

import html
import re

import synthetic

from seqbench.analysis.findings import findings
from seqbench.record.values import Record
from seqbench.report import drawn, page
from seqbench.report.drawn import Drawn
from seqbench.report.figures.draw import draw

ARMS, GAPS, SEEDS = ("rnn", "lstm"), (10, 50), range(5)


def small(**changes: object) -> Record:
    """Two arms, one task, two gaps: rnn solves gap 10 only, lstm both but for one seed."""
    return synthetic.record(**{"arms": ARMS, "tasks": ("copy",), "gaps": GAPS, "seeds": SEEDS, **changes})  # type: ignore[arg-type]


def all_cells(outcome: str) -> dict[synthetic.Cell, str]:
    return {("copy", arm, gap, seed): outcome for arm in ARMS for gap in GAPS for seed in SEEDS}


def page_of(record: Record) -> str:
    """The page with its figures; without the files beside it, of which PDFs take as long again."""
    found = findings(record)
    return page.page(found, drawn.rendered(*draw(found)))


def bare_page(record: Record) -> str:
    """The page without figures, which take long."""
    return page.page(findings(record), Drawn())


def text_of(markup: str) -> str:
    """What a reader reads: without tags, styles and drawings."""
    bare = re.sub(r"<(style|svg)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())
