"""The page of a report's files: what each is, and every column of every table."""

from collections.abc import Mapping

from seqbench.report.columns import FILES, Column

INTRODUCTION = """\
# Files of a report

A report is a folder, `reports/<experiment>/`. A table without rows is not written. All tables are CSV with a header,
UTF-8, a point before decimals, and nothing where a value is missing; `inf` is infinite.

| file | what it is |
|---|---|
| `index.html` | the page, in one file that needs no other |
| `figures/*.svg`, `figures/*.pdf` | every figure of the page |
| `manifest.json` | which runs each figure shows, what is missing of the plan, versions, checksums of the files |
| `summary`, `leaderboard`, `learning_rates`, `log_rank` | as `.csv`, and as `.md` and `.tex` for a text |
| all other `.csv` | tables for further work |
| `metrics.parquet` | every point of every metric, a row each; `seqbench.load` reads it |

A column with an asterisk stands for all that begin like it.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([INTRODUCTION, *(_section(file, columns) for file, columns in FILES.items())])


def _section(file: str, columns: Mapping[str, Column]) -> str:
    rows = [f"| `{name}` | {unit} | {meaning} |" for name, (unit, meaning) in columns.items()]
    return "\n".join([f"## {file}", "", "| column | unit | meaning |", "|---|---|---|", *rows, ""])
