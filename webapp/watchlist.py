"""Who may need help: a line a reason, with its facts; each can be put away until the facts change."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.course import watchlist
from grader.course.watchlist import Rule
from grader.errors import BadInput
from grader.store.models import Course, Member, Person, Role
from grader.text import Text
from webapp.access import Link, allow, here
from webapp.language import say
from webapp.site import reading, writing

blueprint = Blueprint("watchlist", __name__)
LINKS = (Link("watchlist.shown", Text("관심 목록", "Watchlist"), Role.ASSISTANT),)
RULES = {
    Rule.NOTHING: Text("마감이 가까운데 제출 없음", "Nothing handed in, due soon"),
    Rule.UNGRADABLE: Text("채점할 수 없는 제출", "Cannot be graded"),
    Rule.STUCK: Text("점수가 오르지 않음", "No progress"),
    Rule.MISCONCEPTION: Text("같은 오개념 반복", "Same misconception"),
    Rule.FELL: Text("점수가 떨어짐", "Score fell"),
    Rule.INACTIVE: Text("한동안 활동 없음", "Inactive"),
    Rule.LATE: Text("잦은 지각", "Often late"),
}


class Wrong(NamedTuple):
    """What was wrong with a dismissal, and where its form is."""

    text: Text
    person: int
    rule: str
    about: str


@blueprint.get("/courses/<course>/watchlist")
@allow(Role.ASSISTANT)
def shown(course: str) -> str:
    """All lines that speak now."""
    return _page()


@blueprint.post("/courses/<course>/watchlist")
@allow(Role.ASSISTANT)
def decide(course: str) -> str | tuple[str, int] | Response:
    """Puts a line away with a reason, or brings it back."""
    form = request.form
    rule, about, back = form.get("rule", ""), form.get("about", "")[:128], form.get("back") == "1"
    number = form.get("person", "")
    if rule not in set(Rule) or not number.isdecimal() or len(number) > 9:
        abort(404)
    try:
        with writing() as session:
            row = session.get_one(Course, here().course.id)
            who, person = session.get_one(Person, here().person.id), _student(session, int(number))
            if back:
                watchlist.restore(session, row, person, rule, about, actor=who)
            else:
                mark, reason = form.get("mark", ""), form.get("reason", "")
                watchlist.dismiss(session, row, person, rule, about, mark, reason, actor=who)
    except BadInput as error:
        return _page(Wrong(error.text, int(number), rule, about)), 400
    flash(
        say("다시 목록에 표시했습니다.", "It is on the list again.")
        if back
        else say("상황이 달라질 때까지 숨겼습니다.", "Put away until the facts change.")
    )
    return redirect(url_for("watchlist.shown", course=course), 303)


def _page(wrong: Wrong | None = None) -> str:
    found = watchlist.watchlist(reading(), here().course)
    return render_template(
        "watchlist/shown.html",
        found=found,
        counts=watchlist.counted(found),
        rules=RULES,
        thresholds=watchlist.thresholds(reading(), here().course),
        wrong=wrong,
    )


def _student(session: Session, id: int) -> Person:
    """The member of this course. Ends the request where there is none."""
    found = session.scalars(select(Member).filter_by(course_id=here().course.id, person_id=id)).first()
    if found is None:
        abort(404)
    return found.person
