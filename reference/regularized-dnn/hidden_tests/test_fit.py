"""The trained model: what it learned, and what it learned from."""

import math

import numpy as np
import pytest

from grader.report import Metric
from grader.suite import Text, checks

FIT, PREDICT = "fit(X_train, y_train, X_val, y_val, seed)", "predict(model, X)"


@pytest.fixture(scope="module")
def answers(student, oracle, seeds):
    """What a model of each seed says: on the training part, and on the digits held out."""
    models = [student.fit(*oracle.training(), seed=seed) for seed in seeds]
    return [(student.predict(m, oracle.train_x()), student.predict(m, oracle.held_out_x())) for m in models]


def share(got, labels):
    """The part of right answers."""
    return float(np.mean(checks.shape(got, labels.shape, name=PREDICT) == labels))


@pytest.mark.points(1)
@pytest.mark.title(ko="fit: 훈련 데이터를 배움", en="fit: learns the training part")
@pytest.mark.hint(
    ko="손실을 에폭마다 찍어 보세요. 네 박자(기울기 지우기, 손실, 역전파, 걸음)가 다 있나요? 학습한 모델을 돌려주나요?",
    en="Print the loss every epoch. Are all four beats there, and is it the trained model that you return?",
)
def test_trained(answers, oracle):
    """At least 85 % of the 400 digits that it was given: an untrained net is near 10 %."""
    right = float(np.median([share(train, oracle.train_y()) for train, _ in answers]))
    checks.that(
        right >= 0.85,
        ko="fit: 배운 숫자들조차 제대로 맞히지 못합니다.",
        en="fit: even the digits that it was trained on are not answered well.",
        detail=Text(f"훈련 정확도 {right:.1%}", f"training accuracy {right:.1%}"),
    )


@pytest.mark.points(1)
@pytest.mark.needs("fit.trained")
@pytest.mark.title(ko="fit: seed가 같으면 답도 같음", en="fit: the same seed, the same answers")
@pytest.mark.hint(
    ko="초기화, 섞기, dropout이 모두 seed에서 나와야 합니다. 모델을 만들기 전에 시드를 정했나요?",
    en="Initialization, shuffling and dropout should all follow from seed. Is it set before the model is built?",
)
def test_seeded(student, oracle):
    """Two models of one seed, with the global generators elsewhere in between."""
    said = []
    for elsewhere in (1, 2):
        student.probe.seed(elsewhere)
        model = student.fit(*oracle.training(), seed=7)
        said.append(checks.shape(student.predict(model, oracle.held_out_x()), oracle.held_out_y().shape, name=PREDICT))
    checks.same(*said, name=FIT)


@pytest.mark.points(2)
@pytest.mark.needs("fit.trained")
@pytest.mark.title(ko="fit: 받은 레이블에서만 배움", en="fit: learns from the labels that it is given")
@pytest.mark.hint(
    ko="레이블을 마구 섞으면 배울 것이 없습니다. 그런데도 잘 맞힌다면 정답이 다른 길로 새어 들어온 것입니다.",
    en="From shuffled labels there is nothing to learn. If it still does well, answers leak in some other way.",
)
def test_permuted_labels(student, oracle):
    """Trained on permuted labels, accuracy falls to chance: at most 35 % in one of four tries.

    Even if each of the ten digits were given one class as a whole, at random, four or more of ten would be right
    with P = 0.013 (binomial, p = 1/10); four such tries in a row: 3e-8."""
    lowest = 1.0
    for attempt in range(4):
        model = student.fit(*oracle.training(permuted=80 + attempt), seed=attempt)
        lowest = min(lowest, share(student.predict(model, oracle.held_out_x()), oracle.held_out_y()))
        if lowest <= 0.35:
            return
    checks.that(
        False,
        ko="fit: 레이블을 섞어서 주어도 숫자를 맞힙니다. 정답이 y_train이 아닌 곳에서 새어 들어옵니다.",
        en="fit: it knows the digits even from shuffled labels. Answers leak in from elsewhere than y_train.",
        detail=Text(f"정확도 {lowest:.1%}", f"accuracy {lowest:.1%}"),
    )


@pytest.mark.points(8)
@pytest.mark.needs("fit.trained")
@pytest.mark.title(ko="처음 보는 숫자의 정확도", en="accuracy on digits never seen")
@pytest.mark.hint(
    ko="훈련 정확도가 1에 닿았는데 검증 정확도는 멈춰 있나요? 그렇다면 모자란 것은 모델의 크기가 아닙니다.",
    en="Has training accuracy reached 1 while validation accuracy stands still? Then size is not what is lacking.",
)
@pytest.mark.hint(
    ko="배치 정규화, dropout, 가중치 벌칙, 조기 종료를 하나씩 켜 보고 검증 손실로 고르세요.",
    en="Try batch norm, dropout, a weight penalty and early stopping, one at a time; let the validation loss choose.",
)
def test_held_out(answers, oracle, metrics, curves):
    """1,197 digits whose labels never enter the box; the median over the judge's seeds."""
    said = [held_out for _, held_out in answers]
    labels = oracle.held_out_y()
    curve = curves["held_out_accuracy"]
    checks.accuracy(said, labels, name=PREDICT, metric="held_out_accuracy", curve=curve, metrics=metrics)


@pytest.mark.points(4)
@pytest.mark.needs("fit.trained")
@pytest.mark.title(ko="훈련 정확도와 처음 보는 정확도의 차이", en="the gap between training and held-out accuracy")
@pytest.mark.hint(
    ko="차이가 크면 외운 것입니다. 이번 주에 배운 것 가운데 아직 쓰지 않은 것은 무엇인가요?",
    en="A large gap is memory, not understanding. What of this week's tools have you not used yet?",
)
def test_gap(answers, oracle, metrics, curves):
    """Training accuracy (n = 400) minus held-out accuracy (n = 1,197), less is better; the median over the seeds.

    The interval is that of a difference of two independent proportions, by the normal approximation."""
    pairs = [(share(train, oracle.train_y()), share(held, oracle.held_out_y())) for train, held in answers]
    train, held = sorted(pairs, key=lambda pair: pair[0] - pair[1])[len(pairs) // 2]
    n_train, n_held = len(oracle.train_y()), len(oracle.held_out_y())
    half = 1.96 * math.sqrt(train * (1 - train) / n_train + held * (1 - held) / n_held)
    curve, gap = curves["generalization_gap"], train - held
    found = Metric(gap, gap - half, gap + half, n_held, curve.target)
    checks.measured(found, name=PREDICT, metric="generalization_gap", curve=curve, metrics=metrics)
