"""The numbers that documents tell of studies are those of the reference reports."""

import csv
import re
import statistics
from pathlib import Path

import pytest

import seqbench

ROOT = Path(seqbench.__file__).parents[1]
REFERENCE = ROOT / "reports/reference"
GAPS = {f"{task} {gap}": (task, gap) for task in ("adding", "copy") for gap in ("10", "25", "50")}
SENTENCES = {f"{n}, gap {gap}": (f"agreement, attractors={n}", gap) for n in "012" for gap in ("12", "18")}
OWN, COMMON = "gap50 (95 % interval)", "at the common rate"


def tables(path):
    """Of a Markdown file: the rows of each table, as dictionaries by the names of its columns."""
    blocks = re.findall(r"(?:^\|.*\n?)+", path.read_text(), re.MULTILINE)
    found = []
    for block in blocks:
        header, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in block.splitlines()]
        found.append([dict(zip(header, row, strict=True)) for row in rows])
    return found


def rows_of(experiment, name):
    with (REFERENCE / experiment / name).open() as file:
        return list(csv.DictReader(file))


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
    cells = {(row["arm"], row["task"]): row for row in rows_of("families", "summary.csv")}
    document = told("experiments/families/README.md", "adding", "copy", "temporal_order")
    assert set(document) == set(cells)
    for cell, text in document.items():
        kinds = [f"log10_{kind}gradient_at_gap_init" for kind in ("", "input_")]
        exponent = next(float(cells[cell][kind]) for kind in kinds if cells[cell][kind])
        assert float(text) == pytest.approx(exponent, abs=0.0501), cell


@pytest.mark.parametrize(
    ("study", "columns", "experiments"),
    [
        ("gap_sweep", GAPS, {"gap_sweep": "", "gap_sweep_matched": ","}),  # "rnn, 132 units" has its own reference
        ("gradient_flow", {"solved": ("copy", "50")}, {"gradient_flow": ""}),
        ("agreement_sweep", SENTENCES, {"agreement_sweep": ""}),
    ],
)
def test_solved_runs_are_those_that_were_counted(study, columns, experiments):
    counted = {
        (row["arm"] + comma, row["task"], row["gap"]): row["solved"]
        for experiment, comma in experiments.items()
        for row in rows_of(experiment, "summary.csv")
    }
    document = told(f"experiments/{study}/README.md", *columns)
    assert {(arm, *columns[column]): text.split()[0] for (arm, column), text in document.items()} == counted


def test_decays_are_the_medians_of_their_runs():
    decays = {
        "decay per step at init (nats)": ("decay_init", {"solved", "unsolved"}),
        "after training, solved": ("decay_end", {"solved"}),
        "not solved": ("decay_end", {"unsolved"}),
    }
    runs = rows_of("gradient_flow", "runs.csv")
    for (arm, column), text in told("experiments/gradient_flow/README.md", *decays).items():
        name, outcomes = decays[column]
        own = [float(row[name]) for row in runs if row["arm"] == arm and row["outcome"] in outcomes]
        assert text == (f"{statistics.median(own):.3f}" if own else ""), (arm, column)


def test_effective_contexts_are_those_that_were_measured():
    words = "effective context, words"
    measured = {row["arm"]: [float(row[name]) for name in ("words", "low", "high")]
                for row in rows_of("effective_context", "effective_context.csv")}  # fmt: skip
    document = told("experiments/effective_context/README.md", words)
    texts = {(arm, words): "{:.2g} ({:.2g} to {:.2g})".format(*values) for arm, values in measured.items()}
    assert {cell: text for cell, text in document.items() if text} == texts
