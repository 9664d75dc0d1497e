"""What is said of a line that Hydra cannot read, of a value that was meant to be several, and of what is no line."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqbench.config import Fault, clipped, shown
from seqbench.config.schema import FORMS
from seqbench.config.settings import NAME

#: A text in quotation marks, within which everything may stand.
TEXT = r"""'(\\.|[^'\\])*'|"(\\.|[^"\\])*\""""
#: As ranges are written elsewhere: 0..9, 0-9, 0:9.
RANGE = r"([0-9]{1,9})\s*(?:\.\.\.?|-|:)\s*([0-9]{1,9})"


def unreadable(line: str, error: Exception, options: Mapping[str, Sequence[str]]) -> str:
    """What is wrong with a line that is not in Hydra's grammar, as far as that is plain to see.

    `options` are the names that each group has.
    """
    key, has_value, value = line.partition("=")
    if group := next((group for group, names in options.items() if line in names), ""):
        plus = "+" if group == "experiment" else ""
        return f"names {'an' if group[0] in 'aeiou' else 'a'} {group}; write {plus}{group}={line}"
    if re.search("[\ud800-\udfff]", line):
        return "holds a byte that is not UTF-8: type it again in a terminal whose encoding is UTF-8"
    without_texts = re.sub(TEXT, "", value)
    if not has_value:
        told = f"it should be {key}=VALUE"
    elif re.search("['\"]", without_texts):
        told = "a quotation mark is not closed"
    elif unbalanced := _unbalanced(without_texts):
        told = unbalanced
    elif re.search(r"[0-9]{4000}", value):
        told = "a number has thousands of digits"
    elif re.search(r"^\s*,|,\s*(,|$)", without_texts):
        told = "a value is missing beside a comma"
    elif re.fullmatch(r"\s*\(.*\)\s*", without_texts):
        told = "several values are written without brackets around them"
    elif key == "name":
        told = FORMS[NAME]
    elif foreign := re.search(r"[=()]|[^\x00-\x7f]", without_texts):
        signs = "any of = ( )" if foreign[0] in "=()" else foreign[0]
        told = f"a text with {signs} in it stands in quotation marks, within those of the shell"
    else:
        told = " ".join(str(error).partition("\n")[0].split())
    return f"cannot be read: {told}"


def _unbalanced(text: str) -> str:
    """Which bracket has no other half."""
    pairs, still_open = {")": "(", "]": "[", "}": "{"}, list[str]()
    for sign in text:
        if sign in pairs.values():
            still_open.append(sign)
        elif sign in pairs and (not still_open or still_open.pop() != pairs[sign]):
            return f"{sign} closes nothing"
    return f"{still_open[-1]} is not closed" if still_open else ""


def several(fault: Fault, value: Any) -> Fault:
    """A fault of the value of an axis, with how to write several where the value looks like that."""
    if not fault.problem.startswith(f"{shown(value)} is not allowed"):
        return fault
    written = ""
    if isinstance(value, Sequence) and value and not isinstance(value, str):
        written = clipped(",".join(map(str, value)))
    elif isinstance(value, str) and (ends := re.fullmatch(RANGE, value)):
        first, last = map(int, ends.groups())
        written = f"range({last + 1})" if first == 0 else f"range({first},{last + 1})"
    return (
        replace(fault, problem=f"{fault.problem}; several values are written {fault.key}={written}")
        if written
        else fault
    )


def require_words(given: Sequence[Any], config_dir: Any) -> None:
    """Raises TypeError where a script gives something else than words and a folder."""
    for one in given:
        if not isinstance(one, str):
            instead = "write make_plan(*words)" if isinstance(one, list | tuple) else 'such as "task=copy", "seed=0,1"'
            raise TypeError(f"make_plan takes words as one types them, and {shown(one)} is none; {instead}")
    if not isinstance(config_dir, str | Path | None):
        raise TypeError(f"config_dir names a folder, and {shown(config_dir)} does not")
