"""The staff's pages: who may open them, what they show, and what their forms do."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from web.conftest import DAY, Browser, Web, graded, notebook

from grader.course import decisions, grades, people, submissions
from grader.security import Security
from grader.store.models import (
    Audit,
    Comment,
    Extension,
    Member,
    Override,
    Person,
    RegradeRequest,
    Role,
    Run,
    Source,
    State,
    Submission,
)
from grader.text import Text

COURSE = "/courses/dl"
RESULTS = f"{COURSE}/assignments/doubling/results"
REGRADES = f"{COURSE}/assignments/doubling/regrades"


def pages(web: Web) -> list[str]:
    """Every page that staff may read."""
    receipt = web.receipts["mina"][1]
    return [
        f"{COURSE}/gradebook",
        f"{COURSE}/gradebook?sort=doubling&down=1&all=1",
        f"{COURSE}/gradebook/export/csv",
        f"{COURSE}/requests",
        RESULTS,
        f"{RESULTS}/people?bin=10",
        f"{RESULTS}/people?check=double.values",
        f"{RESULTS}/people?day={web.now:%Y-%m-%d}",
        f"/submissions/{receipt}/staff",
        f"/submissions/{receipt}/staff/compare",
        f"/submissions/{receipt}/staff/file",
        f"{COURSE}/people",
        f"{COURSE}/people?left=1",
        f"{COURSE}/people/{web.person('mina').id}",
        f"{COURSE}/extensions",
        f"{COURSE}/queue",
        REGRADES,
    ]


def forms(web: Web) -> list[str]:
    """Every form that only instructors may send."""
    receipt, mina = web.receipts["mina"][1], web.person("mina").id
    return [
        f"/submissions/{receipt}/staff/overrides",
        f"/submissions/{receipt}/staff/requests/1",
        f"{COURSE}/people",
        f"{COURSE}/people/import",
        f"{COURSE}/people/{mina}/role",
        f"{COURSE}/people/{mina}/active",
        f"{COURSE}/people/{mina}/invitation",
        f"{COURSE}/people/{mina}/score",
        f"{COURSE}/extensions",
        f"{COURSE}/queue/{'0' * 32}/cancel",
        f"{COURSE}/queue/{'0' * 32}/requeue",
        REGRADES,
        f"{REGRADES}/{'0' * 32}",
    ]


@pytest.mark.parametrize("who", ["teacher", "helper"])
@pytest.mark.parametrize("lang", ["ko", "en"])
def test_staff_read_every_page(web: Web, who: str, lang: str) -> None:
    client = web.client_as(who)
    for address in pages(web):
        answer = client.get(address + ("&" if "?" in address else "?") + f"lang={lang}")
        assert answer.status_code == 200, address
        if answer.mimetype == "text/html":
            assert f'<html lang="{lang}">' in answer.text
            assert not re.search(r"<script(?! src)| style=|<style| on[a-z]+=", answer.text), address


@pytest.mark.parametrize("who", ["mina", "juno", "outsider"])
def test_students_find_none_of_it(web: Web, who: str) -> None:
    client = web.client_as(who)
    for address in pages(web):
        assert client.get(address).status_code == 404, address
    for address in [*forms(web), f"/submissions/{web.receipts['mina'][1]}/staff/comments"]:
        assert client.send(address).status_code == 404, address


def test_assistants_decide_nothing(web: Web) -> None:
    client = web.client_as("helper")
    for address in forms(web):
        assert client.send(address).status_code == 404, address
    for address in pages(web):
        if not address.endswith(("/csv", "/file")):
            shown = client.get(address).text
            for form in forms(web):
                assert f'action="{form}"' not in shown, (address, form)


def test_forms_without_the_token_do_nothing(web: Web) -> None:
    client = web.client_as("teacher")
    for address in [*forms(web), f"/submissions/{web.receipts['mina'][1]}/staff/comments"]:
        assert client.post(address, data={"text": "x"}).status_code == 400, address


def test_no_score_is_a_number_field(web: Web) -> None:
    client = web.client_as("teacher")
    for address in pages(web):
        answer = client.get(address)
        if answer.mimetype == "text/html":
            assert 'type="number"' not in answer.text
            for field in re.findall(r'<input[^>]* name="points"[^>]*>', answer.text):
                assert 'type="text"' in field
                assert 'inputmode="decimal"' in field


# ---------------------------------------------------------------------------------------------------- gradebook


def test_the_gradebook_has_everybody(web: Web) -> None:
    shown = web.client_as("teacher").get(f"{COURSE}/gradebook?lang=en").text
    for name in ("김미나", "이준호", "박소라"):
        assert name in shown
    assert "한선생" not in shown.split("<main")[1]  # no student
    assert f'href="/submissions/{web.receipts["mina"][1]}/staff" title="80 / 100">80</a>' in shown
    assert "nothing handed in" in shown


def test_the_gradebook_sorts_filters_and_searches(web: Web) -> None:
    client = web.client_as("helper")

    def names(query: str) -> list[str]:
        shown = client.get(f"{COURSE}/gradebook?{query}").text
        return re.findall(r'<th scope="row" class="who"><a[^>]*>([^<]+)</a>', shown)

    assert names("sort=name") == ["김미나", "박소라", "이준호"]
    assert names("sort=name&down=1") == ["이준호", "박소라", "김미나"]
    assert names("sort=doubling")[0] == "김미나"  # who has no grade comes last
    assert names("sort=doubling&down=1")[0] == "김미나"
    assert names("group=A") == ["김미나", "이준호"]
    assert names("group=-") == []
    assert names("q=SORA") == ["박소라"]
    assert names("q=nobody") == []
    assert names("sort=what&page=99999999&down=what") == ["김미나", "박소라", "이준호"]


@pytest.mark.parametrize("name", ["csv", "xlsx", "gradescope", "nbgrader", "moodle", "canvas"])
def test_exports_are_files_and_are_noted(web: Web, name: str) -> None:
    answer = web.client_as("helper").get(f"{COURSE}/gradebook/export/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith(f'attachment; filename="dl-{name}.')
    assert len(answer.data) > 50
    with web.database.read() as session:
        line = session.scalars(select(Audit).order_by(Audit.number.desc())).first()
        assert line is not None
        assert (line.action, line.data["format"]) == ("gradebook.export", name)
    assert web.client_as("helper").get(f"{COURSE}/gradebook/export/exe").status_code == 404


# --------------------------------------------------------------------------------------------------- assignment


def test_results_are_drawn_and_told(web: Web) -> None:
    shown = web.client_as("teacher").get(f"{RESULTS}?lang=en").text
    for id in ("scores", "arrivals", "failures", "misconceptions", "grid"):
        assert f'<figure id="{id}"' in shown
    assert shown.count("<svg ") == 5
    assert "xlink:href" not in shown
    assert "https:" not in shown
    assert "SECRET-TITLE (staff only)" in shown
    assert "This is no notebook." in shown  # what could not be graded
    assert "The slowest runs" in shown
    assert "1,234 MB" in shown.split("The heaviest runs")[1]


def test_a_bar_leads_to_its_people(web: Web) -> None:
    client = web.client_as("teacher")
    shown = client.get(f"{RESULTS}?lang=en").text
    links = {link.replace("&amp;", "&") for link in re.findall(r'<a href="([^"]*/results/people\?[^"]*)"', shown)}
    assert len(links) > 10
    for link in links:
        assert client.get(link).status_code == 200
    assert "김미나" in client.get(f"{RESULTS}/people?check=edges.zero").text
    assert "김미나" not in client.get(f"{RESULTS}/people?check=double.values").text.split("<main")[1]
    assert "박소라" in client.get(f"{RESULTS}/people?state=none").text
    assert "김미나" in client.get(f"{RESULTS}/people?bin=8").text
    assert client.get(f"{RESULTS}/people?day=yesterday").status_code == 404


# --------------------------------------------------------------------------------------------------- submission


def test_staff_see_every_check(web: Web) -> None:
    shown = web.client_as("helper").get(f"/submissions/{web.receipts['mina'][0]}/staff?lang=en").text
    for words in ("SECRET-TITLE", "SECRET-MESSAGE", "LATER-MESSAGE", "SECRET-BELIEF", "staff only", "NameError"):
        assert words in shown
    assert "<iframe" in shown
    assert " sandbox " in shown


def test_staff_read_what_the_box_refused(web: Web) -> None:
    receipt, client = web.receipts["mina"][0], web.client_as("helper")
    english = client.get(f"/submissions/{receipt}/staff?lang=en").text.split('id="security"')[1]
    for words in ("1,234 MB", "2048 MB of memory", "/SECRET-PATH", "A file that is not in the box", "no proof"):
        assert words in english
    assert "상자에 없거나 열 수 없는 파일" in client.get(f"/submissions/{receipt}/staff?lang=ko").text
    with web.database.write() as session:
        for row in session.scalars(select(Run)):
            row.rest = {**(row.rest or {}), "security": Security(65 << 20, 1).as_json()}
    page = client.get(f"/submissions/{receipt}/staff?lang=en").text
    assert "The box refused nothing." in page
    assert "no proof" not in page


def test_the_executed_notebook_is_sandboxed(web: Web) -> None:
    receipt = web.receipts["mina"][1]
    with web.database.read() as session:
        key = session.scalars(select(Run.key).join(Submission).where(Submission.receipt == receipt)).one()
    answer = web.client_as("helper").get(f"/submissions/{receipt}/staff/notebook?run={key}")
    assert "MINA-OUTPUT 2" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox; default-src 'none'")
    assert "script" not in policy
    assert web.client_as("mina").get(f"/submissions/{receipt}/staff/notebook?run={key}").status_code == 404
    other = web.receipts["juno"][0]  # a run of another submission
    assert web.client_as("helper").get(f"/submissions/{other}/staff/notebook?run={key}").status_code == 404


def test_what_a_student_wrote_stays_text(web: Web) -> None:
    bad = "<script>alert(1)</script>"
    mina = web.person("mina").id
    with web.database.write() as session:
        row = session.get_one(Person, mina)
        row.name = bad
        first = session.scalars(select(Submission).filter_by(receipt=web.receipts["mina"][0])).one()
        decisions.comment(session, first, bad, actor=row)
        decisions.open_request(session, first, row, bad)
        submissions.submit(
            *(session, people.assignment(session, people.the_course(session, "dl"), "doubling"), row),
            *(notebook("third").replace(b"2 * x", f"'{bad}'".encode()), f"{bad}.ipynb", Source.WEB),
            enqueue=lambda *_: None,
        )
        third = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one().receipt
    client = web.client_as("teacher")
    about = [f"/submissions/{one}/staff{more}" for one in (web.receipts["mina"][0], third) for more in ("", "/compare")]
    for address in [*about, *pages(web)]:
        answer = client.get(address)
        if answer.mimetype == "text/html":
            assert bad not in answer.text, address


def test_two_attempts_side_by_side(web: Web) -> None:
    with web.database.write() as session:
        row = session.get_one(Person, web.person("mina").id)
        assignment = people.assignment(session, people.the_course(session, "dl"), "doubling")
        data = notebook("third").replace(b"return 2 * x", b"return x + x")
        submissions.submit(session, assignment, row, data, "x.ipynb", Source.WEB, enqueue=lambda *_: None)
        third = session.scalars(select(Submission).order_by(Submission.id.desc()).limit(1)).one().receipt
    client = web.client_as("helper")
    shown = client.get(f"/submissions/{third}/staff/compare?lang=en").text
    assert "Attempts 2 and 3" in shown
    assert '<mark class="gone">2</mark>' in shown
    assert '<mark class="new">x</mark>' in shown
    first = web.receipts["mina"][0]
    assert "Attempts 1 and 3" in client.get(f"/submissions/{third}/staff/compare?with={first}&lang=en").text
    other = web.receipts["juno"][0]  # not this student's: the usual one is taken
    assert "Attempts 2 and 3" in client.get(f"/submissions/{third}/staff/compare?with={other}&lang=en").text
    assert "no notebook" in client.get(f"/submissions/{other}/staff/compare?lang=en").text


def test_an_assistant_comments_on_a_cell(web: Web) -> None:
    client, receipt = web.client_as("helper"), web.receipts["mina"][1]
    answer = client.send(f"/submissions/{receipt}/staff/comments", text="왜 2인가요?", cell="1")
    assert answer.status_code == 303
    with web.database.read() as session:
        row = session.scalars(select(Comment)).one()
        assert (row.cell, row.text, row.author_id) == (1, "왜 2인가요?", web.person("helper").id)
    shown = client.get(f"/submissions/{receipt}/staff?lang=en").text
    assert "왜 2인가요?" in shown
    assert "Cell 2" in shown
    assert "commented (cell 2)" in shown
    assert client.send(f"/submissions/{receipt}/staff/comments", text=" ").status_code == 400
    assert client.send(f"/submissions/{receipt}/staff/comments", text="x", cell="-1").status_code == 400


def grade(web: Web, name: str) -> float:
    with web.database.read() as session:
        course = people.the_course(session, "dl")
        return grades.of_course(session, course, people=[web.person(name).id])[0][1]["doubling"].score


def test_points_by_hand(web: Web) -> None:
    client, receipt = web.client_as("teacher"), web.receipts["mina"][1]
    address = f"/submissions/{receipt}/staff/overrides"
    assert grade(web, "mina") == 80
    assert client.send(address, check="edges.zero", points="7,5", reason="말로 설명함").status_code == 303
    assert grade(web, "mina") == 87.5
    assert "말로 설명함" in client.get(f"/submissions/{receipt}/staff").text
    assert client.send(address, check="edges.zero", undo="1", points="", reason="실수").status_code == 303
    assert grade(web, "mina") == 80
    assert client.send(address, points="55", reason="규칙").status_code == 303
    assert grade(web, "mina") == 55
    for points, reason, check in (
        ("", "x", ""),
        ("seven", "x", ""),
        ("nan", "x", ""),
        ("inf", "x", ""),
        ("101", "x", ""),
        ("-1", "x", ""),
        ("5", " ", ""),
        ("5", "x", "no.such"),
    ):
        assert client.send(address, check=check, points=points, reason=reason).status_code == 400
    assert grade(web, "mina") == 55
    shown = client.get(f"/submissions/{receipt}/staff?lang=en").text
    assert "set points by hand (check edges.zero, points 7.5)" in shown
    assert "took a decision on points back" in shown


def test_who_handed_nothing_in_can_get_points(web: Web) -> None:
    client, sora = web.client_as("teacher"), web.person("sora").id
    address = f"{COURSE}/people/{sora}/score"
    assert client.send(address, assignment="doubling", points="30", reason="구두시험").status_code == 303
    assert grade(web, "sora") == 30
    assert "구두시험" in client.get(f"{COURSE}/people/{sora}").text
    assert client.send(address, assignment="doubling", undo="1", points="", reason="취소").status_code == 303
    assert grade(web, "sora") == 0
    assert client.send(address, assignment="nothing", points="3", reason="x").status_code == 400


def test_requests_are_answered_once(web: Web) -> None:
    receipt = web.receipts["mina"][1]
    with web.database.write() as session:
        row = session.scalars(select(Submission).filter_by(receipt=receipt)).one()
        id = decisions.open_request(session, row, session.get_one(Person, row.person_id), "0도 맞아요").id
    client = web.client_as("teacher")
    assert "0도 맞아요" in client.get(f"{COURSE}/requests").text
    assert "1 request to look again" in client.get(f"{COURSE}/gradebook?lang=en").text
    assert f'<a href="{COURSE}/requests">Requests to look again</a>' in client.get(f"{COURSE}?lang=en").text
    address = f"/submissions/{receipt}/staff/requests/{id}"
    other = f"/submissions/{web.receipts['juno'][0]}/staff/requests/{id}"
    assert client.send(other, verdict="accept", answer="x").status_code == 404
    assert client.send(address, verdict="perhaps", answer="x").status_code == 400
    assert client.send(address, verdict="accept", answer="").status_code == 400
    assert client.send(address, verdict="decline", answer="시험에 쓴 값이 다릅니다.").status_code == 303
    assert client.send(address, verdict="accept", answer="x").status_code == 400
    with web.database.read() as session:
        assert session.get_one(RegradeRequest, id).decision.value == "declined"
    assert "시험에 쓴 값이 다릅니다." in client.get(f"/submissions/{receipt}/staff").text


# ------------------------------------------------------------------------------------------------------- people


def upload(client: Browser, content: str | bytes) -> tuple[int, str]:
    data = content.encode() if isinstance(content, str) else content
    answer = client.send(f"{COURSE}/people/import?lang=en", file=(io.BytesIO(data), "people.csv"))
    if answer.status_code == 200:  # what it would do; and it is to be done
        found = dict(re.findall(r'name="(seen|kept)" value="([^"]*)"', answer.text))
        answer = client.send(f"{COURSE}/people/import?lang=en", save="1", **found)
    return answer.status_code, answer.text


def test_a_file_of_people_is_taken_whole_or_not_at_all(web: Web) -> None:
    client = web.client_as("teacher")
    code, shown = upload(client, "name,email,role\nA,a@example.com,\nB,b@,\nC,c@example.com,king\n")
    assert code == 400
    assert "Nobody was added" in shown
    faults = re.findall(r'<tr><th scope="row" class="number">(\d+)</th><td>([^<]*)</td>', shown)
    assert [line for line, _ in faults] == ["3", "4"]
    with web.database.read() as session:
        assert session.scalar(select(func.count()).where(Person.email == "a@example.com")) == 0
    code, _ = upload(client, "이름,이메일,분반\n가나,a@example.com,C\n".encode("cp949"))
    assert code == 303
    assert "가나" in client.get(f"{COURSE}/people").text
    assert upload(client, b"")[0] == 400


def test_an_instructor_makes_no_administrator(web: Web) -> None:
    client, mina = web.client_as("teacher"), web.person("mina").id
    assert upload(client, "name,email,role\nMina,mina@example.com,admin\n")[0] == 400
    assert upload(client, "name,email,role\nTeacher,teacher@example.com,student\n")[0] == 400
    assert client.send(f"{COURSE}/people/{mina}/role", role="admin").status_code == 400
    assert client.send(f"{COURSE}/people", name="X", email="x@example.com", role="admin").status_code == 400
    me = web.person("teacher").id
    assert client.send(f"{COURSE}/people/{me}/role", role="admin").status_code == 400
    assert client.send(f"{COURSE}/people", name="T", email="teacher@example.com", role="student").status_code == 400
    with web.database.read() as session:
        roles = {one.person.email: one.role for one in session.scalars(select(Member))}
    assert Role.ADMIN not in roles.values()
    assert roles["teacher@example.com"] is Role.INSTRUCTOR


def test_roles_and_activity(web: Web) -> None:
    client, mina = web.client_as("teacher"), web.person("mina").id
    assert client.send(f"{COURSE}/people/{mina}/role", role="assistant").status_code == 303
    assert web.client_as("mina").get(f"{COURSE}/gradebook").status_code == 200
    assert client.send(f"{COURSE}/people/{mina}/active", on="0").status_code == 303
    assert not web.person("mina").active
    assert "김미나" in client.get(f"{COURSE}/people?left=1").text
    assert client.send(f"{COURSE}/people/{mina}/active", on="1").status_code == 303
    assert web.person("mina").active
    for id in (web.person("outsider").id, 10**6):
        assert client.get(f"{COURSE}/people/{id}").status_code == 404
        assert client.send(f"{COURSE}/people/{id}/active", on="0").status_code == 404
        assert client.send(f"{COURSE}/people/{id}/invitation").status_code == 404
    me = web.person("teacher").id
    assert client.send(f"{COURSE}/people/{me}/active", on="0").status_code == 400


def test_an_invitation_is_shown_once_and_works(web: Web) -> None:
    client, sora = web.client_as("teacher"), web.person("sora").id
    shown = client.send(f"{COURSE}/people/{sora}/invitation").text
    found = re.search(r'value="[^"]*(/invitations/[^"]+)"', shown)
    assert found is not None
    assert web.client_as(None).get(found[1]).status_code == 200
    assert "/invitations/" not in client.get(f"{COURSE}/people/{sora}").text
    again = re.search(r"/invitations/[^\"]+", client.send(f"{COURSE}/people/{sora}/invitation").text)
    assert again is not None
    assert web.client_as(None).get(found[1]).status_code == 404  # the later one ends it
    assert web.client_as(None).get(again[0]).status_code == 200


def test_nobody_takes_over_who_teaches_elsewhere(web: Web) -> None:
    """An invitation sets a password, so it is worth the whole account, in all its courses."""
    with web.database.write() as session:
        other = people.the_course(session, "other")
        people.add_person(session, other, "sora@example.com", "박소라", Role.INSTRUCTOR, actor="test")
    client, sora = web.client_as("teacher"), web.person("sora").id
    assert client.send(f"{COURSE}/people/{sora}/invitation").status_code == 400
    assert client.send(f"{COURSE}/people/{sora}/active", on="0").status_code == 400
    assert web.person("sora").active
    helper = web.person("helper").id
    assert client.send(f"{COURSE}/people/{helper}/invitation").status_code == 200


def test_nobody_lets_in_again_whom_others_let_out(web: Web) -> None:
    with web.database.write() as session:
        outsider = session.get_one(Person, web.person("outsider").id)
        people.deactivate(session, outsider, actor="test")
        people.deactivate(session, session.get_one(Person, web.person("sora").id), actor="test")
    client = web.client_as("teacher")
    assert client.send(f"{COURSE}/people", name="O", email="outsider@example.com", role="student").status_code == 400
    assert upload(client, "name,email\nO,outsider@example.com\n")[0] == 400
    assert not web.person("outsider").active
    assert upload(client, "name,email\n박소라,sora@example.com\n")[0] == 303
    assert web.person("sora").active


def extend(client: Browser, **fields: str) -> Any:
    """Asks what an extension would do, and then gives it."""
    shown = client.send(f"{COURSE}/extensions?lang=en", **fields).text
    seen = re.search(r'name="seen" value="(\w+)"', shown)
    assert seen is not None, shown
    return client.send(f"{COURSE}/extensions", save="1", seen=seen[1], **fields)


def test_an_extension_shows_whose_grade_it_moves_before_it_is_given(web: Web) -> None:
    """mina is late by the course's rules until her group gets more time; everybody of it is named."""
    with web.database.write() as session:
        row = people.assignment(session, people.the_course(session, "dl"), "doubling")
        row.due, row.policy = web.now - 4 * DAY, {"late": "percent", "percent_a_day": 10, "grace_days": 0}
        group = session.scalars(select(Member.group_id).where(Member.person_id == web.person("mina").id)).one()
        names = session.scalars(select(Person.name).join(Member).where(Member.group_id == group)).all()
    teacher = web.client_as("teacher")
    given = {"assignment": "doubling", "whom": f"group:{group}", "due": "2031-03-02T18:00", "reason": "정전"}
    page = teacher.send(f"{COURSE}/extensions?lang=en", **given).text
    box = page.split('id="preview"', 1)[1].split("</section>", 1)[0]
    assert all(name in box for name in names)
    assert "1 grade changes." in box
    assert re.search(r"late</span></td><td class=\"number\">80 / 100 <span class=\"up\"", box)
    assert "2031-03-02" in box
    with web.database.read() as session:
        assert not session.scalars(select(Extension)).all()
    seen = re.findall(r'name="seen" value="(\w+)"', page)[0]
    other = given | {"due": "2031-03-09T18:00"}
    assert "not saved" in teacher.send(f"{COURSE}/extensions?lang=en", save="1", seen=seen, **other).text
    with web.database.write() as session:  # what was shown is true no more
        person = session.get_one(Person, web.person("mina").id)
        decisions.set_override(session, row, person, 5, "x", actor="test")
    assert "not saved" in teacher.send(f"{COURSE}/extensions?lang=en", save="1", seen=seen, **given).text
    assert extend(teacher, **given).status_code == 303
    with web.database.read() as session:
        assert session.scalars(select(Extension)).one().group_id == group
    assert "Nobody&#39;s grade changes" in teacher.send(f"{COURSE}/extensions?lang=en", **given).text


def test_extensions_of_a_person_and_of_a_group(web: Web) -> None:
    client, sora = web.client_as("teacher"), web.person("sora").id
    given = extend(client, assignment="doubling", whom=f"person:{sora}", due="2031-03-02T18:00", reason="병가")
    assert given.status_code == 303
    with web.database.read() as session:
        row = session.scalars(select(Extension)).one()
        assert row.due is not None
        assert row.due.isoformat() == "2031-03-02T09:00:00+00:00"  # in Seoul it is 18:00
        group = session.scalars(select(Member.group_id).where(Member.person_id == web.person("mina").id)).one()
    assert extend(client, assignment="doubling", whom=f"group:{group}", attempts="2", reason="정전").status_code == 303
    shown = client.get(f"{COURSE}/extensions?lang=en").text
    assert "병가" in shown
    assert "+2 attempts" in shown
    assert "extended" in client.get(f"{COURSE}/people/{sora}?lang=en").text
    for wrong in (
        {"due": "soon"},
        {"attempts": "-1"},
        {"attempts": "x"},
        {},
        {"due": "2031-01-01T00:00", "reason": ""},
    ):
        fields = {"assignment": "doubling", "whom": f"person:{sora}", "reason": "x", **wrong}
        assert client.send(f"{COURSE}/extensions", **fields).status_code == 400
    outsider = web.person("outsider").id
    assert (
        client.send(
            f"{COURSE}/extensions", assignment="doubling", whom=f"person:{outsider}", attempts="1", reason="x"
        ).status_code
        == 404
    )


# -------------------------------------------------------------------------------------------------------- queue


def waiting(web: Web) -> str:
    with web.database.read() as session:
        return session.scalars(select(Run.key).where(Run.state == State.QUEUED)).one()


def test_a_waiting_run_is_cancelled_and_put_back(web: Web) -> None:
    client, key = web.client_as("teacher"), waiting(web)
    assert f"/queue/{key}/cancel" in client.get(f"{COURSE}/queue").text
    assert client.send(f"{COURSE}/queue/{key}/cancel").status_code == 303
    with web.database.read() as session:
        assert session.scalars(select(Run).where(Run.key == key)).one().state is State.CANCELLED
    assert f"/queue/{key}/requeue" in client.get(f"{COURSE}/queue").text
    assert client.send(f"{COURSE}/queue/{key}/requeue").status_code == 303
    assert waiting(web) == key
    assert client.send(f"{COURSE}/queue/{key}/requeue").status_code == 303  # nothing is done, and it says so
    assert client.send(f"{COURSE}/queue/{key}/explode").status_code == 404
    assert client.send(f"{COURSE}/queue/{'f' * 32}/cancel").status_code == 404


def test_a_run_of_another_course_is_not_here(web: Web) -> None:
    with web.database.write() as session:
        other = people.the_course(session, "other")
        people.add_person(session, other, "sora@example.com", "박소라", Role.INSTRUCTOR, actor="test")
    client, key = web.client_as("sora"), waiting(web)
    assert key not in client.get("/courses/other/queue").text
    assert client.send(f"/courses/other/queue/{key}/cancel").status_code == 404


def shadow(web: Web, batch: str, values: float) -> None:
    """What a worker does with the runs of a regrade."""
    with web.database.write() as session:
        for run in session.scalars(select(Run).where(Run.batch == batch)):
            run.state, run.fence, run.started_at = State.RUNNING, run.fence + 1, run.requested_at
            session.flush()
            assert submissions.finish(session, run, run.fence, graded(values), None)


def test_a_regrade_is_planned_seen_and_committed(web: Web) -> None:
    client = web.client_as("teacher")
    answer = client.send(REGRADES, what="counting", again="1")
    assert answer.status_code == 303
    page = answer.headers["Location"]
    batch = page.rsplit("/", 1)[1]
    assert 'http-equiv="refresh"' in client.get(page).text
    assert client.send(page, verb="commit", seen="").status_code == 400  # runs are still waiting
    shadow(web, batch, 30)
    assert grade(web, "mina") == 80  # nothing changed yet
    shown = client.get(f"{page}?lang=en").text
    assert "-30" in shown
    seen = re.search(r'name="seen" value="([^"]+)"', shown)
    assert seen is not None
    assert client.send(page, verb="commit", seen="0" * 16).status_code == 400  # not what was looked at
    assert web.client_as("helper").send(page, verb="commit", seen=seen[1]).status_code == 404
    assert client.send(page, verb="commit", seen=seen[1]).status_code == 303
    assert grade(web, "mina") == 50
    assert "This regrade counts" in client.get(f"{page}?lang=en").text
    receipt = web.receipts["mina"][1]
    assert "made a regrade count" in client.get(f"/submissions/{receipt}/staff?lang=en").text


def test_what_a_regrade_changed_is_told_as_long_as_it_counts(web: Web) -> None:
    client = web.client_as("teacher")
    page = client.send(REGRADES, what="counting", again="1").headers["Location"]
    shadow(web, page.rsplit("/", 1)[1], 30)
    shown = client.get(f"{page}?lang=en").text
    row = re.compile(r'80</td><td class="number">50 / 100</td><td class="number down">-30</td>\s*<td[^>]*>([^<]*)<')
    would = row.search(shown)
    assert would is not None
    assert "60 → 30" in would[1]
    seen = re.findall(r'name="seen" value="([^"]+)"', shown)[0]
    assert client.send(page, verb="commit", seen=seen).status_code == 303
    with web.database.write() as session:  # whatever comes later
        about = people.assignment(session, people.the_course(session, "dl"), "doubling")
        decisions.set_override(session, about, session.get_one(Person, web.person("mina").id), 99, "x", actor="test")
    did = row.search(client.get(f"{page}?lang=en").text.split("What changed</h2>", 1)[1])
    assert did is not None
    assert did[1] == would[1]


def test_a_regrade_is_called_off(web: Web) -> None:
    client = web.client_as("teacher")
    page = client.send(REGRADES, what="all", again="1").headers["Location"]
    assert client.send(page, verb="discard").status_code == 303
    with web.database.read() as session:
        states = set(session.scalars(select(Run.state).where(Run.batch == page.rsplit("/", 1)[1])))
    assert states == {State.CANCELLED}
    assert client.send(page, verb="explode").status_code == 400
    assert client.send(REGRADES, what="counting").status_code == 400  # all are graded by this version already
    assert client.get(f"{REGRADES}/{'f' * 32}").status_code == 404


def test_a_regrade_that_was_graded_and_then_called_off_is_not_offered_again(web: Web) -> None:
    client = web.client_as("teacher")
    page = client.send(REGRADES, what="counting", again="1").headers["Location"]
    shadow(web, page.rsplit("/", 1)[1], 30)
    assert "to be decided" in client.get(f"{REGRADES}?lang=en").text
    assert client.send(page, verb="discard").status_code == 303
    shown = client.get(f"{page}?lang=en").text
    assert "This regrade was called off." in shown
    assert "Make it count" not in shown
    assert 'name="verb"' not in shown
    listed = client.get(f"{REGRADES}?lang=en").text
    assert "called off" in listed
    assert "to be decided" not in listed
    assert client.send(page, verb="commit", seen="").status_code == 400
    assert grade(web, "mina") == 80


def test_what_was_set_aside_is_listed_until_it_is_graded_after_all(web: Web) -> None:
    client, receipt = web.client_as("teacher"), web.receipts["mina"][1]
    with web.database.write() as session:
        run = session.scalars(select(Run).join(Submission).where(Submission.receipt == receipt)).one()
        run.state, run.reason = State.SET_ASIDE, Text("상자가 없음", "there was no box").as_json()
    assert "there was no box" in client.get(f"{COURSE}/queue?lang=en").text
    page = client.send(REGRADES, what="all", again="1").headers["Location"]
    shadow(web, page.rsplit("/", 1)[1], 60)
    assert "there was no box" not in client.get(f"{COURSE}/queue?lang=en").text


def test_nothing_is_written_twice_by_looking(web: Web) -> None:
    """A page that is only read changes nothing but what an export notes."""
    client = web.client_as("teacher")
    with web.database.read() as session:
        before = (
            session.scalar(select(func.count()).select_from(Audit)),
            session.scalar(select(func.count()).select_from(Override)),
        )
    for address in pages(web):
        if "export" not in address:
            client.get(address)
    with web.database.read() as session:
        after = (
            session.scalar(select(func.count()).select_from(Audit)),
            session.scalar(select(func.count()).select_from(Override)),
        )
    assert before == after
