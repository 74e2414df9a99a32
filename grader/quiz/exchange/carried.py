"""What goes over: the questions of a paper, what was read, and what could not be carried."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from grader.quiz.question import USUAL_RTOL, Key, Kind, Option, Posed, Question, Quiz
from grader.text import Text

Language = Literal["ko", "en"]
HANGUL = re.compile("[가-힣]")
WORD = re.compile(r"[^\W\d_]{2,}")
NOT_WORDS = re.compile(r"```.*?```|`[^`]*`|\$[^$]*\$", re.DOTALL)  # code and formulas are the same in every language
TODO = "TODO"
MOST_QUESTIONS = 2_000  # of a file, in all of its quizzes
MOST_QUIZZES = 300
LONGEST = 50_000  # characters of a text


@dataclass(frozen=True)
class Loss:
    """Something of a question that did not go over, and why."""

    question: str
    what: Text
    why: Text

    def as_json(self) -> dict[str, Any]:
        return {"question": self.question, "what": self.what.as_json(), "why": self.why.as_json()}


class NotCarried(ValueError):
    """The whole question cannot go over."""

    def __init__(self, what: Text, why: Text) -> None:
        super().__init__(what.en)
        self.what, self.why = what, why


def whole(ko: str, en: str) -> NotCarried:
    """That nothing of a question can go over, and why."""
    return NotCarried(Text("문제 전체", "the whole question"), Text(ko, en))


class NotReadable(ValueError):
    """The file is not of the format, or is made to do harm."""


@dataclass(frozen=True)
class Asked:
    """One question as it is written. `variant` counts from 1; 0 where it has but one form."""

    posed: Posed
    variant: int = 0

    @property
    def id(self) -> str:
        return f"{self.posed.question.id}-v{self.variant}" if self.variant else self.posed.question.id


@dataclass(frozen=True)
class Paper:
    """What is written to one file."""

    id: str
    title: Text
    asked: Sequence[Asked]
    pictures: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """What was read from one file."""

    quiz: Quiz
    pictures: Mapping[str, bytes]
    losses: Sequence[Loss]


@dataclass
class Reading:
    """A quiz of a file while it is read: its questions so far, under ids that differ. `language` is of texts that do
    not say, `topics` are the ids of topics by what a category may be called that is one."""

    id: str
    title: Text
    language: Language
    topic: str = "todo"
    week: int = 1
    taken: frozenset[str] = frozenset()  # ids of questions of other quizzes
    topics: Mapping[str, str] = field(default_factory=dict)
    most: int = MOST_QUESTIONS
    named: str = ""  # the title, where the file gave it
    questions: list[Question] = field(default_factory=list)
    keys: dict[str, Key] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    losses: list[Loss] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)  # what the texts of the question in hand showed and cannot keep
    within: str = ""  # the topic of the category in hand, where it is called by one

    def name(self, title: str) -> None:
        """Takes the title that the file gives, if nobody gave another; one too many is lost."""
        title = title.strip()
        if title and self.title.ko.startswith(TODO) and self.title.en.startswith(TODO):
            self.title, self.named = in_both(title) or self.text(title), title
        elif title and self.named and title != self.named:
            why = Text("퀴즈의 제목은 하나입니다.", "A quiz has one title.")
            self.lost("-", Text(f"제목 {title[:60]}", f"the title {title[:60]}"), why)

    def category(self, path: str) -> None:
        """Goes on to the questions of a category of Moodle. Lists it, unless its name is a topic, or one of ours: these
        say no more than the ids do."""
        self.enter(path)
        start, *names = path.removeprefix("$course$/").split("/")
        if not self.within and (start != "top" or any(slugged(name) != name for name in names)):
            what = Text(f"분류 {path[:80]}", f"the category {path[:80]}")
            why = "분류는 퀴즈가 아니고, 그런 주제도 없습니다. 분류마다 퀴즈로 만들려면: --split"
            self.lost("-", what, Text(why, "It is no quiz, and no topic has its name. To make it a quiz: --split"))

    def enter(self, path: str) -> None:
        """Takes the topic that a category is called by, the innermost if there are several, for what is in it."""
        called = (called for name in reversed(folders(path)) for called in (name.casefold(), slugged(name)))
        self.within = next((self.topics[one] for one in called if one in self.topics), "")

    def draws(self, count: str, of: str) -> None:
        """Lists that only some of the questions of a group are asked."""
        what = Text(f"'{of[:60]}'에서 {count}개 뽑기", f"drawing {count} of '{of[:60]}'")
        self.lost("-", what, Text("퀴즈는 모든 문제를 냅니다.", "A quiz asks all of its questions."))

    def begun(self, id: str, kind: Kind, tags: Mapping[str, str], stem: Text) -> Question:
        """A question with what its tags say; options, pictures and key come after."""
        difficulty = tags.get("difficulty", "2")
        level = int(difficulty) if difficulty in ("1", "2", "3", "4") else 2
        topic = tags.get("topic") or self.within or self.topic
        return Question(id=id, kind=kind, topic=topic, difficulty=level, stem=stem)

    def take(self, question: Question, key: Key) -> None:
        """Adds a question. Raises NotReadable where there are too many."""
        if len(self.questions) >= self.most:
            raise NotReadable(f"it has more than {MOST_QUESTIONS} questions")
        self.questions.append(question)
        self.keys[question.id] = key
        why = Text("그림은 문제의 글에만 하나 둡니다.", "One picture has a place, in the stem.")
        for one in self.loose:
            if one == "<math>":
                signs = Text(
                    "모양을 모르는 곳이 있어 글자만 옮겼습니다.", "Some of its form is not known: its signs alone came."
                )
                self.lost(question.id, Text("MathML 수식", "a formula in MathML"), signs)
            else:
                self.lost(question.id, Text(f"{one[:80]} (그림이나 소리)", f"{one[:80]} (a picture or sound)"), why)
        self.loose.clear()

    def new_id(self, *names: str) -> str:
        """An id made of the first of these names that has letters of a to z and was not made by a machine; else
        numbered."""
        return unlike(written(*names) or f"{self.id}-{len(self.questions) + 1}", self.keys, self.taken)

    def leave(self, id: str, error: NotCarried) -> None:
        """Lists a question that cannot go over."""
        self.loose.clear()
        self.lost(id, error.what, error.why)

    def lost(self, question: str, what: Text, why: Text) -> None:
        self.losses.append(Loss(question, what, why))

    def text(self, markdown: str, *, name: bool = False) -> Text:
        """A text of one language, with a mark where the other is to be written. A `name` (an option) that a Korean
        file writes in Latin letters is the same in both."""
        language: Language = "ko" if HANGUL.search(markdown) else self.language
        other: Language = "en" if language == "ko" else "ko"
        bare = NOT_WORDS.sub("", markdown)
        latin_name = name and self.language == "ko" and not HANGUL.search(markdown)
        missing = f"{TODO}({other}): {markdown}" if WORD.search(bare) and not latin_name else markdown
        return Text(markdown, missing) if language == "ko" else Text(missing, markdown)

    def done(self) -> Found:
        quiz = Quiz(self.id, self.week, self.title, self.questions, self.keys)
        return Found(quiz, self.pictures, self.losses)


@dataclass(frozen=True)
class Part:
    """What of a file becomes a quiz: all of it, one of its assessments, or one of its categories.

    `names` are what it is called there, the best first; `take` adds its questions to a reading, or raises NotReadable.
    """

    take: Callable[[Reading], None]
    language: Language
    names: Sequence[str] = ()


def check_count(quizzes: int) -> None:
    """Raises NotReadable for more quizzes than a file may have."""
    if quizzes > MOST_QUIZZES:
        raise NotReadable(f"it has {quizzes} quizzes, more than {MOST_QUIZZES}: choose fewer there, or use --together")


def looks(*texts: str) -> Language:
    """What texts are in, where nothing says it: Korean if there are Korean letters in them."""
    return "ko" if any(HANGUL.search(text) for text in texts) else "en"


def in_both(title: str) -> Text | None:
    """A title that has both languages, as one that goes out in both has."""
    ko, _, en = (part.strip() for part in title.partition(" / "))
    return Text(ko, en) if en and HANGUL.search(ko) and not HANGUL.search(en) else None


def folders(path: str) -> list[str]:
    """The names in the path of a category, from the outermost: `$course$/top/Week 4/XOR` has two. Moodle doubles a
    slash that is in a name."""
    bare = re.sub(r"^\$\w+\$(/|$)", "", path)
    names = [name.replace("//", "/").strip() for name in re.split("(?<!/)/(?!/)", bare) if name.strip()]
    return names[1:] if names[:1] == ["top"] else names


UNEXPLAINED = Text(f"{TODO}(ko): 설명을 쓰세요.", f"{TODO}(en): write an explanation.")


def slugged(name: str) -> str:
    """A name as an id: words of a-z and 0-9 joined by "-"; "" where there is no letter of these."""
    slug = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")[:60].strip("-")
    return slug if re.search("[a-z]", slug) else ""


def written(*names: str) -> str:
    """The first of these names as an id that has letters of a to z and was not made by a machine; "" if none has."""
    by_people = (name for name in names if not re.search("[0-9a-f]{16}|[0-9a-f]{8}-[0-9a-f]{4}-", name.lower()))
    return next((slug for slug in map(slugged, by_people) if slug), "")


def unlike(id: str, *others: Container[str]) -> str:
    """The id, with a number if it is among the others."""
    number, made = 2, id
    while any(made in one for one in others):
        made, number = f"{id}-{number}", number + 1
    return made


def lettered(texts: Sequence[Text]) -> tuple[Option, ...]:
    """Options under the ids a, b, c, ..."""
    return tuple(Option(chr(ord("a") + place) if place < 26 else f"o{place}", text) for place, text in enumerate(texts))


def tolerance(posed: Posed) -> float:
    """How far a number may be off, as one number."""
    key = posed.key
    if isinstance(key.answer, int) and (key.rtol, key.atol) == (USUAL_RTOL, 0):
        return 0.0
    return max(key.atol, abs(key.rtol * float(key.answer)))


def decimal(value: float, digits: int = 12) -> str:
    """A number without an exponent, which not every reader of these formats knows."""
    return format(Decimal(f"{value:.{digits}g}"), "f")


def right_of(key: Key) -> list[str]:
    """The ids that are right: of a choice one, or several that are all right; else all that are to be chosen."""
    return [key.answer] if isinstance(key.answer, str) else list(key.answer)


def words_of(value: Any) -> list[str]:
    """The texts that a key of kind text, or an expected wrong answer to it, accepts."""
    return [str(word) for word in value["accepted"]] if isinstance(value, dict) else [str(value)]


BY_HAND = Text("자동 채점", "marking by itself")
HINTS = Text("힌트", "the hints")
STARTER = Text("시작 코드", "the code to start from")
PATTERNS = Text("정규식 패턴", "the patterns")
WRONG = Text("예상되는 오답의 피드백", "the feedback for expected wrong answers")
ANSWER = Text("정답", "the right answer")
FEEDBACK = Text("항목마다의 피드백", "the feedback for its items")
RIGHT_SAID = Text("맞았을 때의 말", "what is said of the right answer")
WRONG_SAID = Text("틀렸을 때의 말", "what is said of every wrong answer")
NO_PLACE = Text("받는 쪽에는 둘 곳이 없습니다.", "The receiving side has no place for it.")
