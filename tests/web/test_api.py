"""The API: who may ask what, that nothing hidden gets out, and what comes back."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from sqlalchemy import select
from web.api import SUBMIT, Program, program, routes, token_of
from web.conftest import DAY, LATER, OTHERS, SECRET, Web, notebook, person_of

from grader.course import decisions, exports, people, tokens
from grader.course.tokens import Scope
from grader.notebook import MAX_BYTES
from grader.store.models import Assignment, Audit, Role, Run, State, Submission
from grader.store.tokens import ApiToken
from grader.text import Text
from webapp import access, create_app
from webapp.staff import roster

WHO = (None, "outsider", "sora", "mina", "juno", "helper", "teacher")
RANKS = {"sora": 0, "mina": 0, "juno": 0, "helper": 1, "teacher": 2}


def kind(answer: Any) -> str:
    """The problem's short name; it is told as RFC 9457 says, in both languages."""
    assert answer.content_type == "application/problem+json", answer.text
    found = answer.json
    assert found["status"] == answer.status_code
    assert found["text"]["ko"] != found["text"]["en"]
    assert found["detail"] in found["text"].values()
    return str(found["type"].rpartition("#")[2])


# --------------------------------------------------------------------------------------------------- who may what


@pytest.mark.parametrize("who", WHO)
def test_every_route_as_everybody(web: Web, who: str | None) -> None:
    asks = program(web, who)
    for endpoint, method, path, arguments in routes(web, web.receipts["mina"][1]):
        answer = asks.ask(method, path, data=b"{}")
        label = f"{who} {method} {path}: {answer.status_code} {answer.text[:200]}"
        assert answer.status_code < 500, label
        whom = getattr(web.app.view_functions[endpoint], access.MARK)
        if who is None:
            assert kind(answer) == "no-token", label
            assert answer.headers["WWW-Authenticate"].startswith("Bearer"), label
        elif isinstance(whom, Role):
            allowed = who in RANKS and RANKS[who] >= access.RANK[whom]
            if "receipt" in arguments and who in ("sora", "juno"):
                allowed = False
            if not allowed:
                assert kind(answer) == "not-found", label
            elif arguments & {"quiz", "sitting"}:  # there is none here; those of tests/web/test_api_quizzes.py
                assert kind(answer) in ("not-found", "invalid"), label
            elif method == "GET":
                assert answer.status_code == 200, label
        else:
            assert answer.status_code == 200, label


def test_a_cookie_opens_nothing_here_and_a_token_no_page(web: Web) -> None:
    browser = web.client_as("teacher")
    for _, method, path, _ in routes(web, web.receipts["mina"][1]):
        assert kind(browser.open("/api/v1" + path, method=method)) == "no-token"
    header = {"Authorization": f"Bearer {token_of(web, 'teacher')}"}
    assert web.app.test_client().get("/courses/dl", headers=header).status_code == 303
    assert web.app.test_client().post("/account/tokens", headers=header).status_code in (303, 400)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_does_what_its_scope_says_and_no_more(web: Web, scope: Scope) -> None:
    asks, receipt = program(web, "teacher", scope), web.receipts["mina"][1]
    for endpoint, method, path, _ in routes(web, receipt):
        needed = getattr(web.app.view_functions[endpoint], access.SCOPE)
        answer = asks.ask(method, path, data=b"{}")
        foreign = receipt in path and scope is not Scope.STAFF
        if needed not in (None, scope) or foreign:
            assert kind(answer) == "scope", path
            lacks = Scope.STAFF if foreign else needed
            assert answer.json["scope"] == lacks
            assert f'scope="{lacks}"' in answer.headers["WWW-Authenticate"]
        else:
            assert answer.status_code != 403, path


def test_a_token_that_is_no_good_says_why(web: Web) -> None:
    with web.database.write() as session:
        mina = person_of(session, "mina")
        old = tokens.make(session, mina, "old", [Scope.READ], 7, actor="test", at=datetime.now(UTC) - 8 * DAY)
        gone = tokens.make(session, mina, "gone", [Scope.READ], 7, actor="test")
        tokens.revoke(
            session, mina, session.scalars(select(ApiToken.id).order_by(ApiToken.id.desc())).first() or 0, actor=mina
        )
    good = token_of(web, "juno")
    assert kind(Program(web, old).get("/me")) == "expired-token"
    assert kind(Program(web, gone).get("/me")) == "revoked-token"
    assert kind(Program(web, "grt_" + "x" * 43).get("/me")) == "unknown-token"
    assert kind(Program(web, "x" * 5000).get("/me")) == "unknown-token"
    assert Program(web, good).get("/me").status_code == 200
    with web.database.write() as session:
        people.deactivate(session, person_of(session, "juno"), actor="test")
    answer = Program(web, good).get("/me")
    assert kind(answer) == "inactive"
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    for words in ("Basic eDp5", "Bearer", "Bearer ", f"Token {good}", "\xff"):
        assert web.app.test_client().get("/api/v1/me", headers={"Authorization": words}).status_code == 401


def test_who_is_forgotten_has_no_tokens(web: Web) -> None:
    token = token_of(web, "juno")
    with web.database.write() as session:
        people.forget(session, person_of(session, "juno"), actor="test")
    assert kind(Program(web, token).get("/me")) == "unknown-token"
    with web.database.read() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_who_becomes_a_student_is_staff_no_more(web: Web) -> None:
    asks = program(web, "helper")
    assert asks.get("/courses/dl/gradebook").status_code == 200
    with web.database.write() as session:
        helper = person_of(session, "helper")
        people.set_role(session, people.the_course(session, "dl"), helper, Role.STUDENT, actor="test")
    assert kind(asks.get("/courses/dl/gradebook")) == "not-found"
    assert kind(asks.get(f"/submissions/{web.receipts['mina'][0]}")) == "not-found"


# ------------------------------------------------------------------------------------------------ what is hidden


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_no_student_ever_reads_a_secret(web: Web, lang: str) -> None:
    """Planted words of secret checks, of what waits for the due date, of our own faults and of other students, in all
    bodies and headers."""
    with web.database.write() as session:
        theirs = session.query(Submission).filter_by(receipt=web.receipts["juno"][0]).one()
        decisions.comment(session, theirs, "JUNO-COMMENT", actor=person_of(session, "teacher"))
        broken = session.query(Submission).filter_by(receipt=web.receipts["mina"][0]).one()
        run = session.query(Run).filter_by(submission_id=broken.id).one()
        run.state, run.reason = State.SET_ASIDE, Text("SECRET-MESSAGE", "SECRET-MESSAGE").as_json()
    asks, seen = program(web, "mina"), 0
    for receipt in (*web.receipts["mina"], *web.receipts["juno"]):
        for _, method, path, _ in routes(web, receipt):
            answer = asks.ask(method, path, headers={"Accept-Language": lang}, data=b"{}")
            words = answer.get_data(as_text=True) + str(answer.headers)
            assert not [word for word in (*SECRET, *LATER, *OTHERS, "juno@") if word in words], path
            seen += answer.status_code == 200
    assert seen > 15


def test_what_waited_for_the_due_date_comes_after_it(web: Web) -> None:
    with web.database.write() as session:
        one = session.query(Assignment).one()
        one.due = datetime.now(UTC) - timedelta(minutes=1)
    words = program(web, "mina").get(f"/submissions/{web.receipts['mina'][1]}/report").text
    assert LATER[0] in words
    assert not [word for word in SECRET if word in words]


# ------------------------------------------------------------------------------------------------------- asking


def test_who_one_is(web: Web) -> None:
    found = program(web, "mina").get("/me").json
    assert (found["email"], found["token"]["scopes"]) == ("mina@example.com", ["read", "submit"])
    assert [(one["key"], one["role"]) for one in found["courses"]] == [("dl", "student")]


def test_what_handing_in_would_cost(web: Web) -> None:
    one = program(web, "mina").get("/courses/dl/assignments/doubling").json
    assert (one["cost"]["attempts_left"], one["cost"]["kept_share"], one["cost"]["refusal"]) == (3, 1.0, None)
    assert (one["rules"]["attempts"], one["rules"]["late"], one["grade"]["score"]) == (5, "percent", 80.0)
    assert one["grade"]["receipt"] == web.receipts["mina"][1]
    listed = program(web, "mina").get("/courses/dl/assignments").json["assignments"]
    assert [each | {"now": None} for each in listed] == [one | {"now": None}]


def test_what_is_not_published_is_not_there(web: Web) -> None:
    with web.database.write() as session:
        session.query(Assignment).one().version_id = None
    asks = program(web, "mina")
    assert asks.get("/courses/dl/assignments").json == {"assignments": []}
    assert asks.get("/courses/dl/grades").json["grades"] == []
    assert kind(asks.post(SUBMIT, data=b"{}")) == "not-found"


def test_an_upload_is_one_submission_however_often_it_is_sent(web: Web) -> None:
    asks, data = program(web, "sora"), notebook("sora's")
    first = asks.post(SUBMIT, data=data, headers={"Idempotency-Key": "a"}, query_string={"filename": "내 것.ipynb"})
    assert first.status_code == 201
    receipt = first.json["receipt"]
    assert first.headers["Location"] == f"/api/v1/submissions/{receipt}"
    assert first.json["sha256"] == hashlib.sha256(data).hexdigest()
    again = asks.post(SUBMIT, data=data, headers={"Idempotency-Key": "a"})
    assert (again.status_code, again.json["receipt"], again.json["duplicate"]) == (200, receipt, True)
    same = asks.post(SUBMIT, data=data)  # the same bytes as the latest one
    assert (same.status_code, same.json["receipt"]) == (200, receipt)
    other = asks.post(SUBMIT, data=notebook("another"), headers={"Idempotency-Key": "a"})
    assert other.status_code == 201
    assert other.json["receipt"] != receipt
    found = asks.get(f"/submissions/{receipt}").json
    assert (found["filename"], found["state"], found["over"], found["person"]) == ("내 것.ipynb", "queued", False, None)
    assert found["place"] >= 1
    with web.database.read() as session:
        assert session.query(Submission).filter_by(receipt=receipt).one().source == "api"
    assert asks.get(f"/submissions/{receipt}/notebook").data == data
    assert kind(asks.get(f"/submissions/{receipt}/report")) == "conflict"


def test_what_the_rules_refuse_says_why_and_when(web: Web) -> None:
    asks, now = program(web, "sora"), datetime.now(UTC)
    with web.database.write() as session:
        session.query(Assignment).one().opens = now + timedelta(hours=2)
    answer = asks.post(SUBMIT, data=b"{}")
    assert kind(answer) == "refused"
    assert answer.json["why"] == "not_open"
    assert 7000 < int(answer.headers["Retry-After"]) <= 7201
    assert datetime.fromisoformat(answer.json["next_at"]) > now
    with web.database.write() as session:
        one = session.query(Assignment).one()
        one.opens, one.due, one.closes = now - 3 * DAY, now - 2 * DAY, now - DAY
    answer = asks.post(SUBMIT, data=b"{}")
    assert (kind(answer), answer.json["why"], "Retry-After" in answer.headers) == ("refused", "closed", False)


def test_the_notebook_of_another_assignment_is_refused_and_says_whose_it_is(web: Web) -> None:
    made = new_notebook(cells=[new_code_cell("def triple(x): ...")], metadata={"grader": {"assignment": "tripling"}})
    answer = program(web, "sora").post(SUBMIT, data=nbformat.writes(made).encode())
    assert (kind(answer), answer.json["why"]) == ("refused", "another_assignment")
    assert answer.json["assignment"] == "tripling"
    assert "no attempt was spent" in answer.json["text"]["en"]


def test_a_body_that_cannot_be_taken(web: Web) -> None:
    asks = program(web, "sora")
    assert kind(asks.post(SUBMIT, data=b"")) == "bad-request"
    assert kind(asks.post(SUBMIT, data={"notebook": (b"x", "a.ipynb")}, content_type="multipart/form-data")) == (
        "media-type"
    )
    assert kind(asks.post(SUBMIT, data=bytes(MAX_BYTES + 1))) == "too-large"
    assert kind(asks.post(SUBMIT, data=bytes(MAX_BYTES + 2**20))) == "too-large"
    assert kind(asks.post(SUBMIT, data=b"{}", headers={"Idempotency-Key": "x" * 300})) == "invalid"
    with web.database.read() as session:
        assert session.query(Submission).filter_by(person_id=web.person("sora").id).count() == 0


def test_a_curl_upload_works_as_curl_sends_it(web: Web) -> None:
    """--data-binary says that it is a form, and it is none."""
    sent = program(web, "sora").post(SUBMIT, data=notebook("x"), content_type="application/x-www-form-urlencoded")
    assert sent.status_code == 201


def test_a_report_is_what_the_page_shows_and_all_for_staff(web: Web) -> None:
    path = f"/submissions/{web.receipts['mina'][0]}/report"
    mine, whole = program(web, "mina").get(path).json, program(web, "helper").get(path).json
    assert mine.keys() == whole.keys()
    assert (mine["score"], mine["max_score"], mine["unlisted"]) == (0.0, 100.0, True)
    checks = {one["id"]: one for one in mine["checks"]}
    assert set(checks) == {"double.values", "double.shape", "edges.zero"}
    assert checks["double.values"]["misconception"] == "sum-is-mean"
    hint = [checks["double.values"][name] for name in ("hint", "hints", "next_hint")]
    assert (hint[0]["en"], hint[1], "1 of 2 open" in hint[2]["en"]) == ("Add x twice.", 2, True)
    assert checks["edges.zero"]["message"] is None
    assert mine["misconceptions"][0]["checks"] == ["double.values"]
    assert mine["cells"] == [
        {"index": 1, "status": "error", "seconds": None, "error": "NameError, line 3: name 'y' is not defined"}
    ]
    assert mine["metrics"]["accuracy"]["value"] == 0.81
    assert {one["id"] for one in whole["checks"]} == set(checks) | {"secret_group.trap"}
    assert program(web, "mina").get(f"/submissions/{web.receipts['mina'][0]}/executed").status_code == 200
    assert kind(program(web, "juno").get(f"/submissions/{web.receipts['juno'][0]}/executed")) == "not-found"


def test_a_teachers_token_without_staff_sees_a_students_report(web: Web) -> None:
    """Of their own submission."""
    asks = program(web, "teacher", Scope.READ, Scope.SUBMIT)
    receipt = asks.post(SUBMIT, data=notebook("t")).json["receipt"]
    assert asks.get(f"/submissions/{receipt}").json["person"] is None
    assert program(web, "teacher").get(f"/submissions/{receipt}").json["person"] == "teacher@example.com"


def test_points_by_hand_are_in_the_report(web: Web) -> None:
    with web.database.write() as session:
        row = session.query(Submission).filter_by(receipt=web.receipts["mina"][0]).one()
        one, mina = session.query(Assignment).one(), person_of(session, "mina")
        decisions.set_override(
            session,
            one,
            mina,
            30,
            "right after all",
            submission=row,
            check="double.values",
            actor=person_of(session, "teacher"),
        )
    found = program(web, "mina").get(f"/submissions/{web.receipts['mina'][0]}/report").json
    check = next(each for each in found["checks"] if each["id"] == "double.values")
    assert (found["score"], check["points"], check["by_hand"]) == (30.0, 30.0, True)
    assert "right after all" not in str(found)


def test_the_history_has_all_attempts_and_what_counts(web: Web) -> None:
    found = program(web, "mina").get(SUBMIT).json
    assert [(one["number"], one["score"], one["counts"]) for one in found["attempts"]] == [
        (2, 80.0, True),
        (1, 0.0, False),
    ]
    assert found["grade"]["status"] == "graded"
    mine = program(web, "mina").get("/courses/dl/submissions").json["submissions"]
    assert [one["receipt"] for one in mine] == web.receipts["mina"][::-1]


def test_asking_for_another_look_and_the_answer(web: Web) -> None:
    path = f"/submissions/{web.receipts['mina'][0]}/requests"
    mina, teacher = program(web, "mina"), program(web, "teacher")
    assert kind(mina.post(path, json={"reason": ""})) == "invalid"
    assert kind(mina.post(path, json={"why": "x"})) == "invalid"
    assert mina.post(path, json={"reason": "저는 맞았습니다."}).status_code == 201
    assert kind(mina.post(path, json={"reason": "again"})) == "conflict"
    assert kind(teacher.post(path, json={"reason": "not mine"})) == "not-found"
    (waiting,) = teacher.get("/courses/dl/requests").json["requests"]
    assert (waiting["person"], waiting["decision"]) == ("mina@example.com", "open")
    answer = f"{path}/{waiting['id']}/answer"
    assert kind(program(web, "helper").post(answer, json={"decision": "accepted", "answer": "x"})) == "not-found"
    assert kind(teacher.post(f"{path}/999/answer", json={"decision": "accepted", "answer": "x"})) == "not-found"
    assert teacher.post(answer, json={"decision": "accepted", "answer": "네."}).json["decision"] == "accepted"
    assert kind(teacher.post(answer, json={"decision": "declined", "answer": "x"})) == "conflict"
    (seen,) = mina.get(path).json["requests"]
    assert (seen["answer"], seen["person"]) == ("네.", None)
    with web.database.read() as session:
        lines = session.scalars(select(Audit.action).order_by(Audit.number)).all()
    assert [one for one in lines if "request" in one] == ["open.regrade_request", "accept.regrade_request"]


def test_grades_of_oneself_and_of_all(web: Web) -> None:
    (mine,) = program(web, "mina").get("/courses/dl/grades").json["grades"]
    assert (mine["assignment"], mine["score"], mine["attempts"]) == ("doubling", 80.0, 2)
    book = program(web, "helper").get("/courses/dl/gradebook").json
    rows = {row["email"]: row["grades"]["doubling"] for row in book["people"]}
    assert rows["mina@example.com"] == {name: mine[name] for name in rows["mina@example.com"]}
    assert (rows["juno@example.com"]["score"], rows["juno@example.com"]["status"]) == (None, "pending")
    assert kind(program(web, "helper").get("/courses/dl/gradebook?assignment=nope")) == "not-found"


@pytest.mark.parametrize("format", exports.FORMATS)
def test_every_export_is_there_and_noted(web: Web, format: str) -> None:
    asks = program(web, "helper")
    file = asks.get(f"/courses/dl/gradebook/{format}", query_string={"assignment": ["doubling"]})
    assert file.status_code == 200
    assert f"dl-{format}" in file.headers["Content-Disposition"]
    bundle = asks.get(f"/courses/dl/gradebook/{format}/bundle").json
    data = base64.b64decode(bundle["data"])
    assert hashlib.sha256(data).hexdigest() == bundle["manifest"]["sha256"]
    assert bundle["manifest"]["people"] == 3
    if format == "csv":
        page = web.client_as("helper").get("/courses/dl/gradebook/export/csv").data
        assert file.data == data == page
    with web.database.read() as session:
        last = session.scalars(select(Audit).order_by(Audit.number.desc())).first()
        assert last is not None
        assert last.action == "gradebook.export"


def test_people_and_the_queue_are_for_staff(web: Web) -> None:
    asks = program(web, "helper")
    found = asks.get("/courses/dl/people", query_string={"q": "김미"}).json["people"]
    assert [(one["email"], one["submissions"]) for one in found] == [("mina@example.com", 2)]
    assert asks.get("/courses/dl/queue").json["waiting"] == {"cpu": 1}
    assert kind(asks.get("/courses/dl/people?left=perhaps")) == "invalid"


def test_a_token_notes_when_it_was_used(web: Web) -> None:
    program(web, "mina").get("/me")
    with web.database.read() as session:
        assert session.scalars(select(ApiToken)).one().used_at is not None


# ------------------------------------------------------------------------------------------------- what is wrong


def test_whatever_is_wrong_is_told_as_a_problem(web: Web) -> None:
    client = web.app.test_client()
    assert kind(client.get("/api/nothing")) == "not-found"
    assert kind(client.get("/api/v1/nothing")) == "not-found"
    wrong = program(web, "mina").ask("DELETE", "/me")
    assert kind(wrong) == "method"
    assert "GET" in wrong.headers["Allow"]
    faults = program(web, "mina").post(f"/submissions/{web.receipts['mina'][0]}/requests", json={}).json["faults"]
    assert faults == [{"where": ["reason"], "what": "Field required"}]
    english = client.get("/api/v1/me", headers={"Accept-Language": "en"}).json
    assert english["detail"] == english["text"]["en"]
    assert english["request"]
    assert client.get("/api/%00").status_code == 404
    assert kind(program(web, "mina").get("/courses/%00/assignments")) == "not-found"


def test_a_fault_of_ours_tells_nothing_of_the_inside(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("SECRET-PLACE")

    app, token = create_app(web.home), token_of(web, "helper")
    monkeypatch.setattr(roster, "roster", fails)
    answer = app.test_client().get("/api/v1/courses/dl/people", headers={"Authorization": f"Bearer {token}"})
    app.extensions["grader"].close()
    assert kind(answer) == "fault"
    assert "SECRET-PLACE" not in answer.text


def test_limits_count_by_person_and_say_how_long(web: Web) -> None:
    app, kept = create_app(web.home), web.app
    web.app = app
    mina, juno = program(web, "mina"), program(web, "juno")
    answers = [mina.post(SUBMIT, data=b"") for _ in range(61)]
    assert {one.status_code for one in answers[:60]} == {400}
    assert kind(answers[60]) == "too-many"
    assert 0 < int(answers[60].headers["Retry-After"]) <= 3601
    assert juno.post(SUBMIT, data=b"").status_code == 400
    web.app = kept
    app.extensions["grader"].close()


# ------------------------------------------------------------------------------------------------- the document


def test_the_document_has_every_route_and_what_it_needs(web: Web) -> None:
    document = web.app.test_client().get("/api/openapi.json").json
    assert document["openapi"].startswith("3.1")
    found = {
        (method.upper(), path.replace("{", "<").replace("}", ">"))
        for path, methods in document["paths"].items()
        for method in methods
    }
    rules = {
        (method, rule.rule.replace("int(max=2147483647):", ""))
        for rule in web.app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        for method in (rule.methods or set()) & {"GET", "POST"}
    }
    assert found == rules
    for methods in document["paths"].values():
        for one in methods.values():
            assert one["summary"]
            assert one["x-summary-ko"]
            assert "401" in one["responses"]
            assert ("403" in one["responses"]) is (one["x-scope"] is not None)
            for code, answer in one["responses"].items():
                if int(code) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]


@pytest.mark.parametrize(("lang", "words"), [("ko", "노트북 제출하기"), ("en", "Hand a notebook in")])
def test_the_page_about_it_reads_in_both_languages(web: Web, lang: str, words: str) -> None:
    answer = web.app.test_client().get("/api/", query_string={"lang": lang})
    assert answer.status_code == 200
    assert words in answer.text
    assert 'id="expired-token"' in answer.text  # where the type of a problem leads
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_a_view_for_programs_that_names_no_scope_does_not_start(web: Web) -> None:
    web.app.view_functions["api.bare"] = access.everybody(lambda: "bare")
    web.app.url_map.add(web.app.url_rule_class("/api/v1/bare", endpoint="api.bare"))
    with pytest.raises(RuntimeError, match="which scope"):
        access.must_be_guarded(web.app)
