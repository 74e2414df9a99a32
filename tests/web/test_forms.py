"""A mistake in a small form is said at the form, and what was typed is kept."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from sqlalchemy import func, select
from web.conftest import DAY, Web

from grader.course import invitations
from grader.store.models import Override, Person

LONG = "w" * 2_100  # more than a reason may have
PEOPLE = "/courses/dl/people"


def mended(answer: Any, *typed: str) -> None:
    """The page itself is there, with an alert and what was typed."""
    assert answer.status_code == 400
    assert answer.text.count('role="alert"') == 1
    assert 'class="who"' in answer.text  # with its header
    for words in typed:
        assert words in answer.text


def test_points_and_comments_of_a_submission(web: Web) -> None:
    teacher, here = web.client_as("teacher"), f"/submissions/{web.receipts['mina'][1]}/staff"
    mended(teacher.send(f"{here}/overrides", check="", points="many", reason="WHY"), 'value="many"', 'value="WHY"')
    answer = teacher.send(f"{here}/overrides", check="double.values", points="1000", reason="WHY")
    mended(answer, 'value="1000"', "<details open>")
    mended(teacher.send(f"{here}/overrides", check="double.values", points="5", reason=" "), 'value="5"')
    mended(teacher.send(f"{here}/comments", text=" ", cell="1"))
    mended(teacher.send(f"{here}/comments", text="w" * 10_001), "w" * 10_001)
    with web.database.read() as session:
        assert session.scalar(select(func.count()).select_from(Override)) == 0


def test_an_answer_to_a_request(web: Web) -> None:
    receipt = web.receipts["mina"][1]
    assert web.client_as("mina").send(f"/submissions/{receipt}/request", reason="why?").status_code == 303
    teacher = web.client_as("teacher")
    address = f"/submissions/{receipt}/staff/requests/1"
    mended(teacher.send(address, verdict="accept", answer="w" * 10_001), "w" * 10_001)
    assert teacher.send(address, verdict="accept", answer="Right.").status_code == 303
    mended(teacher.send(address, verdict="accept", answer="Right."))  # answered already


def test_a_person_and_their_score(web: Web) -> None:
    teacher, mina, me = web.client_as("teacher"), web.person("mina").id, web.person("teacher").id
    sent = teacher.send(f"{PEOPLE}/{mina}/score", assignment="doubling", points="7..5", reason=LONG)
    mended(sent, 'value="7..5"', LONG)
    mended(teacher.send(f"{PEOPLE}/{me}/role", role="student"))
    mended(teacher.send(f"{PEOPLE}/{mina}/role", role="king"))
    mended(teacher.send(f"{PEOPLE}/{me}/active", on="0"))
    mended(teacher.send(f"{PEOPLE}/{me}/invitation"))


def test_extensions_and_new_people(web: Web) -> None:
    teacher = web.client_as("teacher")
    given = {"assignment": "doubling", "whom": f"person:{web.person('mina').id}", "due": "", "closes": ""}
    mended(teacher.send("/courses/dl/extensions", **given, attempts="many", reason="WHY"), 'value="many"', ">WHY<")
    given = {"name": "New Person", "email": "no address", "role": "assistant", "group": "Z"}
    mended(
        teacher.send(PEOPLE, **given),
        'value="New Person"',
        'value="no address"',
        'value="Z"',
        '<option value="assistant" selected>',
    )


def test_a_file_of_people_is_shown_before_it_is_saved(web: Web) -> None:
    teacher = web.client_as("teacher")
    data = "name,email,role,group,shoes\n새 사람,new@example.com,,,9\n김미나,mina@example.com,assistant,B,9\n".encode()

    def upload(content: bytes) -> Any:
        return teacher.send(f"{PEOPLE}/import?lang=en", file=(io.BytesIO(content), "people.csv"))

    shown = upload(data)
    assert shown.status_code == 200
    preview = shown.text.split('id="coming"', 1)[1].split("</section>", 1)[0]
    for words in ("1 to add, 1 to change", "새 사람", "<s>Student</s> Assistant", "<s>A</s> B", "shoes"):
        assert words in preview
    with web.database.read() as session:
        assert session.scalars(select(Person).filter_by(email="new@example.com")).first() is None
    kept = dict(re.findall(r'name="(seen|kept)" value="([^"]*)"', preview))
    assert teacher.send(f"{PEOPLE}/import", save="1", **(kept | {"seen": "0"})).status_code == 200
    assert teacher.send(f"{PEOPLE}/import", save="1", **(kept | {"kept": "%%%"})).status_code == 400
    assert web.person("mina").name == "김미나"
    assert teacher.send(f"{PEOPLE}/import", save="1", **kept).status_code == 303
    assert web.person("new").name == "새 사람"
    rows = "".join(f"P{n},p{n}@example.com\n" for n in range(7_000))  # more than a page keeps
    large = upload(f"name,email\n{rows}".encode())
    assert 'name="kept"' not in large.text
    assert 'id="again" type="file"' in large.text


def test_a_person_can_be_invited_again(web: Web) -> None:
    teacher, mina = web.client_as("teacher"), web.person("mina").id
    assert "none yet, and no invitation" in teacher.get(f"{PEOPLE}/{mina}?lang=en").text
    first = re.search(r'value="([^"]+/invitations/[^"]+)"', teacher.send(f"{PEOPLE}/{mina}/invitation").text)
    page = teacher.get(f"{PEOPLE}/{mina}?lang=en").text
    assert "the invitation works until" in page
    assert "Invite again" in page
    second = re.search(r'value="([^"]+/invitations/[^"]+)"', teacher.send(f"{PEOPLE}/{mina}/invitation").text)
    assert first
    assert second
    nobody = web.client_as(None)
    assert nobody.get(first[1]).status_code == 404  # the earlier one has ended
    assert nobody.get(second[1]).status_code == 200
    with web.database.read() as session:
        token = second[1].rpartition("/")[2]
        assert invitations.invited(session, token, at=web.now + 30 * DAY) is None


@pytest.mark.parametrize("who", ["mina", "teacher"])
def test_an_unknown_address_has_the_header_of_who_is_signed_in(web: Web, who: str) -> None:
    page = web.client_as(who).get("/no/such/place?lang=en")
    assert page.status_code == 404
    assert "Sign out" in page.text
    assert web.person(who).name in page.text
    nobody = web.client_as(None).get("/no/such/place?lang=en")
    assert nobody.status_code == 404
    assert "Sign out" not in nobody.text
