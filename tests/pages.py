"""Pages of small records, and what a reader reads on them."""

import html
import re
from html.parser import HTMLParser

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
    """The page alone: PDFs take as long again."""
    found = findings(record)
    return page.page(found, drawn.rendered(*draw(found)))


def bare_page_of(record: Record) -> str:
    """What a reader reads beside the figures, which take long."""
    return text_of(page.page(findings(record), Drawn()))


def text_of(markup: str) -> str:
    """What a reader reads: without tags, styles and drawings."""
    bare = re.sub(r"<(style|svg)\b.*?</\1>", " ", markup, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


class References(HTMLParser):
    """All that a page refers to, ids it defines, and elements it opens."""

    def __init__(self) -> None:
        super().__init__()
        self.references: list[str] = []
        self.ids: list[str] = []
        self.tags: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("href", "xlink:href", "src", "data", "srcset", "action"):
                self.references.append(value or "")
            if name == "id":
                self.ids.append(value or "")
