"""What a person typed or chose, read as an answer. What is none says why and costs nothing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from grader.quiz import formula
from grader.quiz.question import Kind, Option, Question
from grader.text import Text

Raw = str | Sequence[str] | Mapping[str, str]
LONGEST = 10_000  # characters of an answer
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
FRACTION = re.compile(r"([+-]?\d{1,15})/(\d{1,15})")
SIGNS = str.maketrans({"−": "-", "–": "-", "×": "x", "∙": "*", "·": "*", "，": ","})


class NotAnAnswer(ValueError):
    """It cannot be read as an answer to this kind of question; `text` says what would be one."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True)
class Answer:
    """What was understood: an id, ids, a mapping, a number, a text, a shape or code. `shown` says it back."""

    value: Any
    shown: str


def parse(question: Question, raw: Raw) -> Answer:
    """Raises NotAnAnswer."""
    if sum(map(len, raw if not isinstance(raw, Mapping) else [*raw, *raw.values()])) > LONGEST:
        raise NotAnAnswer(Text("답이 너무 깁니다.", "The answer is too long."))
    if not raw or (isinstance(raw, str) and not raw.strip()):
        raise NotAnAnswer(Text("아직 답이 없습니다.", "There is no answer yet."))
    return _READERS[question.kind](question, raw)


def normal(text: str) -> str:
    """Full-width forms, signs and spaces as one would type them."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(SIGNS).split())


def _typed(raw: Raw) -> str:
    if not isinstance(raw, str):
        raise NotAnAnswer(Text("글자로 답하세요.", "Type the answer."))
    return raw


def _choice(question: Question, raw: Raw) -> Answer:
    ids = _ids(question.options, raw)
    if len(ids) != 1:
        raise NotAnAnswer(Text("하나만 고르세요.", "Choose exactly one."))
    return Answer(ids[0], ids[0])


def _multiple(question: Question, raw: Raw) -> Answer:
    ids = _ids(question.options, raw)
    if len(set(ids)) < len(ids):
        raise NotAnAnswer(Text("같은 것을 두 번 골랐습니다.", "One of them is chosen twice."))
    return Answer(frozenset(ids), ", ".join(sorted(ids)))


def _order(question: Question, raw: Raw) -> Answer:
    ids = _ids(question.options, raw)
    if sorted(ids) != sorted(option.id for option in question.options):
        raise NotAnAnswer(Text("모두를 한 번씩 순서대로 놓으세요.", "Put every one of them in order, each once."))
    return Answer(tuple(ids), ", ".join(ids))


def _match(question: Question, raw: Raw) -> Answer:
    if not isinstance(raw, Mapping):
        pairs = [part.split("=") for part in re.split(r"[\s,]+", _typed(raw).strip())]
        if any(len(pair) != 2 for pair in pairs):
            raise NotAnAnswer(Text("왼쪽=오른쪽처럼 쓰세요. 예: a=2 b=1", "Write left=right, as in: a=2 b=1"))
        raw = dict(pairs)
    left = [option.id for option in question.left]
    right = {option.id for option in question.options}
    if sorted(raw) != sorted(left) or not right.issuperset(raw.values()):
        raise NotAnAnswer(Text("왼쪽 하나하나에 오른쪽을 고르세요.", "Choose one on the right for each on the left."))
    return Answer({one: raw[one] for one in left}, ", ".join(f"{one}={raw[one]}" for one in left))


def _ids(options: Sequence[Option], raw: Raw) -> list[str]:
    """Ids as chosen, or typed with spaces or commas between."""
    if isinstance(raw, Mapping):
        raise NotAnAnswer(Text("보기에서 고르세요.", "Choose from the options."))
    ids = re.split(r"[\s,]+", raw.strip()) if isinstance(raw, str) else list(raw)
    known = {option.id for option in options}
    for one in ids:
        if one not in known:
            raise NotAnAnswer(Text(f"'{one[:40]}'라는 보기는 없습니다.", f"There is no option '{one[:40]}'."))
    return ids


def _number(question: Question, raw: Raw) -> Answer:
    text = normal(_typed(raw))
    value, percent = _without_unit(question, text)
    number = _read_number(value)
    if percent:
        number /= 100
    return Answer(float(number), text)


def _without_unit(question: Question, text: str) -> tuple[str, bool]:
    """The number alone, and whether it is a share in percent where the unit is not already that."""
    units = (question.unit.ko, question.unit.en) if question.unit else ()
    for unit in sorted({normal(unit) for unit in units}, key=len, reverse=True):
        if text.casefold().endswith(unit.casefold()):
            return text[: -len(unit)].strip(), False
    if text.endswith("%"):
        return text[:-1].strip(), True
    return text, False


def _read_number(text: str) -> Fraction:
    bare = text.replace(" ", "")
    if THOUSANDS.fullmatch(bare):
        return Fraction(bare.replace(",", ""))
    if found := FRACTION.fullmatch(bare):
        if int(found[2]) == 0:
            raise NotAnAnswer(Text("0으로 나눌 수 없습니다.", "A fraction cannot have 0 below its line."))
        return Fraction(int(found[1]), int(found[2]))
    if NUMBER.fullmatch(bare):
        return Fraction(bare)
    if re.fullmatch(r"[+-]?\d+,\d+", bare):
        raise NotAnAnswer(
            Text("소수점은 쉼표가 아니라 점으로 쓰세요. 예: 0.5", "Write the decimal with a point, not a comma: 0.5")
        )
    raise NotAnAnswer(
        Text(
            "숫자로 읽을 수 없습니다. 예: 12, -0.5, 3/4, 1e-3, 1,234",
            "This cannot be read as a number. Examples: 12, -0.5, 3/4, 1e-3, 1,234",
        )
    )


def _short(question: Question, raw: Raw) -> Answer:
    text = normal(_typed(raw))
    return Answer(text, text)


def _shape(question: Question, raw: Raw) -> Answer:
    text = normal(_typed(raw)).lower()
    inner = re.sub(r"^torch\.size|[()\[\]]", "", text).strip().rstrip(",")
    parts = [part for part in re.split(r"\s*[,*]\s*|\s+x\s+|(?<=\d)x(?=\w)|\s+", inner) if part]
    if not all(re.fullmatch(r"\d{1,9}|[a-z]\w{0,20}", part) for part in parts) or len(parts) > 8:
        raise NotAnAnswer(
            Text("모양은 (n, 16)처럼 쓰세요.", "Write a shape like (n, 16), with numbers and names of sizes.")
        )
    sizes = tuple(int(part) if part.isdigit() else part for part in parts)
    return Answer(sizes, f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})")


def _formula(question: Question, raw: Raw) -> Answer:
    try:
        return Answer(formula.read(_typed(raw), question.variables), normal(_typed(raw)))
    except formula.NotAFormula as error:
        raise NotAnAnswer(error.text) from error


def _output(question: Question, raw: Raw) -> Answer:
    text = _typed(raw).replace("\r\n", "\n")
    return Answer(text, text)


_READERS: Mapping[Kind, Callable[[Question, Raw], Answer]] = {
    Kind.CHOICE: _choice,
    Kind.MULTIPLE: _multiple,
    Kind.NUMBER: _number,
    Kind.TEXT: _short,
    Kind.ORDER: _order,
    Kind.MATCH: _match,
    Kind.SHAPE: _shape,
    Kind.FORMULA: _formula,
    Kind.OUTPUT: _output,
    Kind.CELL: _output,
}
