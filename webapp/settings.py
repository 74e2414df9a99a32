"""What instructors set: the course, the thresholds of the watchlist, and the times and rules of an assignment.

What can move a grade is shown before it is saved: who, from what, to what (`webapp.preview`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.course import grades, publishing, settings, watchlist
from grader.course import policy as policies
from grader.course.policy import Counts, Late, Policy
from grader.course.publishing import KEEP, When
from grader.course.settings import Move
from grader.course.watchlist import Thresholds
from grader.errors import BadInput
from grader.store.models import Assignment, Course, Person, Role
from grader.text import Text
from webapp import preview
from webapp.access import Link, allow, here
from webapp.language import say
from webapp.preview import Form
from webapp.site import reading, writing
from webapp.staff import sheet

blueprint = Blueprint("settings", __name__)
LINKS = (Link("settings.course", Text("설정", "Settings"), Role.INSTRUCTOR),)
MOST_MOVES = 300  # in a preview; all of them are counted
NUMBERS = ("percent_a_day", "floor_percent", "grace_days")
LIMITS = ("attempts", "attempts_a_day")
WORDS = {"late": Late, "counts": Counts}
RULES = {
    "late": Text("늦은 제출", "Late work"),
    "percent_a_day": Text("하루 늦을 때마다 감점 (%)", "Deducted for each late day (%)"),
    "floor_percent": Text("늦어도 인정하는 최소 비율 (%)", "Kept however late it is (%)"),
    "grace_days": Text("감점하지 않는 날수", "Days of grace"),
    "attempts": Text("전체 제출 횟수", "Attempts in all"),
    "attempts_a_day": Text("하루 제출 횟수", "Attempts a day"),
    "counts": Text("성적에 반영하는 제출", "What makes the grade"),
}
CHOICES = {
    "none": Text("감점하지 않음", "Nothing is deducted"),
    "percent": Text("하루마다 감점", "A share for each day"),
    "refuse": Text("받지 않음", "It is not taken"),
    "best": Text("최고 점수 제출", "The best submission"),
    "last": Text("마지막 제출", "The last submission"),
}
THRESHOLDS = {
    "due_days": Text("제출이 없고 마감까지 남은 날", "Nothing handed in, and days until it is due"),
    "ungradable": Text("연속으로 채점하지 못한 횟수", "Attempts in a row that could not be graded"),
    "attempts": Text("연속으로 점수가 오르지 않은 횟수", "Attempts in a row without a better score"),
    "repeats": Text("같은 오개념이 보인 제출 수", "Submissions with the same misconception"),
    "drop_percent": Text("가장 좋은 점수에서 떨어진 정도 (만점의 %)", "Fall from the best score (% of all points)"),
    "inactive_days": Text("제출이 없는 날", "Days without a submission, while others work"),
    "late": Text("늦은 과제 수", "Assignments that were late"),
}
Page = str | tuple[str, int] | Response


@dataclass(frozen=True)
class Total:
    """Somebody whose weighted total (0..1, None without a grade) would be another one, by other weights."""

    person_id: int
    name: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Preview:
    """What a change would do, as `webapp.preview.Shown` names it."""

    moves: Sequence[Move]
    count: int
    totals: Sequence[Total]
    seen: str
    stale: bool


# ---------------------------------------------------------------------------------------------- the course


@blueprint.get("/courses/<course>/settings")
@allow(Role.INSTRUCTOR)
def course(course: str) -> str:
    """All of the course."""
    return _course_page()


@blueprint.post("/courses/<course>/settings")
@allow(Role.INSTRUCTOR)
def change_course(course: str) -> Page:
    """Title, time zone and the rules for all assignments: first shown, then saved."""
    form = request.form

    def change(session: Session) -> None:
        row = session.get_one(Course, here().course.id)
        title = Text(form.get("title_ko", ""), form.get("title_en", ""))
        zone = form.get("timezone", "").strip()
        settings.change_course(session, row, title=title, timezone=zone, policy=_rules(form), actor=_who(session))

    try:
        shown = _try(change, form)
    except BadInput as error:
        return _course_page(filled=form, wrong=error.text), 400
    if shown is not None:
        return _course_page(filled=form, preview=shown)
    flash(say("저장했습니다.", "Saved."))
    return redirect(url_for("settings.course", course=course), 303)


@blueprint.post("/courses/<course>/settings/watchlist")
@allow(Role.INSTRUCTOR)
def change_watchlist(course: str) -> Page:
    """From when on the watchlist speaks; no grade depends on it."""
    form = request.form
    try:
        wanted = Thresholds(**{name: _whole(form.get(name, ""), text) for name, text in THRESHOLDS.items()})
        with writing() as session:
            row = session.get_one(Course, here().course.id)
            watchlist.set_thresholds(session, row, wanted, actor=_who(session))
    except BadInput as error:
        return _course_page(thresholds=form, wrong_watchlist=error.text), 400
    flash(say("저장했습니다.", "Saved."))
    return redirect(url_for("settings.course", course=course) + "#watchlist", 303)


def _course_page(
    filled: Form | None = None,
    thresholds: Form | None = None,
    **more: Any,
) -> str:
    about = here().course
    usual = watchlist.thresholds(reading(), about)
    title = Text.from_json(about.title)
    own = {"title_ko": title.ko, "title_en": title.en, "timezone": about.timezone, **_shown_rules(about.policy)}
    query = select(Assignment).where(Assignment.course_id == about.id).order_by(Assignment.position, Assignment.id)
    return render_template(
        "settings/course.html",
        filled=filled or own,
        thresholds=thresholds or {name: str(getattr(usual, name)) for name in THRESHOLDS},
        usual=Thresholds(),
        assignments=reading().scalars(query).all(),
        zones=sorted(available_timezones()),
        names=THRESHOLDS,
        **_rule_words({}),
        **more,
    )


# ------------------------------------------------------------------------------------------- an assignment


@blueprint.get("/courses/<course>/assignments/<assignment>/settings")
@allow(Role.INSTRUCTOR)
def assignment(course: str, assignment: str) -> str:
    """Its times and rules."""
    return _assignment_page()


@blueprint.post("/courses/<course>/assignments/<assignment>/settings")
@allow(Role.INSTRUCTOR)
def change_assignment(course: str, assignment: str) -> Page:
    """Times, rules, weight and place: first shown, then saved."""
    form = request.form

    def change(session: Session) -> None:
        row = session.get_one(Assignment, here().the_assignment.id)
        zone, who = ZoneInfo(here().course.timezone), _who(session)
        times = {name: _moment(form.get(name, ""), getattr(row, name), zone) for name in ("opens", "due", "closes")}
        weight = _number(form.get("weight", ""), Text("비중", "Weight"))
        publishing.schedule(session, row, actor=who, policy=_rules(form), weight=weight, **times)
        settings.place(session, row, _whole(form.get("position", ""), Text("순서", "Place")), actor=who)

    try:
        shown = _try(change, form)
    except BadInput as error:
        return _assignment_page(filled=form, wrong=error.text), 400
    if shown is not None:
        return _assignment_page(filled=form, preview=shown)
    flash(say("저장했습니다.", "Saved."))
    return redirect(url_for("settings.assignment", course=course, assignment=assignment), 303)


def _assignment_page(filled: Form | None = None, **more: Any) -> str:
    about, row = here().course, here().the_assignment
    zone = ZoneInfo(about.timezone)
    own = {name: _shown_moment(getattr(row, name), zone) for name in ("opens", "due", "closes")}
    own |= {"weight": f"{row.weight:g}", "position": str(row.position), **_shown_rules(row.policy)}
    return render_template("settings/assignment.html", filled=filled or own, **_rule_words(about.policy), **more)


# ----------------------------------------------------------------------------------------------- preview


def _try(change: Callable[[Session], None], form: Form) -> Preview | None:
    """Makes a change if it was seen before: None. Else what it would do. Raises BadInput."""

    def both(session: Session) -> tuple[list[Move], list[Total]]:
        row = session.get_one(Course, here().course.id)
        before = _weights(session, row)
        found = settings.moves(session, row, lambda: change(session))
        return found, _totals(session, row, before, _weights(session, row))

    shown = preview.tried(form, both, _told)
    if shown is None:
        return None
    found, totals = shown.found
    return Preview(found[:MOST_MOVES], len(found), totals[:MOST_MOVES], shown.seen, shown.stale)


def _weights(session: Session, course: Course) -> dict[str, float]:
    query = select(Assignment.key, Assignment.weight).where(Assignment.course_id == course.id)
    return {row.key: row.weight for row in session.execute(query)}


def _totals(session: Session, course: Course, before: Mapping[str, float], after: Mapping[str, float]) -> list[Total]:
    """Whose total other weights move."""
    if before == after:
        return []
    found = []
    for member, by_key in grades.of_course(session, course):
        old, new = sheet.total(by_key, before), sheet.total(by_key, after)
        if old != new:
            found.append(Total(member.person_id, member.person.name or member.person.email, old, new))
    return found


def _told(both: tuple[list[Move], list[Total]]) -> list[Any]:
    found, totals = both
    moved = [(one.person_id, one.assignment, *one.before, *one.after) for one in found]
    return [moved, [(one.person_id, one.before, one.after) for one in totals]]


# ------------------------------------------------------------------------------------------------ fields


def _rule_words(course: Mapping[str, Any]) -> dict[str, Any]:
    """What the rules are called, and what holds where a field is left empty."""
    usual = _shown_rules(policies.merged(course, {}).as_json())
    choices = {name: [one.value for one in kind] for name, kind in WORDS.items()}
    return {"rules": RULES, "choices": choices, "choice_words": CHOICES, "usual_rules": usual, "limits": LIMITS}


def _shown_rules(policy: Mapping[str, Any]) -> dict[str, str]:
    """Rules as the form has them: empty where nothing is said, 0 for no limit."""
    return {field.name: _shown(policy[field.name]) if field.name in policy else "" for field in fields(Policy)}


def _shown(value: Any) -> str:
    return "0" if value is None else value if isinstance(value, str) else f"{value:g}"


def _rules(form: Form) -> dict[str, Any]:
    """The rules that the form names. Raises BadInput."""
    given = {name: form.get(name, "").strip() for name in RULES}
    found: dict[str, Any] = {name: value for name, value in given.items() if value and name in WORDS}
    found |= {name: _number(given[name], RULES[name]) for name in NUMBERS if given[name]}
    found |= {name: _whole(given[name], RULES[name]) or None for name in LIMITS if given[name]}
    return found


def _number(words: str, name: Text) -> float:
    try:
        found = float(words.strip().replace(",", "."))
    except ValueError:
        found = float("nan")
    if not 0 <= found < 1e9 or len(words) > 20:
        raise BadInput(
            Text(
                f"{name.ko}: '{words[:20]}'은(는) 0 이상의 수가 아닙니다.",
                f"{name.en}: '{words[:20]}' is no number of 0 or more.",
            )
        )
    return found


def _whole(words: str, name: Text) -> int:
    text = words.strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > 6:
        raise BadInput(
            Text(
                f"{name.ko}: '{words[:20]}'은(는) 0 이상의 정수가 아닙니다.",
                f"{name.en}: '{words[:20]}' is no whole number of 0 or more.",
            )
        )
    return int(text)


def _moment(words: str, now: datetime | None, zone: ZoneInfo) -> When:
    """A time of the form in the course's zone; None where it is empty. What was not touched stays to the second."""
    text = words.strip()
    if text == _shown_moment(now, zone):
        return KEEP
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            Text(
                f"'{text[:40]}'은(는) 시각이 아닙니다. 2026-03-02T18:00처럼 쓰세요.",
                f"'{text[:40]}' is no time. Write it like 2026-03-02T18:00.",
            )
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _shown_moment(at: datetime | None, zone: ZoneInfo) -> str:
    """As a field of a form has it; seconds where there are any."""
    if at is None:
        return ""
    there = at.astimezone(zone)
    return there.strftime("%Y-%m-%dT%H:%M:%S" if there.second else "%Y-%m-%dT%H:%M")


def _who(session: Session) -> Person:
    return session.get_one(Person, here().person.id)
