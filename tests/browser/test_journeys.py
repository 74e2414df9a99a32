"""The whole way of a student and of an instructor, by what a person sees: labels, buttons and headings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from web.conftest import PASSWORD, notebook

from grader.store.models import Role

from .conftest import PHONE, Open, Place, too_wide

pytestmark = pytest.mark.slow
WAYS = [("ko", True), ("ko", False), ("en", True), ("en", False)]
WORDS = {
    "password": ("비밀번호", "Password"),
    "again": ("다시 한 번", "again"),
    "begin": ("비밀번호 정하고 시작하기", "Set the password and begin"),
    "nothing": ("제출 전", "nothing submitted yet"),
    "submit": ("제출하기", "Submit"),
    "next": ("다음: 확인하기", "Next: check it"),
    "sure": ("이대로 제출할까요?", "Submit this?"),
    "send": ("제출하기", "Submit"),
    "receipt": ("접수증", "Receipt"),
    "report": ("결과", "report on attempt"),
    "hint": ("첫 힌트 보기", "Show the first hint"),
    "different": ("이전 제출과 달라진 점", "What is different since the last attempt"),
    "attempts": ("내 제출", "My attempts"),
    "out": ("로그아웃", "Sign out"),
    "in": ("로그인", "Sign in"),
}
RIGHT = notebook("right")
WRONG = notebook("wrong").replace(b"return 2 * x", b"return x * x")


def word(key: str, language: str) -> str:
    return WORDS[key][language == "en"]


def fits(page: Page) -> None:
    """Nothing makes the page wider than the screen."""
    assert too_wide(page) <= 0, page.url


@pytest.mark.parametrize(("language", "phone"), WAYS)
def test_a_student_hands_in_reads_mends_and_hands_in_again(
    place: Place, browse: Open, tmp_path: Path, language: str, phone: bool
) -> None:
    name = f"new-{language}-{phone}".lower()
    page = browse(language, phone=phone)
    page.goto(place.invite(name, "새 학생"))
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name=word("begin", language)).click()
    expect(page.get_by_text(word("nothing", language))).to_be_visible()
    fits(page)

    _hand_in(page, language, tmp_path / "my work.ipynb", WRONG)
    page.wait_for_url(re.compile(r"/submissions/[A-Z0-9]+$"))  # the live page goes on by itself once it is graded
    expect(page.locator(".score strong")).to_have_text("0")
    expect(page.get_by_text("double(4)")).to_be_visible()
    fits(page)

    page.goto("/")
    _hand_in(page, language, tmp_path / "mended.ipynb", RIGHT)
    page.wait_for_url(re.compile(r"/submissions/[A-Z0-9]+$"))
    expect(page.locator(".score strong")).to_have_text("100")
    expect(page.get_by_role("heading", name=word("different", language))).to_be_visible()
    fits(page)

    page.goto("/courses/dl/assignments/doubling")
    expect(page.get_by_role("heading", name=word("attempts", language))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="my work.ipynb").click()
    assert Path(download.value.path()).read_bytes() == WRONG
    page.get_by_role("button", name=word("out", language)).click()
    expect(page.get_by_role("heading", name=word("in", language))).to_be_visible()


def _hand_in(page: Page, language: str, file: Path, content: bytes) -> None:
    file.write_bytes(content)
    page.get_by_role("link", name=re.compile(f"^{word('submit', language)}")).first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name=word("next", language)).click()
    expect(page.get_by_role("heading", name=word("sure", language))).to_be_visible()
    fits(page)
    page.get_by_role("button", name=word("send", language), exact=True).click()


def test_without_scripts_a_student_hands_in_and_reads(place: Place, browse: Open, tmp_path: Path) -> None:
    page = browse("en", js=False)
    page.goto(place.invite("plain", "Plain Reader"))
    for field in page.locator("input[type=password]").all():
        field.fill(PASSWORD)
    page.get_by_role("button", name=word("begin", "en")).click()
    _hand_in(page, "en", tmp_path / "plain.ipynb", RIGHT)
    expect(page.get_by_role("heading", name=word("receipt", "en"))).to_be_visible()
    assert '<noscript><meta http-equiv="refresh"' in page.content()  # which this browser, told to run none, leaves out
    link = page.get_by_role("link", name="See the report")
    for _ in range(240):
        if link.is_visible():
            break
        page.wait_for_timeout(500)  # who asks without a rest is refused for a while
        page.reload()
    link.click()
    expect(page.locator(".score strong")).to_have_text("100")


@pytest.mark.parametrize(("language", "phone"), [("ko", False), ("en", True)])
def test_an_instructor_finds_decides_comments_and_extends(
    place: Place, browse: Open, language: str, phone: bool
) -> None:
    korean = language == "ko"
    page = browse(language, phone=phone, as_="teacher")
    page.goto("/courses/dl/gradebook")
    expect(page.get_by_role("heading", name="성적부" if korean else "Gradebook")).to_be_visible()
    page.get_by_role("searchbox").fill("mina")
    page.get_by_role("button", name="찾기" if korean else "Show", exact=True).click()
    expect(page.locator("#gradebook tbody tr")).to_have_count(1)
    fits(page)
    page.locator("#gradebook tbody td.number a").last.click()
    expect(page.locator("h1")).to_contain_text("김미나")
    fits(page)

    page.get_by_text("과제 점수 조정" if korean else "Set the grade of the assignment").click()
    points = 91 if korean else 92
    form = page.locator("#grade form")
    form.locator("input[name=points]").fill(str(points))
    form.locator("[name=reason]").fill("looked at it together")
    form.get_by_role("button").first.click()
    expect(page.locator("#grade")).to_contain_text(str(points))
    expect(page.locator("#grade")).to_contain_text("looked at it together")

    page.locator("textarea[name=text]").last.fill(f"Well done {language}")
    page.get_by_role("button", name="의견 남기기" if korean else "Comment", exact=True).click()
    expect(page.get_by_text(f"Well done {language}")).to_be_visible()

    student = browse(language, as_="mina")
    student.goto("/courses/dl")
    expect(student.get_by_text(str(points), exact=True).first).to_be_visible()


def test_keys_move_between_the_cells_of_the_gradebook(place: Place, browse: Open) -> None:
    page = browse("en", as_="teacher")
    page.goto("/courses/dl/gradebook?sort=name")
    cells = page.locator("#gradebook tbody tr td.number:last-child a")
    cells.first.focus()
    page.keyboard.press("ArrowDown")
    expect(cells.nth(1)).to_be_focused()


def test_the_first_tab_skips_to_the_content(place: Place, browse: Open) -> None:
    page = browse("ko", as_="mina")
    page.goto("/courses/dl")
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_scrolling_over_a_field_changes_no_points(place: Place, browse: Open) -> None:
    page = browse("en", as_="teacher")
    page.goto("/courses/dl/gradebook?q=mina")
    page.locator("#gradebook tbody td.number a").last.click()
    page.get_by_text("Set the grade of the assignment").click()
    field = page.locator("#grade form input[name=points]")
    field.fill("50")
    field.hover()
    page.mouse.wheel(0, 400)
    field.press("ArrowUp")
    expect(field).to_have_value("50")


def test_what_a_student_wrote_runs_nowhere(place: Place, browse: Open, tmp_path: Path) -> None:
    """A notebook full of scripts, opened by the instructor: nothing of it runs, and it cannot leave its frame."""
    evil = notebook("<img src=x onerror=document.title=1><script>document.title=2</script>").replace(
        b"    return 2 * x",
        b"    return 2 * x\\nfrom IPython.display import HTML\\nHTML('<script>top.document.title=3</script>"
        b'<iframe srcdoc=\\"<script>top.document.title=4</script>\\"></iframe><a href=javascript:alert(1)>x</a>\')',
    )
    student = browse("en")
    student.goto(place.invite("evil", "Eve"))
    for field in student.locator("input[type=password]").all():
        field.fill(PASSWORD)
    student.get_by_role("button", name=word("begin", "en")).click()
    _hand_in(student, "en", tmp_path / "evil.ipynb", evil)
    student.wait_for_url(re.compile(r"/submissions/[A-Z0-9]+$"))
    receipt = student.url.rpartition("/")[2]
    page = browse("en", as_="teacher")
    page.goto(f"/submissions/{receipt}/staff")
    frame = page.frame_locator("iframe.frame")
    expect(frame.locator("body")).to_contain_text("double")
    assert page.title() not in "1234"
    assert page.locator("iframe.frame").get_attribute("sandbox") == ""


def test_an_invitation_page_is_for_phones_too(place: Place, browse: Open) -> None:
    page = browse("ko", phone=True)
    page.goto(place.invite("small", "작은 화면", Role.ASSISTANT))
    fits(page)
    assert page.viewport_size == PHONE


def test_the_queue_comes_up_to_date_by_itself_and_not_under_somebodys_hands(place: Place, browse: Open) -> None:
    page = browse("en", as_="teacher")
    page.clock.install()
    page.goto("/courses/dl/queue")
    page.evaluate("document.querySelector('h1').textContent = 'old'")
    page.evaluate("document.getElementById('main').focus()")
    page.clock.run_for(40_000)
    expect(page.locator("h1")).to_have_text("old")
    page.evaluate("document.activeElement.blur()")
    page.clock.run_for(40_000)
    expect(page.locator("h1")).to_have_text("Queue")
