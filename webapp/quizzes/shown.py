"""Questions as a page shows them: texts as HTML, answers in words, what is still to be done."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from grader.course.quizzes import Feedback, Item, Option
from grader.quiz import html
from grader.quiz.question import Kind
from grader.quiz.render import terminal
from grader.text import Text
from webapp.language import say
from webapp.quizzes import desk, forms, spoken

EMPTY, ANSWERED, UNCLEAR = "empty", "answered", "unclear"
STATES: Mapping[str, Text] = {
    EMPTY: Text("답하지 않음", "not answered"),
    ANSWERED: Text("답함", "answered"),
    UNCLEAR: Text("읽을 수 없는 답", "cannot be read"),
}
TYPED = (Kind.NUMBER, Kind.TEXT, Kind.SHAPE, Kind.FORMULA)
Picture = Callable[[int], str]  # the address of the picture of a question, by its position


@dataclass(frozen=True)
class Choice:
    """An option. `plain` is for where a page can hold no formula; `place` what it was given (order, match)."""

    alias: str
    html: Markup
    plain: str
    chosen: bool = False
    place: str = ""


@dataclass(frozen=True)
class Said:
    """Feedback on an answer."""

    share: float | None
    points: float | None
    pending: bool
    said: Sequence[Markup]
    explanation: Markup | None
    right: Markup | None

    @property
    def verdict(self) -> str:
        """ "right", "partly", "wrong", or "none" while there is no mark."""
        if self.share is None:
            return "none"
        return "right" if self.share >= 1 else "partly" if self.share > 0 else "wrong"


@dataclass(frozen=True)
class Asked:
    """One question on a page."""

    position: int
    kind: str
    how: Text
    topic: str
    weight: float
    stem: Markup
    code: Markup | None
    picture: str | None
    alt: str
    unit: str
    item: Item
    options: Sequence[Choice]
    left: Sequence[Choice]
    typed: str
    state: str
    said: Text | None
    reading: Markup | None
    hints: Sequence[Markup]
    feedback: Said | None
    trace: str

    @property
    def open(self) -> bool:
        """Whether it can still be answered."""
        return self.feedback is None

    @property
    def many_lines(self) -> bool:
        return self.kind in (Kind.OUTPUT, Kind.CELL)


def asked(item: Item, picture: Picture) -> Asked:
    """One question, with its answer as it is kept."""
    address = picture(item.position) if item.picture else None
    return Asked(
        position=item.position,
        kind=item.kind,
        how=desk.KINDS[item.kind],
        topic=item.topic,
        weight=item.weight,
        stem=html.stem(say(item.stem), picture=lambda name: address if name == item.picture else None),
        code=html.code(item.code) if item.code else None,
        picture=address if address and item.picture not in say(item.stem) else None,
        alt=say(item.alt) if item.alt else "",
        unit=say(item.unit) if item.unit else "",
        item=item,
        options=_options(item),
        left=_left(item),
        typed=_typed(item),
        state=state(item),
        said=_said(item),
        reading=spoken.understood(item, item.answer),
        hints=[html.inline(say(one)) for one in item.hints],
        feedback=told(item, item.feedback),
        trace=forms.trace(item.answer),
    )


def state(item: Item) -> str:
    """What is still to be done."""
    if item.answer is None:
        return EMPTY
    return UNCLEAR if item.said is not None else ANSWERED


def told(item: Item, feedback: Feedback | None) -> Said | None:
    """Feedback as a page shows it."""
    if feedback is None:
        return None
    points = None if feedback.share is None else feedback.share * item.weight
    return Said(
        feedback.share,
        points,
        feedback.pending,
        [html.inline(say(one)) for one in feedback.said],
        html.stem(say(feedback.explanation)) if feedback.explanation else None,
        html.stem(say(feedback.right)) if feedback.right else None,
    )


def in_words(item: Item, raw: Any) -> Markup:
    """An answer as its giver meant it, never by the names of options alone."""
    if raw is None:
        return Markup('<span class="soft">{}</span>').format(say(STATES[EMPTY]))
    names = {one.alias: html.inline(say(one.text)) for one in (*item.options, *item.left)}
    if item.kind in (Kind.CHOICE, Kind.MULTIPLE, Kind.ORDER) and isinstance(raw, (str, list)):
        chosen = [raw] if isinstance(raw, str) else raw
        return _listed([names.get(one, escape(one)) for one in chosen], ordered=item.kind == Kind.ORDER)
    if isinstance(raw, Mapping):
        pairs = [(names.get(left, escape(left)), names.get(right, escape(right))) for left, right in raw.items()]
        return _listed([Markup("{} → {}").format(left, right) for left, right in pairs])
    words = raw if isinstance(raw, str) else ", ".join(map(str, raw))
    if item.kind in (Kind.OUTPUT, Kind.CELL):
        return html.code(words, "python" if item.kind == Kind.CELL else "text")
    read = spoken.understood(item, raw)
    shown = Markup("<code>{}</code>").format(words)
    return shown if read is None else Markup('{} <span class="soft">= {}</span>').format(shown, read)


def plain(words: str) -> str:
    """A text without markup, for where a page can show none."""
    return " ".join(re.sub(r"[`*\\]", "", terminal(words)).split())


def _listed(parts: Sequence[Markup], *, ordered: bool = False) -> Markup:
    if len(parts) == 1:
        return parts[0]
    items = Markup("").join(Markup("<li>{}</li>").format(part) for part in parts)
    return Markup("<ol>{}</ol>" if ordered else "<ul>{}</ul>").format(items)


def _options(item: Item) -> Sequence[Choice]:
    answer = item.answer
    chosen = {answer} if isinstance(answer, str) else set(answer) if isinstance(answer, list) else set()
    places = forms.places(item) if item.kind == Kind.ORDER else {}
    found = [_choice(one, one.alias in chosen, places.get(one.alias, "")) for one in item.options]
    if item.kind == Kind.ORDER and isinstance(answer, list):
        found.sort(key=lambda one: int(one.place) if one.place.isdecimal() else len(found))
    return found


def _left(item: Item) -> Sequence[Choice]:
    answer = item.answer if isinstance(item.answer, Mapping) else {}
    return [_choice(one, False, str(answer.get(one.alias, ""))) for one in item.left]


def _choice(one: Option, chosen: bool, place: str) -> Choice:
    return Choice(one.alias, html.inline(say(one.text)), plain(say(one.text)), chosen, place)


def _typed(item: Item) -> str:
    """What stands in its field; code begins with what was given to begin with."""
    if item.answer is None:
        return item.starter if item.kind == Kind.CELL else ""
    return item.answer if isinstance(item.answer, str) else ""


def _said(item: Item) -> Text | None:
    """Why the answer is none; an order is told in the words of its own form."""
    if item.said is not None and item.kind == Kind.ORDER and isinstance(item.answer, Mapping):
        return forms.PLACES
    return item.said
