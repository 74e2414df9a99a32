"""A sitting in a real browser: autosave, a lost line, two tabs, the keyboard, the clock, a phone, and axe's rules."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from chromium import PATIENCE_MS
from playwright.sync_api import Browser, BrowserContext, Page, expect
from web.conftest import Web, person_of
from web.quizlab import COURSE, KEY, PLAIN, Lab, opened, right
from werkzeug.serving import make_server

from webapp import passwords

pytestmark = pytest.mark.slow
PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1200, "height": 900}
Open = Callable[..., Page]
Wait = Callable[[Callable[[], bool], float], bool]
PATIENCE_S = PATIENCE_MS / 1000


@pytest.fixture
def lab(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    found = opened(web, tmp_path / "shelf", monkeypatch, hints=True, review="at_once")
    found.publish(PLAIN, rules={"graded": False, "shuffle": False})
    return found


@pytest.fixture
def look(lab: Lab, chromium: Browser) -> Iterator[Open]:
    """`look(address)`: a page in a browser where mina is signed in; the same `context` is the same browser. A page
    that complains of anything fails its test."""
    server = make_server("127.0.0.1", 0, lab.web.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    base, contexts, complaints = f"http://127.0.0.1:{server.port}", [], []

    def opened_page(
        address: str, *, who: str = "mina", context: BrowserContext | None = None, script: bool = True, **how: object
    ) -> Page:
        if context is None:
            with lab.web.database.write() as session:
                token = passwords.sign_in(session, person_of(session, who))
            how = {"viewport": WIDE, "java_script_enabled": script, **how}
            context = chromium.new_context(**how)  # type: ignore[arg-type]
            contexts.append(context)
            context.set_default_timeout(PATIENCE_MS)
            context.add_cookies([{"name": "grader_session", "value": token, "url": base}])
            context.add_cookies([{"name": "lang", "value": "en", "url": base}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if "Security Policy" in said.text else None)
        page.goto(base + address)
        return page

    yield opened_page
    for context in contexts:
        context.close()
    server.shutdown()
    thread.join()
    assert complaints == []


def typed(page: Page, position: int, words: str) -> None:
    page.locator(f"#q{position} input[type=text], #q{position} textarea").fill(words)


def saved(page: Page, position: int) -> None:
    expect(page.locator(f"#q{position} [data-saved]")).to_contain_text("saved")


def test_an_answer_saves_itself_and_says_so(lab: Lab, look: Open) -> None:
    address = lab.begun()
    page = look(f"{address}?view=all")
    page.get_by_label("No single line separates it").check()
    saved(page, 1)
    typed(page, 8, "s*(1-s)/2")
    expect(page.locator("#q8 [data-reading] mfrac")).to_be_visible()
    typed(page, 3, "twelve")
    expect(page.locator("#q3 [data-said]")).to_contain_text("cannot be read as a number")
    expect(page.locator('[data-place="3"]')).to_have_class("place unclear")
    page.reload()
    expect(page.get_by_label("No single line separates it")).to_be_checked()
    expect(page.locator("#q8 input[type=text]")).to_have_value("s*(1-s)/2")
    assert lab.item(address, "text").answer is None  # nothing but what was touched


def test_a_lost_line_keeps_the_answers_here_and_saves_them_later(lab: Lab, look: Open) -> None:
    address = lab.begun()
    page = look(f"{address}?q=4&view=one")
    page.context.set_offline(True)
    typed(page, 4, "은닉층")
    expect(page.locator("#line")).to_contain_text("The line is lost")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#q4 input[type=text]")).to_have_value("은닉층")  # the page stays
    page.context.set_offline(False)
    expect(page.locator("#line")).to_contain_text("everything is kept")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#q5")).to_be_visible()
    assert lab.item(address, "text").answer == "은닉층"


def test_who_is_signed_out_signs_in_elsewhere_and_goes_on(lab: Lab, look: Open) -> None:
    address = lab.begun()
    page = look(f"{address}?q=4&view=one")
    page.context.clear_cookies()
    typed(page, 4, "은닉층")
    expect(page.locator("#line")).to_contain_text("You are signed out")
    with lab.web.database.write() as session:
        token = passwords.sign_in(session, person_of(session, "mina"))
    base = page.url.split("/courses")[0]
    page.context.add_cookies([{"name": "grader_session", "value": token, "url": base}])
    saved(page, 4)  # though the key of its form belongs to a session that is gone
    assert lab.item(address, "text").answer == "은닉층"


def test_what_is_typed_and_left_at_once_is_not_lost(lab: Lab, look: Open) -> None:
    address = lab.begun()
    page = look(f"{address}?q=4&view=one")
    typed(page, 4, "은닉층")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#q5")).to_be_visible()
    assert lab.item(address, "text").answer == "은닉층"
    page.go_back()
    expect(page.locator("#q4 input[type=text]")).to_have_value("은닉층")


def test_two_tabs_show_both_answers_and_let_one_choose(lab: Lab, look: Open) -> None:
    address = lab.begun()
    one = look(f"{address}?q=4&view=one")
    two = look(f"{address}?q=4", context=one.context)
    typed(one, 4, "은닉층")
    saved(one, 4)
    typed(two, 4, "출력층")
    panel = two.locator(".clash")
    expect(panel).to_contain_text("은닉층")
    expect(panel).to_contain_text("출력층")
    two.get_by_role("button", name="Keep this window's").click()
    expect(panel).to_have_count(0)
    expect(two.locator("#q4 input[type=text]")).to_have_value("출력층")
    assert lab.item(address, "text").answer == "출력층"


def test_an_order_is_made_with_the_keyboard_alone(lab: Lab, look: Open, wait_until: Wait) -> None:
    address = lab.begun()
    page = look(f"{address}?q=5&view=one")
    item = lab.item(address, "order")
    wanted = right(item)
    for place, alias in enumerate(wanted):
        row = page.locator(f'#q5 li:has(select[name="a5-{alias}"])')
        while (
            page.locator("#q5 li").evaluate_all(
                "(rows, name) => rows.findIndex(r => r.querySelector(`[name='${name}']`))", f"a5-{alias}"
            )
            > place
        ):
            row.get_by_role("button", name="Up").focus()
            page.keyboard.press("Enter")
    expect(page.locator("[role=status]", has_text="moved to place")).to_have_count(1)
    assert wait_until(lambda: bool(lab.item(address, "order").answer == wanted), PATIENCE_S)
    page.reload()
    assert lab.item(address, "order").answer == wanted


def test_tab_leaves_a_field_of_code(lab: Lab, look: Open) -> None:
    page = look(f"{lab.begun()}?q=10&view=one")
    page.locator("#q10 textarea").focus()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "BUTTON"


def test_the_clock_is_calm_can_be_hidden_and_hands_in_at_the_end(lab: Lab, look: Open, wait_until: Wait) -> None:
    address = lab.begun()
    page = look(f"{address}?q=4&view=one")
    expect(page.locator("#clock-words")).to_contain_text("min left")
    page.get_by_role("link", name="Hide the clock").click()
    expect(page.locator("#clock-words")).to_have_count(0)
    page.get_by_role("link", name="Show the clock").click()
    expect(page.locator("#clock-words")).to_have_count(1)
    page.clock.install()
    lab.ends(address, -timedelta(seconds=59))
    page.reload()
    expect(page.locator("#clock-words")).to_contain_text("less than a minute")
    expect(page.locator("#clock-news")).to_contain_text("One minute left")
    typed(page, 4, "은닉층")
    page.clock.fast_forward(60_000)
    expect(page.locator("#line")).to_contain_text("The time is over")
    assert wait_until(lambda: bool(lab.item(address, "text").answer == "은닉층"), PATIENCE_S)
    lab.ends(address, timedelta(seconds=10))  # by the server's clock, too
    page.clock.fast_forward(10_000)
    page.wait_for_url("**/review")
    assert lab.item(address, "text").answer == "은닉층"
    assert lab.attempt(address).submitted_at is not None


def test_without_a_script_everything_works(lab: Lab, look: Open) -> None:
    address = lab.begun()
    page = look(f"{address}?q=5&view=one", script=False)
    for place, alias in enumerate(right(lab.item(address, "order")), 1):
        page.locator(f'select[name="a5-{alias}"]').select_option(str(place))
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.get_by_role("button", name="Save", exact=True).last.click()
    assert lab.item(address, "order").answer == right(lab.item(address, "order"))
    page.get_by_role("button", name="Look over and hand in").click()
    page.get_by_role("button", name="Hand in").click()
    expect(page).to_have_url(re.compile("/review$"))


def test_practice_goes_on_with_the_keyboard(lab: Lab, look: Open) -> None:
    page = look(f"{lab.begun(mode='practice', key=PLAIN)}?q=4&view=one")
    page.locator("#q4 input[type=text]").fill("은닉층")
    page.keyboard.press("Enter")
    expect(page.locator("#q4 .verdict")).to_contain_text("Right")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#q5")).to_be_visible()


@pytest.mark.parametrize(
    "how", [{"color_scheme": "light"}, {"color_scheme": "dark"}, {"viewport": PHONE, "has_touch": True}]
)
def test_pages_are_accessible_and_fit(lab: Lab, look: Open, how: dict[str, object]) -> None:
    address = lab.begun()
    page = look(f"{address}?view=all", **how)
    done = lab.begun("juno")
    lab.answered(done, wrong=("choice",))
    staff = look(f"{COURSE}/quizbook", who="teacher", **how)
    places = [
        (page, place)
        for place in (f"{address}?view=all", f"{address}/submit", f"{COURSE}/quizzes", f"{COURSE}/quizzes/{KEY}")
    ]
    places += [(staff, f"{COURSE}/quizbook{end}") for end in ("", f"/{KEY}", f"/{KEY}/rules", f"/{KEY}/questions")]
    places += [(staff, f"{done}/review")]
    base = page.url.split("/courses")[0]
    for one, place in places:
        one.goto(base + place)
        found = Axe().run(one, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]})
        assert found.violations_count == 0, (place, found.generate_report())
        assert one.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, place
    if "viewport" in how:
        page.goto(f"{base}{address}?view=all")
        small = page.eval_on_selector_all(
            "#sheet button:not(.hidden-text), #sheet .option, #sheet select:not([hidden]), #sheet input[type=text]",
            "all => all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 43).map(one => one.outerHTML)",
        )
        assert small == []
