"""What answers earn, and what is said about them."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from quiz.bench import IDS, SAID, posed

from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.marking import Mark, mark
from grader.quiz.question import Kind, Option, Posed, Wrong
from grader.text import Text

OTHER = Text("다른 말", "something else")


def marked(one: Posed, typed: object) -> Mark:
    return mark(one, parse(one.question, typed))


def test_a_wrong_choice_is_told_why() -> None:
    one = posed(Kind.CHOICE, "a1", feedback={"b1": OTHER})
    assert marked(one, "a1") == Mark(1.0)
    assert marked(one, "b1") == Mark(0.0, [OTHER])
    assert marked(one, "c1") == Mark(0.0, [])


KEYS = st.sets(st.sampled_from(IDS), min_size=1, max_size=3)
CHOSEN = st.sets(st.sampled_from(IDS), min_size=1)


@given(KEYS, CHOSEN)
def test_multiple_earns_everything_for_the_key_alone_and_never_below_nothing(key: set[str], chosen: set[str]) -> None:
    share = marked(posed(Kind.MULTIPLE, sorted(key)), sorted(chosen)).share
    assert 0 <= share <= 1
    assert (share == 1) == (chosen == key)


@given(KEYS)
def test_choosing_all_earns_nothing(key: set[str]) -> None:
    assert marked(posed(Kind.MULTIPLE, sorted(key)), list(IDS)).share == 0


def test_multiple_earns_a_part() -> None:
    one = posed(Kind.MULTIPLE, ["a1", "b1"], feedback={"c1": OTHER})
    assert marked(one, "a1").share == 0.5
    assert marked(one, "a1 b1 c1") == Mark(0.5, [OTHER])
    assert marked(one, "a1 c1").share == 0


def test_order_earns_by_pairs() -> None:
    one = posed(Kind.ORDER, list(IDS))
    shares = {given: marked(one, list(given)).share for given in permutations(IDS)}
    assert [given for given, share in shares.items() if share == 1] == [IDS]
    assert shares["b1", "a1", "c1", "d1"] == pytest.approx(2 / 3, abs=1e-6)
    assert shares[tuple(reversed(IDS))] == 0
    assert all(0 <= share <= 1 for share in shares.values())
    assert sum(share > 0 for share in shares.values()) <= len(shares) / 2


def test_match_earns_by_pairs() -> None:
    left = tuple(Option(f"l{i}", SAID) for i in range(4))
    one = posed(Kind.MATCH, {"l0": "a1", "l1": "b1", "l2": "c1", "l3": "a1"}, left=left)
    assert marked(one, "l0=a1 l1=b1 l2=c1 l3=a1").right
    assert marked(one, "l0=a1 l1=b1 l2=d1 l3=b1").share == 0.5


def test_a_number_is_right_within_its_tolerance() -> None:
    one = posed(Kind.NUMBER, 0.5, rtol=0.01, wrong=[Wrong(0.25, OTHER)])
    assert marked(one, "0.504").right
    assert marked(one, "50.2%").right
    assert marked(one, "0.51") == Mark(0.0, [])
    assert marked(one, "1/4") == Mark(0.0, [OTHER])


def test_what_is_counted_is_exact() -> None:
    """A thousand parameters and one are not a thousand."""
    one = posed(Kind.NUMBER, 2001, wrong=[Wrong(2000, OTHER)])
    assert marked(one, "2,001").right
    assert marked(one, "2000") == Mark(0.0, [OTHER])
    assert marked(posed(Kind.NUMBER, 2001, rtol=0.01), "2000").right
    assert marked(posed(Kind.NUMBER, 0), "0").right


XOR = {"accepted": ["XOR", "배타적 논리합", "exclusive-or"], "patterns": ["xor ?게이트", "(the )?XOR gate"]}


@pytest.mark.parametrize(
    "typed",
    [
        "xor",
        "ＸＯＲ",
        " X O R ",
        "XOR.",
        "'xor'",
        "배타적논리합",
        "배타적 논리합입니다.",
        "배타적 논리합은",
        "XOR을",
        "XOR이에요!",
        "Exclusive Or",
        "exclusive‐or",
        "an XOR",
        "XOR 게이트",
        "the xor gate",
        "XOR이라고 합니다",
        "xor gate",
    ],
)
def test_words_are_right_whatever_their_dress(typed: str) -> None:
    assert marked(posed(Kind.TEXT, XOR), typed).right


@pytest.mark.parametrize(
    "typed",
    [
        "배타적 논리합 (XOR)",
        "XOR(배타적 논리합)입니다.",
        "XOR（exclusive or）",
        "XOR이라고 부른다",
        "배타적 논리합이라 합니다",
        "XOR임",
    ],
)
def test_a_name_with_its_other_name_behind_it_is_right(typed: str) -> None:
    assert marked(posed(Kind.TEXT, XOR), typed).right


@pytest.mark.parametrize("typed", ["XOR (논리합)", "OR (XOR)", "(XOR)(XOR)", "XOR (XNOR, XOR)", "XOR 아님"])
def test_two_names_are_right_only_where_both_are(typed: str) -> None:
    assert marked(posed(Kind.TEXT, XOR), typed).share == 0


@pytest.mark.parametrize("typed", ["or", "x", "논리합", "배타적", "xor xor", "xorgate2", "---", "XNOR"])
def test_other_words_are_wrong(typed: str) -> None:
    one = posed(Kind.TEXT, XOR, wrong=[Wrong({"accepted": ["논리합", "or"]}, OTHER)])
    assert marked(one, typed).share == 0
    assert (marked(one, typed).said == [OTHER]) == (typed in ("or", "논리합"))


def test_an_answer_of_signs_alone_is_compared_as_it_is() -> None:
    one = posed(Kind.TEXT, {"accepted": ["-"]})
    assert marked(one, "−").right
    assert not marked(one, ".").right


def test_shapes() -> None:
    one = posed(Kind.SHAPE, "(n, 16)", wrong=[Wrong("(16, n)", OTHER)])
    assert marked(one, "N x 16").right
    assert marked(one, [16, "n"]) == Mark(0.0, [OTHER])
    assert marked(one, "16").share == 0
    assert marked(posed(Kind.SHAPE, "(3,)"), "[3]").right


def test_formulas() -> None:
    one = posed(Kind.FORMULA, "p - y", wrong=[Wrong("y - p", OTHER)], variables=("p", "y"))
    assert marked(one, "-(y - p)").right
    assert marked(one, "y-p") == Mark(0.0, [OTHER])
    assert marked(one, "log((p - 9)^0.5)") == Mark(0.0, [])  # a root of a negative number, inside a logarithm


def test_printed_text() -> None:
    one = posed(Kind.OUTPUT, "[1, 2]\n{'a': 3}\n", wrong=[Wrong("[2, 1]", OTHER)])
    assert marked(one, '[1,2] \n\n{"a" :3}').right
    assert marked(one, "［１, 2］\r\n{‘a’: 3}").right
    assert not marked(one, "[1, 2] {'a': 3}").right
    assert marked(one, "[2,1]").said == [OTHER]
    assert not marked(posed(Kind.OUTPUT, "1 2"), "12").right


def test_a_cell_is_not_marked_here() -> None:
    one = posed(Kind.CELL, "")
    with pytest.raises(TypeError):
        marked(one, "x = 1")


def test_a_choice_may_have_several_right_answers() -> None:
    one = posed(Kind.CHOICE, ["a1", "b1"], feedback={"c1": OTHER})
    assert [marked(one, id).share for id in IDS] == [1, 1, 0, 0]


def test_order_says_which_two_stand_the_wrong_way_round() -> None:
    one = posed(Kind.ORDER, list(IDS), feedback={"c1": OTHER})
    said = marked(one, ["a1", "c1", "b1", "d1"]).said
    assert [text.en for text in said] == ["Places 2 and 3: 'option c1' belongs after 'option b1'. something else"]
    assert marked(one, list(IDS)).said == []


def test_match_says_which_pair_is_wrong() -> None:
    left = (Option("p1", Text("피", "pee")), Option("q1", Text("큐", "queue")))
    one = posed(Kind.MATCH, {"p1": "a1", "q1": "b1"}, left=left, feedback={"q1": OTHER})
    mark = marked(one, {"p1": "a1", "q1": "c1"})
    assert (mark.share, [text.en for text in mark.said]) == (0.5, ["The match of 'queue' is wrong. something else"])
    assert mark.said[0].ko.startswith("'큐'의 짝이 틀렸습니다.")


@pytest.mark.parametrize(
    ("key", "typed", "right"),
    [
        (0, "-0", True),
        (2**53 + 1, str(2**53 + 1), True),
        (2**53 + 1, str(2**53), False),
        (1000, "１，０００", True),
        (0.5, unicodedata.normalize("NFD", "50퍼센트입니다"), True),
        (10, "1_0", None),
        (10, "0x0a", None),
        (1, "nan", None),
        (1, "inf", None),
    ],
)
def test_odd_ways_to_write_a_number(key: float, typed: str, right: bool | None) -> None:
    """Right, wrong, or (None) no answer, which costs nothing."""
    one = posed(Kind.NUMBER, key)
    if right is None:
        with pytest.raises(NotAnAnswer):
            parse(one.question, typed)
    else:
        assert marked(one, typed).right is right


def test_a_key_that_is_nearly_nothing_has_its_own_tolerance() -> None:
    epsilon = posed(Kind.NUMBER, 2.2e-16)
    epsilon = replace(epsilon, key=replace(epsilon.key, atol=1e-17))
    assert marked(epsilon, "2.2e-16").right
    assert not marked(epsilon, "0").right
    assert marked(posed(Kind.NUMBER, 5.6e-17), "0").right  # the zero of a sum that was rounded


@pytest.mark.parametrize(
    ("key", "typed", "right"),
    [
        ("은닉층", unicodedata.normalize("NFD", "은닉층입니다."), True),  # as macOS types it
        (unicodedata.normalize("NFD", "은닉층"), "은닉 층", True),
        ("ReLU", "ＲｅＬＵ", True),
        ("ResNet-50", "resnet 50", True),
        ("-1", "1", False),
        ("-1", "−1", True),
        ("GPT-3.5", "gpt 35", False),
        ("GPT-3.5", "gpt-3.5.", True),
        ("end-to-end", "end to end", True),
    ],
)
def test_the_same_word_however_a_machine_writes_it(key: str, typed: str, right: bool) -> None:
    assert marked(posed(Kind.TEXT, key), typed).right is right


@pytest.mark.parametrize(
    ("key", "typed", "right"),
    [
        ("1e-10*x", "0", False),
        ("1e-10*x", "x/10^10", True),
        ("sin(x)^2 + cos(x)^2 - 1", "0", True),
        ("abs(x)", "x", False),
        ("x", "sqrt(x^2)", False),
        ("x", "x + x^9/10^4", False),
        ("1/x", "x^-1", True),
    ],
)
def test_a_formula_that_is_nearly_the_same_is_another_one(key: str, typed: str, right: bool) -> None:
    assert marked(posed(Kind.FORMULA, key, variables=("x",)), typed).right is right
