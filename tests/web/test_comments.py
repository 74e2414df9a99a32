"""What staff say of a cell: it is found, and it is seen that there is something."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from web.conftest import Web, person_of

from grader.course import decisions
from grader.store.models import Submission


@pytest.fixture
def commented(web: Web) -> str:
    """The receipt of a submission with a comment on its code cell, the second, and one on the whole."""
    receipt = web.receipts["mina"][0]
    with web.database.write() as session:
        row = session.scalars(select(Submission).filter_by(receipt=receipt)).one()
        for words, cell in (("Why not a product?", 1), ("Well done.", None)):
            decisions.comment(session, row, words, cell=cell, actor=person_of(session, "helper"))
    return receipt


def test_a_comment_leads_to_its_cell_by_the_number_that_stands_there(web: Web, commented: str) -> None:
    browser = web.client_as("mina")
    page = browser.get(f"/submissions/{commented}?lang=en").text
    comments = page.partition('id="comments"')[2].partition("</ul>")[0]
    assert "Why not a product?" in comments
    found = re.search(r'<a href="([^"#]+)#([^"]+)">Cell 2</a>: <code>([^<]+)</code>', comments)
    assert found
    assert found[3] == "def double(x):"
    notebook = browser.get(f"{found[1]}?lang=en").text
    assert f'id="{found[2]}"' in notebook
    assert notebook.index("first") < notebook.index(f'id="{found[2]}"') < notebook.index("MINA-OUTPUT 1")


def test_staff_find_the_cell_too(web: Web, commented: str) -> None:
    page = web.client_as("helper").get(f"/submissions/{commented}/staff?lang=en").text
    assert '#cell-id=2">Cell 2</a> <code>def double(x):</code>' in page


def test_the_start_and_the_attempts_say_that_there_are_comments(web: Web, commented: str) -> None:
    browser = web.client_as("mina")
    badge = rf'<a class="badge" href="/submissions/{commented}#comments">2 comments'
    for page in ("/courses/dl", "/courses/dl/assignments/doubling"):
        assert browser.get(f"{page}?lang=en").text.count(badge) == 1
        assert "의견 2" in browser.get(f"{page}?lang=ko").text
        assert "comment" not in web.client_as("juno").get(f"{page}?lang=en").text
