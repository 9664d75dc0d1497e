"""Hydra's own options and settings: the few that mean something here, and the way to go instead of each other."""

from collections.abc import Sequence

from seqbench.config import Fault, nearest

#: Options that are taken. They are written out: Hydra would take a beginning, and what is done before it would not.
TAKEN = (
    "--help", "-h", "--version", "--config-dir", "-cd", "--cfg", "-c", "--resolve", "--package", "-p", "--info", "-i",
    "--multirun", "-m",
)  # fmt: skip
#: Those of them that take the next word, and those that do if it is no setting.
WITH_VALUE, WITH_OR_WITHOUT = ("--config-dir", "-cd", "--cfg", "-c", "--package", "-p"), ("--info", "-i")
_OWN_FILES = "--config-dir FOLDER adds files of your own; one of them is chosen by +experiment=NAME"
_HELP = "--help lists what can be typed"
REFUSED = {
    "--config-name": _OWN_FILES,
    "-cn": _OWN_FILES,
    "--config-path": _OWN_FILES,
    "-cp": _OWN_FILES,
    "--experimental-rerun": "the same command goes on where it stopped; with rerun=true it starts over",
    "--hydra-help": _HELP,
    "--shell-completion": _HELP,
    "-sc": _HELP,
    "--run": "a command runs without it",
    "-r": "a command runs without it",
}

#: The one setting of Hydra's that is taken on a command line, and those that are in a file.
TYPED, FILED = ("hydra.searchpath",), ("hydra.searchpath", "hydra.sweeper.params")
_FOLDERS = "reports=FOLDER says where reports go, MLFLOW_TRACKING_URI where the record is"
_SETTINGS = "--cfg job prints every setting, dry_run=true every run"
INSTEAD = {
    "run": _FOLDERS,
    "sweep": _FOLDERS,
    "output_subdir": _FOLDERS,
    "job": "runs stay in the folder that the command is typed in, and name=NAME names their experiment",
    "verbose": _SETTINGS,
    "job_logging": _SETTINGS,
    "hydra_logging": _SETTINGS,
    "launcher": "executor=NAME says who carries out the runs, executor.workers=N how many at a time",
    "sweeper": "several values make an axis: task.gap=10,20",
    "mode": "one value or several make a run or a sweep",
    "callbacks": "nothing is called between runs",
}


def refused(words: Sequence[str]) -> list[Fault]:
    """A fault for every option among these words that is not taken."""
    options = [word.partition("=")[0] for word in words if word.startswith("-")]
    return [Fault(option, _instead_of(option)) for option in options if option not in TAKEN]


def settings_first(words: Sequence[str]) -> list[str]:
    """The same words with all options at the end: argparse takes settings from one place alone."""
    settings, options, before = list[str](), list[str](), ""
    for word in words:
        is_value = before in WITH_VALUE or (before in WITH_OR_WITHOUT and "=" not in word)
        (options if is_value or word.startswith("-") else settings).append(word)
        before = word
    return [*settings, *options]


def _instead_of(option: str) -> str:
    known = (*TAKEN, *REFUSED)
    full = [other for other in known if other == option or (len(option) > 2 and other.startswith(option))]
    if full and full[0] in REFUSED:
        return f"is not taken; {REFUSED[full[0]]}"
    if full:
        return f"write it out: {full[0]}"
    return f"there is no such option{nearest(option, TAKEN)}"


def is_hydras(key: str) -> bool:
    """Whether a key is that of a setting or group of Hydra's own."""
    return key.replace("/", ".").partition(".")[0] == "hydra"


def cannot_be_set(key: str) -> str:
    """Why a setting of Hydra's is refused, with the way that works here."""
    first = key.replace("/", ".").split(".")[1:2]
    instead = INSTEAD.get("".join(first), f"of Hydra's settings, {TYPED[0]} alone means something here")
    return f"cannot be set; {instead}"
