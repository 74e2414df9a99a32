"""What a person typed or chose, read as an answer. What is none says why and costs nothing.

A raw answer may be anything that a form, a terminal or JSON sends: whatever it is, it is read or it is NotAnAnswer.
"""

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
Clean = str | list[str] | dict[str, str]
LONGEST = 2_000  # characters of an answer
LONGEST_OF = {Kind.NUMBER: 60, Kind.TEXT: 100, Kind.SHAPE: 100, Kind.FORMULA: 300, Kind.CELL: 50_000}
MANY = 50  # parts of an answer
BIGGEST = 10**60  # a number; JSON and Fraction would take a million digits
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?|[+-]?[1-9]\d{0,2}( \d{3})+(\.\d+)?")
NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d{1,3})?", re.IGNORECASE)
FRACTION = re.compile(r"([+-]?\d{1,15}) ?/ ?(\d{1,15})")
POWER = re.compile(
    r"(?:(?P<factor>[+-]?(?:\d+(?:\.\d*)?|\.\d+)) ?[x*] ?)?"
    r"(?P<sign>[+-]?)10 ?(?:\^|\*\*) ?\(?(?P<power>[+-]?\d{1,3})\)?"
)
ENDINGS = re.compile(r"\s*(입니다|이에요|예요|이다|이요|요)?\s*[.!]?$")
PERCENT = re.compile(r"(?<=[\d ])\s*(퍼센트|프로|per ?cent)$|^(퍼센트|프로|per ?cent)$", re.IGNORECASE)
SHAPE_NAMES = re.compile(r"\d{1,9}|[a-z]\w{0,11}")
SIGNS = str.maketrans(
    {"−": "-", "–": "-", "—": "-", "‐": "-", "×": "x", "∙": "*", "·": "*", "⋅": "*", "⁄": "/", "∕": "/", "、": ","}
    | {"‘": "'", "’": "'", "“": '"', "”": '"', "′": "'"}
)


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


def parse(question: Question, raw: object) -> Answer:
    """Raises NotAnAnswer, and nothing else whatever `raw` is."""
    clean = _clean(raw)
    parts = [clean] if isinstance(clean, str) else [*clean, *(clean.values() if isinstance(clean, dict) else ())]
    if sum(map(len, parts)) > LONGEST_OF.get(question.kind, LONGEST) or len(parts) > MANY:
        raise NotAnAnswer(_TOO_LONG)
    if not any(part.strip() for part in parts):
        raise NotAnAnswer(Text("아직 답이 없습니다.", "There is no answer yet."))
    return _READERS[question.kind](question, clean)


def normal(text: str) -> str:
    """Full-width forms, signs, raised digits and spaces as one would type them."""
    text = re.sub("([½⅓⅔¼¾⅕-⅞⅐-⅒])", r" \1", formula.lowered(text.translate(SIGNS)))  # 1½ is not 11/2
    return " ".join(unicodedata.normalize("NFKC", text).translate(SIGNS).split())


def _clean(raw: object) -> Clean:
    """Texts without what cannot be printed or stored; numbers as they are written."""
    if isinstance(raw, (Mapping, list, tuple, set, frozenset)) and len(raw) > MANY:
        raise NotAnAnswer(_TOO_LONG)
    if isinstance(raw, Mapping):
        return {_scalar(left): _scalar(right) for left, right in raw.items()}
    if isinstance(raw, (list, tuple, set, frozenset)):
        return [_scalar(part) for part in raw]
    return _scalar(raw)


def _scalar(raw: object) -> str:
    if raw is None:
        return ""
    if isinstance(raw, str):
        if len(raw) > max(LONGEST_OF.values()):
            raise NotAnAnswer(_TOO_LONG)
        return "".join(one for one in raw if one in "\t\n\r" or unicodedata.category(one) not in ("Cc", "Cf", "Cs"))
    if isinstance(raw, bool) or not isinstance(raw, (int, float)):
        raise NotAnAnswer(Text("글자나 숫자로 답하세요.", "Answer with text or numbers."))
    if isinstance(raw, int) and abs(raw) >= BIGGEST:
        raise NotAnAnswer(_TOO_LARGE)
    return repr(raw)


def _typed(raw: Clean) -> str:
    """A form may send what was typed as a list of one."""
    if isinstance(raw, list) and len(raw) == 1:
        return raw[0]
    if not isinstance(raw, str):
        raise NotAnAnswer(Text("글자로 답하세요.", "Type the answer."))
    return raw


def _choice(question: Question, raw: Clean) -> Answer:
    ids = _ids(question.options, raw)
    if len(ids) != 1:
        raise NotAnAnswer(Text("하나만 고르세요.", "Choose exactly one."))
    return Answer(ids[0], ids[0])


def _multiple(question: Question, raw: Clean) -> Answer:
    ids = _ids(question.options, raw)
    if len(set(ids)) < len(ids):
        raise NotAnAnswer(Text("같은 것을 두 번 골랐습니다.", "One of them is chosen twice."))
    return Answer(frozenset(ids), ", ".join(sorted(ids)))


def _order(question: Question, raw: Clean) -> Answer:
    ids = _ids(question.options, raw)
    if sorted(ids) != sorted(option.id for option in question.options):
        raise NotAnAnswer(Text("모두를 한 번씩 순서대로 놓으세요.", "Put every one of them in order, each once."))
    return Answer(tuple(ids), ", ".join(ids))


def _match(question: Question, raw: Clean) -> Answer:
    if not isinstance(raw, dict):
        words = re.sub(r"\s*(?:=|:|→|->)\s*", "=", normal(_typed(raw) if isinstance(raw, str) else " ".join(raw)))
        pairs = [part.split("=") for part in re.split(r"[\s,]+", words) if part]
        if any(len(pair) != 2 for pair in pairs):
            raise NotAnAnswer(Text("왼쪽=오른쪽처럼 쓰세요. 예: a=2 b=1", "Write left=right, as in: a=2 b=1"))
        if len({pair[0] for pair in pairs}) < len(pairs):
            raise NotAnAnswer(Text("왼쪽의 하나를 두 번 골랐습니다.", "One on the left is matched twice."))
        raw = dict(pairs)
    left = [option.id for option in question.left]
    right = {option.id for option in question.options}
    if sorted(raw) != sorted(left) or not right.issuperset(raw.values()):
        raise NotAnAnswer(Text("왼쪽 하나하나에 오른쪽을 고르세요.", "Choose one on the right for each on the left."))
    return Answer({one: raw[one] for one in left}, ", ".join(f"{one}={raw[one]}" for one in left))


def _ids(options: Sequence[Option], raw: Clean) -> list[str]:
    """Ids as chosen, or typed with spaces or commas between."""
    if isinstance(raw, dict):
        raise NotAnAnswer(Text("보기에서 고르세요.", "Choose from the options."))
    ids = [one for one in (re.split(r"[\s,]+", normal(raw)) if isinstance(raw, str) else raw) if one]
    known = {option.id for option in options}
    for one in ids:
        if one not in known:
            raise NotAnAnswer(Text(f"'{one[:40]}'라는 보기는 없습니다.", f"There is no option '{one[:40]}'."))
    return ids


def _number(question: Question, raw: Clean) -> Answer:
    text = normal(_typed(raw))
    value, percent = _without_unit(question, text)
    number = _read_number(value) / (100 if percent else 1)
    if number.denominator == 1 and abs(number) < BIGGEST:
        return Answer(int(number), text)  # a float would not tell 2**53 from the next, and has two zeros
    try:
        return Answer(float(number), text)
    except OverflowError as error:
        raise NotAnAnswer(_TOO_LARGE) from error


def _without_unit(question: Question, text: str) -> tuple[str, bool]:
    """The number alone, and whether it is a share in percent where the unit is not already that."""
    if text and not text[-1].isdigit():
        text = PERCENT.sub("%", ENDINGS.sub("", text))
    units = (question.unit.ko, question.unit.en) if question.unit else ()
    accepted = {PERCENT.sub("%", normal(unit)) for unit in units}
    accepted |= {normal(unit).removesuffix("s") for unit in units if len(unit) > 3}
    for unit in sorted(accepted - {""}, key=len, reverse=True):
        if text[-len(unit) :].casefold() == unit.casefold():
            return text[: -len(unit)].strip(), False
    if text.endswith("%"):
        return text[:-1].strip(), True
    return text, False


def _read_number(text: str) -> Fraction:
    text = re.sub(r"^([+-]) (?=[\d.])", r"\1", text)
    if THOUSANDS.fullmatch(text):
        return Fraction(re.sub("[, ]", "", text))
    if found := FRACTION.fullmatch(text):
        if int(found[2]) == 0:
            raise NotAnAnswer(Text("0으로 나눌 수 없습니다.", "A fraction cannot have 0 below its line."))
        return Fraction(int(found[1]), int(found[2]))
    if NUMBER.fullmatch(text):
        return Fraction(text)
    if (found := POWER.fullmatch(text)) and not (found["factor"] and found["sign"]):
        return Fraction(found["factor"] or f"{found['sign']}1") * Fraction(f"1e{found['power']}")
    if re.fullmatch(r"[+-]?\d+,\d+", text):
        raise NotAnAnswer(
            Text("소수점은 쉼표가 아니라 점으로 쓰세요. 예: 0.5", "Write the decimal with a point, not a comma: 0.5")
        )
    raise NotAnAnswer(
        Text(
            "숫자로 읽을 수 없습니다. 예: 12, -0.5, 3/4, 1e-3, 1,234",
            "This cannot be read as a number. Examples: 12, -0.5, 3/4, 1e-3, 1,234",
        )
    )


def _short(question: Question, raw: Clean) -> Answer:
    text = normal(_typed(raw))
    return Answer(text, text)


def _shape(question: Question, raw: Clean) -> Answer:
    """Sizes between commas, or between "x", "by", "*" or spaces where there is no comma."""
    text = normal(raw if isinstance(raw, str) else ", ".join(raw)).lower()
    inner = re.sub(r"^torch\.size|^shape\s*[=:]?|[()\[\]]", " ", text).strip().rstrip(",")
    if "," in inner:
        parts = inner.split(",")
    elif re.search(r"[x*\d]|\bby\b|^\w( \w)*$", inner):
        parts = re.split(r"\s*\*\s*|\s+(?:x|by)\s+|(?<=\d)x(?=\w)|(?<=\w)x(?=\d)|\s+", inner)
    else:
        parts = [inner] if inner else []
    parts = [part.strip() for part in parts]
    if not parts and "," in text:
        parts = [""]
    if not all(SHAPE_NAMES.fullmatch(part) for part in parts) or len(parts) > 8:
        raise NotAnAnswer(
            Text("모양은 (n, 16)처럼 쓰세요.", "Write a shape like (n, 16), with numbers and names of sizes.")
        )
    sizes = tuple(int(part) if part.isdecimal() else part for part in parts)
    return Answer(sizes, f"({', '.join(map(str, sizes))}{',' if len(sizes) == 1 else ''})")


def _formula(question: Question, raw: Clean) -> Answer:
    text = _typed(raw)
    try:
        return Answer(formula.read(text, question.variables), " ".join(text.split()))
    except formula.NotAFormula as error:
        raise NotAnAnswer(error.text) from error


def _output(question: Question, raw: Clean) -> Answer:
    text = _typed(raw).replace("\r\n", "\n").replace("\r", "\n")
    return Answer(text, text)


_TOO_LONG = Text("답이 너무 깁니다.", "The answer is too long.")
_TOO_LARGE = Text("수가 너무 큽니다.", "The number is too large.")
_READERS: Mapping[Kind, Callable[[Question, Clean], Answer]] = {
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
