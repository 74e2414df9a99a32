"""Requests that nobody's browser sends: each gets an answer that says what is wrong, and none breaks a page."""

from __future__ import annotations

import io
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import event
from web.api import SUBMIT, program
from web.conftest import PASSWORD, Browser, Web, person_of
from web.test_staff_pages import upload
from web.test_student import progress

from grader.course import people
from grader.store.models import Role
from webapp import create_app, limits, passwords

MANY, ENDLESS = "9" * 25, "9" * 5_000  # more than a database, and than Python, takes for a number
HERE = "/courses/dl/assignments/doubling"


@pytest.mark.parametrize("number", [MANY, ENDLESS], ids=["many", "endless"])
@pytest.mark.parametrize("address", ["/courses/dl/people/{}", HERE + "/likeness/{}", "/courses/dl/surveys/{}"])
def test_a_number_that_no_row_has_leads_nowhere(web: Web, address: str, number: str) -> None:
    assert web.client_as("teacher").get(address.format(number)).status_code == 404


@pytest.mark.parametrize("whom", [f"person:{MANY}", f"group:{MANY}", f"person:{ENDLESS}", "person:²", "group:"])
def test_an_extension_for_nobody_is_refused(web: Web, whom: str) -> None:
    answer = web.client_as("teacher").send(
        "/courses/dl/extensions", whom=whom, assignment="doubling", attempts="1", reason="x"
    )
    assert answer.status_code in (400, 404)


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00", "9999-12-31T23:59", "9999-12-31T23:59-14:00", "1999-12-31T23:59"]
)
def test_times_that_no_clock_reaches_are_refused(web: Web, moment: str) -> None:
    """Some days of grace after them, or in another time zone, there is no such time."""
    teacher = web.client_as("teacher")
    whom = f"person:{web.person('mina').id}"
    more = {"whom": whom, "assignment": "doubling", "reason": "x"}
    for answer in (
        teacher.send("/courses/dl/extensions", due=moment, **more),
        teacher.send("/courses/dl/extensions", closes=moment, **more),
        teacher.send(f"{HERE}/settings", opens=moment, weight="1", position="1"),
        teacher.send(f"{HERE}/settings", closes=moment, weight="1", position="1"),
    ):
        assert answer.status_code == 400
        assert moment[:4].lstrip("0") in answer.text
    assert web.client_as("mina").get(HERE).status_code == 200


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_a_day_that_no_clock_reaches_has_no_page(web: Web, day: str) -> None:
    assert web.client_as("teacher").get(f"{HERE}/results/people?day={day}").status_code == 404


@pytest.mark.parametrize("words", ["endpoint=x", "_method=FOO", "_scheme=javascript&_external=1", "_anchor=x"])
def test_what_an_address_asks_does_not_reach_the_building_of_addresses(web: Web, words: str) -> None:
    for browser, address in ((web.client_as(None), "/sign-in"), (web.client_as("mina"), "/courses/dl")):
        answer = browser.get(f"{address}?{words}&kept=1", headers={"Accept-Language": "ko"})
        assert answer.status_code == 200
        assert f'href="{address}?kept=1&amp;lang=en"' in answer.text


@pytest.mark.parametrize("days", [ENDLESS, MANY, "²", "-1"])
def test_a_token_for_a_time_that_is_not_offered_is_no_fault_of_ours(web: Web, days: str) -> None:
    assert web.client_as("mina").send("/account/tokens", name="x", scope="read", days=days).status_code in (200, 400)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"reason": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "application/json"),
        (b"reason=x", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data; boundary=a"),
        (b"x", "multipart/form-data"),
        (b'{"reason": "x"}', "text/plain"),
        (b'{"reason": "x"}', None),
    ],
    ids=["deep", "form", "multipart", "multipart without a boundary", "text", "nothing said"],
)
def test_a_body_that_is_no_json_is_told_so(web: Web, data: bytes, kind: str | None) -> None:
    answer = program(web, "mina").post(f"/submissions/{web.receipts['mina'][0]}/requests", data=data, content_type=kind)
    assert answer.status_code == 422
    assert answer.json["type"].endswith("#invalid")


@pytest.mark.parametrize("referrer", ["http://[", "//", "http://localhost//evil.example/x", "javascript:alert(1)"])
def test_where_somebody_says_to_come_from_leads_nowhere_else(web: Web, referrer: str) -> None:
    answer = web.client_as("mina").get("/none", headers={"Referer": referrer})
    assert answer.status_code == 404
    assert "evil.example" not in answer.text
    assert "javascript:" not in answer.text


@pytest.mark.parametrize(
    "address", ["/courses/%00", "/submissions/%00", HERE + "/regrades/%00", "/invitations/%00", "/courses/dl?a=%00"]
)
def test_a_word_that_no_database_holds_is_not_looked_for(
    web: Web, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask() -> None:
        raise AssertionError("the store was asked")

    teacher = web.client_as("teacher")
    monkeypatch.setattr("webapp.access.reading", ask)
    monkeypatch.setattr("webapp.signin.reading", ask)
    assert teacher.get(address).status_code == 404


def test_an_address_that_no_database_holds_is_not_looked_for(web: Web) -> None:
    asked: list[object] = []
    browser = web.client_as(None)
    key = browser.form_key()
    event.listen(web.database.engine, "before_cursor_execute", lambda *words: asked.append(words[3]))
    form = {"csrf_token": key, "email": "mina\0@example.com", "password": "x"}
    answer = browser.post("/sign-in", data=form, headers={"Accept-Language": "en"})
    assert answer.status_code == 401
    assert "or the password is wrong" in answer.text
    assert not [one for one in asked if "\\x00" in repr(one)]


def test_made_up_methods_do_not_fill_the_counts(web: Web) -> None:
    browser = web.client_as(None)
    for number in range(20):
        assert browser.open("/sign-in", method=f"MADE{number}").status_code == 405
    told = browser.get("/metrics").text
    assert "MADE" not in told
    assert 'method="other"' in told


def test_trying_again_and_again_elsewhere_leaves_a_cookie_that_browsers_keep(web: Web) -> None:
    words = 'issuer = "http://127.0.0.1:9"\nclient_id = "grader"\nclient_secret = "a secret"\n'
    (web.home.folder / "oidc.toml").write_text(words, encoding="utf-8")
    app = create_app(web.home, testing=True)
    provider = app.extensions["authlib.integrations.flask_client"].create_client("elsewhere")
    provider.server_metadata.update(_loaded_at=2**40, authorization_endpoint="http://127.0.0.1:9/ask")
    browser = app.test_client()
    for _ in range(30):
        answer = browser.get("/sign-in/elsewhere?next=/" + "a" * 6_000)
        assert answer.status_code == 302
    state = parse_qs(urlsplit(answer.headers["Location"]).query)["state"][0]
    with browser.session_transaction() as session:
        assert f"_state_elsewhere_{state}" in session  # the last try can still succeed
    cookie = browser.get_cookie("grader_form")
    assert cookie is not None
    assert len(cookie.value) < 3_000  # of 4,096 with its name and what it is for
    app.extensions["grader"].close()


def test_a_class_can_open_its_invitations_at_once(web: Web) -> None:
    app = create_app(web.home)
    browser = app.test_client()
    assert {browser.get("/invitations/none").status_code for _ in range(60)} == {404}
    app.extensions["grader"].close()


def test_a_name_in_another_course_is_not_changed_from_here(web: Web) -> None:
    teacher = web.client_as("teacher")
    teacher.send("/courses/dl/people", name="Renamed", email="outsider@example.com", role="student")
    assert web.person("outsider").name == "Out Sider"
    assert upload(teacher, "name,email\nRenamed,outsider@example.com\n새 이름,mina@example.com\n")[0] < 400
    assert (web.person("outsider").name, web.person("mina").name) == ("Out Sider", "새 이름")


def test_an_instructor_takes_no_instructors_role_away(web: Web) -> None:
    """For else one could lower another, invite them, and have their account."""
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        people.add_person(session, course, "second@example.com", "둘째 강사", Role.INSTRUCTOR, actor="test")
    second = web.person("second").id
    answer = web.client_as("teacher").send(f"/courses/dl/people/{second}/role", role="student")
    assert answer.status_code == 400
    assert "강사 역할을 거두는 일은 관리자만" in answer.text


def test_a_stranger_elsewhere_keeps_nobody_from_signing_in(web: Web) -> None:
    with web.database.write() as session:
        passwords.set_password(session, person_of(session, "mina"), PASSWORD, actor="test")
    app = create_app(web.home)
    app.test_client_class = Browser
    stranger, mina = app.test_client(), app.test_client()
    far = {"REMOTE_ADDR": "192.0.2.9"}

    def tries(browser: Browser, password: str, **more: object) -> int:
        words = {"csrf_token": browser.form_key(), "email": "mina@example.com", "password": password}
        return int(browser.post("/sign-in", data=words, **more).status_code)

    told = [tries(stranger, "wrong guess", environ_base=far) for _ in range(8)]
    assert 429 in told
    assert tries(mina, PASSWORD) == 303
    app.extensions["grader"].close()


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.9", "192.0.2.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:192.0.2.9", "192.0.2.9"),
        ("made up", "made up"),
    ],
)
def test_all_addresses_of_one_customer_are_one_place(web: Web, address: str, place: str) -> None:
    """Else who has a network tries as many passwords as it has addresses, and keeps their owner out."""
    with web.app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert limits.place() == place
        assert limits.who_asks() == f"address:{place}"


@pytest.mark.parametrize("how", ["signed out", "deactivated", "a student"])
def test_a_stream_tells_nothing_to_who_may_not_look_any_more(
    web: Web, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr("webapp.live.TICK_S", 0.01)
    monkeypatch.setattr("webapp.live.STREAM_S", 5.0)
    receipt, helper = web.receipts["juno"][1], web.client_as("helper")
    stream = helper.get(f"/submissions/{receipt}/events").iter_encoded()
    assert b"retry" in next(stream)
    assert b"event: news" in next(stream)
    with web.database.write() as session:
        who = person_of(session, "helper")
        if how == "signed out":
            passwords.end_all(session, who)
        elif how == "deactivated":
            people.deactivate(session, who, actor="test")
        else:
            people.set_role(session, people.the_course(session, "dl"), who, Role.STUDENT, actor="test")
    progress(web, receipt, 1, {})
    assert b"news" not in b"".join(stream)


def test_nobody_keeps_the_server_busy_with_drawing_a_notebook(web: Web) -> None:
    """One may be made so that it takes seconds; and whichever way it is asked for, it is counted once."""
    app, kept = create_app(web.home), web.app
    web.app, receipt = app, web.receipts["mina"][0]
    browser = web.client_as("mina")
    codes = [browser.get(f"/submissions/{receipt}/{('notebook', 'received')[n % 2]}").status_code for n in range(44)]
    assert codes[:2] == [200, 200]
    assert codes[-4:] == [429] * 4
    assert browser.get(f"/submissions/{receipt}").status_code == 200
    web.app = kept
    app.extensions["grader"].close()


def test_nobody_fills_the_disk(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not with files that are never handed in, nor with some that are no notebooks and spend no attempt, and not by
    taking turns between the two ways."""
    monkeypatch.setattr(limits, "MEGABYTE", 1_000)
    app, kept = create_app(web.home), web.app
    app.test_client_class = Browser
    web.app = app
    mina, juno, asks = web.client_as("mina"), web.client_as("juno"), program(web, "mina")

    def hands_in(browser: Browser) -> int:
        return int(browser.send(f"{HERE}/submit", notebook=(io.BytesIO(b"x" * 38_000), "x.ipynb")).status_code)

    assert [hands_in(mina) for _ in range(8)] == [200] * 8
    codes = [asks.post(SUBMIT, data=bytes([n]) * 38_000).status_code for n in range(3)]
    assert codes == [201, 201, 429]
    assert hands_in(mina) == 429
    assert hands_in(juno) == 200
    web.app = kept
    app.extensions["grader"].close()
