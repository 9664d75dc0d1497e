"""The sections of the lesson, in their order: each a module with its values, and a template of the same name beside it.

What can be touched has a script of the same name, `widgets.NAME` of the element and the data of the section.
`section(material)` gives a `Section`, or `LeftOut` where the record has nothing for it; `TITLE` is its heading.
"""

from seqbench.lesson.sections import (
    bias,
    failures,
    guess,
    layers,
    misconceptions,
    predict,
    task,
    unrolled,
    yours,
)

ORDER = (task, guess, unrolled, bias, layers, failures, misconceptions, yours, predict)
