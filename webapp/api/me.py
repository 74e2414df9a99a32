"""Who asks."""

from __future__ import annotations

from flask import g
from sqlalchemy import select

from grader.store.models import Course, Member, Person
from grader.store.tokens import ApiToken
from grader.text import Text
from webapp.access import person, signed_in
from webapp.api import models
from webapp.api.blueprint import blueprint
from webapp.api.document import operation
from webapp.site import reading


@blueprint.get("/v1/me")
@signed_in
@operation("누구의 토큰이고 무엇을 할 수 있는지", tag="me", scope=None, returns=models.Me, errors=())
def me() -> models.Me:
    """Whose token it is, and what it is good for."""
    row = reading().get_one(ApiToken, g.token)
    return models.Me(
        email=person().email,
        name=person().name,
        token=models.Token.model_validate(row),
        courses=places(person()),
    )


def places(who: Person) -> list[models.Place]:
    """The courses that somebody is in."""
    query = select(Course, Member.role).join(Member, Member.course_id == Course.id)
    rows = reading().execute(query.where(Member.person_id == who.id).order_by(Course.key))
    return [
        models.Place(
            key=course.key,
            title=models.Words.of(Text.from_json(course.title)),
            timezone=course.timezone,
            role=role.value,
        )
        for course, role in rows
    ]
