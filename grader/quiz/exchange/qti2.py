"""Items of QTI 2 and 3 as questions. Names are those of QTI 2; `package.parsed` gives both versions so."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

from grader.quiz.exchange import keys, markup
from grader.quiz.exchange.carried import NO_PLACE, RIGHT_SAID, UNEXPLAINED, WRONG_SAID, NotCarried, Reading, whole
from grader.quiz.exchange.package import first_picture, inner
from grader.quiz.question import Key, Kind, Option, Question
from grader.text import Text


def take(item: Element, files: Mapping[str, bytes], folder: str, reading: Reading) -> None:
    """Adds what one item asks, or lists it. `folder` is where the item lies among the `files` of its package."""
    id = reading.new_id(
        item.get("title", "") if item.get("label") else "", item.get("identifier", ""), item.get("title", "")
    )
    try:
        question, key = _read(item, id, files, folder, reading)
        reading.take(question, key)
    except NotCarried as error:
        reading.leave(id, error)


def _read(item: Element, id: str, files: Mapping[str, bytes], folder: str, reading: Reading) -> tuple[Question, Key]:
    body = item.find("itemBody")
    interactions = [one for one in body.iter() if str(one.tag).endswith("Interaction")] if body is not None else []
    if body is None or not interactions:
        raise whole("답하는 곳이 없습니다.", "It has no place to answer.")
    if len(interactions) > 1:
        count = len(interactions)
        raise whole(f"답하는 곳이 {count}개입니다.", f"It has {count} places to answer; one is read.")
    if item.find("templateDeclaration") is not None:
        raise whole("값이 틀에서 만들어집니다.", "Its values are made by a template.")
    interaction = interactions[0]
    if interaction.tag not in _READERS:
        raise whole(f"{interaction.tag}을(를) 읽을 수 없습니다.", f"A {interaction.tag} is not read.")
    tags = dict(word.split(":", 1) for word in item.get("label", "").split() if ":" in word)
    shown = markup.Shown()
    stem = markup.text(reading, _stem(body, interaction), shown)
    picture, alt = first_picture(id, shown, files, folder, reading)
    question = replace(reading.begun(id, Kind.CHOICE, tags, stem), picture=picture, alt=alt)
    said = list(_said(item, reading))
    explanation = next((text for outcome, _, text in said if outcome == "EXPLANATION"), None)
    weight = keys.number_of(_default(item, "MAXSCORE"), 1.0)
    key = Key(None, explanation or UNEXPLAINED, weight if weight > 0 else 1.0)
    feedback = {name: text for outcome, name, text in said if outcome != "EXPLANATION"}
    question, key = _READERS[interaction.tag](item, interaction, question, key, feedback, reading)
    if interaction.tag != "choiceInteraction":
        _lose_feedback(item, feedback, id, reading)
    if any(keys.number_of(one.findtext("baseValue", ""), 0.0) > 0 for one in item.iterfind(_PART_MARKS)):
        why = Text("답마다 따로 정한 점수는 없습니다.", "No answer has a score of its own here.")
        reading.lost(id, Text("부분 점수", "marks for a part"), why)
    for name, count in Counter(one.tag for one in item.iter() if one.tag in _UNREAD).items():
        reading.lost(id, Text(f"{name} {count}개", f"{count} of {name}"), NO_PLACE)
    return keys.as_tagged(question, key, tags)


def _stem(body: Element, interaction: Element) -> str:
    """What is read before answering: all but the interaction, and its prompt."""
    prompt = interaction.find("prompt")
    words = inner(prompt) if prompt is not None else ""
    kept = interaction.tail
    parts = []
    for element in body:
        if element is interaction or element.tag in ("rubricBlock", "feedbackBlock"):
            continue
        parts.append(tostring(_without(element, interaction), encoding="unicode"))
    interaction.tail = kept
    return "".join(parts) + words


def _without(element: Element, interaction: Element) -> Element:
    """The element with a gap where one writes: `_____` if there are words around it, else nothing."""
    for parent in element.iter():
        for place, child in enumerate(list(parent)):
            if child is interaction:
                around = (parent.text or "").strip() if place == 0 else "x"
                gap = "_____" if around else ""
                text = gap + (child.tail or "" if gap else "")
                parent.remove(child)
                if place:
                    parent[place - 1].tail = (parent[place - 1].tail or "") + text
                else:
                    parent.text = (parent.text or "") + text
                return element
    return element


def _said(item: Element, reading: Reading) -> Iterator[tuple[str, str, Text]]:
    for modal in item.iter("modalFeedback"):
        body = modal.find("contentBody")
        text = markup.text(reading, inner(modal if body is None else body))
        yield modal.get("outcomeIdentifier", ""), modal.get("identifier", ""), text


def _by_outcome(item: Element) -> tuple[set[str], set[str]]:
    """The names of feedback that is for the right answer, and for every other."""
    right: set[str] = set()
    wrong: set[str] = set()
    for condition in item.iter("responseCondition"):
        first = condition.find("responseIf")
        if first is not None and first.find("match/correct") is not None:
            for part, names in ((first, right), (condition.find("responseElse"), wrong)):
                values = part.iterfind("setOutcomeValue/baseValue") if part is not None else ()
                names |= {(one.text or "").strip() for one in values if one.get("baseType") == "identifier"}
    return right, wrong


def _lose_feedback(item: Element, feedback: Mapping[str, Text], id: str, reading: Reading) -> None:
    right, wrong = _by_outcome(item)
    for name in sorted(feedback):
        if name in right | wrong:
            reading.lost(id, RIGHT_SAID if name in right else WRONG_SAID, NO_PLACE)
        else:
            what = Text(f"피드백 '{name[:40]}'", f"the feedback '{name[:40]}'")
            reading.lost(id, what, Text("어느 답의 것인지 모릅니다.", "It belongs to no answer."))


def _choice(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    options = _options(interaction.iter("simpleChoice"), reading)
    declared = _declaration(item, interaction)
    single = declared.get("cardinality", "single") == "single"
    right = set(_correct(declared))
    mapped = {
        one.get("mapKey", ""): keys.number_of(one.get("mappedValue", ""), 0.0) for one in declared.iter("mapEntry")
    }
    names = {old: option.id for old, option in options.items()}
    shares = {new: 100.0 if old in right else 0.0 for old, new in names.items()}
    if single and any(value > 0 for value in mapped.values()):
        shares = {new: mapped.get(old, 0.0) for old, new in names.items()}
    told = {new: feedback[old] for old, new in names.items() if feedback.get(old)}
    best = max(shares.values(), default=0.0)
    others = {name: text for name, text in feedback.items() if name not in names}
    for name in sorted(_by_outcome(item)[1] & set(others)) if single else ():
        text = others.pop(name)
        told |= {id: keys.joined([told.get(id, text), text]) for id, share in shares.items() if share < best}
    _lose_feedback(item, others, question.id, reading)
    question = replace(question, options=list(options.values()))
    return keys.chosen(question, key, shares, told, single, reading)


def _entry(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    declared = _declaration(item, interaction)
    right = _correct(declared)
    if declared.get("baseType") in ("float", "integer"):
        equal = next(item.iter("equal"), None)
        off = equal.get("tolerance", "0").split()[0] if equal is not None and equal.get("tolerance") else "0"
        mode = equal.get("toleranceMode", "exact") if equal is not None else "exact"
        value = keys.number_of(right[0], 0.0) if right else 0.0
        wide = keys.number_of(off, 0.0) if mode == "absolute" else abs(value) * keys.number_of(off, 0.0) / 100
        whole = declared.get("baseType") == "integer" or (right and re.fullmatch(r"-?\d+", right[0]))
        exact = 0.0 if whole and wide < 1e-6 else wide
        return keys.number(question, key, [(one, exact, 100.0, Text("", "")) for one in right], reading)
    if any(one.get("caseSensitive") == "true" for one in declared.iter("mapEntry")):
        keys.lost_case(question.id, reading)
    best = max((keys.number_of(one.get("mappedValue", ""), 0.0) for one in declared.iter("mapEntry")), default=0.0)
    words = [(word, 100.0, Text("", "")) for word in right]
    for one in declared.iter("mapEntry"):
        share = keys.number_of(one.get("mappedValue", ""), 0.0) / best * 100 if best else 0.0
        if one.get("mapKey", "") not in right:
            words.append((one.get("mapKey", ""), share, Text("", "")))
    held = [(word.replace("*", "\\*"), share, said) for word, share, said in words]
    return keys.short(question, key, held, reading)


def _ordered(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    options = _options(interaction.iter("simpleChoice"), reading)
    right = _correct(_declaration(item, interaction))
    if sorted(right) != sorted(options):
        raise whole("모두를 놓는 순서가 아닙니다.", "Its order is not of all of the items.")
    question = replace(question, kind=Kind.ORDER, options=list(options.values()))
    return question, replace(key, answer=[options[old].id for old in right])


def _paired(
    item: Element, interaction: Element, question: Question, key: Key, feedback: Mapping[str, Text], reading: Reading
) -> tuple[Question, Key]:
    sets = interaction.findall("simpleMatchSet")
    if len(sets) != 2:
        raise whole("양쪽이 없습니다.", "It has no two sides.")
    left, right = (_options(one.iter("simpleAssociableChoice"), reading) for one in sets)
    pairs = dict(pair.split()[:2] for pair in _correct(_declaration(item, interaction)) if len(pair.split()) == 2)
    if set(pairs) != set(left) or not set(pairs.values()) <= set(right):
        raise whole("왼쪽마다 짝이 하나가 아닙니다.", "Not every one on the left has one partner.")
    question = replace(question, kind=Kind.MATCH, left=list(left.values()), options=list(right.values()))
    return question, replace(key, answer={left[one].id: right[other].id for one, other in pairs.items()})


_PART_MARKS = "responseProcessing/responseCondition/responseElseIf/setOutcomeValue[@identifier='SCORE']"
_UNREAD = ("feedbackInline", "feedbackBlock", "rubricBlock", "infoControl", "catalogInfo", "companionMaterialsInfo")
_Reader = Callable[[Element, Element, Question, Key, Mapping[str, Text], Reading], tuple[Question, Key]]
_READERS: Mapping[str, _Reader] = {
    "choiceInteraction": _choice,
    "textEntryInteraction": _entry,
    "orderInteraction": _ordered,
    "matchInteraction": _paired,
}


def _options(choices: Iterator[Element], reading: Reading) -> dict[str, Option]:
    """Options by the identifier that the file gives them; ids are made of these."""
    found: dict[str, Option] = {}
    for place, choice in enumerate(choices):
        name = choice.get("identifier", str(place))
        id = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-") or f"o{place}"
        taken = {option.id for option in found.values()}
        for said in choice.iter("feedbackInline"):
            said.text, said[:] = "", []
        found[name] = Option(id if id not in taken else f"{id}-{place}", markup.text(reading, inner(choice), name=True))
    return found


def _declaration(item: Element, interaction: Element) -> Element:
    name = interaction.get("responseIdentifier", "RESPONSE")
    found = next((one for one in item.iter("responseDeclaration") if one.get("identifier") == name), None)
    if found is None:
        raise whole("정답이 적혀 있지 않습니다.", "It does not say what is right.")
    return found


def _correct(declared: Element) -> list[str]:
    return [(value.text or "").strip() for value in declared.iterfind("correctResponse/value")]


def _default(item: Element, outcome: str) -> str:
    for one in item.iter("outcomeDeclaration"):
        if one.get("identifier") == outcome:
            return one.findtext("defaultValue/value", "").strip()
    return ""
