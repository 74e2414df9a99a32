"""The quizzes for those who teach: what is asked with its keys, what came of it, and mending it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from grader.course import quizzes
from grader.course.quizzes import Change, QuizGrade, QuizRules, grading, posing, reports, shelf
from grader.errors import BadInput, GraderError
from grader.quiz import html, media, variant
from grader.quiz.question import Kind, Posed
from grader.quiz.question import Quiz as Asked
from grader.quiz.statistics import Item, Statistics, statistics
from grader.store.models import Course, Person, Role
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizRemark, QuizReport, QuizVersion
from grader.text import Text
from webapp.access import allow, here
from webapp.language import language, say
from webapp.quizzes import charts, desk, shown
from webapp.site import reading, site, writing
from webapp.staff.charts import Chart

blueprint = Blueprint("quizbook", __name__)
SHOWN = 500  # lines of a table
NUMBERS = {"minutes": int, "attempts": int, "questions": int, "percent_a_day": float, "floor_percent": float}
NUMBERS |= {"grace_days": float}
FLAGS = ("graded", "shuffle", "hints")
WORDS = ("practice", "counts", "late", "review")
TIMES = ("opens", "due", "closes")


@dataclass(frozen=True)
class Line:
    """One quiz of the list: published, or waiting in the bank of this machine."""

    key: str
    title: Text
    week: int
    row: Quiz | None
    version: QuizVersion | None
    rules: QuizRules
    graded: int
    practised: int
    newer: bool  # the bank holds another content than what is published

    @property
    def published(self) -> bool:
        return self.row is not None


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


# ------------------------------------------------------------------------------------------------- the list


@blueprint.get("/courses/<course>/quizbook")
@allow(Role.ASSISTANT)
def overview(course: str) -> str:
    """All quizzes, the published ones and those that wait."""
    waiting = sum(one.row.decided_at is None for one in reports.of_course(reading(), here().course))
    return render_template("quizzes/staff/list.html", lines=_lines(), waiting=waiting)


@blueprint.get("/courses/<course>/quizbook/<quiz>")
@allow(Role.ASSISTANT)
def results(course: str, quiz: str) -> str:
    """What came of a quiz."""
    row, session = desk.quiz(quiz), reading()
    found = _statistics(session, row)
    shares = _shares(session, row)
    drawn = [charts.scores(shares), charts.scatter(found, _link(quiz)), charts.times(found, _link(quiz))]
    attempts, count = _attempts(session, row)
    return render_template(
        "quizzes/staff/results.html",
        quiz=row,
        tab="results",
        rules=QuizRules.from_json(row.policy),
        found=found,
        between=charts.between,
        charts=[(chart, chart.svg(language())) for chart in drawn if chart.rows],
        attempts=attempts,
        count=count,
        modes=desk.MODES,
    )


# --------------------------------------------------------------------------------------------- the questions


@blueprint.get("/courses/<course>/quizbook/<quiz>/questions")
@allow(Role.ASSISTANT)
def questions(course: str, quiz: str) -> str:
    """Every question in the variant of one seed, with its key."""
    row, book, source = _book(quiz)
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
        in_bank=_waiting(quiz) is not None,
    )


@blueprint.get("/courses/<course>/quizbook/<quiz>/questions/<question>")
@allow(Role.ASSISTANT)
def question(course: str, quiz: str, question: str) -> str:
    """One question: its variants, its key, and what the answers say about it."""
    row, book, source = _book(quiz)
    asked = book.question(question)
    if asked is None:
        abort(404)
    seed = _seed()
    found = None if row is None else _statistics(reading(), row)
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
    _, book, _ = _book(quiz)
    data = book.picture(name)
    if data is None:
        abort(404)
    return Response(data, content_type=media.media_type(name), headers=media.HEADERS)


# ---------------------------------------------------------------------------------------------------- rules


@blueprint.get("/courses/<course>/quizbook/<quiz>/rules")
@allow(Role.ASSISTANT)
def rules(course: str, quiz: str) -> str:
    """When it is open and by which rules; for one that waits, publishing it."""
    return _rules_page(quiz)


@blueprint.post("/courses/<course>/quizbook/<quiz>/rules")
@allow(Role.INSTRUCTOR)
def set_rules(course: str, quiz: str) -> str | AnyResponse | tuple[str, int]:
    """Shows whose score would change, or makes the change."""
    form = request.form
    saves = form.get("verb") == "save"
    try:
        wish, times = _wished(form), _times(form)
        weight = _number(form.get("weight", ""), float, "weight")
        publishes = form.get("publish") == "1" or _row(quiz) is None
        faults = quizzes.prove(desk.bank(), quiz) if publishes and saves else []
        with writing() as session:
            course_row = session.get_one(Course, here().course.id)
            before = _grades(session, course_row, quiz)
            actor = session.get_one(Person, here().person.id)
            how: dict[str, Any] = {"rules": wish, "actor": actor, **times}
            how |= {} if weight is None else {"weight": weight}
            if publishes and saves:
                forced = form.get("forced", "").strip() or None
                quizzes.publish(session, course_row, desk.bank(), quiz, forced=forced, faults=faults, **how)
            elif _row(quiz) is not None:
                quizzes.schedule(session, quizzes.the_quiz(session, course_row, quiz), **how)
            session.flush()
            moved = _moved(before, _grades(session, course_row, quiz))
            if not saves:
                session.rollback()
    except GraderError as error:
        return _rules_page(quiz, wrong=error.text), 400
    if not saves:
        return _rules_page(quiz, moved=moved)
    flash(
        say(
            f"저장했습니다. 점수가 바뀐 사람: {len(moved)}명.",
            f"Saved. {len(moved)} {'person has' if len(moved) == 1 else 'people have'} another score.",
        )
    )
    return redirect(url_for("quizbook.rules", course=course, quiz=quiz), 303)


# --------------------------------------------------------------------------------------------- corrections


@blueprint.get("/courses/<course>/quizbook/<quiz>/corrections")
@allow(Role.ASSISTANT)
def corrections(course: str, quiz: str) -> str:
    """Key corrections of a quiz, and the form for another one."""
    return _corrections(quiz)


@blueprint.post("/courses/<course>/quizbook/<quiz>/corrections")
@allow(Role.INSTRUCTOR)
def correct(course: str, quiz: str) -> AnyResponse | tuple[str, int]:
    """Marks again by a version, in the shadow; with `publish` the bank of this machine becomes a version first."""
    row, form, enqueue = desk.quiz(quiz), request.form, site().jobs.enqueue
    try:
        faults = quizzes.prove(desk.bank(), quiz) if form.get("publish") == "1" else []
        with writing() as session:
            held, actor = session.get_one(Quiz, row.id), session.get_one(Person, here().person.id)
            if form.get("publish") == "1":
                course_row = session.get_one(Course, here().course.id)
                quizzes.publish(session, course_row, desk.bank(), quiz, actor=actor, faults=faults)
            batch = quizzes.remark(session, held, actor=actor, enqueue=enqueue)
    except GraderError as error:
        return _corrections(quiz, error.text), 400
    return redirect(url_for("quizbook.correction", course=course, quiz=quiz, batch=batch), 303)


@blueprint.get("/courses/<course>/quizbook/<quiz>/corrections/<batch>")
@allow(Role.ASSISTANT)
def correction(course: str, quiz: str, batch: str) -> str:
    """Who would have another score."""
    return _correction(quiz, batch)


@blueprint.post("/courses/<course>/quizbook/<quiz>/corrections/<batch>")
@allow(Role.INSTRUCTOR)
def decide(course: str, quiz: str, batch: str) -> AnyResponse | tuple[str, int]:
    """Makes it count, if it is still what was seen; or drops it."""
    _remark(quiz, batch)
    verb = request.form.get("verb")
    if verb not in ("commit", "discard"):
        abort(404)
    try:
        with writing() as session:
            actor = session.get_one(Person, here().person.id)
            if verb == "discard":
                quizzes.discard(session, batch, actor=actor)
            elif _seen(quizzes.compare(session, batch)) != request.form.get("seen"):
                raise BadInput(
                    Text(
                        "그 사이에 결과가 달라졌습니다. 다시 보고 정해 주세요.",
                        "The outcome has changed meanwhile. Look again before you decide.",
                    )
                )
            else:
                quizzes.commit(session, batch, actor=actor, enqueue=site().jobs.enqueue)
    except BadInput as error:
        return _correction(quiz, batch, error.text), 409
    flash(say("반영했습니다.", "It counts now.") if verb == "commit" else say("버렸습니다.", "Dropped."))
    return redirect(url_for("quizbook.correction", course=course, quiz=quiz, batch=batch), 303)


# ----------------------------------------------------------------------------------------------- overrides


@blueprint.post("/courses/<course>/sittings/<sitting>/override")
@allow(Role.INSTRUCTOR)
def override(course: str, sitting: str) -> AnyResponse:
    """Decides on points: of the person's whole quiz, or of the question at `position`; `verb` "undo" takes that
    back."""
    row, form = desk.attempt(sitting, staff=True), request.form
    place = form.get("position", "")
    position = int(place) if place.isascii() and place.isdigit() and len(place) < 5 else None
    undo = form.get("verb") == "undo"
    try:
        points = None if undo else _points(form.get("points", ""))
        with writing() as session:
            attempt = desk.again(session, row)
            quizzes.override(
                session,
                session.get_one(Quiz, attempt.quiz_id or 0),
                session.get_one(Person, attempt.person_id),
                points,
                form.get("reason", ""),
                attempt=None if position is None else attempt,
                position=position,
                actor=session.get_one(Person, here().person.id),
            )
    except BadInput as error:
        flash(say(error.text))
    else:
        flash(say("거두었습니다.", "It is taken back.") if undo else say("점수를 정했습니다.", "The points are set."))
    anchor = "whole" if position is None else f"q{position}"
    return redirect(desk.address(sitting, "quizzes.look", _anchor=anchor), 303)


# ------------------------------------------------------------------------------------------------- reports


@blueprint.get("/courses/<course>/quizreports")
@allow(Role.ASSISTANT)
def reported(course: str) -> str:
    """What takers say is wrong."""
    return render_template("quizzes/staff/reports.html", found=reports.of_course(reading(), here().course)[:SHOWN])


@blueprint.post("/courses/<course>/quizreports/<int:report>")
@allow(Role.ASSISTANT)
def answer(course: str, report: int) -> AnyResponse:
    """Says something to a report; who wrote it reads it."""
    found = next((one.row for one in reports.of_course(reading(), here().course) if one.row.id == report), None)
    if found is None:
        abort(404)
    try:
        with writing() as session:
            actor = session.get_one(Person, here().person.id)
            reports.answer(session, session.get_one(QuizReport, found.id), request.form.get("answer", ""), actor=actor)
    except BadInput as error:
        flash(say(error.text))
    else:
        flash(say("답했습니다.", "Answered."))
    return redirect(url_for("quizbook.reported", course=course, _anchor=f"r{report}"), 303)


# --------------------------------------------------------------------------------------------------- pieces


def _row(key: str) -> Quiz | None:
    found = reading().scalars(select(Quiz).filter_by(course_id=here().course.id, key=key)).first()
    return found if found is not None and found.version_id is not None else None


def _waiting(key: str) -> Asked | None:
    """The quiz as it stands in the bank of this machine; None where it is not there, or cannot be read just now."""
    bank = desk.bank()
    try:
        return bank.load(key) if key in bank.ids() else None
    except GraderError:
        return None


def _newer(key: str, version: QuizVersion) -> bool:
    """Whether the bank holds another content than what is published."""
    found = _waiting(key)
    return found is not None and found.version != version.bank_version


def _book(key: str) -> tuple[Quiz | None, shelf.Book, str]:
    """The quiz as it is published; where it is not, or where `?from=bank` asks for it, as it stands in the bank."""
    row = _row(key)
    if row is not None and request.args.get("from") != "bank":
        return row, shelf.book(reading(), row.version_id or 0), "published"
    bank = desk.bank()
    if key not in bank.ids():
        abort(404)
    try:
        found = shelf.Book(bank.load(key), bank)
    except GraderError as error:
        raise BadInput(error.text) from error  # an author is told what is wrong with the file
    if not found.quiz.keys:
        abort(404)
    return row, found, "bank"


def _lines() -> list[Line]:
    session, about = reading(), here()
    bank = desk.bank()
    waiting = {}
    for key in bank.ids():
        try:
            waiting[key] = bank.load(key)
        except GraderError:
            continue  # `grader quiz lint` says what is wrong with it
    counts: Counter[tuple[int, QuizMode]] = Counter()
    query = select(QuizAttempt.quiz_id, QuizAttempt.mode, func.count()).where(QuizAttempt.course_id == about.course.id)
    for id, mode, count in session.execute(query.group_by(QuizAttempt.quiz_id, QuizAttempt.mode)):
        counts[id or 0, mode] = count
    found = []
    for row in quizzes.quizzes(session, about.course):
        if row.version_id is None:
            continue
        version, known = session.get_one(QuizVersion, row.version_id), waiting.pop(row.key, None)
        newer = known is not None and known.version != version.bank_version
        graded, practised = counts[row.id, QuizMode.GRADED], counts[row.id, QuizMode.PRACTICE]
        rules = QuizRules.from_json(row.policy)
        found.append(Line(row.key, Text.from_json(row.title), row.week, row, version, rules, graded, practised, newer))
    found += [Line(key, one.title, one.week, None, None, QuizRules(), 0, 0, False) for key, one in waiting.items()]
    return found


def _statistics(session: Session, row: Quiz) -> Statistics:
    return statistics(quizzes.results(session, row), quizzes.options(session, row))


def _shares(session: Session, row: Quiz) -> list[float]:
    """Of the points, 0 to 1: the grades, or the first practices where nothing is graded."""
    if QuizRules.from_json(row.policy).graded:
        found = quizzes.grades(session, here().course, quiz=row)
        grades = [by_key[row.key] for member, by_key in found if member.role is Role.STUDENT]
        return [one.score / one.max_score for one in grades if one.status == "graded" and one.max_score]
    by_person: dict[str, list[float]] = {}
    for line in quizzes.results(session, row):
        by_person.setdefault(line.person, []).append(line.share)
    return [sum(shares) / len(shares) for shares in by_person.values()]


def _attempts(session: Session, row: Quiz) -> tuple[Sequence[tuple[QuizAttempt, Person, float | None, float]], int]:
    """The latest first, with points; None while they are not known."""
    of_quiz = QuizAttempt.quiz_id == row.id
    count = session.scalar(select(func.count()).where(of_quiz)) or 0
    query = select(QuizAttempt, Person).join(Person, Person.id == QuizAttempt.person_id).where(of_quiz)
    query = query.order_by(QuizAttempt.mode != QuizMode.GRADED, QuizAttempt.started_at.desc(), QuizAttempt.id.desc())
    rows = session.execute(query.limit(SHOWN)).all()
    marks: dict[int, list[tuple[float, float | None]]] = {}
    ids = [one.id for one, _ in rows]
    hands = grading.by_hand(session, ids)
    items = select(QuizItem.attempt_id, QuizItem.position, QuizItem.weight, QuizItem.share)
    for id, position, weight, share in session.execute(items.where(QuizItem.attempt_id.in_(ids))):
        marks.setdefault(id, []).append((weight, hands.get((id, position), share)))
    found = []
    for attempt, person in rows:
        points, most = grading.total(marks.get(attempt.id, []))
        found.append((attempt, person, points if attempt.submitted_at else None, most))
    return found, count


def _link(key: str) -> charts.Link:
    return lambda question: url_for("quizbook.question", course=here().course.key, quiz=key, question=question)


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


def _rules_page(
    key: str, *, wrong: Text | None = None, moved: Sequence[tuple[str, QuizGrade, QuizGrade]] | None = None
) -> str:
    row, waiting = _row(key), _waiting(key)
    if row is not None:
        title = Text.from_json(row.title)
    elif waiting is not None:
        title = waiting.title
    else:
        abort(404)
    form = request.form if request.method == "POST" else None
    version = reading().get_one(QuizVersion, row.version_id) if row else None
    return render_template(
        "quizzes/staff/rules.html",
        quiz=row,
        key=key,
        title=title,
        tab="rules",
        given=_as_typed(row) if form is None else {name: form.get(name, "") for name in form},
        version=version,
        newer=version is not None and _newer(key, version),
        wrong=wrong,
        moved=moved,
    )


def _as_typed(row: Quiz | None) -> dict[str, str]:
    """The rules as the fields of the form hold them."""
    rules = QuizRules.from_json(row.policy) if row else QuizRules()
    found = {name: "" if value is None else str(value) for name, value in rules.as_json().items()}
    found |= {name: "1" if getattr(rules, name) else "" for name in FLAGS}
    found |= {name: f"{getattr(rules, name):g}" for name, kind in NUMBERS.items() if kind is float}
    zone = ZoneInfo(here().course.timezone)
    for name in TIMES:
        at: datetime | None = getattr(row, name) if row else None
        found[name] = "" if at is None else f"{at.astimezone(zone):%Y-%m-%dT%H:%M}"
    found["weight"] = f"{row.weight:g}" if row else "1"
    return found


def _wished(form: Mapping[str, str]) -> QuizRules:
    """The rules of a form. Raises BadInput."""
    found: dict[str, Any] = {name: form.get(name) == "1" for name in FLAGS}
    found |= {name: form[name] for name in WORDS if name in form}
    for name, kind in NUMBERS.items():
        value = _number(form.get(name, ""), kind, name)
        if value is not None or kind is int:
            found[name] = value
    return QuizRules.from_json(found)


def _points(words: str) -> float:
    found = _number(words, float, say("점수", "points"))
    if found is None:
        raise BadInput(Text("점수를 적어 주세요.", "Say how many points."))
    return float(found)


def _number(words: str, kind: type, name: str) -> Any:
    if not words.strip():
        return None
    try:
        return kind(words.strip())
    except (ValueError, OverflowError) as error:
        raise BadInput(
            Text(f"{name}: '{words[:40]}'은(는) 숫자가 아닙니다.", f"{name}: '{words[:40]}' is no number.")
        ) from error


def _times(form: Mapping[str, str]) -> dict[str, datetime | None]:
    """The times of a form, in the course's zone. Raises BadInput."""
    zone, found = ZoneInfo(here().course.timezone), {}
    for name in TIMES:
        words = form.get(name, "").strip()
        try:
            found[name] = datetime.fromisoformat(words).replace(tzinfo=zone) if words else None
        except ValueError as error:
            raise BadInput(
                Text(f"'{words[:40]}'은(는) 시각이 아닙니다.", f"'{words[:40]}' is no time: 2026-03-09T18:00")
            ) from error
    return found


def _grades(session: Session, course: Course, key: str) -> dict[int, tuple[str, QuizGrade]]:
    """By person: who that is, in words that outlive the session, and the grade."""
    rows = quizzes.grades(session, course)
    return {
        member.person_id: (member.person.name or member.person.email, by_key[key])
        for member, by_key in rows
        if key in by_key
    }


def _moved(
    before: Mapping[int, tuple[str, QuizGrade]], after: Mapping[int, tuple[str, QuizGrade]]
) -> list[tuple[str, QuizGrade, QuizGrade]]:
    """Whose score is another one, from what to what."""
    return [
        (name, before[id][1], grade)
        for id, (name, grade) in after.items()
        if id in before and (before[id][1].score, before[id][1].status) != (grade.score, grade.status)
    ]


def _corrections(key: str, wrong: Text | None = None) -> str:
    row, session = desk.quiz(key), reading()
    version = session.get_one(QuizVersion, row.version_id)
    versions = {one.id: one for one in session.scalars(select(QuizVersion).filter_by(quiz_id=row.id))}
    return render_template(
        "quizzes/staff/corrections.html",
        quiz=row,
        tab="corrections",
        version=version,
        versions=versions,
        newer=_newer(key, version),
        remarks=quizzes.remarks(session, row),
        wrong=wrong,
    )


def _remark(key: str, batch: str) -> QuizRemark:
    """Ends with 404 where this quiz has no such correction."""
    found = reading().get(QuizRemark, batch)
    if found is None or found.quiz_id != desk.quiz(key).id:
        abort(404)
    return found


def _correction(key: str, batch: str, wrong: Text | None = None) -> str:
    row, session = _remark(key, batch), reading()
    changes = quizzes.compare(session, batch) if row.committed_at is None and row.discarded_at is None else []
    return render_template(
        "quizzes/staff/correction.html",
        quiz=desk.quiz(key),
        tab="corrections",
        remark=row,
        version=session.get_one(QuizVersion, row.version_id),
        progress=quizzes.progress(session, batch),
        changes=changes[:SHOWN],
        count=len(changes),
        seen=_seen(changes),
        wrong=wrong,
    )


def _seen(changes: Sequence[Change]) -> str:
    """A word for what a page shows, so that nobody commits another thing than what they looked at."""
    words = [f"{one.person.id}:{one.before.score}:{one.after.score}" for one in changes]
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
