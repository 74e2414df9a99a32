"""What data-only calls cannot see: questions that are answered by looking, and come back as plain data.

They run in the student's process, so a student who wants to can make them lie: they inform, and wherever a value
can prove the point, the value decides. Each takes a finder of the notebook's names first and is asked for by name:
`student.probe.layers(model)`.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np

Find = Callable[[str], Any]  # a name of the notebook's to its value


def seed(find: Find, number: int) -> None:
    """Sets the seeds of random, numpy and torch."""
    del find
    seed_everything(number)


def seed_everything(number: int) -> None:
    """Every generator that a notebook may draw from."""
    random.seed(number)
    np.random.seed(number)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(number)


def uses_autograd(find: Find, name: str, *args: Any) -> bool:
    """Whether torch's autograd engine ran during `name(*args)`."""
    function = find(name)
    if "torch" not in sys.modules:
        function(*args)
        return False
    with _count_autograd() as runs:
        function(*args)
    return bool(runs)


@contextmanager
def _count_autograd() -> Iterator[list[int]]:
    """Every way into reverse-mode differentiation goes through these two functions."""
    autograd = sys.modules["torch"].autograd
    runs: list[int] = []
    kept = {name: getattr(autograd, name) for name in ("backward", "grad")}

    def counting(function: Any) -> Any:
        def counted(*args: Any, **kwargs: Any) -> Any:
            runs.append(1)
            return function(*args, **kwargs)

        return counted

    for name, function in kept.items():
        setattr(autograd, name, counting(function))
    try:
        yield runs
    finally:
        for name, function in kept.items():
            setattr(autograd, name, function)


def is_module(find: Find, value: Any) -> bool:
    """Whether `value` is a torch.nn.Module."""
    del find
    return isinstance(value, _torch().nn.Module)


def layers(find: Find, model: Any) -> list[str]:
    """Class names of the module's leaves, in order."""
    del find
    return [type(part).__name__ for part in model.modules() if not list(part.children())]


def parameters(find: Find, model: Any) -> dict[str, Any]:
    """The module's parameters by name, as arrays."""
    del find
    return {name: value.detach().cpu().numpy().copy() for name, value in model.named_parameters()}


def logits(find: Find, model: Any, X: Any) -> Any:
    """The module on X (array or tensor), in eval mode and without gradient, as an array."""
    del find
    torch = _torch()
    was_training = model.training
    model.eval()
    with torch.no_grad():
        first = next(model.parameters(), torch.zeros(()))
        answer = model(torch.as_tensor(X).to(first))
    model.train(was_training)
    return answer.detach().cpu().numpy()


def _torch() -> Any:
    import torch

    return torch


def generator(find: Find, number: int) -> Any:
    """A torch.Generator with this seed; it stays in the box."""
    del find
    return _torch().Generator().manual_seed(number)


def is_training(find: Find, model: Any) -> bool:
    """Whether the module is in train mode."""
    del find
    return bool(model.training)


def gradient(find: Find, name: str, args: list[Any], weight: Any = None) -> dict[str, Any]:
    """Calls `name(*args)` and differentiates what it returns, summed with `weight` (same shape; ones if None), with
    respect to every tensor in `args` (also in lists) that asks for a gradient.

    Gives {"value": array, "grads": [array or None, ...]}, None for a tensor that the value does not depend on.
    """
    torch = _torch()
    value = find(name)(*args)
    leaves = [leaf for leaf in _tensors(args) if leaf.requires_grad]
    weight = torch.ones_like(value) if weight is None else torch.as_tensor(weight).to(value)
    grads = torch.autograd.grad((value * weight).sum(), leaves, allow_unused=True)
    return {
        "value": value.detach().cpu().numpy(),
        "grads": [None if grad is None else grad.detach().cpu().numpy() for grad in grads],
    }


def _tensors(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _tensors(item)
    elif isinstance(value, _torch().Tensor):
        yield value
