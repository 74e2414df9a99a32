"""Mean binary cross-entropy, finite everywhere."""

import numpy as np
import pytest

from grader.suite import Text, checks


def no_number(student, oracle):
    """What made a NaN or an infinity of certainty: the logarithm of 0, where no exp overflows yet."""
    small = oracle.example(8)
    if not oracle.is_like(student.loss(*small), oracle.loss(*small)):
        return None
    net, X = oracle.saturated(size=8.0)  # logits of 40 and -40: a probability is rounded to 1
    wrong = np.array([[0.0], [0.0], [1.0], [1.0]])
    return None if oracle.is_finite(student.loss(net, X, wrong)) else "naive-log"


@pytest.mark.points(4)
@pytest.mark.title(
    ko="loss: 평균 이진 교차 엔트로피의 값", en="loss: the value of the mean binary cross-entropy"
)
@pytest.mark.hint(
    ko="두 항이 모두 있나요? y = 1일 때와 y = 0일 때 하나씩입니다. 그리고 합이 아니라 평균입니다.",
    en="Are both terms there, one for y = 1 and one for y = 0? And it is the mean, not the sum.",
)
@pytest.mark.hint(
    ko="y와 확률의 모양이 같은지 보세요. (n,)과 (n, 1)을 섞으면 (n, n)이 됩니다.",
    en="Compare the shapes of y and of the probabilities: (n,) and (n, 1) together make (n, n).",
)
def test_values(student, oracle):
    """Several sizes, one of them a single example."""
    sizes = [(6, 3, 5), (9, 2, 4), (1, 4, 3)]
    cases = [oracle.example(seed, *size) for seed, size in enumerate(sizes)]
    answers = student.each("loss", cases)
    with oracle.recognised(lambda: oracle.told_by(answers, cases, oracle.LOSS_MISTAKES)):
        for case, got in zip(cases, answers, strict=True):
            checks.number(got, oracle.loss(*case), name="loss(params, X, y)", rtol=1e-4, atol=1e-6)


@pytest.mark.points(3)
@pytest.mark.title(ko="loss: 확률이 0이나 1이어도 유한함", en="loss: finite where probabilities are 0 or 1")
@pytest.mark.hint(
    ko="log(0)은 음의 무한대이고 0 · log(0)은 nan입니다. 로그에 들어가는 값을 지키거나 로짓에서 계산해 "
    "보세요.",
    en="log(0) is minus infinity and 0 * log(0) is nan. Guard what goes into the logarithm, or start from "
    "the logits.",
)
def test_saturated(student, oracle):
    """Certain and wrong: large. Certain and right: next to nothing. Never infinite or nan."""
    net, X = oracle.saturated()
    right = np.array([[1.0], [1.0], [0.0], [0.0]])
    answers = student.each("loss", [(net, X, 1 - right), (net, X, right)])
    with oracle.recognised(lambda: no_number(student, oracle)):
        answers = [checks.finite(got, name="loss(params, X, y)") for got in answers]
    wrong_loss, right_loss = (float(got.mean()) for got in answers)
    checks.that(
        wrong_loss > 5,
        ko="loss: 확신에 차서 모두 틀렸는데 손실이 작습니다. 확률을 너무 많이 잘라 내지 않았는지 보세요.",
        en="loss: everything is wrong with certainty, and yet the loss is small. Are probabilities "
        "clipped too far?",
        detail=Text(f"{wrong_loss:.4g}", f"{wrong_loss:.4g}"),
    )
    checks.that(
        abs(right_loss) < 0.01,
        ko="loss: 확신에 차서 모두 맞혔는데 손실이 0에 가깝지 않습니다.",
        en="loss: everything is right with certainty, and yet the loss is not near 0.",
        detail=Text(f"{right_loss:.4g}", f"{right_loss:.4g}"),
    )
