"""The numbers that documents tell of studies are those of the reference reports."""

import csv
import re
from pathlib import Path

import pytest

import seqbench

ROOT = Path(seqbench.__file__).parents[1]
REFERENCE = ROOT / "reports/reference"
OWN, COMMON = "gap50 (95 % interval)", "at the common rate"


def tables(path):
    """Of a Markdown file: the rows of each table, as dictionaries by the names of its columns."""
    blocks = re.findall(r"(?:^\|.*\n?)+", path.read_text(), re.MULTILINE)
    found = []
    for block in blocks:
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(header, row, strict=True)) for row in rows])
    return found


def told(document, *columns):
    """The cells of the one table that has all of these columns, by the first word of their row and the column."""
    (rows,) = [rows for rows in tables(ROOT / document) if set(columns) <= set(rows[0])]
    return {(next(iter(row.values())).split()[0], name): row[name] for row in rows for name in columns}


@pytest.mark.parametrize(
    ("document", "experiment", "columns"),
    [
        ("README.md", "horizon", {"adding": OWN, "copy": OWN, "copy at 0.003": COMMON}),
        (
            "experiments/families/README.md",
            "families_horizon",
            {"adding": OWN, "adding at 0.003": COMMON, "copy": OWN, "copy at 0.003": COMMON},
        ),
        ("docs/cores.md", "families_horizon", {"before training": None, "adding": OWN, "copy": OWN}),
    ],
)
def test_horizons_are_those_that_were_searched_for(document, experiment, columns):
    (board,) = tables(REFERENCE / experiment / "leaderboard.md")
    measured = {(row["arm"], row["task"]): row for row in board}
    compared = {cell: text for cell, text in told(document, *columns).items() if columns[cell[1]]}
    assert len(compared) >= len(board)
    for (arm, column), text in compared.items():
        row = measured[arm, column.split()[0]]
        assert text == (row[OWN] if row[columns[column]] == "the same" != text else row[columns[column]]), (arm, column)


def test_exponents_before_training_are_those_that_were_measured():
    with (REFERENCE / "families/summary.csv").open() as file:
        cells = {(row["arm"], row["task"]): row for row in csv.DictReader(file)}
    document = told("experiments/families/README.md", "adding", "copy", "temporal_order")
    assert set(document) == set(cells)
    for cell, text in document.items():
        kinds = [f"log10_{kind}gradient_at_gap_init" for kind in ("", "input_")]
        exponent = next(float(cells[cell][kind]) for kind in kinds if cells[cell][kind])
        assert float(text) == pytest.approx(exponent, abs=0.0501), cell
