"""Signing in and out, invitations, and changing one's password."""

from __future__ import annotations

import time
from datetime import datetime

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask_limiter import RequestLimit
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse

from grader.course import invitations, tokens
from grader.errors import BadInput
from grader.store.models import Course, Member, Person
from grader.text import Text
from webapp import cookie, known, passwords, ways
from webapp.access import everybody, person, signed_in
from webapp.language import say
from webapp.limits import FAILURES, limiter, place
from webapp.security import page_of_error
from webapp.site import reading, writing

blueprint = Blueprint("signin", __name__)
WRONG = Text(
    "이메일이나 비밀번호가 맞지 않습니다. 비밀번호를 잊었으면 강사에게 새 초대를 요청하세요.",
    "The e-mail address or the password is wrong. If you forgot it, ask your instructor for a new invitation.",
)
GONE = Text(
    "이 초대 주소는 더는 쓸 수 없습니다. 비밀번호를 이미 정했으면 로그인하고, 아니면 강사에게 새 초대를 요청하세요.",
    "This invitation works no more. If you have set a password, sign in; else ask your instructor for a new one.",
)
UNLIKE = Text("두 비밀번호가 서로 다릅니다.", "The two passwords differ.")


def _too_many_failures(limit: RequestLimit) -> Response:
    """The form again: too many have failed from here, whoever they were."""
    left = max(1, int(limit.reset_at - time.time()) + 1)
    minutes = -(-left // 60)
    wait = f"{minutes} minute{'s' if minutes > 1 else ''}"
    said = Text(
        f"이 네트워크에서 로그인에 실패한 횟수가 너무 많습니다. {minutes}분 뒤에 다시 로그인하세요. 전에 로그인한 적이 "
        "있는 브라우저에서는 지금도 로그인할 수 있습니다.",
        f"Too many have failed to sign in from this network. Sign in again in {wait}. In a browser in which you signed "
        "in before you can do so now.",
    )
    answer = make_response(sheet(request.form.get("email", "").strip()[:320], said), 429)
    answer.headers["Retry-After"] = str(left)
    return answer


def _is_known() -> bool:
    return known.is_known(request.form.get("email", "").strip().lower())


def _same_place() -> str:
    """A stranger elsewhere who tries somebody's address does not keep them out."""
    return f"{_same_address()} from:{place()}"


def _failed_from() -> str:
    return f"failed from:{place()}"


def _failed(answer: Response) -> bool:
    return answer.status_code == 401


def _same_address() -> str:
    return f"email:{request.form.get('email', '').strip().lower()[:320]}"


@blueprint.get("/sign-in")
@everybody
def form() -> str | AnyResponse:
    """The form; who is signed in already goes on."""
    if g.person is not None:
        return redirect(next_address())
    return sheet()


@blueprint.post("/sign-in")
@everybody
@limiter.limit("600/minute")  # a class of hundreds signs in at once, from one address
@limiter.limit("6/minute", key_func=_same_place)
@limiter.limit("60/hour", key_func=_same_place)
@limiter.limit("600/hour", key_func=_same_address)  # guessing from many places
@limiter.limit(  # one password for many addresses; who is known here does not suffer for what others do
    FAILURES, key_func=_failed_from, exempt_when=_is_known, deduct_when=_failed, on_breach=_too_many_failures
)
def sign_in() -> str | AnyResponse | tuple[str, int]:
    """Right address and password: a new session."""
    email = request.form.get("email", "").strip().lower()
    known = select(Person).where(Person.email == email)
    who = None if "\0" in email else reading().scalars(known).first()  # a database holds no such words
    if not passwords.is_right(reading(), who, request.form.get("password", "")) or who is None:
        return sheet(email, WRONG), 401
    return welcome(who, next_address())


@blueprint.post("/sign-out")
@everybody
def sign_out() -> AnyResponse:
    """Ends this session."""
    token = request.cookies.get(cookie.name())
    if token:
        with writing() as store:
            passwords.sign_out(store, token)
    session.clear()
    answer = redirect(url_for("signin.form"), 303)
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    answer.delete_cookie(cookie.name(), samesite="Lax", httponly=True, secure=secure)
    return answer


@blueprint.get("/invitations/<token>")
@everybody
@limiter.limit("120/minute")  # a class begins at once, from one address
def invitation(token: str) -> str:
    """Where an invited person sets a password."""
    return _invitation(_invited(token))


@blueprint.post("/invitations/<token>")
@everybody
@limiter.limit("120/minute")
def accept(token: str) -> str | AnyResponse | tuple[str, int]:
    """Sets the password, once, and signs in. Whoever needed an invitation may have lost more than a password: what
    was made with the account before, tokens included, ends."""
    who = _invited(token)
    try:
        password = _twice("password")
        with writing() as store:
            again = invitations.redeem(store, token)
            if again is None:
                abort(_gone())
            passwords.set_password(store, again, password, actor=again)
            ended = tokens.revoke_all(store, again, actor=again)
    except BadInput as error:
        return _invitation(who, error.text), 400
    answer = welcome(who, url_for("home.start"))
    if ended:
        flash(say(f"전에 만든 API 토큰 {ended}개를 폐기했습니다.", f"API tokens made before are revoked: {ended}."))
    return answer


@blueprint.get("/account")
@signed_in
def account() -> str:
    """The own password and sessions."""
    return _account()


@blueprint.post("/account/password")
@signed_in
@limiter.limit("10/minute")
def change() -> str | AnyResponse | tuple[str, int]:
    """Another password; every session ends, and a new one begins here."""
    if not passwords.is_right(reading(), person(), request.form.get("old", "")):
        return _account(Text("현재 비밀번호가 맞지 않습니다.", "Your present password is not right.")), 400
    try:
        password = _twice("password")
        with writing() as store:
            who = store.get_one(Person, person().id)
            passwords.set_password(store, who, password, actor=who)
    except BadInput as error:
        return _account(error.text), 400
    flash(
        say(
            "비밀번호를 바꿨습니다. 다른 기기에서는 모두 로그아웃되었습니다.", "Password changed; signed out elsewhere."
        )
    )
    return welcome(person(), url_for("signin.account"))


@blueprint.post("/account/sign-out-elsewhere")
@signed_in
def elsewhere() -> AnyResponse:
    """Ends all sessions but this one."""
    with writing() as store:
        count = passwords.end_all(store, store.get_one(Person, person().id), but=g.web_session)
    flash(say(f"다른 기기 {count}대에서 로그아웃했습니다.", f"Signed out in {count} other places."))
    return redirect(url_for("signin.account"), 303)


# -------------------------------------------------------------------------------------------------- pieces


def next_address() -> str:
    """Where to go after signing in: an address of ours, or the start."""
    wanted = request.values.get("next", "")
    return wanted if ways.is_ours(wanted) else url_for("home.start")


def welcome(who: Person, to: str) -> Response | AnyResponse:
    """Signs in with a new session and a new form key, so that none from before is worth anything."""
    session.clear()
    with writing() as store:
        token = passwords.sign_in(store, store.get_one(Person, who.id))
    answer = redirect(to, 303)
    age = int(passwords.LIFE.total_seconds())
    secure = request.is_secure or current_app.config["SESSION_COOKIE_SECURE"]
    answer.set_cookie(cookie.name(), token, max_age=age, httponly=True, samesite="Lax", secure=secure)
    known.remember(answer, who.email.lower())
    return answer


def _invited(token: str) -> Person:
    found = invitations.invited(reading(), token)
    if found is None:
        abort(_gone())
    return found


def _gone() -> Response:
    return make_response(page_of_error(GONE, 404))


def _twice(name: str) -> str:
    password = request.form.get(name, "")
    if password != request.form.get("again", ""):
        raise BadInput(UNLIKE)
    return password


def sheet(email: str = "", wrong: Text | None = None) -> str:
    """The form of signing in, with what is wrong."""
    return render_template(
        "signin/form.html",
        email=email,
        wrong=wrong,
        next=request.values.get("next", ""),
        lost=request.args.get("lost") == "1",
        provider=current_app.extensions["provider"],
    )


def _invitation(who: Person, wrong: Text | None = None) -> str:
    return render_template("signin/invitation.html", who=who, wrong=wrong, least=passwords.LEAST)


def _account(wrong: Text | None = None) -> str:
    mine = passwords.sessions(reading(), person())
    return render_template(
        "signin/account.html",
        wrong=wrong,
        least=passwords.LEAST,
        zone=own_zone(),
        sessions=[_Session(one.created_at, one.seen_at, one.id == g.web_session) for one in mine],
    )


def own_zone() -> str:
    """Of the person's first course."""
    query = select(Course.timezone).join(Member, Member.course_id == Course.id).where(Member.person_id == person().id)
    return reading().scalars(query.order_by(Course.id)).first() or "UTC"


class _Session:
    def __init__(self, created_at: datetime, seen_at: datetime, this: bool) -> None:
        self.created_at, self.seen_at, self.this = created_at, seen_at, this
