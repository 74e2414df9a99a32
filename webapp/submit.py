"""Handing in: choose a file, see what it will cost, confirm.

The file goes to the store with the first form, and the second form names it by its hash in a word that we sign, so
that nobody hands in what they did not upload. Nothing is a submission before it is confirmed; what never is goes after
a day (`grader.store.blobs.clear`). The second form also carries a token made with it: sent twice, it is one submission.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from itsdangerous import BadData, URLSafeTimedSerializer
from sqlalchemy import select
from werkzeug.wrappers import Response

from grader.course import meant, policy, seen, submissions
from grader.course.policy import Lateness, Refusal
from grader.errors import BadInput
from grader.notebook import MAX_BYTES
from grader.report import Status
from grader.store import blobs
from grader.store.database import now
from grader.store.models import Assignment, Person, Role, Source, Submission
from grader.text import Text
from webapp import limits, presenters
from webapp.access import allow, here
from webapp.home import Left, left
from webapp.language import say
from webapp.limits import limiter
from webapp.site import reading, site, writing

blueprint = Blueprint("submit", __name__)
GOOD_FOR_S = 6 * 3600
NONE = Text("파일을 고르지 않았습니다.", "No file was chosen.")
EMPTY = Text("파일이 비어 있습니다.", "The file is empty.")
GONE = Text(
    "올린 파일의 보관 기간이 지났습니다. 다시 골라 주세요.",
    "The file that you uploaded is no longer here. Please choose it again.",
)


@dataclass(frozen=True)
class Terms:
    """What a submission costs at a moment."""

    at: datetime
    rules: seen.Rules
    left: Left
    late: Lateness
    refusal: Refusal | None


@dataclass(frozen=True)
class Same:
    """An earlier attempt with the same bytes, counted from 1; `score` is None of one without a grade."""

    number: int
    receipt: str
    score: float | None


@dataclass(frozen=True)
class Upload:
    """A file that waits to be confirmed."""

    sha256: str
    filename: str
    size: int
    looks_right: bool
    repeats: bool  # the same bytes as the latest submission
    same: Same | None  # or as an earlier one
    says: str | None  # the other assignment that it says it is of, although it may be this one's
    word: str


@blueprint.get("/courses/<course>/assignments/<assignment>/submit")
@allow(Role.STUDENT)
def form(course: str, assignment: str) -> str:
    """Choose a file."""
    return _form()


@blueprint.post("/courses/<course>/assignments/<assignment>/submit")
@allow(Role.STUDENT)
@limiter.limit("60/hour")
@limits.upload
def upload(course: str, assignment: str) -> str | tuple[str, int]:
    """Takes the file, and says what handing it in will cost."""
    terms = _terms()
    if terms.refusal is not None:
        return _form(), 409
    file = request.files.get("notebook")
    if file is None or not file.filename:
        return _form(NONE), 400
    data = file.read(MAX_BYTES + 1)
    if not data:
        return _form(EMPTY), 400
    if len(data) > MAX_BYTES:
        return _form(_too_large(len(data))), 413
    latest, name = _latest(), submissions.file_name(file.filename)
    repeats = latest is not None and latest.notebook == blobs.name_of(data)
    other = None if repeats else meant.elsewhere(reading(), here().the_assignment, data)
    if other is not None and other.plainly:
        return _form(meant.refusal(other, here().the_assignment), there=other.row), 409
    with writing() as session:
        sha256 = blobs.put(session, data)
    found = Upload(
        sha256,
        name,
        len(data),
        data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") and b'"cells"' in data,
        repeats,
        None if repeats else _same(data),
        None if other is None else other.name,
        _signer().dumps([sha256, name, secrets.token_hex(16)]),
    )
    return render_template("submit/confirm.html", upload=found, terms=terms, title=_title())


@blueprint.post("/courses/<course>/assignments/<assignment>/confirm")
@allow(Role.STUDENT)
@limiter.limit("60/hour")
def confirm(course: str, assignment: str) -> Response | tuple[str, int]:
    """Hands the uploaded file in; the same form again is the same submission."""
    try:
        sha256, name, token = _signer().loads(request.form.get("upload", ""), max_age=GOOD_FOR_S)
    except BadData:
        return _form(GONE), 400
    try:
        with writing() as session:
            received = submissions.submit(
                session,
                session.get_one(Assignment, here().the_assignment.id),
                session.get_one(Person, here().person.id),
                blobs.get(session, sha256),
                name,
                Source.WEB,
                token=token,
                enqueue=site().jobs.enqueue,
            )
            receipt = received.submission.receipt
    except KeyError:
        return _form(GONE), 400
    except BadInput as error:  # the rules, as they are now
        return _form(error.text), 409
    if received.duplicate:
        flash(
            say(
                "앞서 제출한 노트북과 같은 파일이므로 같은 제출로 처리했습니다. 제출 횟수는 줄지 않았습니다.",
                "We have exactly this notebook already, so this is the same submission. No attempt was spent.",
            )
        )
    else:
        flash(say("제출되었습니다. 접수 번호를 보관해 두세요.", "We have it. Keep the receipt number."))
    return redirect(url_for("live.show", receipt=receipt), 303)


# -------------------------------------------------------------------------------------------------- pieces


def _form(wrong: Text | None = None, *, there: Assignment | None = None) -> str:
    """The form; `there` is the assignment that the file belongs to, which it leads to."""
    return render_template(
        "submit/form.html", terms=_terms(), wrong=wrong, there=there, title=_title(), most=MAX_BYTES // 2**20
    )


def _title() -> Text:
    return Text.from_json(here().the_assignment.title)


def _terms() -> Terms:
    session, about = reading(), here()
    at, zone = now(session), ZoneInfo(about.course.timezone)
    one = about.the_assignment
    rules = seen.rules_of(session, about.course, one, about.person)
    used = seen.attempts_used(session, one, about.person)
    refusal = policy.may_submit(at, rules.window, rules.policy, used, rules.extra_attempts, zone)
    late = policy.lateness(at, rules.window, rules.policy, zone)
    return Terms(at, rules, left(rules, used, at, zone), late, refusal)


def _latest() -> Submission | None:
    about = here()
    query = select(Submission).filter_by(assignment_id=about.the_assignment.id, person_id=about.person.id)
    return reading().scalars(query.order_by(Submission.received_at.desc(), Submission.id.desc()).limit(1)).first()


def _same(data: bytes) -> Same | None:
    about = here()
    found = submissions.earlier(reading(), about.the_assignment, about.person, data)
    if found is None:
        return None
    run = presenters.shown_run(reading(), found.submission)
    graded = run.status == Status.GRADED.value
    return Same(found.number, found.submission.receipt, run.score if graded else None)


def _signer() -> URLSafeTimedSerializer:
    """Signs for this person and this assignment alone."""
    about = here()
    salt = f"upload:{about.person.id}:{about.the_assignment.id}"
    return URLSafeTimedSerializer(current_app.secret_key or b"", salt=salt)


def _too_large(size: int) -> Text:
    limit = MAX_BYTES // 2**20
    return Text(
        f"파일이 {size / 2**20:,.1f} MB로 너무 큽니다. {limit} MB까지입니다. 모든 출력을 지우고 저장해 주세요.",
        f"The file has {size / 2**20:,.1f} MB, and at most {limit} MB can be submitted. Clear all outputs and save it.",
    )
