"""A running server with a small course, its worker beside it, and browsers that look at it."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from chromium import PATIENCE_MS
from playwright.sync_api import Browser, BrowserContext, Page
from web.conftest import fill, person_of

from grader.course import invitations, people
from grader.store.database import Database, Home
from grader.store.models import Role
from webapp import passwords

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOG = "web.log"


@dataclass(frozen=True)
class Place:
    """The server's address and its store."""

    address: str
    home: Home
    database: Database

    def invite(self, name: str, full: str, role: Role = Role.STUDENT) -> str:
        """Adds somebody to the course; the address of their invitation."""
        with self.database.write() as session:
            course = people.the_course(session, "dl")
            member = people.add_person(session, course, f"{name}@example.com", full, role, actor="test")
            return f"{self.address}/invitations/{invitations.invite(session, member.person, actor='test')}"


def serving(home: Home, *words: str) -> tuple[subprocess.Popen[str], str]:
    """A `grader serve` on any free port, and its address."""
    command = [sys.executable, "-m", "grader", "serve", "--port", "0", "--json", *words, "--home", str(home.folder)]
    with (home.folder / LOG).open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    found = re.search(r"http://[0-9.:]+", process.stdout.readline())
    if found is None:
        process.kill()
        raise AssertionError("the server did not start")
    return process, found[0]


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The course of the tests of the web, open, with a worker."""
    folder = tmp_path_factory.mktemp("open")
    home = Home(folder, f"sqlite:///{folder / 'grader.sqlite3'}")
    fill(home, tmp_path_factory.mktemp("shelf"), datetime.now(UTC).replace(microsecond=0))
    process, address = serving(home)
    database = Database(home.url)
    yield Place(address, home, database)
    database.close()
    process.terminate()
    process.communicate()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The course that `grader demo` makes, open, with nothing more to grade."""
    folder = tmp_path_factory.mktemp("demo") / "course"
    subprocess.run([sys.executable, "-m", "grader", "demo", "--home", str(folder)], check=True, capture_output=True)
    home = Home(folder, f"sqlite:///{folder / 'grader.sqlite3'}")
    process, address = serving(home, "--no-worker")
    database = Database(home.url)
    yield Place(address, home, database)
    database.close()
    process.terminate()
    process.communicate()


Open = Callable[..., Page]


def too_wide(page: Page) -> int:
    """By how many pixels the page is wider than the screen, once it has its style: its words are there before."""
    page.wait_for_load_state("load")
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.fixture
def browse(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Open]:
    """`browse("ko", phone=True, as_="mina", dark=True)`: a page of a new browser, at the small course or at the place
    `at`. What breaks a page's rules (a script that fails, something that its policy forbids) fails the test."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def begin(
        language: str,
        *,
        phone: bool = False,
        dark: bool = False,
        as_: str | None = None,
        js: bool = True,
        at: Place | None = None,
    ) -> Page:
        place: Place = at or request.getfixturevalue("place")
        context = chromium.new_context(
            viewport=PHONE if phone else WIDE,
            has_touch=phone,
            locale={"ko": "ko-KR", "en": "en-US"}[language],
            color_scheme="dark" if dark else "light",
            base_url=place.address,
            java_script_enabled=js,
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if as_ is not None:
            with place.database.write() as session:
                token = passwords.sign_in(session, person_of(session, as_))
            context.add_cookies([{"name": "grader_session", "value": token, "url": place.address}])
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield begin
    for context in contexts:
        context.close()
    assert complaints == []
