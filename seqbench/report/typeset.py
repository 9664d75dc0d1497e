"""Tables as text: rows for the page, Markdown, and LaTeX (booktabs) for a paper."""

import re
from collections.abc import Hashable

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis import parts, sizes
from seqbench.analysis.outcomes import trained
from seqbench.events import HIDDEN, INPUTS
from seqbench.record import names

HEADINGS = {
    "task": "task", "arm": "arm", "size": "parameters", **{name: name for name in sizes.HEADINGS},
    "gap": "gap", "tally": "solved", "wilson": "95 % interval",
    "median": "median steps to solve", "spent": "steps spent per success",
}  # fmt: skip
"""Columns of a printed summary, of those of `rows`; after them come those of `gradients`."""
VERDICT = ("tally", "wilson", "median", "spent")
"""Of those, what is said of runs that were trained."""
_OF = {HIDDEN: "gradient", INPUTS: "gradient of inputs"}
_WHEN = {"init": "initial", "end_solved": "trained, solved", "end_unsolved": "trained, not solved"}
PAIR_HEADINGS = {
    "task": "task", "faster": "faster", "slower": "slower", "pairs": "pairs of runs", "seeds": "seeds",
    "p_value": "p", "smallest_p": "smallest p",
}  # fmt: skip
_LATEX = {
    "\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}", "·": r"$\cdot$", **{sign: f"\\{sign}" for sign in "&%$#_{}"},
}  # fmt: skip
_POWER, _PLAIN = re.compile(r"(?:([0-9])\$\\cdot\$)?10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)"), str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_NUMBER = re.compile(r"[<>]?\s*-?\d")


def rows(summary: pd.DataFrame) -> list[dict[str, object]]:
    """The rows of `tables.summary_table` with their numbers also as a reader expects them."""
    return [_row(cell) for cell in summary.to_dict("records")]


def _row(cell: dict[str, object]) -> dict[str, object]:
    spent, known = float(cell["steps_spent_per_success"]), bool(cell["finished"])  # type: ignore[arg-type]
    return {
        **cell,
        "gap": cell["gap"] or "none",
        "size": wording.grouped(cell["parameters"]) or "n/a",
        **sizes.texts({name: float(cell[name]) for name in sizes.columns(list(cell))}),  # type: ignore[arg-type]
        "tally": f"{cell['solved']}/{cell['finished']}",
        "median": wording.grouped(cell["median_steps_to_solve"]),
        "wilson": f"{cell['wilson_low']:.2f} to {cell['wilson_high']:.2f}" if known else "no result",
        "spent": "" if not known else wording.count(spent) if np.isfinite(spent) else "no success",
    }


def gradients(summary: pd.DataFrame) -> dict[str, list[str]]:
    """What reaches the evidence, a text per cell under each heading; of states that some cell has it of.

    Nothing reaches the evidence where a task has no gap, and so no one place for it.
    """
    return {
        f"{_OF[state]}, {_WHEN[part.name]}": [_at_gap(cell, state, part) for cell in summary.to_dict("records")]
        for state in _OF
        if summary[[column for part in parts.PARTS for column in _columns(state, part)]].notna().any(axis=None)
        for part in (parts.PARTS[:1] if trained(summary).empty else parts.PARTS)
    }


def _columns(state: str, part: parts.Part) -> list[str]:
    return [parts.column(number, state, part) for number in (names.GRADIENT_AT_GAP, names.ZERO_AT_GAP)]


def _at_gap(cell: dict[Hashable, object], state: str, part: parts.Part) -> str:
    gradient, zero = (float(cell[column]) for column in _columns(state, part))  # type: ignore[arg-type]
    return wording.gradient(gradient, zero) if cell["gap"] else "n/a"


def printed(summary: pd.DataFrame) -> pd.DataFrame:
    """The summary for a reader, all cells text; without the columns of a verdict where no run was trained."""
    shown = [name for name in HEADINGS if name not in VERDICT or len(trained(summary))]
    table = pd.DataFrame(rows(summary), columns=shown).astype(str).rename(columns=HEADINGS)
    return table.assign(**gradients(summary))


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """`paces.pairs_table` for a reader, all cells text."""
    p_values = {key: table[key].map(_p_value) for key in ("p_value", "smallest_p")}
    return table.assign(**p_values).astype(str).rename(columns=PAIR_HEADINGS)[list(PAIR_HEADINGS.values())]


def _p_value(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.2g}"


def markdown(table: pd.DataFrame) -> str:
    """In GitHub's dialect; columns of numbers stand to the right."""
    rule = ["---:" if _is_of_numbers(table[column]) else "---" for column in table]
    cells = [[_in_cell(str(cell)) for cell in line] for line in (table.columns, *table.to_numpy())]
    return "".join(f"| {' | '.join(line)} |\n" for line in (cells[0], rule, *cells[1:]))


def _in_cell(text: str) -> str:
    """In one line, and no element of HTML."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\<", " ".join(text.split("\n")).replace("|", r"\|"))


def latex(table: pd.DataFrame, caption: str, label: str) -> str:
    """A floating table with the package booktabs, which it names in its first line."""
    columns = "".join("r" if _is_of_numbers(table[column]) else "l" for column in table)
    head, *body = (" & ".join(_escaped(str(cell)) for cell in line) for line in [table.columns, *table.to_numpy()])
    lines = [
        r"% \usepackage{booktabs}", r"\begin{table}", r"\centering", rf"\caption{{{_escaped(caption)}}}",
        rf"\label{{{label}}}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule", rf"{head} \\", r"\midrule",
        *(rf"{line} \\" for line in body), r"\bottomrule", r"\end{tabular}", r"\end{table}",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Plain text as LaTeX sets it; powers of ten are formulas."""
    text = "".join(_LATEX.get(sign, sign) for sign in text.replace("\n", " "))
    return _POWER.sub(_formula, text)


def _formula(power: re.Match[str]) -> str:
    digit = rf"{power[1]} \cdot " if power[1] else ""
    return f"${digit}10^{{{power[2].translate(_PLAIN)}}}$"


def _is_of_numbers(column: pd.Series) -> bool:
    """Whether most cells begin with one: 1,250 or > 2,000 or 5/5 or 10⁻⁷."""
    return bool(column.map(lambda cell: _NUMBER.match(str(cell)) is not None).mean() > 0.5)
