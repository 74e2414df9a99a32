"""The daily quest: today's, and those that were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from grader.course import quests, quizzes
from grader.course.quests import Today
from grader.errors import BadInput
from grader.store.models import Course, Person, Role
from grader.text import Text
from webapp.access import allow, here
from webapp.language import say
from webapp.limits import limiter
from webapp.quizzes import desk, shown, topics
from webapp.site import reading, site, writing

blueprint = Blueprint("quests", __name__)
SHOWN = 14  # earlier quests on the page
REASONS: Mapping[quests.Reason, Text] = {
    quests.Reason.WEAK: Text("지난 과제에서 놓친 주제", "topics that your last notebook missed"),
    quests.Reason.DUE: Text("복습할 때가 된 문제", "to see again"),
    quests.Reason.NEW: Text("새 문제", "new"),
}


@dataclass(frozen=True)
class Line:
    """A question of today's quest."""

    position: int
    title: Text
    verdict: str  # of `shown.Said`; "none" while there is no answer
    topic: str

    @property
    def missed(self) -> bool:
        return self.verdict in ("wrong", "partly")


@blueprint.get("/courses/<course>/quest")
@allow(Role.STUDENT)
def show(course: str) -> str:
    """Today's quest: to begin, to go on with, or what became of it."""
    found = today()
    counts = Counter(one.reason for one in found.plan.chosen) if found.plan else Counter()
    return render_template(
        "quests/show.html",
        today=found,
        why=[(REASONS[reason], counts[reason]) for reason in quests.Reason if counts[reason]],
        nothing=None if found.plan is None or found.plan.chosen else quests.nothing(found.plan),
        lines=_lines(found),
        past=[one for one in found.past if one.day != found.day][:SHOWN],
    )


@blueprint.post("/courses/<course>/quest")
@allow(Role.STUDENT)
@limiter.limit("60/hour")
def begin(course: str) -> Response:
    """Begins it; twice is once."""
    try:
        with writing() as session:
            about = session.get_one(Course, here().course.id)
            person = session.get_one(Person, here().person.id)
            receipt = quests.begin(session, about, person, _folder()).receipt
    except BadInput as error:
        flash(say(error.text))
        return redirect(url_for("quests.show", course=course), 303)
    return redirect(desk.address(receipt), 303)


def today() -> Today:
    """Where who asks stands."""
    return quests.today(reading(), here().course, here().person, _folder())


def card() -> Today | None:
    """What the start page of a course tells a student; None where there is no question in the course yet."""
    found = None if here().staff else today()
    if found is None or not (found.past or (found.plan and (found.plan.chosen or found.plan.next))):
        return None
    return found


def _folder() -> Path:
    return site().home.folder / topics.PUBLISHED


def _lines(found: Today) -> Sequence[Line]:
    if found.begun is None:
        return ()
    session = reading()
    sheet = quizzes.sheet(session, quizzes.by_receipt(session, found.begun.receipt))
    lines = []
    for item in sheet.items:
        verdict = "none" if item.feedback is None or not item.answered else _verdict(item)
        lines.append(Line(item.position, topics.title(item.topic), verdict, item.topic))
    return lines


def _verdict(item: quizzes.Item) -> str:
    said = shown.told(item, item.feedback)
    return "none" if said is None else said.verdict
