"""Gradients: right ones pass, wrong ones do not, and common mistakes are called by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.failed import Failed
from grader.suite import checks
from grader.text import Text

steady = settings(deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
Params = dict[str, np.ndarray]
HIDDEN = Text("은닉층의 미분을 빠뜨렸습니다.", "The derivative of the hidden layer is left out.")


class Net:
    """A net of two layers on random data: parameters, loss and gradient, as an assignment has them."""

    def __init__(self, d: int = 2, h: int = 5, n: int = 12, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self.n = n
        self.X = rng.normal(size=(n, d))
        self.y = (rng.random((n, 1)) > 0.5) * 1.0
        self.params: Params = {
            "W1": rng.normal(size=(d, h)),
            "b1": rng.normal(size=h),
            "W2": rng.normal(size=(h, 1)),
            "b2": rng.normal(size=1),
        }

    def loss(self, p: Params) -> float:
        z = np.tanh(self.X @ p["W1"] + p["b1"]) @ p["W2"] + p["b2"]
        return float(np.mean(np.logaddexp(0, z) - self.y * z))

    def each(self, points: list[Params]) -> list[float]:
        return [self.loss(point) for point in points]

    def backward(self, derivative: Callable[[np.ndarray], Any] = lambda H: 1 - H**2) -> Params:
        p = self.params
        H = np.tanh(self.X @ p["W1"] + p["b1"])
        dz = (1 / (1 + np.exp(-(H @ p["W2"] + p["b2"]))) - self.y) / self.n
        dh = dz @ p["W2"].T * derivative(H)
        return {"W1": self.X.T @ dh, "b1": dh.sum(0), "W2": H.T @ dz, "b2": dz.sum(0)}

    def forward_difference(self, eps: float) -> Params:
        grads = {key: np.zeros_like(value) for key, value in self.params.items()}
        for key, value in self.params.items():
            for index in np.ndindex(value.shape):
                moved = {**self.params, key: value.copy()}
                moved[key][index] += eps
                grads[key][index] = (self.loss(moved) - self.loss(self.params)) / eps
        return grads

    def check(self, claimed: Any, **kwargs: Any) -> Params:
        hidden = checks.Mistake(HIDDEN.ko, HIDDEN.en, self.backward(lambda H: 1.0))
        options = {"loss": self.each, "mistakes": [hidden], "name": "backward(params, X, y)", **kwargs}
        loss = options.pop("loss")
        return checks.gradient(claimed, self.params, loss, self.loss, n=self.n, **options)

    def failure(self, claimed: Any, **kwargs: Any) -> Failed:
        with pytest.raises(Failed) as caught:
            self.check(claimed, **kwargs)
        assert any("가" <= letter <= "힣" for letter in caught.value.message.ko)
        return caught.value


SMALL, LARGE = Net(), Net(d=10, h=30)
SQUARE, LARGE_SQUARE = Net(d=4, h=4), Net(d=20, h=20)
NETS = pytest.mark.parametrize("net", [SMALL, LARGE], ids=["small", "large"])


def scaled(grads: Params, factor: float) -> Params:
    return {key: value * factor for key, value in grads.items()}


@steady
@given(st.integers(1, 4), st.integers(1, 30), st.integers(1, 20), st.integers(0, 10**6))
def test_an_exact_gradient_is_accepted(d, h, n, seed):
    net = Net(d, h, n, seed)
    found = net.check(net.backward())
    for key, value in net.backward().items():
        np.testing.assert_allclose(found[key], value, rtol=1e-6, atol=1e-8)


@steady
@given(st.integers(1, 4), st.integers(1, 40), st.integers(0, 10**6), st.data())
def test_one_wrong_number_is_found(d, h, seed, data):
    net = Net(d, h, 12, seed)
    grads = net.backward()
    key = data.draw(st.sampled_from(sorted(grads)))
    index = tuple(data.draw(st.integers(0, length - 1)) for length in grads[key].shape)
    grads[key][index] += 0.01 + 0.1 * np.linalg.norm(grads[key])
    fault = net.failure(grads, mistakes=())
    assert f"`{key}`" in fault.message.en
    assert fault.detail.en.startswith(f"{key}: ")
    assert str(list(index)) in fault.detail.en or grads[key].size == 1


@steady
@given(st.integers(1, 90), st.floats(0.1, 100), st.integers(0, 10**6))
def test_quadratics_of_any_size_are_measured_exactly(size, scale, seed):
    rng = np.random.default_rng(seed)
    A, at = rng.normal(size=(size, size)), {"w": rng.normal(size=size) * scale}

    def loss(point: Params) -> float:
        return float(np.sum((A @ point["w"]) ** 2))

    claimed = 2 * A.T @ (A @ at["w"])
    options: dict[str, Any] = {"name": "grad(w)", "n": 3}
    checks.gradient({"w": claimed}, at, lambda ps: [loss(p) for p in ps], loss, **options)
    with pytest.raises(Failed):
        checks.gradient({"w": claimed * (1 + 1e-4)}, at, lambda ps: [loss(p) for p in ps], loss, **options)


@steady
@given(st.integers(1, 80), st.sampled_from([1e-2, 1.0, 100.0]), st.integers(0, 10**6))
def test_logistic_losses_of_unscaled_features_are_measured(d, scale, seed):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(30, d)) * scale, (rng.random(30) > 0.5) * 1.0
    w, b = rng.normal(size=d) / scale, 0.3

    def loss(point: tuple[np.ndarray, float]) -> float:
        z = X @ point[0] + point[1]
        return float(np.mean(np.logaddexp(0, z) - y * z))

    error = (1 / (1 + np.exp(-(X @ w + b))) - y) / 30
    claimed = X.T @ error, float(error.sum())
    found = checks.gradient(
        claimed,
        (w, b),
        lambda ps: [loss(p) for p in ps],
        loss,
        name="bce_grad(w, b, X, y)",
        n=30,
        parts=("w", "b"),
    )
    assert found["b"] == pytest.approx(claimed[1], rel=1e-5, abs=1e-8)


@NETS
@pytest.mark.parametrize("eps", [1e-2, 1e-3, 1e-4])
def test_a_coarse_numerical_gradient_is_rejected(net, eps):
    assert "numerical differences" in net.failure(net.forward_difference(eps)).message.en


@NETS
def test_float32_is_precise_enough_unless_it_is_used_for_differences(net):
    net.check({key: value.astype(np.float32) for key, value in net.backward().items()})
    rough = {key: value.astype(np.float16) for key, value in net.backward().items()}
    assert "float16" in net.failure(rough).message.en


@NETS
@pytest.mark.parametrize(
    ("factor", "phrase"),
    [
        (-1.0, "sign is the opposite"),
        (12.0, "division by the number of examples n is missing"),
        (1 / 12, "n once too often"),
        (2.0, "twice"),
        (0.5, "half"),
    ],
)
def test_signs_and_factors_are_named(net, factor, phrase):
    assert phrase in net.failure(scaled(net.backward(), factor)).message.en


@NETS
def test_a_factor_in_one_part_alone_is_named_with_the_part(net):
    grads = net.backward()
    message = net.failure({**grads, "b2": grads["b2"] * 12}).message
    assert message.en.startswith("Of the gradient that `backward(params, X, y)` gives, only `b2` is wrong")
    assert "examples n is missing" in message.en
    assert "`b2`만" in message.ko


@pytest.mark.parametrize("net", [SQUARE, LARGE_SQUARE])
def test_a_transposed_square_matrix_is_named(net):
    grads = net.backward()
    assert "transposed" in net.failure({**grads, "W1": grads["W1"].T}).message.en


@NETS
def test_a_known_mistake_is_told_in_its_own_words(net):
    message = net.failure(net.backward(lambda H: 1.0)).message
    assert message.ko.endswith(HIDDEN.ko)
    assert message.en.endswith(HIDDEN.en)
    assert "only `W1`, `b1` are wrong" in message.en


def test_a_mistake_of_another_shape_is_our_fault():
    for gradient in ({"W1": 0.0}, {**SMALL.params, "b2": np.zeros(2)}):
        mistake = checks.Mistake("가", "a", gradient)
        with pytest.raises(ValueError, match="other parts or shapes"):
            SMALL.check(SMALL.backward(lambda H: H), mistakes=[mistake])


@NETS
def test_a_part_of_zeros_is_named(net):
    grads = net.backward()
    assert "The gradient of `W1` is zero" in net.failure({**grads, "W1": grads["W1"] * 0}).message.en


@NETS
def test_nothing_known_names_the_worst_part(net):
    grads = net.backward()
    wrong = {key: value * (3 + np.arange(value.size).reshape(value.shape) % 3) for key, value in grads.items()}
    wrong["W2"] = grads["W2"] + 50
    fault = net.failure(wrong)
    assert "Begin with the formula for `W2`." in fault.message.en
    assert fault.detail.en.startswith("W2: ")


@NETS
def test_a_wrong_loss_does_not_cost_the_gradient(net):
    for loss in (
        lambda points: [12 * value for value in net.each(points)],
        lambda points: [value + 1e-6 for value in net.each(points)],
        lambda points: [None for _ in points],
        lambda points: [float("nan") for _ in points],
        lambda points: net.each(points)[1:],
        lambda points: None,
        lambda points: [np.float32(value) for value in net.each(points)],
    ):
        net.check(net.backward(), loss=loss)
        assert "sign" in net.failure(scaled(net.backward(), -1), loss=loss).message.en


def test_a_loss_that_fails_does_not_cost_the_gradient():
    def loss(points: list[Params]) -> list[float]:
        raise Failed(Text("시간 초과", "time-out"))

    SMALL.check(SMALL.backward(), loss=loss)


@NETS
def test_noise_below_the_line_of_belief_costs_nothing(net):
    rng = np.random.default_rng(1)
    net.check(
        net.backward(),
        loss=lambda points: [value * (1 + 9e-10 * rng.uniform(-1, 1)) for value in net.each(points)],
    )


@NETS
def test_a_gradient_of_a_wrong_loss_is_called_that(net):
    message = net.failure(
        scaled(net.backward(), 12), loss=lambda points: [12 * value for value in net.each(points)]
    ).message
    assert message.en.endswith("mend the loss first.")
    assert "mend" not in net.failure(scaled(net.backward(), 12)).message.en


@NETS
def test_the_loss_is_called_once_with_points_like_the_parameters(net):
    calls = []

    def loss(points: list[Params]) -> list[float]:
        calls.append(len(points))
        for key, value in net.params.items():
            assert points[0][key].shape == value.shape
            points[0][key] += 1  # a point may be changed without harm
        return net.each(points)

    net.check(net.backward(), loss=loss)
    assert len(calls) == 1
    assert calls[0] <= 4 * 64 + 3


@pytest.mark.parametrize(
    ("claimed", "phrase"),
    [
        (None, "it is None"),
        ({}, "Missing: `W1`, `b1`, `W2`, `b2`"),
        (
            {**SMALL.backward(), "W1": SMALL.backward()["W1"].T},
            '["W1"]` has the wrong shape. It is transposed',
        ),
        ({**SMALL.backward(), "b2": 0.5}, "a single number"),
        ({**SMALL.backward(), "b1": np.full(5, np.nan)}, "NaN"),
        ({**SMALL.backward(), "b1": "zero"}, "a string"),
    ],
)
def test_the_structure_comes_first(claimed, phrase):
    assert phrase in SMALL.failure(claimed).message.en


def test_a_tuple_without_names_is_told_by_index():
    def loss(point: tuple[float, float]) -> float:
        assert all(type(part) is float for part in point)
        return point[0] ** 2 + 3 * point[1]

    def call(points: list[tuple[float, float]]) -> list[float]:
        return [loss(p) for p in points]

    found = checks.gradient((4.0, 3), (2.0, 1.0), call, loss, name="g()", n=1)
    assert {key: float(value) for key, value in found.items()} == pytest.approx({"0": 4.0, "1": 3.0})
    with pytest.raises(Failed) as caught:
        checks.gradient((4.0, 3.5), (2.0, 1.0), call, loss, name="g()", n=1)
    assert "only `[1]` is wrong" in caught.value.message.en
    assert caught.value.detail.en == "[1]: expected 3, got 3.5 (difference 0.5)"


def test_kinks_nearby_do_no_harm():
    at = {"w": np.array([3e-5, -0.5, 0.25])}

    def loss(point: Params) -> float:
        return float(np.abs(point["w"]).sum())

    checks.gradient({"w": [1, -1, 1]}, at, lambda ps: [loss(p) for p in ps], loss, name="g()", n=1)


def test_many_parameters_take_little_memory_and_time():
    net = Net(d=200, h=200)
    net.check(net.backward())
    grads = net.backward()
    grads["W1"][199, 7] += 1.0
    assert "far off at [199, 7]" in net.failure(grads).detail.en


def test_messages_hold_no_number_of_the_true_gradient():
    wrong = {key: value + 0.77 for key, value in SMALL.backward().items()}
    for claimed in (scaled(SMALL.backward(), -1), scaled(SMALL.backward(), 12), wrong):
        fault = SMALL.failure(claimed)
        said = (fault.message.ko + fault.message.en).replace("W1", "").replace("W2", "")
        assert "0." not in said
        assert "expected" in fault.detail.en


def test_a_reference_that_is_not_finite_is_our_fault():
    with pytest.raises(ValueError, match="reference loss"):
        checks.gradient({"w": 1.0}, {"w": 1.0}, lambda ps: [], lambda p: float("nan"), name="g()", n=1)
