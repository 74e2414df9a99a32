"""What the course is about, topic by topic: a lesson on it, the cells of the notebooks that teach it, and the quizzes
that ask about it. Whoever missed a question is led here (`relearn`)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import abort, flash, g, redirect, render_template, request, url_for
from markupsafe import Markup
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader import misconception
from grader.assignment import Assignment as Loaded
from grader.assignment import Catalog
from grader.course import publishing, quizzes, teaching
from grader.course.quizzes import refusals, seen, shelf
from grader.course.quizzes.rules import QuizRules
from grader.course.seen import rules_of_all
from grader.errors import BadInput, GraderError
from grader.misconception import Cell, Topic
from grader.quiz import html, lesson
from grader.store.database import now
from grader.store.models import Assignment, Course, Person, Role, Version
from grader.store.quizzes import Quiz, QuizVersion
from grader.text import Text
from webapp import released
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
class Place:
    """A cell of a released notebook, by what it is headed, and its address."""

    title: Text
    address: str


@dataclass(frozen=True)
class Taught:
    """An assignment that teaches a topic: its cells on it, and the functions in which it shows."""

    key: str
    title: Text
    functions: Sequence[str]
    cells: Sequence[Place] = ()


@dataclass(frozen=True)
class Relearn:
    """Where what was missed is learnt again: the page of its topic, and a cell of each notebook that teaches it."""

    title: Text
    address: str
    cells: Sequence[tuple[Text, Place]]  # with the title of the assignment


@dataclass(frozen=True)
class _Notebook:
    """A published assignment as it was released."""

    row: Assignment
    version: Version
    loaded: Loaded
    may_read: bool  # it has opened, or staff asks


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
    """What there is to know about a topic, where it is taught, and its questions to practise with."""
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
        said=_said(topic),
        sources=sources,
        taught=taught(topic),
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
    return {
        "topic_address": topic_address,
        "practice_address": practice_address,
        "practice_for": practice_for,
        "relearn": relearn,
    }


def topic_address(topic: str) -> str | None:
    """Where to practise a topic in this course; None where no quiz asks about it."""
    if not any(topic == question.topic for _, _, book in _books() for question in book.quiz.questions):
        return None
    return url_for("quizzes.topic", course=here().course.key, topic=topic)


def practice_address(topic: str) -> str | None:
    """The same, where something of it may be practised by who asks, now."""
    if topic not in _open_topics():
        return None
    return url_for("quizzes.topic", course=here().course.key, topic=topic)


def practice_for(groups: Collection[Group] | None = None) -> Sequence[tuple[Text, str]]:
    """The topics of the request's assignment that may be practised now, with where: those that the groups of a report
    which lost points are about, or all of them. A group of which nothing is known is about the whole assignment."""
    about = here()
    lost = None if groups is None else [one.name for one in groups if one.points < one.max_points]
    version = reading().get(Version, about.the_assignment.version_id or 0)
    if version is None or lost == []:
        return []
    try:
        by_group = _by_group(version, about.the_assignment.key)
    except (GraderError, KeyError, OSError):
        return []
    whole = frozenset[str]().union(*by_group.values())
    wanted = whole if lost is None else frozenset[str]().union(*(by_group.get(name) or whole for name in lost))
    places = [(topic, practice_address(topic)) for topic in _in_order(wanted)]
    return [(title(topic), place) for topic, place in places if place is not None]


def title(topic: str) -> Text:
    """A topic by its name in the course; by its id where it has none."""
    found = _topics().get(topic)
    return Text(topic, topic) if found is None else found.title


def relearn(topic: str) -> Relearn | None:
    """Where to learn again what a missed question was about; None for a topic that nothing is known of."""
    kept: dict[str, Relearn | None] = g.setdefault("relearn", {})
    if topic not in kept:
        kept[topic] = _relearn(topic)
    return kept[topic]


def taught(topic: str) -> Sequence[Taught]:
    """The assignments of the course with the cells that teach this topic; where none has one, those whose checks know
    a misconception of it. Of a topic without a lesson also those of its week, which is better than nothing."""
    wanted, known = _cells(topic), _topics().get(topic)
    with_cells, checked, of_week = [], [], []
    for one in _notebooks():
        name, functions = Text.from_json(one.row.title), _functions(one).get(topic, ())
        if cells := _places(one, wanted):
            with_cells.append((wanted.index(cells[0][0]), Taught(one.row.key, name, (), [place for _, place in cells])))
        elif functions:
            checked.append(Taught(one.row.key, name, functions))
        elif known is not None and known.week == one.loaded.week:
            of_week.append(Taught(one.row.key, name, ()))
    best = [found for _, found in sorted(with_cells, key=lambda pair: pair[0])]
    return best or checked or (of_week if _said(topic) is None else [])


# --------------------------------------------------------------------------------------------------- pieces


def _relearn(topic: str) -> Relearn | None:
    if topic not in _topics() and topic_address(topic) is None:
        return None
    address = url_for("quizzes.topic", course=here().course.key, topic=topic)
    return Relearn(title(topic), address, [(one.title, one.cells[0]) for one in taught(topic) if one.cells])


def _said(topic: str) -> Markup | None:
    """The lesson on a topic, of this machine's assignments: it may be made better without publishing anything."""
    found = lesson.lesson(Catalog.find().assignments, topic)
    return None if found is None else html.stem(say(found))


def _cells(topic: str) -> Sequence[Cell]:
    """The cells that teach a topic: of this machine's topics, which may be mended at any time, and as published."""
    known = (topics.get(topic) for topics in (_own_topics(), _topics()))
    return list(dict.fromkeys(cell for one in known if one is not None for cell in one.cells))


def _places(one: _Notebook, wanted: Sequence[Cell]) -> Sequence[tuple[Cell, Place]]:
    """Those of the cells that are in this notebook and may be read now."""
    mine = [cell for cell in wanted if cell.assignment == one.row.key]
    if not mine or not one.may_read:
        return ()
    try:
        headings = released.headings(one.loaded.notebook)
    except (GraderError, OSError):
        return ()
    read = url_for("history.read", course=here().course.key, assignment=one.row.key)
    found = [(cell, headings[cell.id]) for cell in mine if cell.id in headings]
    return [(cell, Place(head.title, f"{read}#{released.anchor(head.number)}")) for cell, head in found]


def _notebooks() -> Sequence[_Notebook]:
    """The published assignments of the course, in its order; what they hold does not change within a request."""
    if "notebooks" not in g:
        g.notebooks = _unpacked()
    found: Sequence[_Notebook] = g.notebooks
    return found


def _unpacked() -> Sequence[_Notebook]:
    about, session = here(), reading()
    query = select(Assignment, Version).join(Version, Version.id == Assignment.version_id)
    rows = session.execute(query.where(Assignment.course_id == about.course.id).order_by(Assignment.position)).all()
    rules = rules_of_all(session, about.course, [row for row, _ in rows], about.person)
    at, found = now(session), []
    for row, version in rows:
        try:
            loaded = publishing.unpack(session, version, site().home.folder / PUBLISHED)
        except (GraderError, KeyError, OSError):
            continue  # an archive that cannot be read teaches nothing that we could name
        opens = rules[row.id].window.opens
        found.append(_Notebook(row, version, loaded, about.staff or opens is None or opens <= at))
    return found


def _functions(one: _Notebook) -> Mapping[str, Sequence[str]]:
    """Of an old archive without a suite none."""
    try:
        return _taught(one.version, one.row.key)
    except (GraderError, KeyError, OSError):
        return {}


def _taught(version: Version, key: str) -> Mapping[str, Sequence[str]]:
    """By topic the functions that a student writes and whose checks name a misconception of it; of nothing else in a
    suite is the name told."""
    loaded = publishing.unpack(reading(), version, site().home.folder / PUBLISHED)
    found: dict[str, list[str]] = {}
    for function, topics in _by_group(version, key).items():
        for topic in sorted(topics) if function in loaded.defines else ():
            found.setdefault(topic, []).append(function)
    return found


def _by_group(version: Version, key: str) -> Mapping[str, frozenset[str]]:
    """By group of checks what it is about."""
    folder = site().home.folder / PUBLISHED
    publishing.unpack(reading(), version, folder)
    return teaching.taught(folder / version.archive, key).topics


def _in_order(topics: Collection[str]) -> Sequence[str]:
    """As the course goes through them."""
    order = {topic: place for place, topic in enumerate(_topics())}
    return sorted(topics, key=lambda topic: (order.get(topic, len(order)), topic))


def _open_topics() -> Collection[str]:
    """Those with a question that who asks may practise now."""
    if "open_topics" not in g:
        session, about = reading(), here()
        at, others = now(session), seen.others(session, about.course)
        sits = refusals.under_way(session, about.person.id, at).versions
        g.open_topics = {
            question.topic
            for quiz, version, book in _books()
            if not refusals.practice_barred(
                quiz, QuizRules.from_json(quiz.policy), others[quiz.id], version.id in sits, at
            )
            for question in book.quiz.questions
        }
    found: Collection[str] = g.open_topics
    return found


def _topics() -> Mapping[str, Topic]:
    """Of the assignments as they were published, else of this machine's."""
    if "topics" not in g:
        g.topics = _published_topics() or _own_topics()
    found: Mapping[str, Topic] = g.topics
    return found


def _published_topics() -> Mapping[str, Topic]:
    for one in _notebooks():
        try:
            if found := misconception.topics(_root(one.loaded)):
                return found
        except (GraderError, OSError):
            continue
    return {}


def _own_topics() -> Mapping[str, Topic]:
    try:
        return misconception.topics(Catalog.find().assignments)
    except GraderError:
        return {}


def _root(loaded: Loaded) -> Path:
    """The folder of assignments that an unpacked one lies in, which holds the topics that it was published with."""
    return loaded.folder.parent


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
