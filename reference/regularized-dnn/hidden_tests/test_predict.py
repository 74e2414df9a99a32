"""Answers of a trained model."""

import numpy as np
import pytest

from grader.suite import Tensor, checks

NAME = "predict(model, X)"


@pytest.fixture(scope="module")
def model(student, oracle):
    return student.fit(*oracle.training(), seed=11)


def in_train_mode(student, model):
    """The misconception of one who has just predicted with a model that is still in train mode."""
    return "no-eval-mode" if student.probe.is_training(model) is True else None


def alone_in_train_mode(student, model):
    """Batch norm has no statistics of a single example, and raises."""
    normed = any("BatchNorm" in str(name) for name in student.probe.layers(model))
    return in_train_mode(student, model) if normed else None


@pytest.mark.points(1)
@pytest.mark.title(ko="predict: 예제마다 클래스 번호 하나", en="predict: one class for each example")
@pytest.mark.hint(
    ko="로짓이 가장 큰 클래스의 번호를 돌려주세요. 예제가 하나뿐일 때도 모양은 (1,)입니다.",
    en="Return the number of the class with the largest logit. For a single example the shape is (1,).",
)
def test_classes(student, oracle, model):
    """Many rows, a few, and one."""
    X = oracle.held_out_x().array
    for n in (37, 2, 1):
        with oracle.recognised(lambda n=n: alone_in_train_mode(student, model) if n == 1 else None):
            got = student.predict(model, Tensor(X[:n]))
        shape = checks.finite(got, name=NAME).shape
        checks.that(
            shape != (n, 10),
            ko="predict: 예제마다 점수가 열 개씩 있습니다. 가장 큰 점수의 클래스 번호만 돌려주세요.",
            en="predict: there are ten scores for each example. Return only the class with the largest.",
            misconception="logits-for-classes",
        )
        checks.that(
            n > 1 or shape != (),
            ko="predict: 예제가 하나일 때 모양이 (1,)이 아니라 ()입니다.",
            en="predict: for a single example the shape is () and not (1,).",
            misconception="squeezed-single-example",
        )
        got = checks.shape(got, (n,), name=NAME)
        checks.that(
            bool(np.isin(got, np.arange(10)).all()),
            ko="predict: 0부터 9까지의 클래스 번호가 아닌 값이 있습니다.",
            en="predict: some values are not class numbers from 0 to 9.",
        )


@pytest.mark.points(2)
@pytest.mark.needs("predict.classes", "fit.trained")
@pytest.mark.title(ko="predict: 두 번 물어도 같은 답", en="predict: the same answer twice")
@pytest.mark.hint(
    ko="예측할 때도 dropout이 켜져 있지 않나요? 모델의 모드를 확인하세요.",
    en="Is dropout still at work when you predict? Look at the mode of the model.",
)
def test_same_twice(student, oracle, model):
    """All digits held out, with the global generators elsewhere in between."""
    shape = oracle.held_out_y().shape
    said = []
    for elsewhere in (1, 2, 3):
        student.probe.seed(elsewhere)
        said.append(checks.shape(student.predict(model, oracle.held_out_x()), shape, name=NAME))
    with oracle.recognised(lambda: in_train_mode(student, model)):
        checks.same(said[0], said[1], name=NAME)
        checks.same(said[0], said[2], name=NAME)


def leaks(student, model, X, together, alone):
    """The misconception where the answer depends on other examples. A scaler that is fitted on the X at hand leaves
    nothing of a single example, and undoes what is done to a column as a whole."""
    if in_train_mode(student, model):
        return "no-eval-mode"
    rng = np.random.default_rng(91)
    stretched = (X * rng.uniform(0.5, 2, X.shape[1]) + rng.uniform(-5, 5, X.shape[1])).astype(np.float32)
    again = checks.shape(student.predict(model, Tensor(stretched)), together.shape, name=NAME)
    refitted = len(set(alone)) == 1 < len(set(together)) and int(np.sum(again != together)) <= 1
    return "scaler-leak" if refitted else None


@pytest.mark.points(1)
@pytest.mark.needs("predict.classes", "fit.trained")
@pytest.mark.title(
    ko="predict: 답이 다른 예제에 달려 있지 않음", en="predict: an answer does not depend on other examples"
)
@pytest.mark.hint(
    ko="예측할 때 받은 X로 스케일러나 배치 통계를 새로 구하지 않나요? 훈련 때의 것을 모델과 함께 간직하세요.",
    en="Are scaler or batch statistics taken from the X at hand? Keep those of training together with the model.",
)
def test_alone(student, oracle, model):
    """Thirty digits, all together and one by one; one may differ, for a tie that rounding decides."""
    X = oracle.held_out_x().array[:30]
    together = checks.shape(student.predict(model, Tensor(X)), (30,), name=NAME)
    alone = [
        checks.shape(one, (1,), name=NAME)[0] for one in student.each("predict", [(model, Tensor(x[None])) for x in X])
    ]
    with oracle.recognised(lambda: leaks(student, model, X, together, alone)):
        checks.that(
            int(np.sum(together != np.array(alone))) <= 1,
            ko="predict: 같은 숫자라도 함께 들어온 다른 예제에 따라 답이 달라집니다.",
            en="predict: the answer for one digit changes with the other examples that come along.",
        )
