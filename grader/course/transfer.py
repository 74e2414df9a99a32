"""A course as one document, to begin another term or to move to another machine: people, rules, assignments with the
version that is graded now. Submissions and grades are not in it; a backup has them."""

from __future__ import annotations

import base64
import binascii
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from grader.course import people, publishing
from grader.course.people import Actor
from grader.errors import BadInput, GraderError
from grader.store import audit, blobs
from grader.store.database import lock, now
from grader.store.models import Assignment, Course, Member, Version
from grader.text import Text

SCHEMA = 1


def export_course(session: Session, course: Course) -> dict[str, Any]:
    """The course as plain data, schema 1. Of the people those who are active."""
    assignments = session.scalars(
        select(Assignment).where(Assignment.course_id == course.id).order_by(Assignment.position, Assignment.id)
    )
    return {
        "schema": SCHEMA,
        "kind": "course",
        "key": course.key,
        "title": course.title,
        "timezone": course.timezone,
        "policy": course.policy,
        "people": [_person(member) for member in people.members(session, course)],
        "groups": list(people.groups(session, course)),
        "assignments": [_assignment(session, row) for row in assignments],
    }


def _person(member: Member) -> dict[str, Any]:
    return {
        "email": member.person.email,
        "name": member.person.name,
        "role": member.role.value,
        "group": member.group.name if member.group else None,
    }


def _assignment(session: Session, row: Assignment) -> dict[str, Any]:
    version = None if row.version_id is None else session.get_one(Version, row.version_id)
    return {
        "key": row.key,
        "weight": row.weight,
        **{name: _iso(getattr(row, name)) for name in ("opens", "due", "closes")},
        "policy": row.policy,
        "version": None
        if version is None
        else {
            "suite_version": version.suite_version,
            "verified": version.verified,
            "forced": version.forced,
            "archive": base64.b64encode(blobs.get(session, version.archive)).decode(),
        },
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def import_course(
    session: Session,
    data: Mapping[str, Any],
    *,
    key: str | None = None,
    people_too: bool = True,
    actor: Actor,
    at: datetime | None = None,
) -> Course:
    """A new course like the one that `export_course` wrote, under another key where one is given; without its people
    where `people_too` is false. What was proved there is published as such with the reason "imported", since nobody
    has proved it here. Raises BadInput for anything else; nothing is kept then (the caller's transaction ends)."""
    for name in ("courses", "people"):  # before the audit log's lock, as everybody else takes them
        lock(session, name)
    try:
        if data["schema"] != SCHEMA or data["kind"] != "course":
            raise ValueError(f"schema {data['schema']!r}")
        course = people.create_course(
            session,
            key or str(data["key"]),
            Text.from_json(data["title"]),
            timezone=str(data["timezone"]),
            policy=data["policy"],
            actor=actor,
            at=at,
        )
        if people_too:
            for one in data["people"]:
                people.add_person(
                    session,
                    course,
                    one["email"],
                    one["name"],
                    people.role_of(one["role"]),
                    one["group"],
                    actor=actor,
                    at=at,
                )
        for one in data["assignments"]:
            _publish(session, course, one, actor, at)
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error) as error:
        raise BadInput(
            Text(
                f"grader course export로 만든 파일이 아닙니다({error}).",
                f"This is no file that grader course export made ({error}).",
            )
        ) from error
    audit.record(session, actor, "import.course", f"course:{course.id}", people=people_too)
    return course


def _publish(session: Session, course: Course, one: Mapping[str, Any], actor: Actor, at: datetime | None) -> None:
    if one["version"] is None:
        return
    with tempfile.TemporaryDirectory() as name:
        target = Path(name) / "files"
        publishing.extract(base64.b64decode(one["version"]["archive"], validate=True), target)
        from grader.assignment import Catalog

        assignment = Catalog(target / "assignments", target / "reference").load(str(one["key"]))
        if assignment.suite_version != one["version"]["suite_version"]:
            raise GraderError(
                Text(
                    f"{one['key']}: 내용이 적힌 버전과 다릅니다. 파일이 바뀌었습니다.",
                    f"{one['key']}: its content is not of the version that the file says. The file was changed.",
                )
            )
        publishing.publish(
            session,
            course,
            assignment,
            None,
            actor=actor,
            forced=one["version"]["forced"] or "imported",
            **{when: datetime.fromisoformat(one[when]) if one[when] else None for when in ("opens", "due", "closes")},
            policy=one["policy"],
            weight=float(one["weight"]),
            at=at or now(session),
        )
