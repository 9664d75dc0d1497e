"""Why a store failed, in a few words: MLflow's own take hundreds of letters, with the cause among them."""

import re
from collections.abc import Iterator
from http import HTTPStatus

#: What stands before the cause where a library of PostgreSQL's tells it, and where SQLAlchemy and MLflow pass it on.
_BEFORE = r"^(?:[A-Z_]+: )?(?:\([\w.]+\) )?(?:.* failed: (?=\S))?(?:(?:FATAL|ERROR): +)?"
#: As urllib3 says it of a server that answers, and as requests does.
_STATUS = r"too many (\d{3}) error responses|^(\d{3}) (?:Server|Client) Error"


def is_of_store(error: BaseException) -> bool:
    """Whether it comes from MLflow or from what it stands on; told by name, without importing them."""
    packages = {cls.__module__.partition(".")[0] for cls in type(error).__mro__}
    return bool(packages & {"mlflow", "sqlalchemy", "sqlite3", "requests", "urllib3"})


def in_words(error: BaseException, uri: str) -> str:
    """What failed and the innermost reason: "the tracking server http://host does not answer (Connection refused)"."""
    why = reason(error)
    return f"{place(uri)} does not answer ({why})" if _is_silence(error) else f"{place(uri)} failed: {why}"


def place(uri: str) -> str:
    """What a store is, with its address."""
    kinds = {"http": "the tracking server", "postgresql": "the database", "mysql": "the database"}
    return f"{next((kind for scheme, kind in kinds.items() if uri.startswith(scheme)), 'the record in')} {uri}"


def reason(error: BaseException) -> str:
    """The cause at the bottom of all others, in the words of the system or of the store."""
    chain = [*_chain(error)]
    if of_system := [one for one in chain if isinstance(one, OSError) and not is_of_store(one)]:
        last = of_system[-1]
        return last.strerror or str(getattr(last, "reason", last))
    if any(_is_named(one, "Timeout") for one in chain):
        return "timed out"
    return _phrase(str([one for one in chain if is_of_store(one) or one is error][-1]))


def _phrase(text: str) -> str:
    """Of what an exception says, the part that is news."""
    if status := re.search(_STATUS, text):
        number = int(status[1] or status[2])
        return f"it answers {number} {HTTPStatus(number).phrase}"
    return re.sub(_BEFORE, "", text.strip().partition("\n")[0])


def _is_silence(error: BaseException) -> bool:
    """Whether nobody has answered: there may be nothing wrong but the way to the store."""
    return any(_is_named(one, "ConnectionError", "Timeout", "TimeoutError") for one in _chain(error))


def _is_named(error: BaseException, *names: str) -> bool:
    """Whether its class or one that it comes from has such a name, in whatever library."""
    return bool({cls.__name__ for cls in type(error).__mro__} & {*names})


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what it comes of, one after the other; some libraries hand on the one before as an argument."""
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        inner = (getattr(error, "reason", None), *error.args, error.__cause__, error.__context__)
        error = next((one for one in inner if isinstance(one, BaseException)), None)
