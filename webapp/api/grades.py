"""Grades: the own ones, and for staff the gradebook, as data and as files for other programs."""

from __future__ import annotations

import base64
import tempfile
from pathlib import Path

from flask import Response, request
from sqlalchemy import select

from grader.course import exports
from grader.course.exports import Format, Manifest, Table
from grader.course.exports.table import Entry
from grader.course.tokens import Scope
from grader.errors import BadInput, UnknownAssignment
from grader.store import audit
from grader.store.models import Assignment, Person, Role
from grader.text import Text
from webapp.access import allow, here
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.courses import grade_shape, grades_of_mine, receipts_of
from webapp.api.document import BYTES, operation
from webapp.gradebook import MIME
from webapp.problems import Problem
from webapp.site import reading, writing


@blueprint.get("/v1/courses/<course>/grades")
@allow(Role.STUDENT)
@operation("내 성적", tag="grades", scope=Scope.READ, returns=models.MyGrades)
def grades_mine(course: str) -> models.MyGrades:
    """My grades in a course."""
    found = grades_of_mine()
    receipts = receipts_of(found.values())
    query = (
        select(Assignment)
        .where(Assignment.course_id == here().course.id, Assignment.version_id.is_not(None))
        .order_by(Assignment.position, Assignment.id)
    )
    rows = [
        models.MyGrade(
            **grade_shape(found[one.key], receipts).model_dump(),
            assignment=one.key,
            title=models.Words.of(Text.from_json(one.title)),
            weight=one.weight,
        )
        for one in reading().scalars(query)
        if one.key in found
    ]
    return models.MyGrades(course=here().course.key, grades=rows)


@blueprint.get("/v1/courses/<course>/gradebook")
@allow(Role.ASSISTANT)
@operation("성적부", tag="grades", scope=Scope.STAFF, returns=models.Gradebook, query=models.Which)
def gradebook(course: str) -> models.Gradebook:
    """The gradebook: the active students by the assignments and the graded quizzes."""
    table = _table(checks=False)
    receipts = receipts_of(entry.grade for row in table.rows for entry in row.entries.values())
    return models.Gradebook(
        course=table.course,
        made_at=table.made_at,
        assignments=[
            models.Column(key=one.key, title=models.Words.of(one.title), max_score=one.max_score, weight=one.weight)
            for one in table.assignments
        ],
        quizzes=[
            models.Column(key=one.key, title=models.Words.of(one.title), max_score=one.max_score, weight=one.weight)
            for one in table.quizzes
        ],
        max_total=table.max_total,
        people=[
            models.Row(
                email=row.email,
                name=row.name,
                group=row.group,
                grades={one.key: grade_shape(row.entries[one.key].grade, receipts) for one in table.assignments},
                quizzes={one.key: _of_quiz(row.entries[one.key]) for one in table.quizzes},
                total=table.total(row),
            )
            for row in table.rows
        ],
    )


@blueprint.get("/v1/courses/<course>/gradebook/<format>")
@allow(Role.ASSISTANT)
@operation(
    "다른 프로그램을 위한 성적 파일",
    tag="grades",
    scope=Scope.STAFF,
    returns=(*MIME.values(), BYTES),
    query=models.Which,
    gives_headers={"200": {"Content-Disposition": "A name for the file"}},
)
def export(course: str, format: str) -> Response:
    """The gradebook as a file: csv, xlsx, gradescope, nbgrader, moodle or canvas.

    That somebody took it is noted in the audit log."""
    _, data = _exported(chosen := _format(format))
    answer = Response(data, content_type=MIME.get(chosen.suffix, BYTES))
    answer.headers.set("Content-Disposition", "attachment", filename=f"{course}-{chosen.name}{chosen.suffix}")
    return answer


@blueprint.get("/v1/courses/<course>/gradebook/<format>/bundle")
@allow(Role.ASSISTANT)
@operation("성적 파일과 그 설명", tag="grades", scope=Scope.STAFF, returns=models.Export, query=models.Which)
def export_bundle(course: str, format: str) -> models.Export:
    """The same file with its manifest, which says what it holds and what it could not carry."""
    manifest, data = _exported(_format(format))
    return models.Export(manifest=manifest.as_json(), data=base64.b64encode(data).decode())


def _of_quiz(entry: Entry) -> models.QuizGrade:
    grade = entry.grade
    return models.QuizGrade(
        status=grade.status,  # type: ignore[arg-type]  # one of the words that QuizGrade names
        score=entry.score,
        max_score=grade.max_score,
        late_days=grade.late_days,
        attempts=grade.attempts,
        overridden=grade.overridden,
    )


def _format(name: str) -> Format:
    try:
        return exports.format_of(name)
    except BadInput as error:
        raise Problem("not-found", error.text) from error


def _table(*, checks: bool) -> Table:
    wanted: models.Which = request.context.query  # type: ignore[attr-defined]
    try:
        return exports.gather(reading(), here().course, wanted.assignment, checks=checks)
    except UnknownAssignment as error:
        raise Problem("not-found", error.text) from error


def _exported(format: Format) -> tuple[Manifest, bytes]:
    """Manifest and bytes; notes who took them."""
    table = _table(checks=format.checks)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"{table.course}-{format.name}{format.suffix}"
        manifest, data = exports.write(table, format, file), file.read_bytes()
    who, where = here().person.id, here().course.id
    with writing() as session:
        numbers = {"people": len(table.rows), "assignments": len(table.assignments), "quizzes": len(table.quizzes)}
        person = session.get_one(Person, who)
        audit.record(session, person, "gradebook.export", f"course:{where}", format=format.name, **numbers)
    return manifest, data
