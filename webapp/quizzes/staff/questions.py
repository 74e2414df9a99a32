"""Every question of a quiz with its key, in any variant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, abort, render_template, request, url_for
from markupsafe import Markup

from grader.course.quizzes import posing, shelf
from grader.errors import BadInput, GraderError
from grader.quiz import html, media, variant
from grader.quiz.question import Kind, Posed
from grader.quiz.statistics import Item
from grader.store.models import Role
from grader.text import Text
from webapp.access import allow, here
from webapp.language import language, say
from webapp.quizzes import charts, shown
from webapp.quizzes.staff import catalogue
from webapp.quizzes.staff.catalogue import blueprint
from webapp.site import reading
from webapp.staff.charts import Chart


@dataclass(frozen=True)
class Preview:
    """One variant of a question with everything that decides, for staff alone."""

    id: str
    kind: str
    topic: str
    difficulty: int
    weight: float
    stem: Markup
    code: Markup | None
    picture: str | None
    alt: str
    options: Sequence[tuple[Markup, bool, Markup | None]]  # as shown, whether it is right, what is said to who takes it
    left: Sequence[Markup]
    right: Markup | None
    wrong: Sequence[tuple[str, Markup]]
    hints: Sequence[Markup]
    explanation: Markup
    values: Mapping[str, Any]
    varies: bool


@blueprint.get("/courses/<course>/quizbook/<quiz>/questions")
@allow(Role.ASSISTANT)
def questions(course: str, quiz: str) -> str:
    """Every question in the variant of one seed, with its key."""
    row, book, source = catalogue.opened(quiz)
    seed = _seed()
    made = [_preview(quiz, book, question.id, seed + n, source) for n, question in enumerate(book.quiz.questions)]
    return render_template(
        "quizzes/staff/questions.html",
        quiz=row,
        key=quiz,
        title=book.quiz.title,
        tab="questions",
        previews=made,
        seed=seed,
        source=source,
        in_bank=catalogue.waiting(quiz) is not None,
    )


@blueprint.get("/courses/<course>/quizbook/<quiz>/questions/<question>")
@allow(Role.ASSISTANT)
def question(course: str, quiz: str, question: str) -> str:
    """One question: its variants, its key, and what the answers say about it."""
    row, book, source = catalogue.opened(quiz)
    asked = book.question(question)
    if asked is None:
        abort(404)
    seed = _seed()
    found = None if row is None else catalogue.figures(reading(), row)
    item = next((one for one in found.items if one.question == question), None) if found else None
    return render_template(
        "quizzes/staff/question.html",
        quiz=row,
        key=quiz,
        title=book.quiz.title,
        tab="questions",
        preview=_preview(quiz, book, question, seed, source),
        more=[_preview(quiz, book, question, seed + n, source) for n in range(1, 6)],
        seed=seed,
        source=source,
        item=item,
        between=charts.between,
        chart=_choice_chart(book, question, item),
    )


@blueprint.get("/courses/<course>/quizbook/<quiz>/pictures/<name>")
@allow(Role.ASSISTANT)
def picture(course: str, quiz: str, name: str) -> Response:
    """A picture of a question, for a preview."""
    _, book, _ = catalogue.opened(quiz)
    data = book.picture(name)
    if data is None:
        abort(404)
    return Response(data, content_type=media.media_type(name), headers=media.HEADERS)


# --------------------------------------------------------------------------------------------------- pieces


def _seed() -> int:
    words = request.args.get("seed", "1")
    return int(words) if words.isascii() and words.isdigit() and len(words) < 10 else 1


def _preview(key: str, book: shelf.Book, id: str, seed: int, source: str) -> Preview:
    asked = book.question(id)
    assert asked is not None
    try:
        found = variant.pose(asked, book.key(id), book.generators, seed)
    except GraderError as error:
        raise BadInput(error.text) from error
    one = found.question
    where = {"course": here().course.key, "quiz": key, "name": one.picture} | (
        {"from": "bank"} if source == "bank" else {}
    )
    address = url_for("quizbook.picture", **where) if one.picture else None  # type: ignore[arg-type]
    right = posing.right(found)
    return Preview(
        id=id,
        kind=one.kind.value,
        topic=one.topic,
        difficulty=one.difficulty,
        weight=found.key.weight,
        stem=html.stem(say(one.stem), picture=lambda name: address if name == one.picture else None),
        code=html.code(one.code) if one.code else None,
        picture=address if one.picture not in say(one.stem) else None,
        alt=say(one.alt) if one.alt else "",
        options=_options(found),
        left=[html.inline(say(option.text)) for option in one.left],
        right=html.stem(say(right)) if right else None,
        wrong=[(_shown(wrong.value), html.inline(say(wrong.text))) for wrong in found.key.wrong],
        hints=[html.inline(say(hint)) for hint in found.key.hints],
        explanation=html.stem(say(found.key.explanation)),
        values=found.values,
        varies=bool(found.key.generator),
    )


def _options(found: Posed) -> list[tuple[Markup, bool, Markup | None]]:
    right = _right(found)
    told = found.key.feedback
    return [
        (html.inline(say(one.text)), one.id in right, html.inline(say(told[one.id])) if one.id in told else None)
        for one in found.question.options
    ]


def _right(found: Posed) -> Sequence[str]:
    """The ids of right choices."""
    if found.question.kind is Kind.CHOICE:
        return posing.accepted(found.key)
    return list(found.key.answer) if found.question.kind is Kind.MULTIPLE else ()


def _shown(value: Any) -> str:
    return variant.shown(value) if isinstance(value, (int, float, str)) else str(value)


def _choice_chart(book: shelf.Book, id: str, item: Item | None) -> tuple[Chart, Markup] | None:
    asked = book.question(id)
    if item is None or not item.choices or asked is None:
        return None
    names = {one.id: Text(shown.plain(one.text.ko), shown.plain(one.text.en)) for one in asked.options}
    chart = charts.choices(item, names, posing.accepted(book.key(id)))
    return chart, chart.svg(language())
