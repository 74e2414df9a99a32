"""What people type is read as they mean it, and what is no answer says so and costs nothing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from quiz.bench import IDS, question

from grader.quiz.answer import NotAnAnswer, parse
from grader.quiz.question import Kind, Option
from grader.text import Text

METRE = Text("미터", "metres")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("12", 12), ("-0.5", -0.5), ("−0.5", -0.5), ("–3", -3), ("- 3", -3), ("+7", 7), (".5", 0.5), ("5.", 5),
        ("1,234.5", 1234.5), ("1 234 567", 1234567), ("１２．５", 12.5), ("３／４", 0.75), ("3/4", 0.75), ("-3 / 4", -0.75),
        ("½", 0.5), ("50 %", 0.5), ("50％", 0.5), ("1e-3", 0.001), ("1E3", 1000), ("10^-3", 0.001), ("10⁻³", 0.001),
        ("1.2×10^3", 1200), ("1.2 x 10⁻³", 0.0012), ("-10^2", -100), ("2·10**2", 200), ("٣", 3), ("12.", 12),
        ("290입니다.", 290), ("1e-400", 0), (12, 12), (0.1, 0.1), (["7"], 7), (" 4\u200b2 ", 42),
    ],
)  # fmt: skip
def test_numbers_are_read(typed: object, value: float) -> None:
    assert parse(question(Kind.NUMBER), typed).value == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("typed", ["12 미터", "12미터", "12 metres", "12 METRES", "12 metre", "12", "12미터입니다"])
def test_a_unit_may_stand_behind(typed: str) -> None:
    assert parse(question(Kind.NUMBER, unit=METRE), typed).value == 12


def test_percent_counts_as_such_where_it_is_the_unit() -> None:
    assert parse(question(Kind.NUMBER, unit=Text("%", "%")), "50%").value == 50


@pytest.mark.parametrize(
    "typed", ["50%", "50 %", "50퍼센트", "50 퍼센트입니다", "50프로", "50 percent", "50 per cent", "50"]
)
def test_percent_is_a_sign_or_a_word(typed: str) -> None:
    for unit in (Text("%", "%"), Text("퍼센트", "percent")):
        assert parse(question(Kind.NUMBER, unit=unit), typed).value == 50
    if typed != "50":
        assert parse(question(Kind.NUMBER), typed).value == 0.5


@pytest.mark.parametrize(
    "typed",
    [
        "nan", "inf", "-∞", "1e400", "1e999", "9" * 61, 10**400, float("nan"), float("inf"), "0,5", "0,500", "1,23",
        "1 1/2", "1½", "5²", "10²³⁴⁵", "3/0", "1/2/3", "12 km", "a lot", "--3", "1..2", "0x10", "1_000", "2+2", "", " ",
        None, True, [], {}, ["1", "2"], {"a": "1"}, b"12", object(), [["1"]], {"a": ["b"]}, "\u200b",
    ],
)  # fmt: skip
def test_what_is_no_number_is_no_answer(typed: object) -> None:
    with pytest.raises(NotAnAnswer):
        parse(question(Kind.NUMBER, unit=METRE), typed)


def test_a_decimal_comma_is_explained() -> None:
    with pytest.raises(NotAnAnswer, match="point, not a comma"):
        parse(question(Kind.NUMBER), "0,5")


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("(n, 16)", ("n", 16)), ("n x 16", ("n", 16)), ("[N,16]", ("n", 16)), ("n×16", ("n", 16)), ("nx16", ("n", 16)),
        ("32x10", (32, 10)), ("3 * 4", (3, 4)), ("3 4", (3, 4)), ("torch.Size([3, 4])", (3, 4)), ("(16,)", (16,)),
        ("16", (16,)), ("()", ()), ("（３，４）", (3, 4)), ("n", ("n",)), ("batch, 3", ("batch", 3)), ([3, 4], (3, 4)),
        (["n", "16"], ("n", 16)), ("n d", ("n", "d")), ("n by 16", ("n", 16)), ("n by m", ("n", "m")),
    ],
)  # fmt: skip
def test_shapes_are_read(typed: object, value: tuple[object, ...]) -> None:
    assert parse(question(Kind.SHAPE), typed).value == value


@pytest.mark.parametrize(
    "typed",
    [
        "(2*n, 3)",
        "(3.5, 2)",
        "(-1, 2)",
        "3²",
        "I do not know",
        "(,)",
        "3,,4",
        "1,2,3,4,5,6,7,8,9",
        "잘 모르겠어요",
        None,
    ],
)
def test_what_is_no_shape_is_no_answer(typed: object) -> None:
    with pytest.raises(NotAnAnswer):
        parse(question(Kind.SHAPE), typed)


def test_options_are_chosen_by_their_ids() -> None:
    assert parse(question(Kind.CHOICE), " b1 ").value == "b1"
    assert parse(question(Kind.CHOICE), ["b1"]).value == "b1"
    assert parse(question(Kind.MULTIPLE), "a1， c1").value == {"a1", "c1"}
    assert parse(question(Kind.MULTIPLE), ["a1", "", "c1"]).value == {"a1", "c1"}
    assert parse(question(Kind.ORDER), "d1 c1 b1 a1").value == ("d1", "c1", "b1", "a1")


@pytest.mark.parametrize(
    ("kind", "typed"),
    [
        (Kind.CHOICE, "a1 b1"), (Kind.CHOICE, "e1"), (Kind.CHOICE, {"a1": "b1"}), (Kind.CHOICE, 3),
        (Kind.MULTIPLE, "a1 a1"), (Kind.MULTIPLE, []), (Kind.ORDER, "a1 b1 c1"), (Kind.ORDER, "a1 b1 c1 c1"),
        (Kind.ORDER, ["a1"] * 60),
    ],
)  # fmt: skip
def test_what_is_not_among_the_options_is_no_answer(kind: Kind, typed: object) -> None:
    with pytest.raises(NotAnAnswer):
        parse(question(kind), typed)


LEFT = (Option("l1", Text("가", "a")), Option("l2", Text("나", "b")))


@pytest.mark.parametrize(
    "typed", ["l1=a1 l2=b1", "l1 = a1, l2 = b1", "l1:a1 l2→b1", {"l2": "b1", "l1": "a1"}, ["l1=a1", "l2=b1"]]
)
def test_pairs_are_matched(typed: object) -> None:
    assert parse(question(Kind.MATCH, left=LEFT), typed).value == {"l1": "a1", "l2": "b1"}


@pytest.mark.parametrize(
    "typed", ["l1=a1", "l1=a1 l1=b1 l2=c1", "l1 a1", "a1=l1 b1=l2", {"l1": "a1", "l2": "zz"}, "l1==a1 l2=b1"]
)
def test_half_a_match_is_no_answer(typed: object) -> None:
    with pytest.raises(NotAnAnswer):
        parse(question(Kind.MATCH, left=LEFT), typed)


def test_printed_text_keeps_its_lines() -> None:
    assert parse(question(Kind.OUTPUT), "1 2\r\n3").value == "1 2\n3"


ANYTHING: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()) | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.integers(), inner, max_size=4),
    max_leaves=6,
)
TYPED = st.text(alphabet="0123456789.,+-*/^()[]{}=eExX %²½n ×٣~a1b'\"\\\n\ud800", max_size=80)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(Kind), ANYTHING | TYPED)
def test_whatever_comes_is_an_answer_or_none(kind: Kind, raw: object) -> None:
    """And what it says back can be printed and stored."""
    asked = question(kind, left=LEFT, variables=("a", "x"), unit=METRE)
    try:
        shown = parse(asked, raw).shown
    except NotAnAnswer as error:
        shown = str(error.text)
    assert "\0" not in shown.encode().decode()


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("unit", ["9", "a ", "((", "1,", "- ", "²", "=a", "\ud800", "a1,"])
def test_a_long_answer_is_refused_at_once(kind: Kind, unit: str) -> None:
    started = time.process_time()
    with pytest.raises(NotAnAnswer):
        parse(question(kind, left=LEFT, variables=("a",)), unit * 100_000)
    assert time.process_time() - started < 1


def test_ids_are_those_of_the_bench() -> None:
    assert parse(question(Kind.ORDER), list(IDS)).value == IDS
