"""Proves a bank: that every question can be read, answered and marked, in both languages and in every variant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import GraderError
from grader.misconception import Topic
from grader.quiz import answer, formula, marking, variant
from grader.quiz.bank import OPTIONS, Bank
from grader.quiz.question import Key, Kind, Posed, Question, Quiz
from grader.text import Text

SEEDS = 200
HANGUL = re.compile("[가-힣]")
LONG = 900  # characters of a stem without its code
VAGUE = re.compile(r"\b(all of the above|none of the above)\b|위의 모든|모두 맞|해당 없음", re.IGNORECASE)
NEGATIVE = re.compile(r"\b(not|never|except)\b|아닌|않는|없는|틀린", re.IGNORECASE)
STRONG = re.compile(r"\*\*[^*]*(\bnot\b|\bnever\b|\bexcept\b|아닌|않는|없는|틀린)[^*]*\*\*", re.IGNORECASE)
ANY_PLACE = re.compile(r"@\{")


@dataclass(frozen=True)
class Fault:
    """What is wrong with a question. A warning is for a person to weigh."""

    quiz: str
    question: str
    text: Text
    warning: bool = False

    def as_json(self) -> dict[str, Any]:
        kind = "warning" if self.warning else "error"
        return {"quiz": self.quiz, "question": self.question, "kind": kind, "text": self.text.as_json()}


@dataclass(frozen=True)
class Case:
    """One question with what is needed to look at it."""

    quiz: Quiz
    question: Question
    key: Key
    generators: Path | None

    def fault(self, ko: str, en: str, *, warning: bool = False) -> Fault:
        return Fault(self.quiz.id, self.question.id, Text(ko, en), warning)


def lint(
    bank: Bank,
    topics: Mapping[str, Topic],
    names: Sequence[str] = (),
    progress: Callable[[str], None] = lambda id: None,
) -> list[Fault]:
    """The faults of these quizzes, or of all. Raises BadQuiz for a file that cannot be read at all."""
    bank.all()
    return [fault for name in (names or bank.ids()) for fault in _quiz(bank, bank.load(name), topics, progress)]


def _quiz(bank: Bank, quiz: Quiz, topics: Mapping[str, Topic], progress: Callable[[str], None]) -> Iterator[Fault]:
    yield from _both(lambda ko, en: Fault(quiz.id, "-", Text(ko, en)), "title", quiz.title)
    for question in quiz.questions:
        progress(question.id)
        key = quiz.keys.get(question.id)
        if key is None:
            yield Fault(quiz.id, question.id, Text("정답 파일이 없습니다.", "It has no key."))
            continue
        case = Case(quiz, question, key, bank.generators(quiz.id))
        if question.topic not in topics:
            yield case.fault(f"주제 '{question.topic}'이 없습니다.", f"There is no topic '{question.topic}'.")
        yield from _words(case, bank.public)
        yield from _structure(case)
        yield from _variants(case)


def _both(fault: Callable[[str, str], Fault], what: str, text: Text, *, code: bool = False) -> Iterator[Fault]:
    """Both languages are there. What is code or a formula may be the same in both."""
    if not text.ko.strip() or not text.en.strip():
        yield fault(f"{what}: 한쪽 언어가 비어 있습니다.", f"{what}: one language is empty.")
        return
    if HANGUL.search(text.en):
        yield fault(f"{what}: 영어 글에 한글이 있습니다.", f"{what}: there is Korean in the English text.")
    if not HANGUL.search(text.ko) and text.ko != text.en and not code:
        yield fault(f"{what}: 한국어 글에 한글이 없습니다.", f"{what}: there is no Korean in the Korean text.")


def _words(case: Case, folder: Path) -> Iterator[Fault]:
    question, key = case.question, case.key
    yield from _both(case.fault, "stem", question.stem)
    yield from _both(case.fault, "explanation", key.explanation)
    for name, text in key.feedback.items():
        yield from _both(case.fault, f"feedback.{name}", text)
    for text in (*key.hints, *(one.text for one in key.wrong)):
        yield from _both(case.fault, "hint or feedback", text)
    for option in (*question.options, *question.left):
        yield from _both(case.fault, f"option {option.id}", option.text, code=True)
        if VAGUE.search(f"{option.text.ko} {option.text.en}"):
            yield case.fault(
                f"보기 {option.id}: '모두 맞다' 같은 보기는 피하세요.", f"option {option.id}: avoid 'all of the above'."
            )
    for stem in (question.stem.ko, question.stem.en):
        if len(re.sub(r"```.*?```", "", stem, flags=re.DOTALL)) > LONG:
            yield case.fault("글이 너무 깁니다.", "The stem is too long to read at once.", warning=True)
        if question.kind is Kind.CHOICE and NEGATIVE.search(_asked(stem)) and not STRONG.search(_asked(stem)):
            yield case.fault(
                "부정형 질문이면 부정어를 **굵게** 쓰세요.",
                "A negative question: print the negation **bold**, or turn it round.",
                warning=True,
            )
    if question.picture:
        if not (folder / "pictures" / question.picture).is_file():
            yield case.fault(f"그림 {question.picture}이 없습니다.", f"The picture {question.picture} is not there.")
        if question.alt is None:
            yield case.fault("그림에 대체 글이 없습니다.", "Its picture has no text alternative.")
    if not key.hints:
        yield case.fault("힌트가 없습니다.", "It has no hint.", warning=True)


def _asked(text: str) -> str:
    """The sentence that asks."""
    sentences = re.split(r"(?<=[.?!])\s+", re.sub(r"```.*?```|\$[^$]*\$", "", text, flags=re.DOTALL).strip())
    return next((one for one in sentences if one.endswith("?")), "")


def _structure(case: Case) -> Iterator[Fault]:
    question, key = case.question, case.key
    if not 1 <= question.difficulty <= 4:
        yield case.fault("difficulty는 1에서 4까지입니다.", "difficulty goes from 1 to 4.")
    if not key.weight > 0:
        yield case.fault("weight는 0보다 커야 합니다.", "weight must be above 0.")
    ids = [option.id for option in question.options]
    if question.kind in OPTIONS and not 2 <= len(ids) <= 8:
        yield case.fault("보기는 2개에서 8개까지입니다.", "It needs 2 to 8 options.")
    if question.kind in (Kind.CHOICE, Kind.MULTIPLE):
        right = {key.answer} if question.kind is Kind.CHOICE else set(key.answer)
        if not right or not right <= set(ids) or right == set(ids):
            yield case.fault("정답이 보기와 맞지 않습니다.", "The key does not fit the options.")
        if missing := sorted(set(ids) - right - set(key.feedback)):
            yield case.fault(f"{missing[0]}에 피드백이 없습니다.", f"{missing[0]} has no feedback.")
    if unknown := sorted(set(key.feedback) - set(ids)):
        yield case.fault(f"피드백 {unknown[0]}은 보기가 아닙니다.", f"feedback.{unknown[0]} is no option.")
    if question.kind in (Kind.NUMBER, Kind.SHAPE, Kind.FORMULA, Kind.OUTPUT) and not key.wrong:
        yield case.fault("예상되는 오답이 없습니다.", "No wrong answer is expected (`wrong`).", warning=True)
    if question.kind is Kind.FORMULA and not question.variables:
        yield case.fault("variables가 없습니다.", "It has no variables.")


def _variants(case: Case) -> Iterator[Fault]:
    """Every seed gives a question that can be answered; the key is accepted, the expected wrong answers are not."""
    if not case.key.generator:
        yield from _answers(case, case.question, Posed(case.question, case.key))
        return
    seen: set[str] = set()
    for seed in range(SEEDS):
        try:
            posed = variant.pose(case.question, case.key, case.generators, seed)
        except GraderError as error:
            yield case.fault(f"seed {seed}: {error.text.ko}", f"seed {seed}: {error.text.en}")
            return
        except Exception as error:  # noqa: BLE001  the generator is the author's code
            yield case.fault(f"seed {seed}: 생성기 오류 {error!r}", f"seed {seed}: the generator raises {error!r}")
            return
        seen.add(repr(sorted(posed.values.items())))
        found = list(_answers(case, posed.question, posed))
        if found:
            first = found[0].text
            yield case.fault(f"seed {seed}: {first.ko}", f"seed {seed}: {first.en}")
            return
    if len(seen) < 5:
        yield case.fault(f"변형이 {len(seen)}가지뿐입니다.", f"It has only {len(seen)} variants.")


def _answers(case: Case, question: Question, posed: Posed) -> Iterator[Fault]:
    if left := [text for text in _texts(posed) if ANY_PLACE.search(text)]:
        yield case.fault(f"채워지지 않은 값: {left[0][:60]}", f"a value is not filled in: {left[0][:60]}")
        return
    for texts in ([option.text.ko for option in question.options], [option.text.en for option in question.options]):
        if len(set(texts)) < len(texts):
            yield case.fault("같은 보기가 둘 있습니다.", "Two options read the same.")
    if question.kind is Kind.CELL:
        return
    try:
        given = answer.parse(question, _typed(posed))
        mark = marking.mark(posed, given)
        if not mark.right:
            yield case.fault("정답이 정답으로 채점되지 않습니다.", "The key is not accepted as right.")
        for wrong in posed.key.wrong:
            if marking.is_right(posed, answer.parse(question, _as_typed(wrong.value))):
                yield case.fault(f"오답 {wrong.value}이 정답입니다.", f"The wrong answer {wrong.value} is accepted.")
    except (answer.NotAnAnswer, formula.NotAFormula) as error:
        yield case.fault(f"정답을 읽을 수 없습니다: {error.text.ko}", f"The key cannot be read: {error.text.en}")
    except (KeyError, TypeError, ValueError) as error:
        yield case.fault(f"정답의 형식이 다릅니다: {error!r}", f"The key has another form: {error!r}")


def _typed(posed: Posed) -> answer.Raw:
    """The key as a person would give it."""
    key = posed.key.answer
    if posed.question.kind is Kind.TEXT and isinstance(key, dict):
        return str(key["accepted"][0])
    if isinstance(key, (list, dict)):
        return key
    return _as_typed(key)


def _as_typed(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _texts(posed: Posed) -> Iterator[str]:
    question, key = posed.question, posed.key
    options = [option.text for option in (*question.options, *question.left)]
    for text in (question.stem, *options, key.explanation, *key.hints, *key.feedback.values()):
        yield from (text.ko, text.en)
    yield from (question.code, question.starter)
