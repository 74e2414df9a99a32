"""The quizzes of a course, as a taker finds them: what is open, what is due, what one has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.course import grades, quizzes
from grader.course.quizzes import QuizRules, Sitting, Standing
from grader.course.quizzes.grading import quizzes as listed
from grader.errors import BadInput
from grader.store.database import now
from grader.store.models import Course, Person, Role
from grader.store.quizzes import Quiz, QuizMode
from webapp.access import allow, here
from webapp.language import say
from webapp.limits import limiter
from webapp.quizzes import desk
from webapp.quizzes.desk import blueprint
from webapp.site import reading, writing

WORDS = {mode.value: mode for mode in (QuizMode.PRACTICE, QuizMode.GRADED)}


@dataclass(frozen=True)
class Card:
    """One quiz at a glance. `running` is the attempt to go on with; `best` the share of the points, of practice where
    the quiz is not graded."""

    standing: Standing
    running: Sitting | None
    best: tuple[float, float] | None

    @property
    def key(self) -> str:
        return self.standing.quiz

    @property
    def may_grade(self) -> bool:
        return QuizMode.GRADED in self.standing.may_start

    @property
    def may_practise(self) -> bool:
        return QuizMode.PRACTICE in self.standing.may_start


@blueprint.get("/courses/<course>/quizzes")
@allow(Role.STUDENT)
def home(course: str) -> str:
    """All quizzes: what is urgent first."""
    cards, at = _cards()
    return render_template("quizzes/home.html", cards=by_urgency(cards), now=at, token=desk.token())


@blueprint.get("/courses/<course>/quizzes/<quiz>")
@allow(Role.STUDENT)
def show(course: str, quiz: str) -> str:
    """The rules of one, and the own attempts."""
    row = desk.quiz(quiz)
    cards, at = _cards()
    card = next((one for one in cards if one.key == row.key), None)
    if card is None:
        abort(404)
    points, total = row.weight * card.standing.max_score, whole(reading(), here().course)
    share = points / total if total and card.standing.rules.graded else None
    return render_template("quizzes/show.html", card=card, now=at, token=desk.token(), modes=desk.MODES, share=share)


@blueprint.post("/courses/<course>/quizzes/<quiz>/start")
@allow(Role.STUDENT)
@limiter.limit("120/hour")
def start(course: str, quiz: str) -> Response:
    """Begins an attempt; the same form again is the same attempt, and so is a graded one that runs."""
    row, mode = desk.quiz(quiz), WORDS.get(request.form.get("mode", ""))
    if mode is None:
        abort(404)
    prepared = quizzes.prepare(reading(), row, here().person, mode)  # while nobody waits for this one's writing
    try:
        with writing() as session:
            begun = quizzes.start(
                session,
                session.get_one(Quiz, row.id),
                session.get_one(Person, here().person.id),
                mode,
                token=request.form.get("token", ""),
                prepared=prepared,
            )
            receipt = begun.receipt
    except BadInput as error:
        flash(say(error.text))
        return redirect(url_for("quizzes.show", course=course, quiz=quiz), 303)
    return redirect(desk.address(receipt), 303)


def whole(session: Session, course: Course) -> float:
    """All points that there are in a course, by their weights: what the share of an assignment or a quiz is of."""
    return sum(one.weight * one.max_score for one in [*grades.assignments(session, course), *listed(session, course)])


def standings(person: Person) -> Sequence[Standing]:
    """Where somebody stands with the graded quizzes of the course, and with others that they have sat at."""
    found = quizzes.mine(reading(), here().course, person)
    return [one for one in found if one.rules.graded or one.sittings]


@blueprint.app_context_processor
def _for_templates() -> dict[str, object]:
    return {"standings_of": standings, "quiz_modes": desk.MODES}


def due(course: Course, person: Person) -> Sequence[Card]:
    """What the start page of a course tells of: graded quizzes that wait for an attempt, and attempts that run."""
    found = [_card(one) for one in quizzes.mine(reading(), course, person)]
    waiting = [one for one in found if (one.running and one.running.mode is QuizMode.GRADED) or _waits(one)]
    return by_urgency(waiting)


def by_urgency(cards: Iterable[Card]) -> list[Card]:
    """Running first, then what can be taken by its due date, then what can only be practised, then the rest."""

    def rank(card: Card) -> tuple[int, float]:
        when = card.standing.window.due or card.standing.window.closes
        kind = 0 if card.running else 1 if card.may_grade else 2 if card.may_practise else 3
        return kind, when.timestamp() if when and kind < 2 else float("inf")

    return sorted(cards, key=rank)


def _waits(card: Card) -> bool:
    return card.may_grade and card.standing.grade.status == "none"


def _cards() -> tuple[list[Card], datetime]:
    session, about = reading(), here()
    at = now(session)
    return [_card(one) for one in quizzes.mine(session, about.course, about.person)], at


def _card(one: Standing) -> Card:
    return Card(one, one.open[0] if one.open else None, _best(one.rules, one))


def _best(rules: QuizRules, one: Standing) -> tuple[float, float] | None:
    if rules.graded:
        return (one.grade.score, one.grade.max_score) if one.grade.status == "graded" else None
    marked = [(line.score, line.max_score) for line in one.sittings if line.score is not None and line.max_score]
    return max(marked, key=lambda pair: pair[0] / pair[1], default=None)
