"""How MLflow shows an experiment: the columns of its table of runs, and its description."""

import json
from collections.abc import Mapping

from seqbench.record import names
from seqbench.wording import printable

#: Characters that a tag of an experiment holds, less some room.
LONGEST = 4900
#: By this line a description is known to be seqbench's; before there was one, by how it began.
OURS = "*seqbench keeps this text up to date for as long as this line stands in it.*"
OURS_BEFORE = "### The memory horizon, as seqbench found it"

#: The columns that MLflow always shows, and those beside them: what a run is, what became of it and how long it took.
#: By MLflow's own names for columns, with their widths.
ALWAYS = {"attributes.`Run Name`": 280, "runDateAndNestInfo": 140}
COLUMNS = {
    "params.`arm`": 120,
    "params.`gap`": 60,
    "params.`seed`": 60,
    f"tags.`{names.OUTCOME}`": 130,
    f"metrics.`{names.STEPS}`": 70,
    f"tags.`{names.LABEL}`": 120,
    f"metrics.`{names.TEST}loss`": 90,
    "params.`task`": 90,
    "params.`training.learning_rate`": 100,
}


def view() -> str:
    """The state of MLflow's table of runs, as its own button to share a view writes it."""
    widths = {**ALWAYS, **COLUMNS}
    return json.dumps({"selectedColumns": list(COLUMNS), "columnOrder": list(widths), "columnWidths": widths})


def at_first(question: str, present: Mapping[str, str]) -> dict[str, str]:
    """The tags that an experiment lacks before its first run begins, beside those that it has."""
    tags = {names.VIEW: view(), **({names.QUESTION: question} if question else {})}
    if names.KIND not in present:
        tags[names.KIND] = names.OF_MODELS
    if names.NOTE not in present and question:
        tags[names.NOTE] = description(question, "", "")
    return _changed(tags, present)


def at_last(question: str, answer: str, report: str, present: Mapping[str, str]) -> dict[str, str]:
    """The tags that are to be set when all runs have ended; what is empty is as it was told before."""
    told = {names.QUESTION: question, names.REPORT: printable(report)}
    tags = {key: value or present.get(key, "") for key, value in told.items()}
    if is_ours(present.get(names.NOTE, "")):
        tags[names.NOTE] = description(tags[names.QUESTION], answer, tags[names.REPORT])
    return _changed({key: value for key, value in tags.items() if value}, present)


def _changed(tags: Mapping[str, str], present: Mapping[str, str]) -> dict[str, str]:
    return {key: value for key, value in tags.items() if present.get(key) != value}


def description(question: str, answer: str, report: str) -> str:
    """In Markdown: what came out, first because MLflow shows one line, what was asked, and where the report is."""
    told = (("Answer", answer), ("Question", question), ("Report", report and f"`{report}`"))
    text = "\n\n".join(f"**{head}:** {each}" for head, each in told if each)
    return f"{printable(text, LONGEST - len(OURS))}\n\n{OURS}"


def is_ours(note: str) -> bool:
    """Whether a description may be replaced: there is none, or nobody made it their own."""
    return not note or OURS in note or note.startswith(OURS_BEFORE)
