"""All that somebody handed in, in one file: to the byte, with names as they were, and nobody else's."""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from sqlalchemy import select, update
from web.conftest import DAY, Web, notebook, person_of

from grader.course import submissions
from grader.store.models import Assignment, Blob, Source
from webapp.submitted import safe

OF_ONE, OF_ALL = "/courses/dl/assignments/doubling/submitted.zip", "/courses/dl/submitted.zip"


def files(web: Web, name: str, address: str = OF_ONE) -> zipfile.ZipFile:
    answer = web.client_as(name).get(address)
    assert answer.status_code == 200
    assert answer.headers["Content-Disposition"].startswith("attachment")
    return zipfile.ZipFile(io.BytesIO(answer.data))


def receipts(found: zipfile.ZipFile) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.read("receipts.csv").decode("utf-8-sig"))))


@pytest.mark.parametrize("address", [OF_ONE, OF_ALL])
def test_every_notebook_to_the_byte_under_its_name_with_its_receipt(web: Web, address: str) -> None:
    with web.database.write() as session:
        one = session.scalars(select(Assignment)).one()
        submissions.submit(
            *(session, one, person_of(session, "mina"), notebook("third"), "../내 과제: 1?.ipynb", Source.WEB),
            at=web.now,
            enqueue=lambda *_: None,
        )
    found = files(web, "mina", address)
    wanted = [notebook(words) for words in ("first", "second", "third")]
    names = ["doubling/01-mina.ipynb", "doubling/02-mina.ipynb", "doubling/03-내 과제_ 1_.ipynb"]
    assert found.namelist() == [*names, "receipts.csv"]
    assert [found.read(name) for name in names] == wanted
    assert found.getinfo(names[2]).flag_bits & 0x800  # UTF-8
    rows = receipts(found)
    assert [row["file"] for row in rows] == names
    assert [row["sha256"] for row in rows] == [hashlib.sha256(data).hexdigest() for data in wanted]
    assert [row["receipt"] for row in rows[:2]] == web.receipts["mina"]
    assert rows[0]["received_at_utc"] == (web.now - 2 * DAY).isoformat()
    assert rows[2]["original_name"] == "내 과제: 1?.ipynb"


def test_it_holds_ones_own_alone_even_for_staff(web: Web) -> None:
    assert files(web, "helper", OF_ALL).namelist() == ["receipts.csv"]
    assert {row["receipt"] for row in receipts(files(web, "juno", OF_ALL))} == set(web.receipts["juno"])
    assert web.client_as("outsider").get(OF_ALL).status_code == 404
    assert OF_ONE in web.client_as("mina").get("/courses/dl/assignments/doubling").text
    assert OF_ALL in web.client_as("mina").get("/courses/dl").text


def test_a_damaged_notebook_stands_in_the_table_and_the_others_are_there(web: Web) -> None:
    with web.database.write() as session:
        first = hashlib.sha256(notebook("first")).hexdigest()
        session.execute(update(Blob).where(Blob.sha256 == first).values(data=b"damaged"))
    found = files(web, "mina")
    assert [row["file"] for row in receipts(found)] == ["", "doubling/02-mina.ipynb"]
    assert found.testzip() is None


def test_the_streams_that_it_takes_are_given_back(web: Web) -> None:
    browser = web.client_as("mina")
    for _ in range(6):
        browser.get(OF_ONE).close()
    assert browser.get(OF_ONE).status_code == 200


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("과제.ipynb", "과제.ipynb"),
        ('a<b>:"c|d?*.ipynb', "a_b___c_d__.ipynb"),
        ("...", "notebook.ipynb"),
        ("가" * 300 + ".ipynb", "가" * 94 + ".ipynb"),
    ],
)
def test_names_are_safe_everywhere(name: str, kept: str) -> None:
    assert safe(name) == kept
    assert Path(safe(name)).name == safe(name)
