"""A missed question leads to the page of its topic and to the very cell of the notebook that teaches it."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from web.conftest import TOML, Web
from web.quizlab import COURSE, KEY, PLAIN, Lab, opened
from web.test_quizzes import shows

from grader.assignment import Assignment, Catalog
from grader.course import people, publishing, quizzes
from grader.quiz import html, lesson
from grader.suite import runner

LEARN = {"ko": "다시 배우기: ", "en": "Learn it again: "}
CATALOG = Catalog.find()


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch)
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(CATALOG.assignments))  # where the lessons are
    monkeypatch.setattr(runner, "outline", lambda assignment: [])  # how many points it has is of no matter here
    publish(web, CATALOG.load("perceptron"))
    return found


def publish(web: Web, assignment: Assignment, opens: timedelta = timedelta(days=-1)) -> None:
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        publishing.publish(
            session, course, assignment, None, actor="test", forced="a test", opens=web.now + opens, due=None
        )


def missed(lab: Lab) -> str:
    """The address of a practice that was ended with its question about XOR answered wrong."""
    address = lab.begun(key=PLAIN, mode="practice")
    lab.answered(address, wrong=("choice",))
    return f"{address}/review"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_missed_question_leads_to_its_lesson_and_to_its_cell(lab: Lab, lang: str) -> None:
    browser = lab.browser()
    review = browser.get(missed(lab), query_string={"lang": lang}).text
    found = re.search(rf'<a href="([^"]+)">{LEARN[lang]}[^<]*XOR[^<]*</a>\s*<a href="([^"#]+)#([^"]+)">', review)
    assert found, "no link to learn it again"
    topic, notebook, anchor = found.groups()
    page = browser.get(topic, query_string={"lang": lang}).text
    said = lesson.lesson(CATALOG.assignments, "xor")
    assert said is not None
    assert str(html.stem(said.into(lang))) in page
    assert f'href="{notebook}#{anchor}"' in page
    (cell,) = re.findall(rf'id="{anchor}".*?</section>', browser.get(notebook).text, re.DOTALL)
    assert "뉴런 하나가 할 수 없는 일" in cell
    assert "<math" in cell


def test_what_was_right_leads_nowhere(lab: Lab) -> None:
    address = lab.begun(key=PLAIN, mode="practice")
    lab.answered(address)
    review = shows(lab.browser(), f"{address}/review")
    assert review.count("Learn it again") == 1  # the cell alone was not answered


@pytest.mark.parametrize(("review", "told"), [("at_once", True), ("after_due", False)])
def test_a_graded_attempt_leads_there_only_once_it_may_be_looked_behind(lab: Lab, review: str, told: bool) -> None:
    lab.schedule(KEY, rules={"review": review})
    address = lab.begun()
    lab.answered(address, wrong=("choice",), submit=False)
    assert "Learn it again" not in shows(lab.browser(), address, view="all")
    with lab.web.database.write() as session:
        quizzes.submit(session, quizzes.by_receipt(session, address.rsplit("/", 1)[1]))
    assert ("Learn it again" in shows(lab.browser(), f"{address}/review")) is told


def test_a_notebook_that_has_not_opened_is_neither_linked_nor_shown(lab: Lab) -> None:
    publish(lab.web, CATALOG.load("perceptron"), timedelta(days=1))
    address, notebook = missed(lab), f"{COURSE}/assignments/perceptron/notebook"
    assert f"{COURSE}/topics/xor" in shows(lab.browser(), address)
    for page in (address, f"{COURSE}/topics/xor"):
        assert notebook not in shows(lab.browser(), page)
    assert lab.browser().get(notebook).status_code == 404
    assert "#cell-22" in shows(lab.browser("teacher"), f"{COURSE}/topics/xor")
    assert 'id="cell-22"' in shows(lab.browser("teacher"), notebook)


def test_nothing_in_a_released_notebook_acts(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = (
        '# <script>alert(1)</script> <img src=x onerror="alert(2)">\n[go](javascript:alert(3))\n\n'
        '<iframe src="https://evil.example"></iframe>\n\n![p](https://evil.example/p.png)\n\n$\\href{javascript:alert(4)}{x}$'
    )
    folder = tmp_path / "assignments/doubling"
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(TOML, encoding="utf-8")
    cells = [new_markdown_cell(hostile), new_code_cell('"</code></pre><script>alert(5)</script>"')]
    (folder / "notebook.ipynb").write_text(nbformat.writes(new_notebook(cells=cells)))
    monkeypatch.setattr(runner, "outline", lambda assignment: [])
    publish(web, Catalog(tmp_path / "assignments", tmp_path / "reference").load("doubling"))
    answer = web.client_as("mina").get(f"{COURSE}/assignments/doubling/notebook")
    (shown,) = re.findall(r'<div class="cells">.*?</main>', answer.text, re.DOTALL)
    assert "alert(5)" in shown  # as text
    assert not re.search(r"<(script|iframe|img)|<[^>]+\bon\w+=|href=\"(?!/|#)|<a [^>]*javascript", shown)
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
