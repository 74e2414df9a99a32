"""Every page that a link leads to, for each role: can everybody use it, and does it fit?

axe-core looks for what keeps people with a screen reader, a keyboard or weak eyes out. What it calls serious or worse
fails.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from .conftest import LOG, Open, Place, too_wide

pytestmark = pytest.mark.slow
BAD = {"serious", "critical"}
LOOKS = [("ko", False, False), ("en", True, True)]  # language, phone, dark
START = {
    "seoyeon": "/courses/demo",
    "siwoo": "/courses/demo",
    "teacher": "/courses/demo/gradebook",
    "nobody": "/sign-in",
}
LEAST = {"seoyeon": 12, "siwoo": 8, "teacher": 30, "nobody": 1}  # pages
FILLED = "main :is(button, .button):not(.second, .plain, .danger, .place, .hidden-text)"
ONE_LINE, FINGER = 60, 44  # pixels


def shape(address: str) -> str:
    """Pages that differ only in whom or what they are about are one page."""
    found = urlsplit(address)
    path = re.sub(r"/[A-Z0-9]{26}|/[0-9a-f]{32}|/\d+|/[a-z0-9]+(-[a-z0-9]+)+(?=/|$)", "/*", found.path)
    return path + "?" + ",".join(sorted({word.partition("=")[0] for word in found.query.split("&")} - {"lang", ""}))


def walk(page: Page, place: Place, start: str) -> Iterator[str]:
    """Goes to one page of each shape that can be reached by links; stops at each."""
    waiting, seen = [start], {shape(start)}
    while waiting:
        path = waiting.pop(0)
        answer = page.request.get(path)
        assert answer.ok, f"{answer.status} at {path}: {(place.home.folder / LOG).read_text()[-2000:]}"
        headers = answer.headers
        if not headers.get("content-type", "").startswith("text/html"):
            continue
        if "sandbox" in headers["content-security-policy"]:
            continue  # a student's notebook, where nothing runs, not even what would look at it
        page.goto(path)
        yield path
        links = page.eval_on_selector_all("a[href]:not([download])", "all => all.map(one => one.getAttribute('href'))")
        for link in links:
            to = urljoin(page.url, link).partition("#")[0]
            if to.startswith(place.address) and shape(to) not in seen:
                seen.add(shape(to))
                waiting.append(to.removeprefix(place.address))


def told(violation: dict[str, Any]) -> str:
    nodes = [" ".join(map(str, node["target"])) for node in violation["nodes"]]
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {nodes[:4]}"


@pytest.mark.parametrize("who", START)
@pytest.mark.parametrize(("language", "phone", "dark"), LOOKS)
def test_every_page_can_be_used_by_everybody_and_fits(
    demo: Place, browse: Open, who: str, language: str, phone: bool, dark: bool
) -> None:
    page = browse(language, phone=phone, dark=dark, as_=None if who == "nobody" else who, at=demo)
    axe, faults, count = Axe(), list[str](), 0
    for path in walk(page, demo, START[who]):
        count += 1
        for violation in axe.run(page).response["violations"]:
            if violation["impact"] in BAD:
                faults.append(f"{path}: {told(violation)}")
        if phone and too_wide(page) > 0:
            faults.append(f"{path}: {too_wide(page)} pixels too wide")
        if (filled := page.locator(FILLED).filter(visible=True).count()) > 1:
            faults.append(f"{path}: {filled} buttons want to be the first")
        heads, lang = page.locator("h1").count(), page.locator("html").get_attribute("lang")
        if heads != 1 or lang != language or not page.title().strip():
            faults.append(f"{path}: {heads} h1, lang {lang}, title {page.title()!r}")
    assert faults == []
    assert count >= LEAST[who]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_menu_of_staff_opens_from_one_line_on_a_phone_without_scripts(
    demo: Place, browse: Open, language: str
) -> None:
    page = browse(language, phone=True, as_="teacher", at=demo, js=False)
    page.goto("/courses/demo/people")
    header, entries = page.locator("header.top"), page.locator("header nav a")
    assert height(header) <= ONE_LINE
    expect(entries.first).to_be_hidden()
    page.locator("header summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(entries.first).to_be_focused()
    expect(header.locator("[aria-current=page]")).to_have_text(page.locator("h1").inner_text())
    assert min(height(one) for one in header.locator("a, button, summary").all()) >= FINGER
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/courses/demo$"))
    expect(entries.first).to_be_hidden()


def test_the_menu_of_staff_stands_open_where_there_is_room(demo: Place, browse: Open) -> None:
    page = browse("en", as_="teacher", at=demo, js=False)
    page.goto("/courses/demo/people")
    expect(page.locator("header summary")).to_be_hidden()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.locator("header nav a").first).to_be_focused()
    assert height(page.locator("header.top")) <= ONE_LINE


def height(one: Locator) -> float:
    box = one.bounding_box()
    assert box is not None, f"{one} is not to be seen"
    return box["height"]
