"""Learning from examples, epoch after epoch. From zeros or from elsewhere, in order or shuffled:
all are right, so only what must be achieved is asked."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "fit_perceptron(X, y, lr, max_epochs)"


def parts_of(got, d):
    """(w, b, mistakes) as clean numbers."""
    w, b, mistakes = checks.unpack(got, 3, name=NAME, parts=("w", "b", "mistakes"))
    w = checks.shape(w, (d,), name=f"w = {NAME}[0]")
    b = checks.shape(b, (), name=f"b = {NAME}[1]")
    return w, float(b), counts(mistakes)


def counts(mistakes):
    """`mistakes` is a list of whole numbers, one an epoch."""
    values = checks.finite(mistakes, name=f"mistakes = {NAME}[2]")
    checks.that(
        values.ndim == 1 and values.size > 0,
        ko="mistakes는 에폭마다 수가 하나씩 든 리스트여야 합니다.",
        en="mistakes must be a list with one number for each epoch.",
    )
    checks.that(
        bool(np.all(values == np.floor(values)) and values.min() >= 0),
        ko="mistakes에는 틀린 예제의 개수, 곧 0 이상의 정수가 들어가야 합니다.",
        en="mistakes must hold counts of wrong examples: whole numbers, 0 or more.",
    )
    return values


def must_separate(oracle, w, b, mistakes, X, y):
    once = len(mistakes) == 1 and mistakes[0] > 0  # an epoch with mistakes was followed by no other
    checks.that(
        oracle.separates(w, b, X, y),
        ko="직선으로 나눌 수 있는 데이터인데, 돌려준 w와 b로 예측하면 틀리는 예제가 있습니다.",
        en="A line separates these data, but some examples are on the wrong side of the w and b returned.",
        misconception="single-epoch" if once else None,
    )


def unrecorded(student, oracle):
    """A sign that the last epoch is not written down: the data are separated, but every epoch had mistakes."""
    X, y = oracle.separable(43, 30, 5, margin=0.05)
    w, b, mistakes = parts_of(student.fit_perceptron(X, y, lr=0.7, max_epochs=1000), 5)
    ended = 1 < len(mistakes) < 1000 and mistakes.min() > 0 and mistakes.max() <= len(X)
    return "last-epoch-unrecorded" if ended and oracle.separates(w, b, X, y) else None


@pytest.mark.points(4)
@pytest.mark.title(
    ko="fit_perceptron: 나눌 수 있는 데이터를 나누기", en="fit_perceptron: separates what can be separated"
)
@pytest.mark.hint(
    ko="한 에폭은 모든 예제를 한 번씩 보며, 틀릴 때마다 바로 고치는 것입니다. 틀린 예제가 남아 있으면 "
    "다음 에폭으로 갑니다.",
    en="An epoch visits every example once and corrects at each mistake. While mistakes remain, another "
    "epoch follows.",
)
def test_separates(student, oracle, pictures):
    """With the defaults where the gap is wide, then with more epochs where it is narrow."""
    oracle.draw_line(student, pictures)
    for seed, n, d in [(41, 24, 3), (42, 15, 2)]:
        X, y = oracle.separable(seed, n, d)
        must_separate(oracle, *parts_of(student.fit_perceptron(X, y), d), X, y)
    for seed, n, d in [(43, 30, 5), (48, 40, 2)]:
        X, y = oracle.separable(seed, n, d, margin=0.05)
        must_separate(oracle, *parts_of(student.fit_perceptron(X, y, lr=0.7, max_epochs=1000), d), X, y)


@pytest.mark.points(3)
@pytest.mark.title(
    ko="fit_perceptron: 실수가 0인 첫 에폭에서 멈추기",
    en="fit_perceptron: stops after the first epoch without mistakes",
)
@pytest.mark.hint(
    ko="실수가 0인 에폭도 mistakes에 적고, 그다음 바로 끝냅니다. 그러면 리스트에 0이 몇 번, 어디에 있을까요?",
    en="The epoch without mistakes is written down too, and then it is over. How many zeros are in the "
    "list, and where?",
)
def test_stops(student, oracle):
    """The last entry is 0, none before it is, and no count exceeds n."""
    for seed, n, d in [(44, 24, 3), (45, 18, 2)]:
        X, y = oracle.separable(seed, n, d)
        w, b, mistakes = parts_of(student.fit_perceptron(X, y, lr=0.3, max_epochs=400), d)
        must_separate(oracle, w, b, mistakes, X, y)
        with oracle.recognised(lambda: unrecorded(student, oracle)):
            checks.that(
                mistakes[-1] == 0,
                ko="나눌 수 있는 데이터에서는 mistakes의 마지막 수가 0이어야 합니다.",
                en="On separable data the last number in mistakes must be 0.",
            )
        checks.that(
            bool(np.all(mistakes[:-1] > 0)),
            ko="실수가 0인 에폭 뒤에도 학습이 계속되었습니다.",
            en="Training went on after an epoch without mistakes.",
            misconception="trains-past-perfection" if not mistakes[np.argmin(mistakes) :].any() else None,
        )
        checks.that(
            len(mistakes) <= 400 and mistakes.max() <= n,
            ko="mistakes는 max_epochs보다 길 수 없고, 한 에폭의 실수는 예제 수 n보다 많을 수 없습니다.",
            en="mistakes cannot be longer than max_epochs, and an epoch cannot have more mistakes than "
            "examples.",
        )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="fit_perceptron: 나눌 수 없으면 max_epochs까지",
    en="fit_perceptron: max_epochs where nothing separates",
)
@pytest.mark.hint(
    ko="XOR은 직선 하나로 나눌 수 없으니 실수가 0인 에폭이 없습니다. max_epochs를 실제로 쓰고 있나요? "
    "기본값은 100입니다.",
    en="No line separates XOR, so no epoch is free of mistakes. Is max_epochs really used? Its default is "
    "100.",
)
@pytest.mark.needs("fit_perceptron.separates")
def test_never_ends(student, oracle):
    """XOR: exactly max_epochs counts, each of 1 to 4."""
    X, y = oracle.CORNERS, oracle.TRUTH["XOR"]
    answers = [student.fit_perceptron(X, y), student.fit_perceptron(X, y, lr=0.5, max_epochs=7)]
    runs = [parts_of(got, 2)[2] for got in answers]
    for mistakes, epochs in zip(runs, (100, 7), strict=True):
        checks.that(
            len(mistakes) == epochs,
            ko="나눌 수 없는 데이터에서는 mistakes의 길이가 max_epochs와 같아야 합니다.",
            en="On data that cannot be separated, mistakes must have max_epochs entries.",
            misconception="ignored-argument" if len(runs[0]) == len(runs[1]) > 7 else None,
        )
        checks.that(
            bool(mistakes.min() >= 1 and mistakes.max() <= 4),
            ko="XOR에서는 에폭마다 적어도 하나, 많아야 네 개의 예제를 틀립니다.",
            en="On XOR every epoch has at least one mistake and at most four.",
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="fit_perceptron: 편향이 필요한 데이터", en="fit_perceptron: data that need a bias")
@pytest.mark.hint(
    ko="b도 w와 함께 배워야 합니다. b가 늘 0이면 직선은 원점을 벗어나지 못합니다.",
    en="b is learned together with w. While b stays 0, the line cannot leave the origin.",
)
def test_bias(student, oracle):
    """A threshold far from 0, and data of a single class that hold the origin."""
    far = np.array([[1.0], [1.5], [4.0], [4.5]])
    around = np.array([[0.0, 0.0], [1.0, -1.0], [-1.0, 1.0], [-0.5, -0.5], [0.5, 0.75]])
    sets = [
        (far, np.array([0.0, 0.0, 1.0, 1.0])),
        (far, np.array([1.0, 1.0, 0.0, 0.0])),
        (around, np.zeros(5)),
        (around, np.ones(5)),
    ]

    def without_bias():
        answers = student.each("fit_perceptron", [(X, y, 0.5, 300) for X, y in sets])
        learned = [parts_of(got, X.shape[1]) for got, (X, _) in zip(answers, sets, strict=True)]
        moved = any(bool(w.any()) for w, _, _ in learned)
        return "missing-bias" if moved and all(b == 0 for _, b, _ in learned) else None

    with oracle.recognised(without_bias):
        for X, y in sets:
            answer = student.fit_perceptron(X, y, lr=0.5, max_epochs=2000)
            must_separate(oracle, *parts_of(answer, X.shape[1]), X, y)


@pytest.mark.points(1)
@pytest.mark.title(
    ko="fit_perceptron: 부를 때마다 새로 시작하기", en="fit_perceptron: each call starts afresh"
)
@pytest.mark.hint(
    ko="앞선 호출의 기록이 남아 있지 않나요? 전역 변수나 기본값으로 준 리스트([])는 호출이 끝나도 "
    "사라지지 않습니다.",
    en="Is something left from an earlier call? Global names, and a list as a default value ([]), outlive "
    "the call.",
)
@pytest.mark.needs("fit_perceptron.separates")
def test_again(student, oracle):
    """XOR for three epochs, twice, with other data of another width between: three counts each time."""
    X, y = oracle.CORNERS, oracle.TRUTH["XOR"]
    other_X, other_y = oracle.separable(46, 12, 4)
    for _ in range(2):
        w, b, earlier = parts_of(student.fit_perceptron(other_X, other_y, lr=0.5, max_epochs=300), 4)
        must_separate(oracle, w, b, earlier, other_X, other_y)
        _, _, mistakes = parts_of(student.fit_perceptron(X, y, lr=0.5, max_epochs=3), 2)
        kept = len(mistakes) > len(earlier) and bool(np.all(mistakes[: len(earlier)] == earlier))
        checks.that(
            len(mistakes) == 3,
            ko="같은 함수를 다시 부르니 mistakes의 길이가 max_epochs와 달라졌습니다.",
            en="Called again, the function returns a list of mistakes that is not max_epochs long.",
            misconception="state-between-calls" if kept else None,
        )


@pytest.mark.points(1)
@pytest.mark.title(ko="fit_perceptron: X와 y를 바꾸지 않기", en="fit_perceptron: leaves X and y alone")
@pytest.mark.hint(
    ko="섞거나 레이블을 바꾸고 싶다면 복사본에 하세요. 받은 X와 y는 부른 쪽의 데이터입니다.",
    en="To shuffle or to relabel, work on copies. The X and y that you were given belong to the caller.",
)
@pytest.mark.needs("fit_perceptron.separates")
def test_keeps_arguments(student, oracle):
    """X and y after the call equal those before."""
    before = (*oracle.separable(47, 16, 3), 0.3, 200)
    outcome = student.call("fit_perceptron", *before)
    with checks.misconception("in-place-arguments"):
        checks.unchanged(outcome, before, name=NAME, parts=("X", "y", "lr", "max_epochs"))
