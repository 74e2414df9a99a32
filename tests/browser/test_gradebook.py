"""The gradebook in a browser: another order, page or search of it comes without loading the whole page anew."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .conftest import Open, Place

pytestmark = pytest.mark.slow


def test_another_order_comes_in_place_and_back_again(place: Place, browse: Open) -> None:
    page = browse("en", as_="teacher")
    page.goto("/courses/dl/gradebook?sort=name")
    page.evaluate("window.same = true")
    names = page.locator("#gradebook tbody th.who a")
    before = names.all_text_contents()
    page.locator('[data-as="sort-name"]').click()
    expect(names.first).to_have_text(before[-1])
    expect(page.locator('[data-as="sort-name"]')).to_be_focused()
    expect(page).to_have_url(re.compile("down=1"))
    page.go_back()
    expect(names.first).to_have_text(before[0])
    page.get_by_role("searchbox").fill("sora")
    page.keyboard.press("Enter")
    expect(names).to_have_count(1)
    expect(page.get_by_role("status")).to_contain_text("1 of")
    page.locator("#gradebook tbody td.number a").first.focus()
    page.keyboard.press("Home")
    expect(page.locator("#gradebook tbody th.who a").first).to_be_focused()
    assert page.evaluate("window.same") is True, "the page was loaded anew"
