"""Reads the bank: `assignments/quizzes/*.toml` joined with `reference/quizzes/*.toml`."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from grader.errors import BadQuiz
from grader.quiz.question import USUAL_RTOL, Key, Kind, Option, Question, Quiz, Wrong
from grader.text import Text

ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
OPTIONS = {Kind.CHOICE: "choices", Kind.MULTIPLE: "choices", Kind.ORDER: "items", Kind.MATCH: "right"}
PUBLIC = {"id", "kind", "topic", "difficulty", "stem", "unit", "left", "picture", "alt", "variables", "code"}
PUBLIC |= {"defines", "signature", "starter", *OPTIONS.values()}
SECRET = {field.name for field in fields(Key)} - {"answer"} | {"key"}


@dataclass(frozen=True)
class Bank:
    """Where the quizzes are: public files, and the folder of keys where it is at hand."""

    public: Path
    secret: Path | None = None

    def ids(self) -> list[str]:
        return sorted(file.stem for file in self.public.glob("*.toml"))

    def all(self) -> list[Quiz]:
        """Raises BadQuiz, also for a question id that two quizzes use."""
        quizzes = [self.load(name) for name in self.ids()]
        seen: dict[str, str] = {}
        for quiz in quizzes:
            for question in quiz.questions:
                if question.id in seen:
                    raise _bad(self.public, f"the question {question.id} is in {seen[question.id]} and in {quiz.id}")
                seen[question.id] = quiz.id
        return quizzes

    def load(self, name: str) -> Quiz:
        """Raises BadQuiz."""
        file = self.public / f"{name}.toml"
        if name not in self.ids():
            known = ", ".join(self.ids()) or "-"
            near = difflib.get_close_matches(name.lower().replace("_", "-"), self.ids(), n=1, cutoff=0.4)
            meant = Text(f" '{near[0]}'을(를) 뜻하셨나요?", f" Did you mean '{near[0]}'?") if near else Text("", "")
            raise BadQuiz(
                Text(
                    f"'{name}'이라는 퀴즈는 없습니다.{meant.ko} 있는 퀴즈: {known}.",
                    f"There is no quiz '{name}'.{meant.en} Known: {known}.",
                )
            )
        data = _toml(file)
        if data.get("id") != name:
            raise _bad(file, f"its id is {data.get('id')!r}, not {name!r}")
        if unknown := set(data) - {"id", "week", "title", "question"}:
            raise _bad(file, f"nothing reads {sorted(unknown)[0]!r}")
        entries = data.get("question", [])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise _bad(file, "questions are [[question]] tables")
        questions = [_question(entry, file) for entry in entries]
        ids = [question.id for question in questions]
        if len(set(ids)) < len(ids):
            raise _bad(file, "two questions have one id")
        try:
            title, week = Text.from_json(data["title"]), int(data["week"])
        except (KeyError, TypeError, ValueError) as error:
            raise _bad(file, f"{error!r}") from error
        return Quiz(name, week, title, questions, self._keys(name, ids), self._version(name))

    def generators(self, name: str) -> Path | None:
        """The file with a quiz's generators."""
        file = self.secret / f"{name}.py" if self.secret else None
        return file if file and file.is_file() else None

    def _keys(self, name: str, ids: Sequence[str]) -> Mapping[str, Key]:
        file = self.secret / f"{name}.toml" if self.secret else None
        if file is None or not file.is_file():
            return {}
        data = _toml(file)
        if missing := [id for id in ids if id not in data]:
            raise _bad(file, f"{missing[0]} has no key")
        if extra := [id for id in data if id not in ids]:
            raise _bad(file, f"{extra[0]} is no question of {name}")
        if wrong := [id for id in ids if not isinstance(data[id], dict)]:
            raise _bad(file, f"{wrong[0]} is no table")
        return {id: _key(id, data[id], file) for id in ids}

    def _version(self, name: str) -> str:
        files = [self.public / f"{name}.toml"]
        if self.secret is not None:
            files += [self.secret / f"{name}.toml", self.secret / f"{name}.py"]
        digest = hashlib.sha256()
        for file in files:
            digest.update(file.read_bytes() if file.is_file() else b"\0")
        return digest.hexdigest()[:12]


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _bad(file, error) from error


def _question(entry: Mapping[str, Any], file: Path) -> Question:
    id = str(entry.get("id"))
    try:
        if not ID.fullmatch(id):
            raise ValueError("its id is not made of a-z, 0-9 and '-'")
        if unknown := set(entry) - PUBLIC:
            raise ValueError(f"nothing reads {sorted(unknown)[0]!r}")
        kind = Kind(entry["kind"])
        return Question(
            id=id,
            kind=kind,
            topic=str(entry["topic"]),
            difficulty=int(entry["difficulty"]),
            stem=Text.from_json(entry["stem"]),
            options=_options(entry.get(OPTIONS.get(kind, ""), [])),
            left=_options(entry.get("left", [])),
            unit=Text.from_json(entry["unit"]) if "unit" in entry else None,
            variables=tuple(entry.get("variables", ())),
            code=str(entry.get("code", "")),
            defines=str(entry.get("defines", "")),
            signature=str(entry.get("signature", "")),
            starter=str(entry.get("starter", "")),
            picture=str(entry.get("picture", "")),
            alt=Text.from_json(entry["alt"]) if "alt" in entry else None,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _bad(file, f"{id}: {error!r}") from error


def _options(entries: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
    for entry in entries:
        if unknown := set(entry) - {"id", "ko", "en"}:
            raise ValueError(f"nothing reads {sorted(unknown)[0]!r} of an option")
    options = tuple(Option(str(entry["id"]), Text.from_json(entry)) for entry in entries)
    if len({option.id for option in options}) < len(options):
        raise ValueError("two of its options have one id")
    return options


def _key(id: str, entry: Mapping[str, Any], file: Path) -> Key:
    try:
        if unknown := set(entry) - SECRET:
            raise ValueError(f"nothing reads {sorted(unknown)[0]!r}")
        return Key(
            answer=entry["key"],
            explanation=Text.from_json(entry["explanation"]),
            weight=float(entry.get("weight", 1.0)),
            hints=tuple(map(Text.from_json, entry.get("hints", ()))),
            feedback={name: Text.from_json(text) for name, text in entry.get("feedback", {}).items()},
            wrong=tuple(Wrong(one["value"], Text.from_json(one)) for one in entry.get("wrong", ())),
            rtol=float(entry.get("rtol", USUAL_RTOL)),
            atol=float(entry.get("atol", 0.0)),
            generator=str(entry.get("generator", "")),
            solution=str(entry.get("solution", "")),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _bad(file, f"{id}: {error!r}") from error


def _bad(file: Path, why: object) -> BadQuiz:
    return BadQuiz(Text(f"{file}을(를) 읽을 수 없습니다: {why}.", f"{file} cannot be read: {why}."))
