"""Proves a bank: that every question can be read, answered and marked, in both languages and in every variant."""

from __future__ import annotations

import ast
import math
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from grader.errors import BadQuiz, GraderError
from grader.misconception import Topic
from grader.quiz import answer, clarity, formula, html, marking, media, variant
from grader.quiz.answer import LONGEST_OF
from grader.quiz.bank import OPTIONS, Bank
from grader.quiz.question import Key, Kind, Posed, Question, Quiz
from grader.text import Text

SEEDS = 200
HANGUL = re.compile("[가-힣]")
LONG = 900  # characters of a stem without its code
VAGUE = re.compile(r"\b(all of the above|none of the above)\b|위의 모든|모두 맞|해당 없음", re.IGNORECASE)
NEGATIVE = re.compile(r"\b(not|never|except)\b|아닌|않는|없는|틀린", re.IGNORECASE)
REASON = re.compile(r"\bwhy\b|왜|까닭|이유", re.IGNORECASE)
STRONG = re.compile(r"\*\*[^*]*(\bnot\b|\bnever\b|\bexcept\b|아닌|않는|없는|틀린)[^*]*\*\*", re.IGNORECASE)
ANY_PLACE = re.compile(r"@\{")
OPTION = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
TODO = re.compile(r"^TODO\((ko|en)\)", re.MULTILINE)  # what an import leaves to a person
SLOW_S = 0.05  # of a pattern and one answer
NESTED = re.compile(r"\([^()]*[*+}][^()]*\)\s*([*+]|\{\d*,\d*\})")  # (a+)+


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
    """The faults of these quizzes, or of all. Raises BadQuiz for a name that there is not."""
    found: list[Fault] = []
    owners: dict[str, set[str]] = {}
    for name in bank.ids():
        try:
            quiz = bank.load(name)
        except BadQuiz as error:
            if not names or name in names:
                found.append(Fault(name, "-", error.text))
            continue
        for question in quiz.questions:
            owners.setdefault(question.id, set()).add(name)
        if not names or name in names:
            found += _quiz(bank, quiz, topics, progress)
    for name in set(names) - set(bank.ids()):
        bank.load(name)
    for id, users in owners.items():
        if len(users) > 1:
            used = ", ".join(sorted(users))
            found.append(Fault(used, id, Text("같은 id가 두 퀴즈에 있습니다.", "Two quizzes use this id.")))
    return found


def _quiz(bank: Bank, quiz: Quiz, topics: Mapping[str, Topic], progress: Callable[[str], None]) -> Iterator[Fault]:
    yield from _both(lambda ko, en: Fault(quiz.id, "-", Text(ko, en)), "title", quiz.title)
    for question in quiz.questions:
        progress(question.id)
        key = quiz.keys.get(question.id)
        if key is None:
            yield Fault(quiz.id, question.id, Text("정답 파일이 없습니다.", "It has no key."))
            continue
        case = Case(quiz, question, key, bank.generators(quiz.id))
        if wrong := _form(question, key):
            yield case.fault(f"정답의 형식이 다릅니다: {wrong}.", f"The key has another form: {wrong}.")
            continue
        if topics and question.topic not in topics:
            yield case.fault(f"주제 '{question.topic}'이 없습니다.", f"There is no topic '{question.topic}'.")
        yield from _words(case, bank.public)
        yield from _structure(case)
        yield from _variants(case)


def _both(fault: Callable[[str, str], Fault], what: str, text: Text, *, code: bool = False) -> Iterator[Fault]:
    """Both languages are there. What is code or a formula may be the same in both."""
    if TODO.search(f"{text.ko}\n{text.en}"):
        yield fault(
            f"{what}: 옮기거나 써야 할 글이 남아 있습니다 (TODO).", f"{what}: a text is still to be written (TODO)."
        )
        return
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
        if not OPTION.fullmatch(option.id):
            yield case.fault(f"'{option.id}'은(는) id가 아닙니다.", f"'{option.id}' is no id of an option.")
        yield from _both(case.fault, f"option {option.id}", option.text, code=True)
        if VAGUE.search(f"{option.text.ko} {option.text.en}"):
            yield case.fault(
                f"보기 {option.id}: '모두 맞다' 같은 보기는 피하세요.", f"option {option.id}: avoid 'all of the above'."
            )
    yield from _typeset(case)
    for stem in (question.stem.ko, question.stem.en):
        if len(re.sub(r"```.*?```", "", stem, flags=re.DOTALL)) > LONG:
            yield case.fault("글이 너무 깁니다.", "The stem is too long to read at once.", warning=True)
        asked = _asked(stem)
        negative = NEGATIVE.search(asked) and not STRONG.search(asked) and not REASON.search(asked)
        if question.kind is Kind.CHOICE and negative:
            yield case.fault(
                "부정형 질문이면 부정어를 **굵게** 쓰세요.",
                "A negative question: print the negation **bold**, or turn it round.",
                warning=True,
            )
    if question.picture:
        if not (folder / "pictures" / question.picture).is_file():
            yield case.fault(f"그림 {question.picture}이 없습니다.", f"The picture {question.picture} is not there.")
        else:
            yield from _picture(case, folder / "pictures" / question.picture)
        if question.alt is None:
            yield case.fault("그림에 대체 글이 없습니다.", "Its picture has no text alternative.")
    if not key.hints:
        yield case.fault("힌트가 없습니다.", "It has no hint.", warning=True)
    for text in clarity.unclear(question, key):
        yield case.fault(text.ko, text.en, warning=True)


def _picture(case: Case, file: Path) -> Iterator[Fault]:
    """A picture may be shown on a page."""
    try:
        media.check(file.name, file.read_bytes())
    except BadQuiz as error:
        yield case.fault(error.text.ko, error.text.en)


def _typeset(case: Case) -> Iterator[Fault]:
    """Formulas and code that are opened are closed, and every formula can be drawn."""
    for text in _texts(Posed(case.question, case.key)):
        bare = re.sub(r"```.*?```|`[^`\n]*`|\\\$", "", text, flags=re.DOTALL)
        if text.count("```") % 2 or bare.count("$") % 2:
            yield case.fault(f"$나 ```가 닫히지 않았습니다: {text[:60]}", f"A $ or ``` is not closed: {text[:60]}")
            continue
        for why in html.faults(variant.PLACE.sub("1", text)) if "$" in bare else ():
            yield case.fault(f"그릴 수 없는 수식: {why}", f"A formula that cannot be drawn: {why}")


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
    if question.kind in (Kind.CHOICE, Kind.MULTIPLE) and not 3 <= len(ids) <= 6:
        yield case.fault("보기는 3개에서 6개가 좋습니다.", "3 to 6 choices are best.", warning=True)
    if question.kind is Kind.CHOICE and isinstance(key.answer, str) and key.answer in ids:
        yield from _lengths(case, key.answer)
    if question.kind is Kind.TEXT:
        yield from _patterns(case)
    if question.kind is Kind.CELL:
        yield from _cell(case)
    said_of = [option.id for option in question.left] if question.kind is Kind.MATCH else ids
    if unknown := sorted(set(key.feedback) - set(said_of)):
        yield case.fault(f"피드백 {unknown[0]}은 보기가 아닙니다.", f"feedback.{unknown[0]} is no option.")
    if question.kind in (Kind.NUMBER, Kind.SHAPE, Kind.FORMULA, Kind.OUTPUT) and not key.wrong:
        yield case.fault("예상되는 오답이 없습니다.", "No wrong answer is expected (`wrong`).", warning=True)
    if question.kind is Kind.FORMULA:
        if not question.variables:
            yield case.fault("variables가 없습니다.", "It has no variables.")
        if taken := sorted({*formula.FUNCTIONS, "pi"} & set(question.variables)):
            yield case.fault(
                f"변수 {taken[0]}은(는) 함수 이름입니다.", f"The variable {taken[0]} is a function's name."
            )


def _form(question: Question, key: Key) -> str:
    """Why the key is not of the type that this kind of question has; nothing where it is."""
    kind, value = question.kind, key.answer
    if kind is Kind.CHOICE:
        several = isinstance(value, list) and len(value) > 1 and all(isinstance(one, str) for one in value)
        return "" if isinstance(value, str) or several else "an id, or two or more of them in a list"
    if kind in (Kind.MULTIPLE, Kind.ORDER):
        return "" if isinstance(value, list) and all(isinstance(one, str) for one in value) else "a list of ids"
    if kind is Kind.MATCH:
        fits = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        return "" if fits else "a table {left = right}"
    if kind is Kind.TEXT:
        return "" if all(map(_is_text, (value, *(one.value for one in key.wrong)))) else "{accepted = [...]}"
    if kind is Kind.NUMBER:
        numbers = (value, *(one.value for one in key.wrong))
        return "" if all(isinstance(one, (int, float, str)) for one in numbers) else "a number"
    return "" if isinstance(value, str) else "a text"


def _is_text(value: object) -> bool:
    if isinstance(value, str):
        return True
    if not isinstance(value, dict) or set(value) - {"accepted", "patterns"} or not value.get("accepted"):
        return False
    return all(isinstance(one, list) and all(isinstance(word, str) for word in one) for one in value.values())


def _keyed(case: Case, posed: Posed) -> Iterator[Fault]:
    """The key of one variant names options that there are, and whatever else can be chosen has its feedback."""
    question, answer = posed.question, posed.key.answer
    ids = [option.id for option in question.options]
    right = [answer] if isinstance(answer, str) else list(answer)
    if not right or not set(right) <= set(ids) or set(right) == set(ids):
        yield case.fault("정답이 보기와 맞지 않습니다.", "The key does not fit the options.")
    elif missing := sorted(set(ids) - set(right) - set(posed.key.feedback)):
        yield case.fault(f"{missing[0]}에 피드백이 없습니다.", f"{missing[0]} has no feedback.")


def _lengths(case: Case, right: object) -> Iterator[Fault]:
    """A right answer that is by far the longest gives itself away."""
    for language in ("ko", "en"):
        lengths = {option.id: len(option.text.into(language)) for option in case.question.options}
        longest = max((length for id, length in lengths.items() if id != right), default=0)
        if lengths.get(str(right), 0) > max(1.5 * longest, longest + 15):
            yield case.fault(
                f"{language}: 정답이 다른 보기보다 훨씬 깁니다.",
                f"{language}: the right answer is by far the longest.",
                warning=True,
            )


def _patterns(case: Case) -> Iterator[Fault]:
    values = [value for value in (case.key.answer, *(one.value for one in case.key.wrong)) if isinstance(value, dict)]
    for pattern in (pattern for value in values for pattern in value.get("patterns", [])):
        try:
            re.compile(pattern)
        except re.error as error:
            yield case.fault(f"패턴 오류: {pattern} ({error})", f"The pattern {pattern} is wrong: {error}.")
            continue
        if NESTED.search(re.sub(r"\\.", "x", pattern)) or _slow(pattern):
            yield case.fault(
                f"패턴이 몹시 느려질 수 있습니다: {pattern}", f"A repeat in a repeat may take for ever: {pattern}"
            )


def _slow(pattern: str) -> bool:
    """Whether answers of one letter again and again take it long. They grow, so that this is known in time."""
    compiled = re.compile(pattern, re.IGNORECASE)
    letters = {*re.sub(r"\\.|[^\w\s]", "", pattern), "a", "1", "가", " "}
    for letter, end in product(sorted(letters), ("", "\n")):
        for length in range(1, LONGEST_OF[Kind.TEXT] + 1):
            began = time.thread_time()
            compiled.fullmatch(letter * length + end)
            if time.thread_time() - began > SLOW_S:
                return True
    return False


def _cell(case: Case) -> Iterator[Fault]:
    """What can be said of a cell without a box; `grader.quiz.cell` proves the rest."""
    question, key = case.question, case.key
    if not question.defines.isidentifier() or not question.signature.startswith("("):
        yield case.fault("defines나 signature가 없습니다.", "It has no defines or signature.")
    for what, source in (("starter", question.starter), ("key", key.answer), ("solution", key.solution)):
        try:
            ast.parse(source)
        except (SyntaxError, ValueError) as error:
            yield case.fault(f"{what}: 파이썬이 아닙니다 ({error}).", f"{what}: this is no Python ({error}).")
    if f"def {question.defines}" not in question.starter:
        yield case.fault("starter가 defines를 정의하지 않습니다.", "The starter does not define it.")
    if not key.solution:
        yield case.fault(
            "solution이 없어 정답을 증명할 수 없습니다.", "Without a solution nothing is proved.", warning=True
        )


def _variants(case: Case) -> Iterator[Fault]:
    """Every seed gives a question that can be answered; the key is accepted, the expected wrong answers are not."""
    if not case.key.generator:
        yield from _answers(case, case.question, Posed(case.question, case.key))
        return
    seen: set[str] = set()
    rounded: set[str] = set()
    used = variant.places(case.question)
    for seed in range(SEEDS):
        try:
            posed = variant.pose(case.question, case.key, case.generators, seed)
            again = variant.pose(case.question, case.key, case.generators, seed) if seed < 3 else posed
        except GraderError as error:
            yield case.fault(f"seed {seed}: {error.text.ko}", f"seed {seed}: {error.text.en}")
            return
        if again.values != posed.values:
            yield case.fault("같은 seed가 다른 값을 냅니다.", "One seed gives two variants: use nothing but rng.")
            return
        seen.add(repr(sorted(posed.values.items())))
        rounded |= {name for name in used if _is_rounded(posed.values[name])}
        found = list(_answers(case, posed.question, posed))
        if found:
            first = found[0].text
            yield case.fault(f"seed {seed}: {first.ko}", f"seed {seed}: {first.en}")
            return
    if len(seen) < 5:
        yield case.fault(f"변형이 {len(seen)}가지뿐입니다.", f"It has only {len(seen)} variants.")
    for name in sorted(rounded):
        yield case.fault(
            f"@{{{name}}}이 여섯 자리로 반올림되어 보입니다. 생성기에서 반올림하세요.",
            f"@{{{name}}} is shown rounded to six digits, but the key has them all: round it in the generator.",
            warning=True,
        )


def _is_rounded(value: object) -> bool:
    return isinstance(value, float) and not math.isclose(float(variant.shown(value)), value, rel_tol=1e-9)


def _answers(case: Case, question: Question, posed: Posed) -> Iterator[Fault]:
    if left := [text for text in _texts(posed) if ANY_PLACE.search(text)]:
        yield case.fault(f"채워지지 않은 값: {left[0][:60]}", f"a value is not filled in: {left[0][:60]}")
        return
    for texts in ([option.text.ko for option in question.options], [option.text.en for option in question.options]):
        if len(set(texts)) < len(texts):
            yield case.fault("같은 보기가 둘 있습니다.", "Two options read the same.")
    if question.kind is Kind.CELL:
        return
    if question.kind in (Kind.CHOICE, Kind.MULTIPLE):
        unfit = list(_keyed(case, posed))
        yield from unfit
        if unfit:
            return
    try:
        mark = marking.mark(posed, answer.parse(question, _typed(posed, posed.key.answer)))
    except answer.NotAnAnswer as error:
        yield case.fault(f"정답을 읽을 수 없습니다: {error.text.ko}", f"The key cannot be read: {error.text.en}")
        return
    except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
        yield case.fault(f"정답의 형식이 다릅니다: {error!r}", f"The key has another form: {error!r}")
        return
    if not mark.right:
        yield case.fault("정답이 정답으로 채점되지 않습니다.", "The key is not accepted as right.")
        return
    for place, wrong in enumerate(posed.key.wrong):
        yield from _refused(case, posed, place, wrong.value)


def _refused(case: Case, posed: Posed, place: int, value: Any) -> Iterator[Fault]:
    """An expected wrong answer is wrong, and it is called what it is."""
    words = value.get("accepted", []) if isinstance(value, dict) else [value]
    for word in words:
        try:
            mark = marking.mark(posed, answer.parse(posed.question, _typed(posed, word)))
        except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
            yield case.fault(f"오답 {word}을(를) 읽을 수 없습니다.", f"The wrong answer {word} cannot be read: {error}")
            continue
        if mark.right:
            yield case.fault(f"오답 {word}이(가) 정답입니다.", f"The wrong answer {word} is accepted.")
        elif posed.key.wrong[place].text not in mark.said:
            yield case.fault(
                f"오답 {word}은(는) 앞의 다른 오답과 같습니다.",
                f"The wrong answer {word} is the same as one before it.",
            )


def _typed(posed: Posed, value: Any) -> answer.Raw:
    """The key, or an expected wrong answer, as a person would give it."""
    if posed.question.kind is Kind.TEXT and isinstance(value, dict):
        return str(value["accepted"][0])
    if posed.question.kind is Kind.CHOICE and isinstance(value, list):
        return str(value[0])
    if isinstance(value, (list, dict)):
        return value
    return _as_typed(value)


def _as_typed(value: object) -> str:
    return repr(value) if isinstance(value, float) else str(value)


def _texts(posed: Posed) -> Iterator[str]:
    question, key = posed.question, posed.key
    options = [option.text for option in (*question.options, *question.left)]
    shown = (question.unit, question.alt)
    said = (key.explanation, *key.hints, *key.feedback.values(), *(one.text for one in key.wrong))
    for text in (question.stem, *options, *said, *(one for one in shown if one is not None)):
        yield from (text.ko, text.en)
    yield from (question.code, question.starter)
