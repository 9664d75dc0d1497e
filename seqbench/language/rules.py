"""The rules of the grammar: which word may follow which, word by word, and how often.

sentence  -> opening? subject BETWEEN verb rest [conjunction subject verb rest]
subject   -> determiner adjective{0,2} noun
BETWEEN   -> exactly `gap` words: (phrase | relative)* preverbal?
phrase    -> preposition determiner adjective? noun
relative  -> "that" past adverbs? ("and" past adverbs?)*
preverbal -> adverbs
adverbs   -> degree? adverb
rest      -> object? (phrase | adverbs)?
"""

from collections.abc import Iterator
from typing import NamedTuple

#: The shortest way to place a noun between head and verb: "near the cabinets".
WORDS_PER_NOUN = 3


class State(NamedTuple):
    """The last word: the rule and the part of speech it belongs to, and what must be remembered beside it."""

    rule: str
    part: str
    clause: int = 1
    room: int = 0  # words to come before the verb; within a noun phrase elsewhere, adjectives that may come
    nouns: tuple[int, int] = (0, 0)  # singular and plural nouns to come before the verb


Ways = Iterator[tuple[float, State]]
START, FINAL = State("start", "end"), State("final", "end")
NOUNS = ("noun singular", "noun plural")


def head_of(clause: int, gap: int = 0, attractors: int = 0) -> State:
    """The subject's noun. It is written in the singular: its number is drawn apart, and what follows never asks."""
    return State("head", NOUNS[0], clause, gap, (attractors, attractors))


def ways(state: State, gap: int, attractors: int) -> Ways:
    """The states that may follow, with their weights."""
    match state.rule:
        case "start" | "opening":
            if state.rule == "start":
                yield 0.5, State("opening", "opening")
            yield 1, State("subject", "determiner", room=2)
        case "subject":
            if state.room:
                yield 1, state._replace(part="adjective", room=state.room - 1)
            yield 1, head_of(1, gap, attractors) if state.clause == 1 else head_of(2)
        case "head" | "phrase" | "relative" | "preverbal":
            yield from _to_the_verb(state)
        case "verb" | "object" | "place" | "manner" | "conjunction":
            yield from _from_the_verb(state)


def _to_the_verb(state: State) -> Ways:
    """After the head: whole phrases until no room is left, and then the verb."""
    if state.room:
        following = ((weight, way._replace(room=state.room - 1)) for weight, way in _between(state))
        yield from ((weight, way) for weight, way in following if way.room >= _needed(way))
    elif state.part in (*NOUNS, "past", "adverb") and not sum(state.nouns):
        yield 1, State("verb", "intransitive singular", state.clause)
        yield 1, State("verb", "transitive singular", state.clause)


def _needed(state: State) -> int:
    """Words at least until the verb may come."""
    begun = {"preposition": -1, "determiner": -2, "adjective": -2, "that": 1, "and": 1, "degree": 1}
    return WORDS_PER_NOUN * sum(state.nouns) + begun.get(state.part, 0)


def _between(state: State) -> Ways:
    """Phrases have the weight of the nouns still to come, the rest that of the room they leave: so nouns spread."""
    nouns = sum(state.nouns)
    spare = state.room / WORDS_PER_NOUN - nouns
    match state.part:
        case "noun singular" | "noun plural":
            yield nouns, state._replace(rule="phrase", part="preposition")
            yield spare, state._replace(rule="relative", part="that")
            if state.room <= 2:
                yield spare, state._replace(rule="preverbal", part="adverb" if state.room == 1 else "degree")
        case "preposition":
            yield 1, state._replace(part="determiner")
        case "determiner" | "adjective":
            if state.part == "determiner":
                yield nouns / 2, state._replace(part="adjective")
            for number, part in enumerate(NOUNS):
                left = (state.nouns[0] - (number == 0), state.nouns[1] - (number == 1))
                yield state.nouns[number], state._replace(part=part, nouns=left)
        case "that" | "and":
            yield 1, state._replace(part="past")
        case "past":
            yield nouns, state._replace(rule="phrase", part="preposition")
            for part in ("and", "degree", "adverb"):
                yield spare / 3, state._replace(part=part)
        case "degree":
            yield 1, state._replace(part="adverb")
        case "adverb":
            yield nouns, state._replace(rule="phrase", part="preposition")
            yield spare, state._replace(part="and")


def _from_the_verb(state: State) -> Ways:
    """After a verb: an object where it takes one, then a phrase or an adverb, then an end or a second clause."""
    rule, part, clause = state.rule, state.part, state.clause
    if rule == "conjunction":
        yield 1, State("subject", "determiner", 2, room=1)
    elif part == "transitive singular":
        yield 1, State("object", "determiner", clause, room=1)
    elif part == "preposition":
        yield 1, State("place", "determiner", clause, room=1)
    elif part == "degree":
        yield 1, State("manner", "adverb", clause)
    elif part in ("determiner", "adjective"):
        if state.room:
            yield 0.5, state._replace(part="adjective", room=0)
        yield from ((0.5, state._replace(part=noun, room=0)) for noun in NOUNS)
    else:
        if rule in ("verb", "object"):
            yield 1, State("place", "preposition", clause)
            yield 1, State("manner", "adverb", clause)
            yield 0.5, State("manner", "degree", clause)
        yield 2, FINAL
        if clause == 1:
            yield 1, State("conjunction", "conjunction")
