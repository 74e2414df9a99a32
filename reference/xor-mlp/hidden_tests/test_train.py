"""Full-batch gradient descent with numpy."""

import pytest

from grader.suite import Text, checks

NAME = "train(params, X, y, lr, epochs)"
PARTS = ("params", "losses")


def other_descent(student, oracle):
    """The other way of training that is followed to the last digit. Up the slope of a backward that is wrong
    itself is no way of training."""
    net, X, y = oracle.example(32, n=5, d=2, h=4)
    case = net, X, y, 0.5, 4
    name = oracle.told_by([student.train(*case)], [case], oracle.TRAIN_MISTAKES)
    if name == "climbing" and not oracle.is_like(student.backward(net, X, y), oracle.backward(net, X, y)):
        return None
    return name


@pytest.mark.points(3)
@pytest.mark.title(
    ko="train: 에폭마다 걸음 전의 손실 하나", en="train: one loss an epoch, from before its step"
)
@pytest.mark.hint(
    ko="첫 손실은 아직 한 걸음도 가지 않은 시작점의 손실입니다. 마지막 걸음 뒤의 손실은 적지 않습니다.",
    en="The first loss is that of the start, before any step. The loss after the last step is not recorded.",
)
@pytest.mark.hint(
    ko="backward나 loss의 항목도 틀렸다면 그것부터 고치세요. train은 그 위에 서 있습니다.",
    en="If checks of backward or loss are lost too, mend those first: train stands on them.",
)
def test_losses(student, oracle):
    """The losses of six epochs."""
    net, X, y = oracle.example(31)
    _, expected = oracle.train(net, X, y, 0.7, 6)
    _, losses = checks.unpack(student.train(net, X, y, 0.7, 6), 2, name=NAME, parts=PARTS)
    got = checks.losses(losses, 6, name=NAME)
    with oracle.recognised(lambda: other_descent(student, oracle)):
        checks.array(got, expected, name=f"{NAME}: losses", rtol=1e-4, atol=1e-6)


@pytest.mark.points(4)
@pytest.mark.title(ko="train: 걸음 뒤의 매개변수", en="train: the parameters after the steps")
@pytest.mark.hint(
    ko="기울기의 반대쪽으로 lr만큼 갑니다. 네 매개변수는 모두 같은 시점의 기울기로 함께 움직입니다.",
    en="Step against the gradient, lr times it. All four parameters move together, by gradients of one "
    "moment.",
)
@pytest.mark.hint(
    ko="backward나 loss의 항목도 틀렸다면 그것부터 고치세요. train은 그 위에 서 있습니다.",
    en="If checks of backward or loss are lost too, mend those first: train stands on them.",
)
def test_params(student, oracle):
    """After one step and after five."""
    net, X, y = oracle.example(32, n=5, d=2, h=4)
    for lr, epochs in ((0.5, 1), (0.8, 5)):
        got, _ = checks.unpack(student.train(net, X, y, lr, epochs), 2, name=NAME, parts=PARTS)
        expected = oracle.train(net, X, y, lr, epochs)[0]
        with oracle.recognised(lambda: other_descent(student, oracle)):
            checks.arrays(got, expected, name=f"{NAME}: params", rtol=1e-4, atol=1e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="train: 인자를 바꾸지 않음", en="train: leaves its arguments alone")
@pytest.mark.hint(
    ko="params를 얕게 복사하면 배열은 여전히 같은 것입니다. params[key] -= ...는 그 배열을 고칩니다.",
    en="A shallow copy of params still holds the same arrays, and params[key] -= ... changes them.",
)
def test_pure(student, oracle):
    """The start is the same after training; what comes back is not the start."""
    before = oracle.example(33)
    outcome = student.call("train", *oracle.example(33), 0.5, 3)
    with checks.misconception("in-place-arguments"):
        checks.unchanged(outcome, (*before, 0.5, 3), name=NAME, parts=("params", "X", "y", "lr", "epochs"))
    got, _ = checks.unpack(outcome.value, 2, name=NAME, parts=PARTS)
    checks.mapping(got, ("W1", "b1", "W2", "b2"), name=f"{NAME}: params")
    trained = checks.shape(got["W2"], before[0]["W2"].shape, name=f"{NAME}: params['W2']")
    with oracle.recognised(lambda: "nothing-learned" if oracle.is_like(got, before[0]) else None):
        checks.different(
            trained,
            before[0]["W2"],
            name=f"{NAME}: params['W2']",
            because=Text(
                "학습한 매개변수가 시작점과 같습니다.",
                "The learned parameters are those of the start.",
            ),
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="train: XOR를 배움", en="train: learns XOR")
@pytest.mark.hint(
    ko="손실 곡선을 그려 보세요. 올라가나요, 평평한가요? 부호와 backward를 차례로 의심해 보세요.",
    en="Plot the losses. Do they climb, or stay flat? Suspect the sign first, then backward.",
)
def test_learns_xor(student, oracle, pictures):
    """All four points, from a start that is known to lead there."""
    X, y = oracle.xor()
    got, losses = checks.unpack(student.train(oracle.start(), X, y, 1.0, 1500), 2, name=NAME, parts=PARTS)
    checks.mapping(got, ("W1", "b1", "W2", "b2"), name=f"{NAME}: params")
    shapes = {key: value.shape for key, value in oracle.start().items()}
    net = {key: checks.shape(got[key], shapes[key], name=f"{NAME}: params['{key}']") for key in shapes}
    oracle.draw_net(student, net, losses, 1500, pictures)
    right = oracle.correct(net, X, y)
    checks.that(
        right == 4,
        ko="train: 네 점을 모두 배울 수 있는 시작점에서 오래 학습했지만 XOR를 다 맞히지 못합니다.",
        en="train: after long training, from a start that can learn all four points of XOR, some are still wrong.",
        detail=Text(f"{right} / 4", f"{right} / 4"),
    )
