"""What the course is about, topic by topic: the quizzes that ask about one, and the notebooks that teach it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader import misconception
from grader.assignment import Catalog
from grader.course import publishing, quizzes, teaching
from grader.course.quizzes import refusals, shelf
from grader.course.quizzes.rules import QuizRules
from grader.errors import BadInput, GraderError
from grader.misconception import Topic
from grader.store.database import now
from grader.store.models import Assignment, Course, Person, Role, Version
from grader.store.quizzes import Quiz, QuizVersion
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.limits import limiter
from webapp.presenters import Group
from webapp.quizzes import desk
from webapp.quizzes.desk import blueprint
from webapp.site import reading, site, writing

AT_ONCE = 5  # questions of one practice
PUBLISHED = "published"


@dataclass(frozen=True)
class Lesson:
    """An assignment that teaches a topic, and the functions in which it shows."""

    key: str
    title: Text
    functions: Sequence[str]


@dataclass(frozen=True)
class Source:
    """A quiz with questions on a topic; `refusal` says why it cannot be practised now."""

    key: str
    title: Text
    questions: int
    refusal: Text | None


@blueprint.get("/courses/<course>/topics/<topic>")
@allow(Role.STUDENT)
def topic(course: str, topic: str) -> str:
    """Where a topic is taught, and its questions to practise with."""
    found = _topics().get(topic)
    sources = _sources(topic)
    if found is None and not sources:
        abort(404)
    title = found.title if found else Text(topic, topic)
    return render_template(
        "quizzes/topic.html",
        topic=topic,
        title=title,
        week=found.week if found else 0,
        sources=sources,
        lessons=lessons(topic),
        at_once=AT_ONCE,
        token=desk.token(),
    )


@blueprint.post("/courses/<course>/topics/<topic>/practise")
@allow(Role.STUDENT)
@limiter.limit("120/hour")
def practise(course: str, topic: str) -> Response:
    """Begins a practice of some questions on one topic; the same form again is the same practice."""
    chosen = _questions(topic)
    if not chosen:
        flash(say("지금 연습할 수 있는 문제가 없습니다.", "There is nothing to practise with now."))
        return redirect(url_for("quizzes.topic", course=course, topic=topic), 303)
    for version in {id for id, _ in chosen}:
        quizzes.ready(reading(), version)
    try:
        with writing() as session:
            row = quizzes.quest(
                session,
                session.get_one(Course, here().course.id),
                session.get_one(Person, here().person.id),
                [(session.get_one(QuizVersion, version), question) for version, question in chosen],
                title=title(topic),
                token=request.form.get("token", ""),
            )
            receipt = row.receipt
    except BadInput as error:
        flash(say(error.text))
        return redirect(url_for("quizzes.topic", course=course, topic=topic), 303)
    return redirect(desk.address(receipt), 303)


@blueprint.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"topic_address": topic_address, "practice_for": practice_for}


def topic_address(topic: str) -> str | None:
    """Where to practise a topic in this course; None where no quiz asks about it."""
    if not any(topic == question.topic for _, _, book in _books() for question in book.quiz.questions):
        return None
    return url_for("quizzes.topic", course=here().course.key, topic=topic)


def practice_for(groups: Collection[Group] | None = None) -> Sequence[tuple[Text, str]]:
    """The topics of the request's assignment that can be practised, with where: those of the functions of a report
    that lost points, or all of them."""
    about = here()
    functions = None if groups is None else {one.name for one in groups if one.points < one.max_points}
    version = reading().get(Version, about.the_assignment.version_id or 0)
    if version is None:
        return []
    try:
        found = _taught(version, about.the_assignment.key)
    except (GraderError, KeyError, OSError):
        return []
    wanted = [topic for topic, names in found.items() if functions is None or functions & set(names)]
    return [(title(topic), place) for topic in wanted if (place := topic_address(topic)) is not None]


def title(topic: str) -> Text:
    """A topic by its name in the course; by its id where it has none."""
    found = _topics().get(topic)
    return Text(topic, topic) if found is None else found.title


def lessons(topic: str) -> Sequence[Lesson]:
    """The assignments whose checks know a misconception of this topic; where there is none, those of its week."""
    about, session = here(), reading()
    query = select(Assignment, Version).join(Version, Version.id == Assignment.version_id)
    rows = session.execute(query.where(Assignment.course_id == about.course.id).order_by(Assignment.position))
    checked, of_week = [], []
    for assignment, version in rows:
        try:
            loaded = publishing.unpack(session, version, site().home.folder / PUBLISHED)
            functions = _taught(version, assignment.key).get(topic, ())
        except (GraderError, KeyError, OSError):
            continue  # an old archive without a suite teaches nothing that we could name
        name = Text.from_json(assignment.title)
        if functions:
            checked.append(Lesson(assignment.key, name, functions))
        elif (known := _topics().get(topic)) is not None and known.week == loaded.week:
            of_week.append(Lesson(assignment.key, name, ()))
    return checked or of_week


# --------------------------------------------------------------------------------------------------- pieces


def _taught(version: Version, key: str) -> Mapping[str, Sequence[str]]:
    """By topic the functions that a student writes and whose checks name a misconception of it; of nothing else in a
    suite is the name told."""
    loaded = publishing.unpack(reading(), version, site().home.folder / PUBLISHED)
    found: dict[str, list[str]] = {}
    _, by_function = teaching.taught(site().home.folder / PUBLISHED / version.archive, key)
    for function, topics in by_function.items():
        for topic in sorted(topics) if function in loaded.defines else ():
            found.setdefault(topic, []).append(function)
    return found


def _topics() -> Mapping[str, Topic]:
    """Of the assignments as they were published, else of this machine's."""
    session, about = reading(), here()
    query = select(Version).join(Assignment, Version.id == Assignment.version_id)
    for version in session.scalars(query.where(Assignment.course_id == about.course.id)):
        try:
            publishing.unpack(session, version, site().home.folder / PUBLISHED)
            root = site().home.folder / PUBLISHED / version.archive / publishing.ROOTS[0]
            if found := misconception.topics(root):
                return found
        except (GraderError, KeyError, OSError):
            continue
    try:
        return misconception.topics(Catalog.find().assignments)
    except GraderError:
        return {}


def _books() -> Sequence[tuple[Quiz, QuizVersion, shelf.Book]]:
    session = reading()
    query = select(Quiz, QuizVersion).join(QuizVersion, QuizVersion.id == Quiz.version_id)
    rows = session.execute(query.where(Quiz.course_id == here().course.id).order_by(Quiz.position, Quiz.id)).all()
    return [(quiz, version, shelf.book(session, version)) for quiz, version in rows]


def _sources(topic: str) -> Sequence[Source]:
    found = []
    for quiz, _, book in _books():
        count = sum(question.topic == topic for question in book.quiz.questions)
        if count:
            found.append(Source(quiz.key, Text.from_json(quiz.title), count, _refusal(quiz)))
    return found


def _questions(topic: str) -> Sequence[tuple[int, str]]:
    """Versions and ids of some questions of a topic that may be practised now, in an order of their own each time."""
    open_ = [
        (version.id, question.id)
        for quiz, version, book in _books()
        if _refusal(quiz) is None
        for question in book.quiz.questions
        if question.topic == topic
    ]
    return desk.drawn(open_, AT_ONCE)


def _refusal(quiz: Quiz) -> Text | None:
    session, who = reading(), here().person
    person = session.get_one(Person, who.id)
    return refusals.practice_refusal(session, quiz, person, QuizRules.from_json(quiz.policy), now(session))
