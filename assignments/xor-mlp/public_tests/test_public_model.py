"""The model in PyTorch."""

import numpy as np
import pytest

from grader.suite import Tensor, checks

X_XOR = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
Y_XOR = np.array([[0], [1], [1], [0]], dtype=np.float32)


@pytest.mark.points(1)
@pytest.mark.title(ko="build_model: 출력의 모양 (n, 1)", en="build_model: an output of shape (n, 1)")
@pytest.mark.hint(
    ko="마지막 선형층의 출력이 하나인지, 모양을 펴 버리지 않았는지 보세요.",
    en="Does the last linear layer have one output, and is it left as a column?",
)
def test_logits(student):
    """Four points, four logits."""
    model = student.build_model(8)
    checks.that(
        student.probe.is_module(model),
        ko="build_model(n_hidden)이 torch.nn.Module을 돌려주지 않습니다.",
        en="build_model(n_hidden) does not return a torch.nn.Module.",
    )
    checks.shape(student.probe.logits(model, Tensor(X_XOR)), (4, 1), name="build_model(8)(X)")


@pytest.mark.needs("public_model.logits")
@pytest.mark.points(3)
@pytest.mark.title(ko="train_model: XOR 네 점을 모두 맞힘", en="train_model: all four points of XOR right")
@pytest.mark.hint(
    ko="손실 목록을 그려 보세요. 2000 에폭 뒤에는 log 2보다 훨씬 작아야 합니다.",
    en="Plot the list of losses. After 2000 epochs it should be far below log 2.",
)
def test_learns(student):
    """Solved for one of two seeds at least."""
    solved = False
    for seed in (0, 1):
        student.probe.seed(seed)
        model = student.build_model(8)
        student.train_model(model, Tensor(X_XOR), Tensor(Y_XOR), epochs=2000, lr=0.05)
        logits = checks.shape(student.probe.logits(model, Tensor(X_XOR)), (4, 1), name="build_model(8)(X)")
        solved = solved or bool(np.all((logits > 0) == (Y_XOR > 0.5)))
        if solved:
            break
    checks.that(
        solved,
        ko="train_model: 2000 에폭을 학습해도 XOR의 네 점을 모두 맞히지 못합니다.",
        en="train_model: after 2000 epochs not all four points of XOR are right.",
    )
