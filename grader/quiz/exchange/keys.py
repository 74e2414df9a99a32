"""What other systems say of answers, as keys of ours: from shares, words and pairs to what decides."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

from grader.errors import BadQuiz
from grader.quiz import media
from grader.quiz.exchange.carried import NO_PLACE, RIGHT_SAID, TODO, Reading, lettered, whole, words_of
from grader.quiz.exchange.markup import Shown
from grader.quiz.question import Key, Kind, Option, Posed, Question, Wrong
from grader.text import Text


def chosen(
    question: Question, key: Key, shares: Mapping[str, float], feedback: Mapping[str, Text], single: bool, to: Reading
) -> tuple[Question, Key]:
    """A choice of one or of several, from the share in percent that each option earns. Raises NotCarried."""
    best = max(shares.values(), default=0.0)
    right = [id for id, share in shares.items() if (share == best if single else share > 0)]
    if best <= 0 or len(right) == len(shares):
        raise whole("정답이 하나로 정해지지 않습니다.", "It has no option that is right, or none that is wrong.")
    words = {option.text.en.strip().lower(): option.id for option in question.options}
    foreign = all(option.text.ko.startswith(TODO) or option.text.ko == option.text.en for option in question.options)
    if single and foreign and set(words) == {"true", "false"}:
        said = {word: feedback[id] for word, id in words.items() if id in feedback}
        return true_or_false(question, key, words["true"] in right, said, to)
    uneven = any(0 < share < best for share in shares.values()) if single else len({shares[id] for id in right}) > 1
    if uneven:
        why = Text("보기마다 다른 배점은 없습니다.", "Options do not earn different shares here.")
        to.lost(question.id, Text("부분 점수", "marks for a part"), why)
    kept = {id: text for id, text in feedback.items() if not (single and id in right)}
    if len(kept) < len(feedback):
        to.lost(question.id, RIGHT_SAID, NO_PLACE)
    kind = Kind.CHOICE if single else Kind.MULTIPLE
    answer = right[0] if single and len(right) == 1 else right
    return replace(question, kind=kind), replace(key, answer=answer, feedback=kept)


def true_or_false(
    question: Question, key: Key, right: bool, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    """A choice of two; `feedback` by "true" and "false"."""
    options = (Option("true", Text("참", "True")), Option("false", Text("거짓", "False")))
    answer, wrong = ("true", "false") if right else ("false", "true")
    said = {wrong: feedback[wrong]} if feedback.get(wrong) else {}
    if feedback.get(answer):
        reading.lost(question.id, RIGHT_SAID, NO_PLACE)
    return replace(question, kind=Kind.CHOICE, options=options), replace(key, answer=answer, feedback=said)


def short(
    question: Question, key: Key, answers: Sequence[tuple[str, float, Text]], reading: Reading
) -> tuple[Question, Key]:
    """A short text, from answers with the share in percent that each earns; a star stands for anything."""
    right = [text for text, share, _ in answers if share >= 100]
    words = [text.replace("\\*", "*") for text in right if not _is_open(text)]
    patterns = [_pattern(text) for text in right if _is_open(text)]
    if not words:
        raise whole("정답이 되는 낱말이 없습니다.", "No word is accepted as it stands.")
    wrong = []
    if any(said for _, share, said in answers if share >= 100):
        reading.lost(question.id, RIGHT_SAID, NO_PLACE)
    for text, share, said in answers:
        if 0 < share < 100:
            what = Text(f"{share:g}% 정답 '{text[:40]}'", f"'{text[:40]}' for {share:g}%")
            reading.lost(question.id, what, Text("부분 점수가 없습니다.", "A short text earns all or nothing here."))
        elif share <= 0 and _is_open(text):
            what = Text(f"'{text[:40]}'의 피드백", f"the feedback for '{text[:40]}'")
            reading.lost(question.id, what, Text("꼴로 적은 오답은 없습니다.", "Wrong answers are words here."))
        elif share <= 0 and said:
            wrong.append(Wrong({"accepted": [text.replace("\\*", "*")]}, said))
    answer = {"accepted": words, "patterns": patterns} if patterns else {"accepted": words}
    return replace(question, kind=Kind.TEXT), replace(key, answer=answer, wrong=tuple(wrong))


def lost_case(id: str, reading: Reading) -> None:
    """Lists that a word counts only as it is written, in upper and lower case."""
    why = Text("대소문자는 언제나 가리지 않습니다.", "Upper and lower case always count alike here.")
    reading.lost(id, Text("대소문자 구별", "the difference of cases"), why)


def _is_open(text: str) -> bool:
    return re.search(r"(?<!\\)\*", text) is not None


def _pattern(text: str) -> str:
    """Each star but the last takes as little as it can and never gives it back: many stars would take for ever else."""
    parts = [re.escape(part.replace("\\*", "*")) for part in re.split(r"(?<!\\)\*", text.lower())]
    first, *middle, last = parts
    return first + "".join(f"(?>.*?{part})" for part in middle if part) + ".*" + last


def number(
    question: Question, key: Key, answers: Sequence[tuple[str, float, float, Text]], reading: Reading
) -> tuple[Question, Key]:
    """A number, from answers (value, tolerance, share in percent, feedback). Raises NotCarried."""
    found: tuple[float | int, float] | None = None
    wrong: list[Wrong] = []
    for value, off, share, said in answers:
        known = value_of(value)
        what = Text(f"답 '{value[:40]}'", f"the answer '{value[:40]}'")
        if said and not value:
            what = Text(f"피드백 '{said.ko[:40]}'", f"the feedback '{said.en[:40]}'")
        if known is None:
            reading.lost(question.id, what, Text("숫자 하나가 아닙니다.", "It is not one number."))
        elif share >= 100 and found is None:
            found = known, off
            if said:
                reading.lost(question.id, RIGHT_SAID, NO_PLACE)
        elif share <= 0 and said:
            wrong.append(Wrong(known, said))
        elif share > 0:
            why = Text(
                "정답은 하나이고 부분 점수가 없습니다.", "There is one right number here, for all of the points."
            )
            reading.lost(question.id, what, why)
    if found is None:
        raise whole("정답인 수가 없습니다.", "No number is right.")
    answer, off = found
    exact = isinstance(answer, int) and off == 0
    key = replace(key, answer=answer, wrong=tuple(wrong))
    return replace(question, kind=Kind.NUMBER), key if exact else replace(key, rtol=0.0, atol=float(f"{off:.9g}"))


def matched(question: Question, key: Key, pairs: Sequence[tuple[Text, Text]]) -> tuple[Question, Key]:
    """A match, from pairs; one without a left side is a right side too many. Raises NotCarried."""
    right = {option.text: option for option in lettered(list(dict.fromkeys(answer for _, answer in pairs)))}
    known = [(text, answer) for text, answer in pairs if text]
    left = [Option(str(place), text) for place, (text, _) in enumerate(known, start=1)]
    if len(right) < 2 or len(left) < 2:
        raise whole("짝이 둘 이상이어야 합니다.", "It takes two pairs or more.")
    answer = {one.id: right[text].id for one, (_, text) in zip(left, known, strict=True)}
    question = replace(question, kind=Kind.MATCH, left=left, options=list(right.values()))
    return question, replace(key, answer=answer)


def first_picture(
    id: str, shown: Shown, find: Callable[[str], tuple[str, bytes] | None], missing: Text, reading: Reading
) -> tuple[str, Text | None]:
    """The name and the text alternative of the first picture of a stem, if it may be shown; the others are lost.

    `find` gives the file of an address; `missing` says where it was looked for.
    """
    taken: tuple[str, Text | None] = ("", None)
    for source, alt in shown.pictures:
        what = Text(f"그림 {source[:80]}", f"the picture {source[:80]}")
        file = (source, shown.embedded[source]) if source in shown.embedded else find(source)
        if file is None:
            reading.lost(id, what, missing)
        elif taken[0]:
            reading.lost(id, what, Text("한 문제에 그림은 하나입니다.", "A question shows one picture."))
        else:
            taken = _picture(id, *file, alt, reading)
    return taken


def _picture(id: str, name: str, content: bytes, alt: str, reading: Reading) -> tuple[str, Text | None]:
    """Keeps a picture under a name of its question."""
    kept = f"{id}.{name.rpartition('.')[2].lower()}"
    try:
        media.check(kept, content)
    except BadQuiz as error:
        reading.lost(id, Text(f"그림 {name[:80]}", f"the picture {name[:80]}"), error.text)
        return "", None
    reading.pictures[kept] = content
    return kept, reading.text(alt) if alt.strip() else Text("TODO(ko): 그림을 설명하세요.", "TODO(en): describe it.")


def joined(texts: Sequence[Text]) -> Text:
    """Texts one after the other, each once."""
    said = list(dict.fromkeys(text for text in texts if text))
    return Text("\n\n".join(text.ko for text in said), "\n\n".join(text.en for text in said))


def as_tagged(question: Question, key: Key, tags: Mapping[str, str]) -> tuple[Question, Key]:
    """What went out as another kind, with a tag that says what it was: a shape as a short text, an order as a match of
    items with their numbers."""
    if tags.get("kind") == Kind.ORDER and question.kind is Kind.MATCH:
        return _as_order(question, key)
    if tags.get("kind") != Kind.SHAPE or question.kind is not Kind.TEXT:
        return question, key
    wrong = tuple(replace(one, value=words_of(one.value)[0]) for one in key.wrong)
    return replace(question, kind=Kind.SHAPE), replace(key, answer=words_of(key.answer)[0], wrong=wrong)


def as_match(posed: Posed) -> Posed:
    """An order as a match of each item with its number, the items not in their order."""
    question, key = posed.question, posed.key
    left = sorted(question.options, key=lambda one: sha256(f"{question.id}:{one.id}".encode()).digest())
    right = [Option(f"n{place}", Text(str(place), str(place))) for place in range(1, len(left) + 1)]
    answer = {id: f"n{place}" for place, id in enumerate(key.answer, start=1)}
    question = replace(question, kind=Kind.MATCH, left=left, options=right)
    return replace(posed, question=question, key=replace(key, answer=answer, feedback={}))


def _as_order(question: Question, key: Key) -> tuple[Question, Key]:
    places = {one.id: one.text.ko for one in question.options}
    left = sorted(question.left, key=lambda one: places[key.answer[one.id]].zfill(3))
    ids = [f"o{one.id}" for one in left]
    options = [replace(one, id=id) for one, id in zip(left, ids, strict=True)]
    return replace(question, kind=Kind.ORDER, left=(), options=options), replace(key, answer=ids)


def number_of(text: str, otherwise: float) -> float:
    """A number as the formats write it, or the other one."""
    value = value_of(text)
    return otherwise if value is None else float(value)


def value_of(text: str) -> float | int | None:
    """A number as the formats write it; None for what is none."""
    text = text.strip()
    if re.fullmatch(r"[+-]?\d{1,18}", text):
        return int(text)
    if re.fullmatch(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", text):
        return float(text)
    return None
