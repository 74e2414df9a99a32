"""What data-only calls cannot see: questions that are answered by looking, and come back as plain data.

They run in the student's process, so a student who wants to can make them lie: they inform, and wherever a value
can prove the point, the value decides. Each takes a finder of the notebook's names first and is asked for by name:
`student.probe.layers(model)`.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
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


def uncounted() -> AbstractContextManager[object]:
    """What we read ourselves is no transfer of the student's."""
    device = sys.modules.get("grader.inside.device")
    return nullcontext() if device is None else device.uncounted()


def transfers(find: Find) -> dict[str, int]:
    """How often tensors moved since the last reset: "to_device", "to_host", "items" and "same_batch_twice". All 0
    where no GPU is simulated."""
    del find
    return dict(_device().transfers())


def reset_transfers(find: Find) -> None:
    """Counts transfers from zero."""
    del find
    _device().reset_transfers()


def _device() -> Any:
    from grader.inside import device

    return device


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


# Objects that stay as they are: what a student's function gives is handed on without becoming data in between --------


class Kept:
    """Any value of the student's, under one roof: a namedtuple or a pandas object stays what it is."""

    def __init__(self, value: Any) -> None:
        self.value = value


def keep(find: Find, name: str, *args: Any) -> Kept:
    """What `name(*args)` gives, kept inside; kept arguments are handed over as they are."""
    return Kept(find(name)(*_opened(args)))


def use(find: Find, name: str, *args: Any) -> Any:
    """What `name(*args)` gives, as data; kept arguments are handed over as they are."""
    return find(name)(*_opened(args))


def after(find: Find, name: str, *args: Any) -> list[Any]:
    """The arguments as they are after `name(*args)`, None for kept ones."""
    opened = _opened(args)
    find(name)(*opened)
    return [None if isinstance(arg, Kept) else value for arg, value in zip(args, opened, strict=True)]


def part(find: Find, kept: Kept, index: int) -> Any:
    """An item of a kept tuple or list, kept inside too; None where there is no such item."""
    del find
    if not issubclass(type(kept.value), (tuple, list)) or not 0 <= index < len(kept.value):
        return None
    return Kept(kept.value[index])


def reveal(find: Find, kept: Kept) -> Any:
    """What was kept, as data or as a handle."""
    del find
    return kept.value


def length(find: Find, kept: Kept) -> int:
    """How many rows a kept table has: an array, a tensor, a list."""
    del find
    return len(kept.value)


def rows(find: Find, kept: Kept, start: int, stop: int) -> Any:
    """Some rows of a kept table, as data: the whole of a large one would not go through the door."""
    del find
    return kept.value[start:stop]


def _opened(args: tuple[Any, ...]) -> list[Any]:
    return [arg.value if isinstance(arg, Kept) else arg for arg in args]


def write_files(find: Find, folder: str, files: dict[str, str]) -> None:
    """Writes these text files into a folder of the working folder, made if absent. Raises ValueError for a name that
    leads out of it."""
    del find
    for path in (folder, *files):
        if os.path.isabs(path) or not {"", "..", "."}.isdisjoint(path.split(os.sep)):
            raise ValueError(f"not a name in the working folder: {path!r}")
    os.makedirs(folder, exist_ok=True)
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)


# Mini-batches and devices ---------------------------------------------------------------------------------------------


def is_loader(find: Find, value: Any) -> bool:
    """Whether `value` is a torch DataLoader, whatever it says of its own class."""
    del find
    return issubclass(type(value), _torch().utils.data.DataLoader)


def tensor_loader(find: Find, X: Any, y: Any, batch_size: int) -> Any:
    """A DataLoader of ours over float32 X (n, d) and y (n, 1): in order, the last batch may be short."""
    del find
    torch = _torch()
    pair = (torch.tensor(np.asarray(X), dtype=torch.float32), torch.tensor(np.asarray(y), dtype=torch.float32))
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*pair), batch_size=batch_size)


def batches(find: Find, loader: Any) -> list[list[Any]]:
    """One pass through a loader: each batch as a list of its parts."""
    del find
    return [list(batch) if isinstance(batch, (tuple, list)) else [batch] for batch in loader]


def observing_model(
    find: Find, weight: Any, bias: float, dropout: float = 0.0, mean: Any = None, var: Any = None
) -> Any:
    """A linear model of ours, X (n, d) -> logits (n, 1), that notes how it is used; see `observations`.

    In front of it dropout, if any; before that a batch norm with these running statistics, if any. In train mode.
    """
    del find
    nn, torch = _torch().nn, _torch()
    d = len(weight)

    class Observing(nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.norm = nn.BatchNorm1d(d, affine=False) if mean is not None else nn.Identity()
            self.drop = nn.Dropout(dropout)
            self.linear = nn.Linear(d, 1)
            self.seen: list[dict[str, Any]] = []
            self.cleared: list[bool] = []

        def forward(self, x: Any) -> Any:
            logits = self.linear(self.drop(self.norm(x)))
            note = {"training": self.training, "gradient": bool(logits.requires_grad), "shape": list(x.shape)}
            note |= {"dtype": str(x.dtype), "device": str(x.device), "model": str(self.linear.weight.device)}
            self.seen.append(note)
            return logits

    model = Observing()
    with torch.no_grad():
        model.linear.weight.copy_(torch.tensor(np.asarray(weight)).float()[None])
        model.linear.bias.fill_(bias)
        if mean is not None:
            model.norm.running_mean.copy_(torch.tensor(np.asarray(mean)).float())
            model.norm.running_var.copy_(torch.tensor(np.asarray(var)).float())
    model.linear.weight.register_hook(lambda _: model.cleared.append(_is_clear(model.linear.weight)))
    return model


def _is_clear(parameter: Any) -> bool:
    """Whether the gradient that is about to arrive at a parameter finds nothing there."""
    with uncounted():
        return parameter.grad is None or not bool((parameter.grad != 0).any())


def observations(find: Find, model: Any) -> dict[str, Any]:
    """How an observing model was used: a note for each forward pass ("seen": "training", "gradient", "shape",
    "dtype" and "device" of x, "model", where its weights were), for each backward pass whether it found the gradient
    cleared ("cleared"), how often its batch norm took statistics ("normed"), and where it is now ("model")."""
    del find
    counted = getattr(model.norm, "num_batches_tracked", None)
    return {
        "seen": list(model.seen),
        "cleared": list(model.cleared),
        "normed": 0 if counted is None else int(counted.detach().cpu()),
        "model": str(model.linear.weight.device),
    }
