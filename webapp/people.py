"""Who is in the course: the list, a file of new people, roles, invitations, and more time."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from grader.course import book as books
from grader.course import decisions, invitations, people
from grader.course.people import BadPeople
from grader.course.publishing import KEEP, When
from grader.errors import BadInput
from grader.store.database import now
from grader.store.models import Assignment, Course, Group, Member, Person, Role
from grader.text import Text
from webapp import hosts, preview
from webapp.access import Link, allow, here
from webapp.forms import Wrong
from webapp.language import say
from webapp.preview import Shown
from webapp.site import reading, writing
from webapp.staff import extending, roster
from webapp.staff.extending import Reached
from webapp.submission import number_of

blueprint = Blueprint("people", __name__)
LINKS = (Link("people.everyone", Text("구성원", "People"), Role.ASSISTANT),)
Page = str | tuple[str, int] | Response
MOST_KEPT = 128 * 1024  # bytes of a file that the page with its preview holds; a larger one is chosen again


class _Back(Exception):
    """Takes the transaction back that it is raised in."""


@blueprint.get("/courses/<course>/people")
@allow(Role.ASSISTANT)
def everyone(course: str) -> str:
    """Everybody, by role."""
    return _list()


@blueprint.post("/courses/<course>/people")
@allow(Role.INSTRUCTOR)
def add(course: str) -> Page:
    """One person more, or the same one brought up to date."""
    form = request.form
    try:
        role = people.role_of(form.get("role") or Role.STUDENT)
        with writing() as session:
            about, who, mine = _course(session)
            email = people.address(form.get("email", ""))
            before = _role_of(session, about, email)
            _must_be_other(who, session, email, before, role)
            roster.must_be_givable(mine, before, role)
            group = form.get("group", "").strip() or None
            out, names = roster.let_out(session), roster.names_elsewhere(session, about)
            row = people.add_person(session, about, email, form.get("name", ""), role, group, actor=who)
            roster.must_stay_out(session, who, out)
            roster.keep_names(session, who, names)
            person = row.person_id
    except BadInput as error:
        return _list(wrong=Wrong("add", error.text)), 400
    flash(
        say("추가했습니다. 초대하면 비밀번호를 정할 수 있습니다.", "Added. With an invitation they can set a password.")
    )
    return redirect(url_for("people.person", course=course, id=person), 303)


@blueprint.post("/courses/<course>/people/import")
@allow(Role.INSTRUCTOR)
def import_file(course: str) -> Page:
    """Everybody of a CSV file, or nobody, with every fault by its line; first shown, then saved."""
    form = request.form
    try:
        data = _file()
        with writing() as session:
            about, who, _ = _course(session)
            found = roster.coming(session, about, data, who)
            seen = hashlib.sha256(repr((data, found)).encode()).hexdigest()
            if form.get("save") != "1" or form.get("seen") != seen:
                raise _Back
    except _Back:
        kept = base64.b64encode(data).decode() if len(data) <= MOST_KEPT else None
        return _list(coming=found, seen=seen, kept=kept)
    except BadPeople as error:
        return _list(faults=error.faults), 400
    except BadInput as error:
        return _list(wrong=Wrong("import", error.text)), 400
    done = found.done
    said = Text(
        f"추가 {done.added}명, 바뀜 {done.changed}명, 그대로 {done.unchanged}명.",
        f"{done.added} added, {done.changed} changed, {done.unchanged} unchanged.",
    )
    flash(say(said))
    return redirect(url_for("people.everyone", course=course), 303)


def _file() -> bytes:
    """What was uploaded, or what the page with the preview kept of it. Raises BadInput."""
    upload = request.files.get("file")
    if upload is not None and upload.filename:
        return bytes(upload.read(people.MAX_CSV + 1))
    try:
        return base64.b64decode(request.form.get("kept", ""), validate=True)
    except ValueError as error:
        raise BadInput(Text("파일을 다시 골라 주세요.", "Choose the file again.")) from error


@blueprint.get("/courses/<course>/people/<int:id>")
@allow(Role.ASSISTANT)
def person(course: str, id: int) -> str:
    """One person: what they have in each assignment, and what may be done about them."""
    return _person(id)


@blueprint.post("/courses/<course>/people/<int:id>/role")
@allow(Role.INSTRUCTOR)
def role(course: str, id: int) -> Page:
    """Another role."""
    try:
        wanted = people.role_of(request.form.get("role", ""))
        with writing() as session:
            about, who, mine = _course(session)
            row = _member(session, about, id)
            if row.person_id == who.id and wanted is not row.role:
                raise BadInput(roster.OWN_ROLE)
            roster.must_be_givable(mine, row.role, wanted)
            people.set_role(session, about, row.person, wanted, actor=who)
    except BadInput as error:
        return _person(id, wrong=Wrong("person", error.text)), 400
    flash(say("역할을 바꿨습니다.", "The role is changed."))
    return _to_person(id)


@blueprint.post("/courses/<course>/people/<int:id>/active")
@allow(Role.INSTRUCTOR)
def active(course: str, id: int) -> Page:
    """Lets somebody out, or in again."""
    on = request.form.get("on") == "1"
    try:
        with writing() as session:
            about, who, _ = _course(session)
            row = _member(session, about, id)
            _must_stand_above(session, who, row.person)
            (people.activate if on else people.deactivate)(session, row.person, actor=who)
    except BadInput as error:
        return _person(id, wrong=Wrong("person", error.text)), 400
    flash(say("다시 활성화했습니다.", "Active again.") if on else say("비활성화했습니다.", "Deactivated."))
    return _to_person(id)


@blueprint.post("/courses/<course>/people/<int:id>/invitation")
@allow(Role.INSTRUCTOR)
def invite(course: str, id: int) -> Page:
    """An address with which the person sets a password; it is shown once, on this answer."""
    try:
        with writing() as session:
            about, who, _ = _course(session)
            row = _member(session, about, id)
            _must_stand_above(session, who, row.person)
            token = invitations.invite(session, row.person, actor=who)
    except BadInput as error:
        return _person(id, wrong=Wrong("person", error.text)), 400
    return _person(id, invitation=hosts.link("signin.invitation", token=token))


@blueprint.post("/courses/<course>/people/<int:id>/score")
@allow(Role.INSTRUCTOR)
def score(course: str, id: int) -> Page:
    """The whole score of an assignment by hand; also of who handed nothing in."""
    reason = request.form.get("reason", "")
    try:
        points = None if request.form.get("undo") else number_of(request.form.get("points", ""))
        with writing() as session:
            about, who, _ = _course(session)
            row, assignment = _member(session, about, id), _assignment(session, about)
            decisions.set_override(session, assignment, row.person, points, reason, actor=who)
    except BadInput as error:
        return _person(id, wrong=Wrong(request.form.get("assignment", ""), error.text)), 400
    flash(
        say("조정을 취소했습니다.", "The earlier decision is taken back.")
        if points is None
        else say(f"{points:g}점으로 조정했습니다.", f"It is {points:g} points now.")
    )
    return _to_person(id)


@blueprint.get("/courses/<course>/extensions")
@allow(Role.ASSISTANT)
def extensions(course: str) -> str:
    """All that were given."""
    return _extensions()


@blueprint.post("/courses/<course>/extensions")
@allow(Role.INSTRUCTOR)
def extend(course: str) -> Page:
    """More time or attempts for a person or a group: first shown, then saved."""
    form = request.form

    def change(session: Session) -> list[Reached]:
        about, who, _ = _course(session)
        assignment, whom = _assignment(session, about), _whom(session, about, form.get("whom", ""))
        given: dict[str, Any] = {name: _moment(form.get(name, ""), about) for name in ("due", "closes")}
        given |= {"attempts": _count(form.get("attempts", "")), "reason": form.get("reason", "")}
        extend = partial(decisions.grant_extension, session, assignment, whom, actor=who, **given)
        return extending.reached(session, about, assignment, whom, extend)

    try:
        shown = preview.tried(form, change, lambda found: [one.told() for one in found])
    except BadInput as error:
        return _extensions(error.text), 400
    if shown is not None:
        return _extensions(preview=shown)
    flash(say("기한을 연장했습니다.", "Extended."))
    return redirect(url_for("people.extensions", course=course), 303)


# -------------------------------------------------------------------------------------------------------- pages


def _list(**more: Any) -> str:
    search, left = request.args.get("q", "").strip()[:200], request.args.get("left") == "1"
    found = roster.roster(reading(), here().course, search, left)
    groups = reading().scalars(select(Group.name).where(Group.course_id == here().course.id).order_by(Group.name)).all()
    page, pages = _page(len(found))
    return render_template(
        "people/list.html",
        found=found,
        shown=found[(page - 1) * roster.PAGE : page * roster.PAGE],
        page=page,
        pages=pages,
        counts=roster.by_role(found),
        search=search,
        left=left,
        groups=groups,
        roles_to_give=_givable(),
        **more,
    )


def _person(id: int, **more: Any) -> str:
    about = here()
    row = _member(reading(), about.course, id)
    return render_template(
        "people/person.html",
        row=row,
        works=roster.works(reading(), about.course, row.person),
        above=roster.may_act_on(reading(), about.person, row.person),
        signs_in=roster.signs_in(reading(), row.person),
        invited=roster.invited_until(reading(), row.person, now(reading())),
        roles_to_give=_givable(),
        **more,
    )


def _extensions(wrong: Text | None = None, preview: Shown[list[Reached]] | None = None) -> str:
    about = here().course
    query = select(Assignment).where(Assignment.course_id == about.id)
    page, pages = _page(roster.extensions_given(reading(), about))
    students = [one for one in books.book(reading(), about).people.values() if one.role is Role.STUDENT and one.active]
    return render_template(
        "people/extensions.html",
        found=roster.extensions(reading(), about, page),
        page=page,
        pages=pages,
        assignments=reading().scalars(query.order_by(Assignment.position, Assignment.id)).all(),
        groups=reading().scalars(select(Group).where(Group.course_id == about.id).order_by(Group.name)).all(),
        members=students,
        wrong=wrong,
        preview=preview,
        filled=request.values,
    )


# -------------------------------------------------------------------------------------------------------- pieces


def _page(count: int) -> tuple[int, int]:
    """Which page of a list of so many lines was asked for, and how many there are."""
    words, pages = request.args.get("page", "1"), max(1, -(-count // roster.PAGE))
    return min(max(int(words) if words.isdecimal() and len(words) < 7 else 1, 1), pages), pages


def _course(session: Session) -> tuple[Course, Person, Role]:
    """The course, who asks, and their role there, in a transaction."""
    about = here()
    row = session.get_one(Member, about.member.id)
    return session.get_one(Course, about.course.id), row.person, row.role


def _member(session: Session, course: Course, id: int) -> Member:
    """The member of this course with that person's id. Ends the request where there is none."""
    found = session.scalars(select(Member).filter_by(course_id=course.id, person_id=id)).first()
    if found is None or found.person.forgotten_at is not None:
        abort(404)
    return found


def _assignment(session: Session, course: Course) -> Assignment:
    return people.assignment(session, course, request.form.get("assignment", ""))


def _must_stand_above(session: Session, who: Person, person: Person) -> None:
    if not roster.may_act_on(session, who, person):
        raise BadInput(
            Text(
                "자기 자신이나, 어느 강좌에서든 자기보다 아래가 아닌 사람은 바꿀 수 없습니다. 관리자에게 부탁하세요.",
                "You cannot do this to yourself, nor to somebody who is not below you in every course that they are "
                "in. Ask an administrator.",
            )
        )


def _must_be_other(who: Person, session: Session, email: str, before: Role | None, after: Role) -> None:
    if who.email == email and before is not after:
        raise BadInput(roster.OWN_ROLE)


def _role_of(session: Session, course: Course, email: str) -> Role | None:
    query = select(Member.role).join(Person, Person.id == Member.person_id)
    return session.scalars(query.where(Member.course_id == course.id, Person.email == email)).first()


def _givable() -> tuple[Role, ...]:
    """The roles that who asks may give."""
    return tuple(one for one in Role if one is not Role.ADMIN or here().member.role is Role.ADMIN)[::-1]


def _to_person(id: int) -> Response:
    return redirect(url_for("people.person", course=here().course.key, id=id), 303)


def _whom(session: Session, course: Course, words: str) -> Person | Group:
    """ "person:7" or "group:2", as the form has it, or an e-mail address. Raises BadInput."""
    kind, _, id = words.partition(":")
    known = id.isdecimal() and len(id) < 10
    if known and kind == "group":
        found = session.scalars(select(Group).filter_by(course_id=course.id, id=int(id))).first()
        if found is None:
            abort(404)
        return found
    if known and kind == "person":
        return _member(session, course, int(id)).person
    return people.member(session, course, words).person


def _moment(words: str, course: Course) -> When:
    """A time of the form, in the course's zone; nothing is what was. Raises BadInput."""
    if not words.strip():
        return KEEP
    try:
        found = datetime.fromisoformat(words.strip())
    except ValueError as error:
        raise BadInput(
            Text(
                f"'{words[:40]}'은(는) 시각이 아닙니다. 2026-03-02T18:00처럼 쓰세요.",
                f"'{words[:40]}' is no time. Write it like 2026-03-02T18:00.",
            )
        ) from error
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(course.timezone))


def _count(words: str) -> int | None:
    if not words.strip():
        return None
    if not words.strip().isdecimal() or len(words) > 6:
        raise BadInput(Text(f"'{words[:40]}'은(는) 횟수가 아닙니다.", f"'{words[:40]}' is no number of attempts."))
    return int(words)
