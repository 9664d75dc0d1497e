"""The sections of the page, in their order: each a module with its values, and a template of the same name beside it.

`values(found, drawn)` gives what the template shows, or None where the record has nothing for the section. Every
template also knows `experiment`, `gaps` (whether a task has one), `trained` (whether a run was),
`looks` of the arms, `most` rows of a list and the
`figures` by name.
"""

from seqbench.report.sections import (
    answer,
    cells,
    claims,
    failures,
    figures,
    hold,
    learning_rates,
    next_word,
    not_finite,
    problems,
    provenance,
    reach,
    reading,
    scope,
    spread,
    surface,
    time_constants,
    time_to_solve,
    verbs,
)  # fmt: skip

ORDER = (
    answer, next_word, scope, figures, claims, reach, surface, hold, spread, learning_rates, verbs, time_to_solve,
    failures, not_finite, time_constants, cells, reading, problems, provenance,
)  # fmt: skip

MOST_LISTED = 200
"""Runs that a table of the page lists at most; runs.csv has them all."""
