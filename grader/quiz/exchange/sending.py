"""What every writer needs: how short answers are spelled elsewhere, and what of a question is lost on its way out."""

from __future__ import annotations

from collections.abc import Iterator

from grader.quiz.exchange import markup
from grader.quiz.exchange.carried import (
    ANSWER,
    BY_HAND,
    FEEDBACK,
    NO_PLACE,
    PATTERNS,
    STARTER,
    WRONG,
    Asked,
    Language,
    Loss,
    words_of,
)
from grader.quiz.question import Kind
from grader.text import Text


def unformed(text: Text, language: Language | None) -> str:
    """A text where Moodle takes no HTML and draws no formula, in one language or in both."""
    words = markup.unformed(text)
    if language is not None or words.ko == words.en:
        return words.into(language or "ko")
    return f'<span lang="ko" class="multilang">{words.ko}</span><span lang="en" class="multilang">{words.en}</span>'


def spellings(asked: Asked) -> list[str]:
    """The ways to write a short answer that are accepted elsewhere; of a shape the usual ones."""
    answer = asked.posed.key.answer
    if asked.posed.question.kind is not Kind.SHAPE:
        return words_of(answer)
    sizes = [size.strip() for size in str(answer).strip("()[] ").rstrip(",").split(",")]
    inner, tight = ", ".join(sizes), ",".join(sizes)
    one = "," if len(sizes) == 1 else ""
    return list(dict.fromkeys((str(answer), f"({inner}{one})", f"({tight}{one})", f"[{inner}]", inner, tight)))


def lost_of_answer(asked: Asked, *, essay_answer: bool) -> Iterator[Loss]:
    """What of an answer that is written is not carried. `essay_answer` says whether an essay there has a place for what
    is right."""
    if is_by_hand(asked):
        yield by_hand(asked)
        if not essay_answer:
            yield Loss(asked.id, ANSWER, NO_PLACE)
        if asked.posed.question.starter:
            yield Loss(asked.id, STARTER, NO_PLACE)
    elif asked.posed.question.kind in (Kind.TEXT, Kind.SHAPE, Kind.OUTPUT):
        yield from lost_of_words(asked)


def lost_of_words(asked: Asked) -> Iterator[Loss]:
    """What of a short answer is not carried."""
    kind, answer = asked.posed.question.kind, asked.posed.key.answer
    if isinstance(answer, dict) and answer.get("patterns"):
        yield Loss(asked.id, PATTERNS, Text("같은 글자만 정답이 됩니다.", "Only the accepted words themselves count."))
    if kind in (Kind.SHAPE, Kind.OUTPUT):
        why = Text("적어 둔 꼴만 정답이 됩니다.", "Only the spellings written down count as right.")
        yield Loss(asked.id, Text("띄어쓰기와 괄호가 다른 답", "answers with other spaces and brackets"), why)


def lost_of_match(asked: Asked) -> Iterator[Loss]:
    """Of the right side of a match, which is plain text there."""
    if any(markup.unformed(option.text) != option.text for option in asked.posed.question.options):
        why = Text("오른쪽은 서식 없는 글이 됩니다.", "The right side is text without any form there.")
        yield Loss(asked.id, Text("오른쪽의 수식", "formulas on the right side"), why)


def lost_feedback(asked: Asked) -> Iterator[Loss]:
    """What is said of single items of an order or a match, and of wrong answers where a person marks."""
    if asked.posed.key.feedback:
        yield Loss(asked.id, FEEDBACK, NO_PLACE)
    if asked.posed.key.wrong:
        yield Loss(asked.id, WRONG, NO_PLACE)


def is_by_hand(asked: Asked) -> bool:
    """Whether a person marks it elsewhere: no other system has its kind."""
    kind = asked.posed.question.kind
    return kind in (Kind.FORMULA, Kind.CELL) or (kind is Kind.OUTPUT and "\n" in str(asked.posed.key.answer))


def by_hand(asked: Asked) -> Loss:
    """A question that went as an essay."""
    why = Text(
        f"{asked.posed.question.kind} 문제가 없어 서술형으로 보냈습니다. 사람이 채점해야 합니다.",
        f"There is no kind '{asked.posed.question.kind}': it went as an essay, for a person to mark.",
    )
    return Loss(asked.id, BY_HAND, why)


def numbered(asked: Asked) -> Loss:
    """An order where there is no such kind."""
    why = Text("순서마다 번호를 짝짓는 문제로 보냈습니다.", "It went as a match of each item with its number.")
    return Loss(asked.id, Text("순서 문제", "the kind 'order'"), why)


def lost_unit(asked: Asked) -> Loss:
    """The unit of a number, where there is no place for one."""
    return Loss(asked.id, Text("단위", "its unit"), Text("수만 받습니다.", "It takes the number alone."))


def part_marks(asked: Asked) -> Loss:
    """Marks for a part of the order are counted otherwise."""
    why = Text(
        "짝마다의 점수에서 틀린 짝을 빼지 않거나, 모두 맞아야 합니다.",
        "Pairs out of order are not taken off there, or all must be right.",
    )
    return Loss(asked.id, Text("부분 점수", "marks for a part"), why)
