"""The small course with two quizzes in which every word that decides is planted: no taker may read one too early."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from course.quizzes import hall
from sqlalchemy import select
from web.conftest import Browser, Web, person_of

from grader.course import people, quizzes
from grader.quiz.bank import Bank
from grader.store.models import Person
from grader.store.quizzes import Quiz, QuizAttempt, QuizItem, QuizMode, QuizSecret

COURSE = "/courses/dl"
KEY, PLAIN = "week4-demo", "week4-plain"
RULES = {"graded": True, "shuffle": False, "minutes": 30, "attempts": 2}
# what nobody who takes a quiz may read before its time, and what no one may ever
FEEDBACK, EXPLANATION, HINT = "zz-feedback", "zz-explanation", "zz-hint"
LATER = (FEEDBACK, EXPLANATION)
NEVER = ("optid-zz", "demo-", "zz-key", "generator_zz", "s*(1 - s)", "np.maximum", "unbiased", "twice")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def bank(root: Path, change: Mapping[str, str] | None = None) -> Bank:
    """The bank of the docs, with planted words."""
    (public, secret), (generators,) = hall.blocks("toml"), hall.blocks("python")
    secret = re.sub(r'^(explanation = .*?ko = ")(.*?en = ")', rf"\1{EXPLANATION} \2{EXPLANATION} ", secret, flags=re.M)
    secret = re.sub(r'^(hints = .*?ko = ")(.*?en = ")', rf"\1{HINT} \2{HINT} ", secret, flags=re.M)
    secret = re.sub(r'^((?:feedback|wrong).*?ko = ")(.*?en = ")', rf"\1{FEEDBACK} \2{FEEDBACK} ", secret, flags=re.M)
    secret = secret.replace('"hidden layer"]', '"hidden layer", "zz-key"]').replace('key = "line"', 'key = "optid-zz"')
    secret = secret.replace('generator = "parameters"', 'generator = "generator_zz"')
    public = public.replace('id = "line"', 'id = "optid-zz"')
    generators = generators.replace("def parameters", "def generator_zz")
    for old, new in (change or {}).items():
        assert old in public + secret + generators
        public, secret, generators = (one.replace(old, new) for one in (public, secret, generators))
    for key in (KEY, PLAIN):
        again = (lambda words: words) if key == KEY else (lambda words: words.replace("demo-", "plain-"))
        files = {f"assignments/quizzes/{key}.toml": again(public).replace(f'"{KEY}"', f'"{key}"')}
        files |= {f"reference/quizzes/{key}.toml": again(secret), f"reference/quizzes/{key}.py": generators}
        if key == PLAIN:
            files[f"assignments/quizzes/{key}.toml"] = files[f"assignments/quizzes/{key}.toml"].replace(
                'id = "week4-demo"', f'id = "{key}"'
            )
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
    return Bank(root / "assignments/quizzes", root / "reference/quizzes")


@dataclass
class Lab:
    """The web with a graded quiz that is open, and one that is practice alone."""

    web: Web
    folder: Path
    browsers: dict[str, Browser] = field(default_factory=dict)

    def publish(self, key: str = KEY, change: Mapping[str, str] | None = None, **more: Any) -> None:
        found = bank(self.folder, change)
        with self.web.database.write() as session:
            course = people.the_course(session, "dl")
            quizzes.publish(session, course, found, key, actor="test", faults=(), **more)

    def schedule(self, key: str = KEY, **more: Any) -> None:
        with self.web.database.write() as session:
            row = quizzes.the_quiz(session, people.the_course(session, "dl"), key)
            quizzes.schedule(session, row, actor="test", **more)

    def browser(self, name: str = "mina") -> Browser:
        if name not in self.browsers:
            self.browsers[name] = self.web.client_as(name)
        return self.browsers[name]

    def start(self, name: str = "mina", mode: str = "graded", key: str = KEY, token: str = "t") -> str:
        """Where the attempt is."""
        answer = self.browser(name).send(f"{COURSE}/quizzes/{key}/start", mode=mode, token=token)
        assert answer.status_code == 303
        return str(answer.location)

    def begun(self, name: str = "mina", **more: Any) -> str:
        """The same without a browser, which is quicker."""
        with self.web.database.write() as session:
            row = quizzes.the_quiz(session, people.the_course(session, "dl"), more.pop("key", KEY))
            mode = QuizMode(more.pop("mode", "graded"))
            made = quizzes.start(session, row, person_of(session, name), mode, token="t", **more)
            return f"{COURSE}/sittings/{made.receipt}"

    def answered(self, address: str, wrong: tuple[str, ...] = (), *, submit: bool = True) -> None:
        """Answers all but the cell, and hands in."""
        with self.web.database.write() as session:
            row = self._attempt(session, address)
            for item in session.scalars(select(QuizItem).filter_by(attempt_id=row.id)):
                if item.kind != "cell":
                    given = hall.wrong(item) if item.kind in wrong else right(item)
                    quizzes.save(session, row, item.position, given, revision=item.revision)
            if submit:
                quizzes.submit(session, row)

    def item(self, address: str, kind: str) -> QuizItem:
        with self.web.database.read() as session:
            row = self._attempt(session, address)
            return session.scalars(select(QuizItem).filter_by(attempt_id=row.id, kind=kind)).one()

    def ends(self, address: str, ago: timedelta) -> None:
        """Its time was over that long ago."""
        with self.web.database.write() as session:
            row = self._attempt(session, address)
            now = quizzes.sheet(session, row).now
            row.started_at, row.deadline = now - ago - HOUR, now - ago

    def attempt(self, address: str) -> QuizAttempt:
        with self.web.database.read() as session:
            return self._attempt(session, address)

    def secrets(self, address: str) -> set[str]:
        """What the rows of an attempt hold that is never sent."""
        with self.web.database.read() as session:
            rows = session.scalars(select(QuizItem).filter_by(attempt_id=self._attempt(session, address).id)).all()
            found = {row.seed for row in rows} | set(session.scalars(select(QuizSecret.secret)))
            return found | {str(row.values["answer"]) for row in rows if "answer" in row.values}

    def quiz(self, key: str = KEY) -> Quiz:
        with self.web.database.read() as session:
            return quizzes.the_quiz(session, people.the_course(session, "dl"), key)

    def person(self, name: str) -> Person:
        return self.web.person(name)

    def _attempt(self, session: Any, address: str) -> QuizAttempt:
        found: QuizAttempt = quizzes.by_receipt(session, address.split("/sittings/")[1].split("/")[0].split("?")[0])
        return found


def opened(web: Web, folder: Path, monkeypatch: pytest.MonkeyPatch, **rules: Any) -> Lab:
    """The lab with the graded quiz, open for a day; the bank of this machine is the one in that folder."""
    monkeypatch.setenv("GRADER_ASSIGNMENTS", str(folder / "assignments"))
    monkeypatch.setenv("GRADER_REFERENCE", str(folder / "reference"))
    found = Lab(web, folder)
    found.publish(rules=RULES | rules, opens=web.now - DAY, due=web.now + DAY, closes=web.now + DAY)
    return found


def right(item: QuizItem) -> Any:
    if item.kind == "choice":
        return next(alias for alias, id in item.aliases.items() if id == "optid-zz")
    return hall.right(item)


def fields(page: str, position: int) -> dict[str, str]:
    """The hidden fields of a question, as a browser sends them back."""
    found = {}
    for letter in "rw":
        value = re.search(rf'name="{letter}{position}" value="([^"]*)"', page)
        if value:
            found[f"{letter}{position}"] = html.unescape(value[1])
    return found


def given(item: QuizItem, raw: Any) -> dict[str, Any]:
    """An answer as the fields of a form."""
    name = f"a{item.position}"
    if item.kind == "order":
        return {f"{name}-{alias}": str(place) for place, alias in enumerate(raw, 1)}
    if item.kind == "match":
        return {f"{name}-{left}": other for left, other in raw.items()}
    return {name: raw}
