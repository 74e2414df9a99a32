"""What makes a question hard to read, by simple rules. Each is a hint for a person, who may know better."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.quiz.question import Key, Kind, Question
from grader.text import Text

SLOW = 150  # seconds of reading: with the time to think, one question would be an exam
KOREAN, ENGLISH = 7.0, 3.5  # syllables, words a second of somebody who reads to understand
CODE, FORMULA = 4.0, 3.0  # seconds a line, a formula
_CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
_FORMULA = re.compile(r"\$\$.+?\$\$|\$[^$\n]+\$", re.DOTALL)
_NEGATIONS = {
    "ko": re.compile(r"(?:지|하지|되지|이|가) ?(?:않|아니|못하)|없[는은이을다습]|틀린|(?<![가-힣])안 |아닌"),
    "en": re.compile(
        r"\b(?:not|never|no|none|neither|nor|cannot|without|except)\b|n't\b|\b(?:incorrect|untrue)\b", re.I
    ),
}
_ABSOLUTE = {
    "ko": re.compile(r"항상|언제나|절대|반드시|결코|무조건|어떤 경우에도|오직"),
    "en": re.compile(r"\b(?:always|never|must|only|impossible|in any case|under all)\b", re.I),
}
_ASKS = {
    "ko": re.compile(r"\?|세요|시오|(?:구하|고르|쓰|답하|적어)라"),
    "en": re.compile(
        r"\?|\b(?:choose|select|match|put|write|give|compute|calculate|find|name|order|complete|implement|work out|"
        r"fill|say|use|approximate|state|mark|arrange|sort|pair|express|simplify|predict|define|make|return|type|enter|read|tell)\b",
        re.I,
    ),
}


def seconds(question: Question, language: str) -> float:
    """How long it takes to read a question and its options, without the time to think."""
    texts = [question.stem, *(option.text for option in (*question.options, *question.left))]
    words = "\n".join(text.into(language) for text in texts)
    blocks = [question.code, question.starter, *_CODE.findall(words)]
    lines = sum(len(block.strip("`\n").splitlines()) for block in blocks)
    bare = _CODE.sub(" ", words)
    formulas = len(_FORMULA.findall(bare))
    bare = _FORMULA.sub(" ", bare)
    spoken = len(re.findall("[가-힣]", bare)) / KOREAN + len(re.findall("[A-Za-z]+|[0-9.]+", bare)) / ENGLISH
    return spoken + CODE * lines + FORMULA * formulas


def unclear(question: Question, key: Key) -> Iterator[Text]:
    """What may keep somebody who knows the answer from giving it, or give it to somebody who does not."""
    slow = {language: seconds(question, language) for language in ("ko", "en")}
    if question.kind is not Kind.CELL and max(slow.values()) > SLOW:
        yield Text(
            f"읽는 데만 {slow['ko']:.0f}초쯤 걸립니다.", f"Reading it alone takes about {slow['en']:.0f} seconds."
        )
    for language in ("ko", "en"):
        if question.kind is not Kind.CELL:  # whose starter asks
            yield from _stem(question, language)
        if question.kind is Kind.CHOICE:
            yield from _absolute(question, key, language)


def _stem(question: Question, language: str) -> Iterator[Text]:
    bare = _FORMULA.sub(" x ", _CODE.sub(" x ", question.stem.into(language))).strip()
    if not _ASKS[language].search(bare):
        yield Text(f"{language}: 무엇을 하라는 것인지 묻는 말이 없습니다.", f"{language}: the stem asks for nothing.")
    asked = [one for one in re.split(r"(?<=[.?!])\s+", bare) if one.endswith("?")]
    for sentence in asked:
        if len(_NEGATIONS[language].findall(sentence)) > 1:
            yield Text(f"{language}: 묻는 문장에 부정이 두 번 나옵니다.", f"{language}: it asks with two negations.")


def _absolute(question: Question, key: Key, language: str) -> Iterator[Text]:
    """Words such as "always" give wrong options away, if no right one has any."""
    found = {option.id for option in question.options if _ABSOLUTE[language].search(option.text.into(language))}
    if len(found) > 1 and key.answer not in found:
        yield Text(
            f"{language}: '항상' 같은 말이 오답에만 나옵니다.",
            f"{language}: only wrong options say 'always' or the like.",
        )
