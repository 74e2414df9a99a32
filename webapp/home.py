"""The start: one's courses, and what is due in a course."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.course import decisions, grades, policy, seen
from grader.course.grades import Grade
from grader.course.policy import Late, Policy, Refusal, Window
from grader.course.quizzes import reports
from grader.report import Verdict
from grader.store.database import now
from grader.store.models import Assignment, Course, Member, Role, Version
from grader.text import Text
from webapp import presenters, quests, queue, surveys
from webapp.access import Here, Link, allow, here, person, signed_in
from webapp.presenters import Attempt, Work
from webapp.quizzes import home as quizzes
from webapp.site import reading

blueprint = Blueprint("home", __name__)
BENEATH = ("history", "submit", "live", "report", "leaderboard")
LINKS = (Link("home.course", Text("과제", "Assignments"), Role.STUDENT, BENEATH),)


@dataclass(frozen=True)
class Left:
    """How many attempts are left: in all, and today; None where there is no limit."""

    in_all: int | None
    today: int | None


@dataclass(frozen=True)
class Card:
    """One assignment as a student sees it at a glance."""

    key: str
    title: Text
    window: Window
    policy: Policy
    share: float | None  # of all points of the course, quizzes among them
    max_score: float
    grade: Grade
    last: Attempt | None
    left: Left
    refusal: Refusal | None
    over: bool  # the due date
    next: Text
    address: str | None  # where to do it
    comments: int  # of staff, on all attempts
    said_at: str | None  # where they are

    @property
    def calls(self) -> bool:
        """Whether handing in is what to do now: it may still be done, and brings points."""
        graded = self.grade.status == "graded"
        return self.refusal is None and not (graded and (self.over or self.grade.score >= self.grade.max_score))


@dataclass(frozen=True)
class Call:
    """Something that waits for staff: how many of it, and where."""

    text: Text
    count: int
    address: str


@blueprint.get("/")
@signed_in
def start() -> str | Response:
    """The courses of a person; who has one is there at once."""
    query = select(Course, Member.role).join(Member, Member.course_id == Course.id)
    rows = reading().execute(query.where(Member.person_id == person().id).order_by(Course.key)).all()
    if len(rows) == 1:
        return redirect(url_for("home.course", course=rows[0][0].key))
    return render_template("home/start.html", courses=[(row[0], row[1]) for row in rows])


@blueprint.get("/courses/<course>")
@allow(Role.STUDENT)
def course(course: str) -> str:
    """What is due when, what one has, and what to try next."""
    session = reading()
    at = now(session)
    rows = grades.of_course(session, here().course, people=[person().id])
    mine = rows[0][1] if rows else {}
    query = (
        select(Assignment, Version.max_score)
        .join(Version, Version.id == Assignment.version_id)
        .where(Assignment.course_id == here().course.id)
        .order_by(Assignment.position, Assignment.id)
    )
    found = [(one, most) for one, most in session.execute(query)]
    whole = quizzes.whole(session, here().course)
    rows_of = [one for one, _ in found]
    rules = seen.rules_of_all(session, here().course, rows_of, here().person)
    used = seen.attempts_used_in_all(session, rows_of, here().person)
    by_id = {one.id: mine[one.key] for one in rows_of}
    works = presenters.works(session, here().course, here().person, by_id, rules)
    cards = [
        _card(here(), one, most, mine[one.key], whole, at, rules[one.id], used[one.id], works.get(one.id, Work()))
        for one, most in found
    ]
    waiting = () if here().staff else quizzes.due(here().course, person())
    return render_template(
        "home/course.html",
        cards=_by_urgency(cards, at),
        quizzes=waiting,
        quest=quests.card(),
        survey=surveys.waiting(),
        calls=_calls(here()) if here().staff else (),
        now=at,
        Late=Late,
    )


def _calls(about: Here) -> list[Call]:
    """What students wait for an answer to, and runs that nobody could grade."""
    session, course = reading(), about.course
    unanswered = [one for one in reports.of_course(session, course) if one.row.decided_at is None]
    found = (
        Call(
            Text("재검토 요청", "Requests to look again"),
            len(decisions.open_requests(session, course)),
            url_for("gradebook.requests", course=course.key),
        ),
        Call(
            Text("퀴즈 문제 오류 신고", "Reports about quiz questions"),
            len(unanswered),
            url_for("quizbook.reported", course=course.key),
        ),
        Call(
            Text("보류된 채점", "Runs that were set aside"),
            queue.set_aside(course),
            url_for("queue.board", course=course.key),
        ),
    )
    return [one for one in found if one.count]


def _by_urgency(cards: Iterable[Card], at: datetime) -> list[Card]:
    """What can be handed in first, the earliest due date first; then what is closed."""
    far = datetime.max.replace(tzinfo=at.tzinfo)
    late = [(one.over, one.window.due or far) for one in cards]
    order = sorted(zip(late, range(len(late)), cards, strict=True), key=lambda item: item[:2])
    return [card for _, _, card in order]


def _card(
    about: Here,
    one: Assignment,
    most: float,
    grade: Grade,
    whole: float,
    at: datetime,
    rules: seen.Rules,
    used: Sequence[policy.AttemptSeen],
    work: Work,
) -> Card:
    zone, last = ZoneInfo(about.course.timezone), work.attempts[0] if work.attempts else None
    refusal = policy.may_submit(at, rules.window, rules.policy, used, rules.extra_attempts, zone)
    what, address = _next(about, one, last, refusal, work)
    due = rules.window.due
    return Card(
        key=one.key,
        title=Text.from_json(one.title),
        window=rules.window,
        policy=rules.policy,
        share=one.weight * most / whole if whole else None,
        max_score=most,
        grade=grade,
        last=last,
        left=left(rules, used, at, zone),
        refusal=refusal,
        over=due is not None and due < at,
        next=what,
        address=address,
        comments=sum(each.comments for each in work.attempts),
        said_at=_said_at(about, one, work),
    )


def _said_at(about: Here, one: Assignment, work: Work) -> str | None:
    """Where the comments of staff are: at the attempt, or at all where several have some."""
    commented = [each.receipt for each in work.attempts if each.comments]
    if len(commented) == 1:
        return url_for("report.show", receipt=commented[0], _anchor="comments")
    return url_for("history.show", course=about.course.key, assignment=one.key, _anchor="attempts")


def left(rules: seen.Rules, used: Iterable[policy.AttemptSeen], at: datetime, zone: ZoneInfo) -> Left:
    """How many attempts this person has left now."""
    days = [one.received_at.astimezone(zone).date() for one in used if one.counts]
    rule, more = rules.policy, rules.extra_attempts
    in_all = None if rule.attempts is None else max(0, rule.attempts + more - len(days))
    today = None
    if rule.attempts_a_day is not None:
        here_today = at.astimezone(zone).date()
        beyond = sum(max(0, days.count(day) - rule.attempts_a_day) for day in set(days) if day != here_today)
        today = max(0, rule.attempts_a_day + max(0, more - beyond) - days.count(here_today))
    return Left(in_all, today)


def _next(
    about: Here, one: Assignment, last: Attempt | None, refusal: Refusal | None, work: Work
) -> tuple[Text, str | None]:
    """What to try next, and where."""
    hand_in = url_for("submit.form", course=about.course.key, assignment=one.key)
    if last is None:
        if refusal is not None:
            return refusal.text, None
        return Text(
            "노트북을 풀고 첫 제출을 해 보세요.", "Work on the notebook and submit it for a first time."
        ), hand_in
    report = url_for("report.show", receipt=last.receipt)
    if last.state in grades.WAITING:
        return Text("채점하고 있습니다. 진행 상황 보기", "It is being graded. Watch it."), url_for(
            "live.show", receipt=last.receipt
        )
    if last.status != "graded":
        return Text(
            "마지막 제출은 채점되지 않았습니다. 이유를 확인하세요.", "Your last submission has no grade. See why."
        ), report
    lost = [(check.max_points - check.points, check.title) for check in work.lost if check.verdict != Verdict.SKIPPED]
    if not lost:
        return Text("만점을 받았습니다. 더 할 일이 없습니다.", "You have all points. Nothing is left to do."), report
    if refusal is not None:
        return Text("결과 다시 보기", "Read the report again"), report
    title = max(lost, key=lambda item: item[0])[1]  # the check that costs most
    return Text(f"다음에 고칠 검사: {title.ko}", f"Try next: {title.en}"), report
