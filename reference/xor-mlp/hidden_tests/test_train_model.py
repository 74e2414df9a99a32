"""Training with PyTorch."""

import numpy as np
import pytest

from grader.suite import Tensor, Text, checks

pytestmark = pytest.mark.needs("build_model.output")

NAME = "train_model(model, X, y, epochs, lr)"


def run(student, oracle, seed, epochs, lr):
    """A fresh model, trained: the model and its losses."""
    X, y = (Tensor(part.astype(np.float32)) for part in oracle.xor())
    student.probe.seed(seed)
    model = student.build_model(8)
    return model, checks.losses(student.train_model(model, X, y, epochs=epochs, lr=lr), epochs, name=NAME)


def standstill(student, oracle):
    """What a model shows that training leaves as it was: the losses fall, or they stand still, too."""
    X, y = (Tensor(part.astype(np.float32)) for part in oracle.xor())
    student.probe.seed(70)
    model = student.build_model(8)
    before = student.probe.parameters(model)
    losses = checks.losses(student.train_model(model, X, y, epochs=200, lr=0.05), 200, name=NAME)
    after = student.probe.parameters(model)
    if not before or not all(oracle.is_like(after[key], before[key], 0.0, 0.0) for key in before):
        return None
    if np.ptp(losses) == 0:
        return "nothing-learned"
    return "trains-a-copy" if losses[-1] < 0.9 * losses[0] else None


@pytest.mark.points(1)
@pytest.mark.title(ko="train_model: 에폭마다 손실 하나", en="train_model: one loss an epoch")
@pytest.mark.hint(
    ko="에폭마다 실수 하나를 목록에 더하세요. 텐서라면 .item()으로 꺼냅니다.",
    en="Append one float every epoch; .item() takes it out of a tensor.",
)
def test_losses(student, oracle):
    """Two different numbers of epochs."""
    for epochs in (1, 23):
        run(student, oracle, 71, epochs, 0.05)


@pytest.mark.points(1)
@pytest.mark.title(ko="train_model: 걸음 전의 손실", en="train_model: losses from before the step")
@pytest.mark.hint(
    ko="첫 손실은 아직 학습하지 않은 모델의 손실이므로 학습률과 상관이 없습니다. 언제 적는지 보세요.",
    en="The first loss is that of the untrained model, whatever the learning rate. When do you record it?",
)
def test_before_step(student, oracle):
    """The first loss does not depend on lr."""
    small, large = (run(student, oracle, 72, 2, lr)[1] for lr in (0.001, 0.5))
    checks.that(
        abs(small[0] - large[0]) <= 1e-5 * max(1.0, abs(small[0])),
        ko="train_model: 첫 손실이 학습률에 따라 달라집니다. 걸음을 뗀 뒤의 손실을 적고 있습니다.",
        en="train_model: the first loss depends on lr, so it is taken after the step and not before it.",
        misconception="loss-after-step",
    )


@pytest.mark.points(1)
@pytest.mark.title(ko="train_model: 지난 기울기를 지움", en="train_model: clears the old gradients")
@pytest.mark.hint(
    ko="backward()는 기울기를 덮어쓰지 않고 더합니다. 에폭마다 무엇을 먼저 해야 할까요?",
    en="backward() adds to the gradients and does not replace them. What has to come first in every epoch?",
)
def test_clears_gradients(student, oracle):
    """What an earlier training left in .grad does not steer the next one."""
    X, y = (Tensor(part.astype(np.float32)) for part in oracle.xor())
    flipped = Tensor(1 - y.array)
    histories = []
    for earlier in (False, True):
        student.probe.seed(73)
        model = student.build_model(8)
        before = student.probe.parameters(model)
        if earlier:
            student.train_model(model, X, flipped, epochs=1, lr=1e-9)
        after = student.probe.parameters(model)
        if not all(np.allclose(before[key], after[key], rtol=0, atol=1e-6) for key in before):
            return  # an optimizer with a step of its own: its second training cannot be compared
        student.probe.seed(74)
        got = student.train_model(model, X, y, epochs=4, lr=0.05)
        histories.append(checks.losses(got, 4, name=NAME))
    checks.that(
        bool(np.allclose(*histories, rtol=1e-5, atol=1e-6)),
        ko="train_model: 앞서 구한 기울기가 지워지지 않고 다음 걸음에 더해집니다.",
        en="train_model: gradients from before are not cleared, and add to the next step.",
        misconception="gradients-not-cleared",
    )


@pytest.mark.points(4)
@pytest.mark.title(
    ko="train_model: 다섯 번 중 네 번 이상 XOR를 모두 맞힘",
    en="train_model: XOR 4/4 for at least four of five seeds",
)
@pytest.mark.hint(
    ko="네 박자를 세어 보세요. 기울기 지우기, 손실, 역전파, 걸음. 빠지거나 순서가 바뀐 것이 있나요?",
    en="Count the four beats: clear gradients, loss, backward, step. Is one missing or out of order?",
)
@pytest.mark.hint(
    ko="모델이 로짓을 낸다면 손실도 로짓을 받는 것이어야 합니다. 느리게 내려간다면 다른 옵티마이저도 써 "
    "보세요.",
    en="A model that gives logits needs a loss that takes logits. If it is slow, try another optimizer.",
)
def test_learns_xor(student, oracle, pictures, tip):
    """build_model(8), 2000 epochs, lr 0.05."""
    X, y = oracle.xor()
    solved = []
    for seed in range(5):
        model, losses = run(student, oracle, seed, 2000, 0.05)
        if seed == 0:
            oracle.draw_model(student, model, losses, pictures)
        logits = student.probe.logits(model, Tensor(X.astype(np.float32)))
        logits = checks.shape(logits, (4, 1), name="model(X)")
        solved.append(bool(np.all((logits > 0) == (y > 0.5))))
        if sum(solved) >= 4 or solved.count(False) >= 2:
            break
    with oracle.recognised(lambda: standstill(student, oracle)):
        checks.that(
            sum(solved) >= 4,
            ko="train_model: 오래 학습해도 XOR의 네 점을 모두 맞히지 못하는 시작점이 너무 많습니다.",
            en="train_model: from too many starts, long training does not get all four points of XOR right.",
            detail=Text(f"{sum(solved)} / {len(solved)}", f"{sum(solved)} / {len(solved)}"),
        )
    if not all(solved):
        tip(
            ko="한 시작점에서는 XOR의 네 점을 다 배우지 못했습니다. 활성화 함수나 옵티마이저를 바꾸면 "
            "시작점에 덜 흔들립니다.",
            en="From one of the starts the four points of XOR were not all learned. With another activation or "
            "optimizer, training depends less on its start.",
        )
