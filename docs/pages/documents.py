"""Which documents are pages: those that are written by hand, by their paths in the repository."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
WRITTEN = (
    "*.md", "docs/*.md", "experiments/*/*.md", "benchmarks/*.md", "reports/reference/*.md",
)  # fmt: skip
_LINK = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")


def documents() -> list[Path]:
    """All of them."""
    return sorted(path.relative_to(ROOT) for pattern in WRITTEN for path in ROOT.glob(pattern))


def links(text: str) -> list[str]:
    """The files that a document links to, as it names them; no addresses."""
    return _LINK.findall(text)
