"""Initial weights."""

import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="init_weight: 모양과 대략의 크기", en="init_weight: shape and rough size")
@pytest.mark.hint(
    ko="nn.Linear(n_in, n_out).weight와 같은 모양입니다. n_in = 200이면 He 초기화의 표준편차는 0.1입니다.",
    en="It has the shape of nn.Linear(n_in, n_out).weight. With n_in = 200 the standard deviation of He is 0.1.",
)
def test_he(student):
    """60,000 weights; their standard deviation is within 10 %, which is 34 of its standard errors."""
    got = checks.shape(student.init_weight(200, 300, "he", 0), (300, 200), name="init_weight(200, 300, 'he', 0)")
    checks.that(
        bool(0.09 < got.std() < 0.11),
        ko="init_weight: 'he'의 표준편차는 sqrt(2 / n_in)입니다.",
        en="init_weight: the standard deviation of 'he' is sqrt(2 / n_in).",
    )
