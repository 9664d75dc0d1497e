"""The lesson on paper: questions, and on a page of its own their answers."""

from collections.abc import Sequence

from markupsafe import Markup

from seqbench.lesson.chapters import TEMPLATES, Chapter
from seqbench.lesson.material import Material


def sheet(material: Material, found: Sequence[Chapter]) -> str:
    """All questions of the sections, numbered through."""
    asked = [question for chapter in found if chapter.section for question in chapter.section.questions]
    questions = [
        {"text": question.text, "answer": question.answer, "first": question.first,
         "table": question.table, "filled": question.filled,
         "asked": Markup(question.asked.svg if question.asked else ""),
         "answered": Markup(question.answered.svg if question.answered else "")}
        for question in asked
    ]  # fmt: skip
    return TEMPLATES.get_template("sheet.html").render(
        experiment=material.experiment, task=material.task, questions=questions
    )
