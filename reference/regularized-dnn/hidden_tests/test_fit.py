"""The trained model: what it learned, and what it learned from."""

import math

import numpy as np
import pytest

from grader.suite import Confusion, Interval, Intervals, Metric, Text, checks

FIT, PREDICT = "fit(X_train, y_train, X_val, y_val, seed)", "predict(model, X)"
GAP = "accuracy(train) - accuracy(held-out)"
LEARNED = 0.85  # an untrained net is near 0.1
TRAINING, HELD_OUT = Text("훈련 정확도", "training accuracy"), Text("처음 보는 숫자의 정확도", "held-out accuracy")


@pytest.fixture(scope="module")
def answers(student, oracle, seeds):
    """What a model of each seed says: on the training part, and on the digits held out."""
    models = [student.fit(*oracle.training(), seed=seed) for seed in seeds]
    return [(student.predict(m, oracle.train_x()), student.predict(m, oracle.held_out_x())) for m in models]


def share(got, labels):
    """The part of right answers."""
    return float(np.mean(checks.shape(got, labels.shape, name=PREDICT) == labels))


def of_share(value, n, title, threshold=None):
    """A share of n, with its 95 % interval."""
    return Metric(value, *checks.wilson(value * n, n), n, threshold, title)


def untouched(student, oracle):
    """The misconception of one whose weights are what they were: other labels give the same."""
    weights = []
    for permuted in (None, 85):
        student.probe.seed(3)
        weights.append(student.probe.parameters(student.fit(*oracle.training(permuted), seed=0)))
    checks.same(*weights, name=FIT)
    for value in weights[0].values():
        checks.finite(value, name=FIT)  # all NaN is another story
    return "nothing-learned" if weights[0] else None


@pytest.mark.points(1)
@pytest.mark.title(ko="fit: 훈련 데이터를 배움", en="fit: learns the training part")
@pytest.mark.hint(
    ko="손실을 에폭마다 찍어 보세요. 네 박자(기울기 지우기, 손실, 역전파, 걸음)가 다 있나요? 학습한 모델을 돌려주나요?",
    en="Print the loss every epoch. Are all four beats there, and is it the trained model that you return?",
)
def test_trained(student, answers, oracle, metrics):
    """At least 85 % of the 400 digits that it was given: an untrained net is near 10 %. The accuracy is recorded here,
    where no curve belongs to it, and not calibrated."""
    labels = oracle.train_y()
    right = float(np.median([share(train, labels) for train, _ in answers]))
    metrics.record("training_accuracy", of_share(right, len(labels), TRAINING, LEARNED))
    with oracle.recognised(lambda: untouched(student, oracle)):
        checks.that(
            right >= LEARNED,
            ko="fit: 배운 숫자들조차 제대로 맞히지 못합니다.",
            en="fit: even the digits that it was trained on are not answered well.",
            detail=Text(f"훈련 정확도 {right:.1%}", f"training accuracy {right:.1%}"),
        )


def seed_matters(student, oracle, first):
    """The misconception of one whose answers change with the global generators alone (`first` came with seed 7 after
    1 was set there): the seed is not used, or only after something was drawn."""
    said = []
    for seed in (7, 8):
        student.probe.seed(1)
        said.append(student.predict(student.fit(*oracle.training(), seed=seed), oracle.held_out_x()))
    again, other = (checks.shape(answer, first.shape, name=PREDICT) for answer in said)
    if not np.array_equal(first, again):
        return None
    return "seed-ignored" if np.array_equal(again, other) else "seed-set-too-late"


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
    with oracle.recognised(lambda: seed_matters(student, oracle, said[0])):
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
        misconception="label-leak",
    )


def tip_where_close(tip, found, curve):
    """A value that reaches its target by less than chance could have missed it, and is told so."""
    if curve.target != curve.baseline and found.low <= curve.target <= found.high:
        value, between = f"{found.value:.1%}", f"{found.low:.1%} – {found.high:.1%}"
        tip(
            ko=f"통과했지만 아슬아슬합니다. {value} (95 % 신뢰구간 {between})와 목표 {curve.target:.1%}의 차이는 "
            "우연일 수 있어, 다른 숫자들로 재면 못 미칠 수도 있습니다.",
            en=f"Borderline: you passed, but {value} (95 % interval {between}) is so close to the target of "
            f"{curve.target:.1%} that the distance may be chance: on other digits it might be missed.",
        )


def confusion(said, labels):
    """What the model of the first seed took for what; None where an answer is no class."""
    if not np.isin(said, np.arange(10)).all():
        return None
    counts = np.zeros((10, 10), dtype=int)
    np.add.at(counts, (labels, said.astype(int)), 1)
    title = Text("처음 보는 숫자를 무엇으로 보았나", "What digits never seen were taken for")
    return Confusion("confusion", title, [str(digit) for digit in range(10)], counts.tolist())


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
def test_held_out(answers, oracle, metrics, curves, pictures, tip):
    """1,197 digits whose labels never enter the box; the median over the judge's seeds."""
    labels = oracle.held_out_y()
    said = [checks.shape(held_out, labels.shape, name=PREDICT) for _, held_out in answers]
    if picture := confusion(said[0], labels):
        pictures.add(picture)
    name, curve = "held_out_accuracy", curves["held_out_accuracy"]
    value = checks.accuracy(said, labels, name=PREDICT, metric=name, curve=curve, metrics=metrics, title=HELD_OUT)
    tip_where_close(tip, of_share(value, len(labels), HELD_OUT), curve)


def gap_between(train, held, target):
    """train - held, with the 95 % interval of a difference of independent proportions from their Wilson intervals
    (Newcombe 1998, method 10), which holds where training accuracy is 1."""
    gap = train.value - held.value
    low = gap - math.hypot(train.value - train.low, held.high - held.value)
    high = gap + math.hypot(train.high - train.value, held.value - held.low)
    return Metric(gap, low, high, held.n, target, Text("두 정확도의 차이", "gap between the two accuracies"))


def side_by_side(train, held, gap, target):
    title = Text(
        f"훈련한 숫자와 처음 보는 숫자: 차이 {100 * gap:.1f} %p",
        f"Digits of the training part and digits never seen: a gap of {100 * gap:.1f} points",
    )
    rows = [Interval(one.title, one.value, one.low, one.high, reach) for one, reach in ((train, None), (held, target))]
    return Intervals("generalization", title, rows)


def memorized(train, gap, curve):
    """Nearly all of the training part is known, and the gap is too large by more than chance."""
    return train.value >= 0.99 and gap.low > curve.target


@pytest.mark.points(4)
@pytest.mark.needs("fit.trained")
@pytest.mark.title(ko="훈련 정확도와 처음 보는 정확도의 차이", en="the gap between training and held-out accuracy")
@pytest.mark.hint(
    ko="차이가 크면 외운 것입니다. 이번 주에 배운 것 가운데 아직 쓰지 않은 것은 무엇인가요?",
    en="A large gap is memory, not understanding. What of this week's tools have you not used yet?",
)
def test_gap(answers, oracle, metrics, curves, pictures, tip):
    """Training accuracy (n = 400) minus held-out accuracy (n = 1,197), less is better; the model in the middle."""
    pairs = [(share(train, oracle.train_y()), share(held, oracle.held_out_y())) for train, held in answers]
    middle = sorted(pairs, key=lambda pair: pair[0] - pair[1])[len(pairs) // 2]
    train = of_share(middle[0], len(oracle.train_y()), TRAINING)
    held = of_share(middle[1], len(oracle.held_out_y()), HELD_OUT)
    curve = curves["generalization_gap"]
    found = gap_between(train, held, curve.target)
    pictures.add(side_by_side(train, held, found.value, curves["held_out_accuracy"].target or None))
    with oracle.recognised(lambda: "overfitted" if memorized(train, found, curve) else None):
        checks.measured(found, name=GAP, metric="generalization_gap", curve=curve, metrics=metrics)
    tip_where_close(tip, found, curve)
