"""Numbers and texts."""

import pytest

from grader.suite import checks


@pytest.mark.points(15)
@pytest.mark.title(ko="mean_square: 값", en="mean_square: the values")
def test_numbers(student, oracle):
    many = [[1.0, 2.0], [oracle.NUMBER], [0.5, -0.5, oracle.NUMBER], [3.0]]
    for got, values in zip(student.each("mean_square", [(values,) for values in many]), many, strict=True):
        checks.number(got, oracle.mean_square(values), name="mean_square(y)")


@pytest.mark.points(10)
@pytest.mark.title(ko="mirror: 거꾸로 쓴 글", en="mirror: a text backwards")
def test_text(student, oracle):
    got = student.mirror(oracle.TEXT)
    checks.that(type(got) is str and got == oracle.TEXT[::-1], ko="글이 다릅니다.", en="It is another text.")
