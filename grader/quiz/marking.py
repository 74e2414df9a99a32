"""What an answer earns, and what is said about it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from grader.quiz import answer, formula
from grader.quiz.answer import Answer
from grader.quiz.question import USUAL_RTOL, Kind, Posed, Question
from grader.text import Text

PARTICLES = (
    "은",
    "는",
    "이",
    "가",
    "을",
    "를",
    "의",
    "에",
    "로",
    "으로",
    "와",
    "과",
    "도",
    "요",
    "에서",
    "라고",
    "이라고",
)
CALLED, VERBS = ("이라고", "라고", "이라", "라"), ("합니다", "한다", "부릅니다", "부른다")
ENDINGS = (
    *("입니다", "이다", "임", "이에요", "예요", "이요"),
    *(called + verb for called in CALLED for verb in VERBS),
)
# what stands beside words and means nothing; "-1" is not 1, and "3.5" is not 35
BESIDE = re.compile(r"[\s_,;:!?~'\"`()「」『』《》<>/]+|(?<!^)-+|-+(?!\d)|(?<!\d)\.+|\.+(?!\d)")
GLOSSED = re.compile(r"([^()]+)\(([^()]+)\)([^()]*)")  # "은닉층(hidden layer)"
NOTHING = 1e-12  # what a sum of rounding errors leaves of a zero; a key that is smaller needs its own `atol`
ARTICLE = re.compile(r"^(the|an?)\s+")


@dataclass(frozen=True)
class Mark:
    """The part of the points, 0 to 1, and the sentences about the answer."""

    share: float
    said: Sequence[Text] = ()

    @property
    def right(self) -> bool:
        return self.share == 1.0


def mark(posed: Posed, given: Answer) -> Mark:
    """A question of kind cell is marked in the box instead (`grader.quiz.cell`)."""
    kind, key = posed.question.kind, posed.key
    if kind is Kind.CHOICE:
        return _choice(given.value, key.answer, key.feedback)
    if kind is Kind.MULTIPLE:
        return _multiple(posed.question, given.value, frozenset(key.answer), key.feedback)
    if kind is Kind.ORDER:
        return Mark(_in_order(given.value, key.answer), _misplaced(posed, given.value))
    if kind is Kind.CELL:
        raise TypeError("a cell is marked in the box")
    if kind is Kind.MATCH:
        wrong = [left for left in key.answer if given.value[left] != key.answer[left]]
        return Mark((len(key.answer) - len(wrong)) / len(key.answer), [_mismatched(posed, left) for left in wrong])
    if is_right(posed, given):
        return Mark(1.0)
    return Mark(0.0, [one.text for one in key.wrong if _means(posed, given, one.value)][:1])


def is_right(posed: Posed, given: Answer) -> bool:
    """Of kinds that are typed."""
    return _means(posed, given, posed.key.answer)


def _means(posed: Posed, given: Answer, value: Any) -> bool:
    """Whether the answer is what the key, or an expected wrong answer, holds."""
    kind, key = posed.question.kind, posed.key
    if kind is Kind.NUMBER:
        if isinstance(value, int) and float(given.value).is_integer() and (key.rtol, key.atol) == (USUAL_RTOL, 0):
            return bool(given.value == value)  # what is counted is not about right
        return math.isclose(given.value, float(value), rel_tol=key.rtol, abs_tol=key.atol or NOTHING)
    if kind is Kind.TEXT:
        return _named(given.value, value)
    if kind is Kind.SHAPE:
        return bool(given.value == answer.parse(posed.question, str(value)).value)
    if kind is Kind.FORMULA:
        return formula.same(given.value, formula.read(str(value), posed.question.variables))
    if kind is Kind.OUTPUT:
        return _printed(given.value) == _printed(str(value))
    raise TypeError(f"{kind} is not typed")


def _choice(given: str, key: str | Sequence[str], feedback: Mapping[str, Text]) -> Mark:
    """A key may name several, each of which is right."""
    right = [key] if isinstance(key, str) else key
    return Mark(1.0) if given in right else Mark(0.0, [feedback[given]] if given in feedback else [])


def _multiple(question: Question, given: frozenset[str], key: frozenset[str], feedback: Mapping[str, Text]) -> Mark:
    """The share of the right ones that were chosen, less the share of the wrong ones: all or none earn nothing."""
    others = {option.id for option in question.options} - key
    share = len(given & key) / len(key) - (len(given & others) / len(others) if others else 0.0)
    said = [feedback[one] for one in sorted(given ^ key) if one in feedback]
    return Mark(round(max(share, 0.0), 6), said)


def _in_order(given: Sequence[str], key: Sequence[str]) -> float:
    """Pairs in the right order less pairs in the wrong one, as a share of all (Kendall's tau, not below 0)."""
    place = {one: index for index, one in enumerate(key)}
    pairs = list(combinations(given, 2))
    right = sum(place[first] < place[second] for first, second in pairs)
    return round(max(2 * right / len(pairs) - 1, 0.0), 6) if pairs else 1.0


def _misplaced(posed: Posed, given: Sequence[str]) -> list[Text]:
    """Of each two that stand beside each other the wrong way round, where they are; and what the key says of the
    one that comes too early."""
    place = {one: index for index, one in enumerate(posed.key.answer)}
    names = {option.id: option.text for option in posed.question.options}
    said = []
    for index, (first, second) in enumerate(pairwise(given), 1):
        if place[first] > place[second]:
            one, other = names[first], names[second]
            told = Text(
                f"{index}번째와 {index + 1}번째: '{other.ko}' 다음에 '{one.ko}'이(가) 와야 합니다.",
                f"Places {index} and {index + 1}: '{one.en}' belongs after '{other.en}'.",
            )
            said.append(told + posed.key.feedback[first] if first in posed.key.feedback else told)
    return said


def _mismatched(posed: Posed, left: str) -> Text:
    """Which pair is wrong, and what the key says of it."""
    name = next(option.text for option in posed.question.left if option.id == left)
    told = Text(f"'{name.ko}'의 짝이 틀렸습니다.", f"The match of '{name.en}' is wrong.")
    return told + posed.key.feedback[left] if left in posed.key.feedback else told


def _named(given: str, wanted: Any) -> bool:
    """One of the accepted words, whatever their case, spacing, hyphens and Korean particles; or a pattern."""
    if isinstance(wanted, str):
        wanted = {"accepted": [wanted]}
    accepted = {_bare(word) for word in wanted.get("accepted", ())}
    if _is_one_of(given, accepted):
        return True
    if (both := GLOSSED.fullmatch(given)) and _is_one_of(both[1], accepted) and _is_one_of(both[2] + both[3], accepted):
        return True
    folded = given.casefold()
    return any(re.fullmatch(one, folded, re.IGNORECASE) for one in wanted.get("patterns", ()))


def _is_one_of(given: str, accepted: set[str]) -> bool:
    """Whether it is one of these bare words, with a Korean particle or ending or without."""
    bare = _bare(given)
    ends = (*PARTICLES, *ENDINGS)
    return bare in accepted or any(bare.endswith(end) and bare.removesuffix(end) in accepted for end in ends)


def _bare(word: str) -> str:
    """What is left without spaces and punctuation; all of it where it is nothing else."""
    folded = answer.normal(word).casefold()
    return BESIDE.sub("", ARTICLE.sub("", folded)) or folded


def _printed(text: str) -> list[str]:
    """Lines as printed; spaces beside punctuation and at the ends, kinds of quotes, and empty lines do not count."""
    lines = (answer.normal(line).replace('"', "'") for line in text.strip().splitlines())
    lines = (re.sub(r"\s*([,:()\[\]{}=])\s*", r"\1", line) for line in lines)
    return [line for line in lines if line]
