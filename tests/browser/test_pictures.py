"""The pictures of the README and the docs, taken of the course that `grader demo` makes.

`GRADER_PICTURES=docs/pictures` keeps them; else they are only looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from .conftest import Open, Place, too_wide

pytestmark = pytest.mark.slow
LEAST = 20_000  # bytes: an empty page is smaller


def home(page: Page) -> None:
    page.goto("/courses/demo")


def report(page: Page) -> None:
    page.goto("/courses/demo/assignments/xor-mlp")
    page.get_by_role("link", name=re.compile("결과 보기|Report")).first.click()
    expect(page.locator(".score")).to_be_visible()


def gradebook(page: Page) -> None:
    page.goto("/courses/demo/gradebook?sort=total&down=1")


def results(page: Page) -> None:
    page.goto("/courses/demo/assignments/perceptron/results")


def question(page: Page) -> None:
    page.goto("/courses/demo/quizzes")
    page.locator("main form button").first.click()
    page.wait_for_url("**/sittings/*")
    expect(page.locator("main form").first).to_be_visible()


def statistics(page: Page) -> None:
    page.goto("/courses/demo/quizbook/week2-linear-regression")


SHOTS: dict[str, tuple[Callable[[Page], None], str, str, bool, bool]] = {
    # name: how to get there, who, language, phone, dark
    "student-home": (home, "seoyeon", "ko", True, False),
    "report": (report, "seoyeon", "ko", False, False),
    "gradebook": (gradebook, "teacher", "en", False, True),
    "results": (results, "teacher", "ko", False, False),
    "quiz": (question, "siwoo", "ko", True, True),
    "quiz-results": (statistics, "teacher", "en", False, False),
}


@pytest.mark.parametrize("name", SHOTS)
def test_a_picture(demo: Place, browse: Open, tmp_path: Path, name: str) -> None:
    go, who, language, phone, dark = SHOTS[name]
    page = browse(language, phone=phone, dark=dark, as_=who, at=demo)
    go(page)
    assert too_wide(page) <= 0
    file = Path(os.environ.get("GRADER_PICTURES", tmp_path)) / f"{name}.png"
    page.screenshot(path=file)
    assert file.stat().st_size > LEAST
