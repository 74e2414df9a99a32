"""Courses, their assignments, and what handing in would cost now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Response, abort
from sqlalchemy import select

from grader.course import grades, policy, publishing, seen
from grader.course.grades import Grade
from grader.course.tokens import Scope
from grader.store import models as tables
from grader.store.database import now
from grader.store.models import Role, Submission, Version
from grader.text import Text
from webapp.access import allow, here, person, signed_in
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.document import BYTES, operation
from webapp.api.me import places
from webapp.history import PUBLISHED
from webapp.home import left
from webapp.report import download
from webapp.site import reading, site


@blueprint.get("/v1/courses")
@signed_in
@operation("내가 있는 강좌", tag="courses", scope=Scope.READ, returns=models.Courses, errors=())
def courses() -> models.Courses:
    """The courses that I am in."""
    return models.Courses(courses=places(person()))


@blueprint.get("/v1/courses/<course>/assignments")
@allow(Role.STUDENT)
@operation("강좌의 과제", tag="courses", scope=Scope.READ, returns=models.Assignments)
def assignments(course: str) -> models.Assignments:
    """The assignments of a course: times, rules, what handing in would cost now, my grade."""
    session, at = reading(), now(reading())
    query = (
        select(tables.Assignment)
        .where(tables.Assignment.course_id == here().course.id, tables.Assignment.version_id.is_not(None))
        .order_by(tables.Assignment.position, tables.Assignment.id)
    )
    mine = grades_of_mine()
    return models.Assignments(assignments=[_assignment(one, at, mine) for one in session.scalars(query)])


@blueprint.get("/v1/courses/<course>/assignments/<assignment>")
@allow(Role.STUDENT)
@operation("과제 하나", tag="courses", scope=Scope.READ, returns=models.Assignment)
def assignment(course: str, assignment: str) -> models.Assignment:
    """One assignment: times, rules, what handing in would cost now, my grade."""
    return _assignment(here().the_assignment, now(reading()), grades_of_mine())


@blueprint.get("/v1/courses/<course>/assignments/<assignment>/notebook")
@allow(Role.STUDENT)
@operation("풀 노트북 파일", tag="courses", scope=Scope.READ, returns=(BYTES,))
def assignment_notebook(course: str, assignment: str) -> Response:
    """The notebook to work on; not before the assignment opens."""
    about, session = here(), reading()
    one = about.the_assignment
    rules = seen.rules_of(session, about.course, one, about.person)
    early = rules.window.opens is not None and now(session) < rules.window.opens
    if one.version_id is None or (early and not about.staff):
        abort(404)
    version = session.get_one(Version, one.version_id)
    published = publishing.unpack(session, version, site().home.folder / PUBLISHED)
    return download(published.notebook.read_bytes(), f"{one.key}.ipynb")


def grades_of_mine() -> dict[str, Grade]:
    """The grades of who asks, by assignment."""
    rows = grades.of_course(reading(), here().course, people=[here().person.id])
    return rows[0][1] if rows else {}


def grade_shape(grade: Grade, receipts: Mapping[int, str]) -> models.Grade:
    """A grade for an answer. `receipts` by the submission's id."""
    return models.Grade(
        status=grade.status,  # type: ignore[arg-type]  # one of the words that Grade names
        score=grade.score if grade.status == "graded" else None,
        max_score=grade.max_score,
        late_days=grade.late_days,
        kept_share=grade.kept_share,
        attempts=grade.attempts,
        overridden=grade.overridden,
        receipt=receipts.get(grade.submission_id or 0),
    )


def receipts_of(found: Iterable[Grade]) -> dict[int, str]:
    """The receipts of the submissions that count, by id."""
    ids = [grade.submission_id for grade in found if grade.submission_id is not None]
    rows = reading().execute(select(Submission.id, Submission.receipt).where(Submission.id.in_(ids)))
    return {row.id: row.receipt for row in rows}


def _assignment(one: tables.Assignment, at: datetime, mine: Mapping[str, Grade]) -> models.Assignment:
    about, session = here(), reading()
    zone = ZoneInfo(about.course.timezone)
    rules = seen.rules_of(session, about.course, one, about.person)
    used = seen.attempts_used(session, one, about.person)
    refusal = policy.may_submit(at, rules.window, rules.policy, used, rules.extra_attempts, zone)
    late, remaining = policy.lateness(at, rules.window, rules.policy, zone), left(rules, used, at, zone)
    grade = mine.get(one.key)
    version = None if one.version_id is None else session.get_one(Version, one.version_id)
    return models.Assignment(
        course=about.course.key,
        key=one.key,
        title=models.Words.of(Text.from_json(one.title)),
        weight=one.weight,
        max_score=0.0 if version is None else version.max_score,
        window=models.Window.model_validate(rules.window),
        rules=models.Rules.model_validate(rules.policy.as_json()),
        now=at,
        cost=models.Cost(
            attempts_left=remaining.in_all,
            attempts_left_today=remaining.today,
            late_days=late.days,
            kept_share=late.share,
            refusal=None
            if refusal is None
            else models.Refusal(why=refusal.why.value, text=models.Words.of(refusal.text), next_at=refusal.next_at),
        ),
        grade=None if grade is None else grade_shape(grade, receipts_of([grade])),
    )
