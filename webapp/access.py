"""Who may see what. Every view says for whom it is, and what it is about is looked up here, before it runs.

The names of a view's arguments have a meaning: `course` is the key of a course, `assignment` the key of one of its
assignments, `receipt` a submission. A view gets them as words; what they stand for is in `here()`. Whoever is not in
the course, or not in the role, or asks for another student's submission, is told that there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

from flask import Flask, abort, g, redirect, request, url_for
from sqlalchemy import select
from werkzeug.exceptions import NotFound
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response

from grader.course.tokens import Scope
from grader.store.models import Assignment, Course, Member, Person, Role, Submission
from grader.text import Text
from webapp import ways
from webapp.cookie import whose_cookie
from webapp.site import reading

View = TypeVar("View", bound=Callable[..., object])
RANK = {Role.STUDENT: 0, Role.ASSISTANT: 1, Role.INSTRUCTOR: 2, Role.ADMIN: 3}
EVERYBODY, SIGNED_IN = "everybody", "signed in"
MARK = "_for"
SCOPE = "_scope"
TOKENS = "/api/v1/"  # below it programs ask, with a token and never with a cookie


@dataclass(frozen=True)
class Link:
    """An entry of the header: an endpoint that takes a course, for this role and those above. Pages of the blueprints
    `beneath` belong to it, too."""

    endpoint: str
    text: Text
    role: Role
    beneath: tuple[str, ...] = ()

    def current(self) -> str | None:
        """What `aria-current` says of it on this page: it is "page", or leads to where the page belongs, "true"."""
        if request.endpoint == self.endpoint:
            return "page"
        return "true" if request.blueprint in (self.endpoint.partition(".")[0], *self.beneath) else None


@dataclass(frozen=True)
class Here:
    """What a request is about: rows of the request's own look at the store (`webapp.site.reading`)."""

    person: Person
    course: Course
    member: Member
    assignment: Assignment | None = None
    submission: Submission | None = None
    scopes: frozenset[str] | None = None  # of the token; None: somebody is signed in

    @property
    def staff(self) -> bool:
        """Whether who asks is staff here; with a token that is not good for that, nobody is."""
        return self.ranks_as_staff and (self.scopes is None or Scope.STAFF in self.scopes)

    @property
    def ranks_as_staff(self) -> bool:
        return RANK[self.member.role] >= RANK[Role.ASSISTANT]

    @property
    def the_assignment(self) -> Assignment:
        assert self.assignment is not None, "the view takes no assignment"
        return self.assignment

    @property
    def the_submission(self) -> Submission:
        assert self.submission is not None, "the view takes no receipt"
        return self.submission


class Number(IntegerConverter):
    """A number in an address; one that no row can have leads nowhere."""

    def __init__(self, map: Map, max: int = 2**31 - 1) -> None:
        super().__init__(map, max=max)


def allow(role: Role) -> Callable[[View], View]:
    """The view is for members of the course in this role or one above. It takes `course` or `receipt`. A student
    sees the own submissions only; staff see all of the course."""
    return _marked(role)


def signed_in(view: View) -> View:
    """The view is for everybody who is signed in, and about no course."""
    return _marked(SIGNED_IN)(view)


def everybody(view: View) -> View:
    """The view is for the whole world."""
    return _marked(EVERYBODY)(view)


def needs(scope: Scope | None) -> Callable[[View], View]:
    """The view is for programs, with a token that has this scope; None: with any token."""

    def mark(view: View) -> View:
        setattr(view, SCOPE, scope)
        return view

    return mark


def here() -> Here:
    """What this request is about; of a view with `allow`."""
    found: Here = g.here
    return found


def person() -> Person:
    """Who is signed in; of a view with `allow` or `signed_in`."""
    found: Person = g.person
    return found


def begin(app: Flask) -> None:
    """Lets no request through to a view that is not for who asks."""
    app.extensions["links"] = []
    app.url_map.converters["int"] = Number
    app.before_request(_check)
    app.context_processor(lambda: {"here": g.get("here"), "person": g.get("person"), "links": links})


def add_links(app: Flask, links: Iterable[Link]) -> None:
    """More entries for the header."""
    app.extensions["links"].extend(links)


def links() -> list[tuple[str, Text, str | None]]:
    """The entries of the header for who asks, in this course: address, text, and `Link.current`."""
    from flask import current_app

    about: Here | None = g.get("here")
    if about is None:
        return []
    mine = RANK[about.member.role]
    return [
        (url_for(one.endpoint, course=about.course.key), one.text, one.current())
        for one in current_app.extensions["links"]
        if RANK[one.role] <= mine
    ]


def must_be_guarded(app: Flask) -> None:
    """Raises RuntimeError where a view does not say for whom it is."""
    for rule in app.url_map.iter_rules():
        whom = _whom(app, rule.endpoint)
        if whom is None:
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) does not say for whom it is: webapp.access.allow")
        if isinstance(whom, Role) and not rule.arguments & {"course", "receipt"}:
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) is for a role, and takes neither course nor receipt")
        if rule.rule.startswith(TOKENS) and not hasattr(app.view_functions[rule.endpoint], SCOPE):
            raise RuntimeError(f"{rule.endpoint} ({rule.rule}) does not say which scope it needs: webapp.access.needs")


def _whom(app: Flask, endpoint: str) -> Role | str | None:
    if endpoint == "static":
        return EVERYBODY
    found: Role | str | None = getattr(app.view_functions[endpoint], MARK, None)
    return found


def _marked(whom: Role | str) -> Callable[[View], View]:
    def mark(view: View) -> View:
        setattr(view, MARK, whom)
        return view

    return mark


def _check() -> Response | None:
    from flask import current_app

    from webapp.api import bearer

    if request.endpoint is None:
        # the page that says so has a header
        g.person = None if request.path.startswith(TOKENS) else whose_cookie()
        return None
    whom = _whom(current_app, request.endpoint)
    asked = [*(request.view_args or {}).values(), *(word for some in request.args.listvalues() for word in some)]
    if any("\0" in str(word) for word in asked):
        g.person = None
        abort(404)  # a database holds no such words, and need not be asked
    if request.path.startswith(TOKENS):
        g.person, g.scopes = bearer.whose_token()
        if isinstance(whom, Role):
            g.here = _find(g.person, request.view_args or {}, whom)
        bearer.must_have(getattr(current_app.view_functions[request.endpoint], SCOPE))
        return None
    g.person = None if request.endpoint == "static" else whose_cookie()
    if whom == EVERYBODY:
        return None
    if g.person is None:
        if request.method == "GET":
            return redirect(url_for("signin.form", next=request.full_path.rstrip("?")), 303)
        return redirect(url_for("signin.form", next=ways.came_from(), lost=1), 303)  # what was sent is not kept
    if isinstance(whom, Role):
        g.here = _find(g.person, request.view_args or {}, whom)
    return None


def is_still_allowed() -> bool:
    """Whether who asked may still see what they asked for: signed in, active, and in the same place. For an answer
    that goes on for a while, of a view with `allow`."""
    who = whose_cookie()
    if who is None or who.id != person().id:
        return False
    try:
        g.here = _find(who, request.view_args or {}, _role(request.endpoint))
    except NotFound:
        return False
    return True


def _role(endpoint: str | None) -> Role:
    from flask import current_app

    whom = _whom(current_app, endpoint or "")
    assert isinstance(whom, Role), "the view is for no role"
    return whom


def _find(who: Person, words: dict[str, str], least: Role) -> Here:
    """What the address is about. Ends the request with 404 where this person may not know of it."""
    session = reading()
    course, assignment, submission = _rows(words)
    if course is None:
        abort(404)
    member = session.scalars(select(Member).filter_by(course_id=course.id, person_id=who.id)).first()
    if member is None or RANK[member.role] < RANK[least]:
        abort(404)
    found = Here(who, course, member, assignment, submission, g.get("scopes"))
    if submission is not None and submission.person_id != who.id and not found.staff:
        _must_be_staff(found)
    if assignment is not None and assignment.version_id is None and not found.staff:
        abort(404)
    return found


def _must_be_staff(found: Here) -> None:
    """Ends the request: with what its token lacks, where that is all."""
    from webapp.api import bearer

    if found.ranks_as_staff:
        bearer.must_have(Scope.STAFF)
    abort(404)


def _rows(words: dict[str, str]) -> tuple[Course | None, Assignment | None, Submission | None]:
    session = reading()
    if "receipt" in words:
        submission = session.scalars(select(Submission).filter_by(receipt=words["receipt"])).first()
        if submission is None:
            return None, None, None
        assignment = session.get_one(Assignment, submission.assignment_id)
        return session.get_one(Course, assignment.course_id), assignment, submission
    course = session.scalars(select(Course).filter_by(key=words["course"])).first()
    if course is None or "assignment" not in words:
        return course, None, None
    named = select(Assignment).filter_by(course_id=course.id, key=words["assignment"])
    found = session.scalars(named).first()
    return (course, found, None) if found is not None else (None, None, None)
