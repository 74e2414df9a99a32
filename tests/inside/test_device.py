"""The simulated device against plain CPU results, against PyTorch's rules, and against a GPU where there is one."""

from __future__ import annotations

import contextlib
import copy
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.inside.device import device_of, reset_transfers, simulate, transfers, uncounted

REAL = torch.cuda.is_available()  # asked before anything is simulated
Make = Callable[[str], Any]


def t(device: str, *shape: int, seed: int = 0) -> torch.Tensor:
    made = torch.randn(shape or (3, 4), generator=torch.Generator().manual_seed(seed))
    return made.to(device)


def ints(device: str, *shape: int, high: int = 4) -> torch.Tensor:
    made = torch.randint(0, high, shape or (3,), generator=torch.Generator().manual_seed(1))
    return made.to(device)


def leaf(device: str, *shape: int, seed: int = 0) -> torch.Tensor:
    return t(device, *shape, seed=seed).requires_grad_()


def gradients(loss: torch.Tensor, *leaves: torch.Tensor) -> list[Any]:
    loss.backward()
    return [loss, *[x.grad for x in leaves]]


def in_place(device: str, change: Callable[[torch.Tensor], Any]) -> torch.Tensor:
    x = t(device)
    change(x)
    return x


def seeded(function: Callable[[], Any]) -> Any:
    torch.manual_seed(3)
    return function()


def module(device: str, make: Callable[[], nn.Module], *shape: int) -> list[Any]:
    """Output and gradients of a module and of its input, with the same start everywhere."""
    part = seeded(make).to(device)
    x = leaf(device, *shape)
    answer = part(x)
    return [*gradients((answer * answer).sum(), x, *part.parameters()), answer, *part.buffers()]


class Square(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        ctx.save_for_backward(x)
        return x * x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> torch.Tensor:
        (x,) = ctx.saved_tensors
        assert gradient.device == x.device
        return gradient * 2 * x + torch.zeros(x.shape, device=x.device)


def hooked(device: str) -> list[Any]:
    seen: list[torch.Tensor] = []
    x = leaf(device)
    hidden = x * 2
    hidden.register_hook(lambda gradient: seen.append(gradient + torch.ones(4, device=gradient.device)))
    hidden.retain_grad()
    return [*gradients(hidden.square().sum(), x, hidden), *seen]


def round_trip(device: str) -> torch.Tensor:
    file = io.BytesIO()
    torch.save({"x": t(device)}, file)
    file.seek(0)
    return torch.load(file)["x"]


def accumulated(device: str) -> torch.Tensor:
    total = torch.zeros((), device=device)
    for row in t(device):
        total += row.sum()
    return total


# Results on the device, each equal to the CPU's to the last bit.
ON_DEVICE: dict[str, Make] = {
    "add": lambda d: t(d) + t(d, seed=1),
    "python scalars": lambda d: 2 * t(d) - 1 / (t(d).abs() + 1) ** 2,
    "compare": lambda d: (t(d) > 0) & (t(d, seed=1) <= 0),
    "matmul": lambda d: t(d) @ t(d, 4, 5),
    "batched matmul": lambda d: t(d, 2, 3, 4) @ t(d, 2, 4, 5),
    "matrix times vector": lambda d: t(d) @ t(d, 4),
    "dot": lambda d: torch.dot(t(d, 4), t(d, 4, seed=1)),
    "einsum": lambda d: torch.einsum("ij,kj->ik", t(d), t(d, 5, 4)),
    "tensordot": lambda d: torch.tensordot(t(d), t(d, 4, 5), dims=1),
    "outer": lambda d: torch.outer(t(d, 3), t(d, 4)),
    "norm": lambda d: [t(d).norm(), torch.linalg.norm(t(d), dim=1)],
    "reductions": lambda d: [t(d).sum(), t(d).mean(0), t(d).std(1), t(d).var(), t(d).prod(), t(d).amax(1)],
    "cumulative": lambda d: [t(d).cumsum(0), t(d).cumprod(1), t(d).logsumexp(1)],
    "max with dim": lambda d: list(t(d).max(dim=1)),
    "argmax": lambda d: t(d).argmax(1),
    "sort": lambda d: list(t(d).sort(dim=1)),
    "topk": lambda d: list(t(d).topk(2)),
    "median": lambda d: list(t(d).median(dim=0)),
    "quantile": lambda d: t(d).quantile(0.3),
    "unique": lambda d: ints(d, 9).unique(),
    "bincount": lambda d: ints(d, 9).bincount(),
    "one hot": lambda d: F.one_hot(ints(d), 4),
    "cat": lambda d: torch.cat([t(d), t(d, seed=1)]),
    "stack": lambda d: torch.stack([t(d), t(d, seed=1)], dim=1),
    "split": lambda d: list(t(d, 6, 2).split(2)) + list(t(d, 6).chunk(3)),
    "where": lambda d: torch.where(t(d) > 0, t(d), 0.0),
    "where on its own": lambda d: list(torch.where(t(d) > 0)),
    "clamp": lambda d: t(d).clamp(-0.5, 0.5),
    "maximum": lambda d: torch.maximum(t(d), t(d, seed=1)),
    "masked fill": lambda d: t(d).masked_fill(t(d) > 0, 0.0),
    "boolean mask": lambda d: t(d)[t(d) > 0],
    "nonzero": lambda d: (t(d) > 0).nonzero(),
    "row": lambda d: t(d)[1],
    "slices": lambda d: t(d)[1:, ::2],
    "ellipsis and none": lambda d: t(d)[..., None, 0],
    "index": lambda d: t(d)[ints(d, high=3)],
    "index by a list": lambda d: t(d)[[0, 2]],
    "index by an array": lambda d: t(d)[np.array([0, 2])],
    "index by a CPU tensor": lambda d: t(d)[torch.tensor([0, 2])],
    "mask on the CPU": lambda d: t(d)[torch.tensor([True, False, True])],
    "gather": lambda d: t(d).gather(1, ints(d, 3, 2)),
    "scatter": lambda d: torch.zeros(3, 4, device=d).scatter_(1, ints(d, 3, 2), 1.0),
    "index select": lambda d: t(d).index_select(0, ints(d, high=3)),
    "index add": lambda d: t(d).index_add(0, ints(d, 2, high=3), t(d, 2, 4)),
    "assign a row": lambda d: in_place(d, lambda x: x.__setitem__(0, 5.0)),
    "assign a CPU tensor": lambda d: in_place(d, lambda x: x.__setitem__(0, torch.ones(4))),
    "assign by a mask": lambda d: in_place(d, lambda x: x.__setitem__(x > 0, 0.0)),
    "assign by a CPU index": lambda d: in_place(d, lambda x: x.__setitem__(torch.tensor([0, 2]), 1.0)),
    "in place": lambda d: in_place(d, lambda x: x.add_(1).mul_(t(d, seed=1)).clamp_(min=0)),
    "augmented": lambda d: accumulated(d),
    "in place on a view": lambda d: in_place(d, lambda x: x[:, 0].zero_()),
    "fill": lambda d: in_place(d, lambda x: x.fill_(torch.tensor(2.0))),
    "copy": lambda d: in_place(d, lambda x: x.copy_(torch.ones(3, 4))),
    "out": lambda d: torch.add(t(d), 1, out=torch.empty(3, 4, device=d)),
    "views": lambda d: [
        t(d).T,
        t(d).view(-1),
        t(d).reshape(2, 6),
        t(d).flatten(),
        t(d).unsqueeze(0),
        t(d).permute(1, 0),
    ],
    "expand": lambda d: [t(d, 1, 4).expand(3, 4), t(d).repeat(2, 1), t(d).repeat_interleave(2, dim=0), t(d).roll(1)],
    "pad and flip": lambda d: [F.pad(t(d), (1, 1)), t(d).flip(0), t(d).triu(), torch.diag(t(d, 3))],
    "meshgrid": lambda d: list(torch.meshgrid(t(d, 2), t(d, 3), indexing="ij")),
    "iteration": lambda d: list(t(d)),
    "unbind": lambda d: list(t(d).unbind(1)),
    "clone and detach": lambda d: [t(d).clone(), leaf(d).detach(), leaf(d).data, t(d).contiguous()],
    "dtypes": lambda d: [t(d).to(torch.float64), t(d).long(), t(d).bool(), t(d).half(), t(d).type(torch.int32)],
    "to another": lambda d: t("cpu").to(t(d)),
    "to another, its dtype": lambda d: t("cpu").to(torch.zeros(1, dtype=torch.float64, device=d)),
    "to device and dtype": lambda d: [t("cpu").to(d, torch.float64), t("cpu").to(device=d, dtype=torch.long)],
    "to, not blocking": lambda d: [
        t("cpu").to(d, non_blocking=True),
        t(d).to(d, copy=True),
        t("cpu").to(torch.device(d)),
    ],
    "pinned": lambda d: t("cpu").clone().to(d, non_blocking=True),
    "factories": lambda d: [torch.zeros(2, device=d), torch.ones(2, device=d), torch.full((2,), 3.0, device=d)],
    "ranges": lambda d: [torch.arange(4, device=d), torch.linspace(0, 1, 3, device=d), torch.eye(2, device=d)],
    "likes": lambda d: [torch.zeros_like(t(d)), torch.ones_like(t("cpu"), device=d), torch.full_like(t(d), 2.0)],
    "new": lambda d: [t(d).new_zeros(2), t(d).new_full((2,), 1.0), t(d).new_tensor([1.0, 2.0]), t(d).new_ones(2)],
    "tensor": lambda d: [torch.tensor([1.0, 2.0], device=d), torch.tensor(3, device=torch.device(d))],
    "as tensor": lambda d: [
        torch.as_tensor(np.ones(2), device=d),
        torch.as_tensor([1, 2], device=d),
        torch.asarray(t(d)),
    ],
    "as tensor of a tensor": lambda d: [torch.as_tensor(t(d)), torch.as_tensor(t("cpu"), device=d)],
    "no shared memory": lambda d: torch.from_numpy(np.ones(3)).to(d),
    "CPU number, device tensor": lambda d: t(d) * torch.tensor(2.0),
    "device tensor, CPU number": lambda d: torch.tensor(2.0) - t(d),
    "two numbers": lambda d: torch.tensor(1.0) + t(d).sum(),
    "where with a CPU number": lambda d: torch.where(t(d) > 0, t(d), torch.tensor(0.0)),
    "linear": lambda d: F.linear(t(d), t(d, 5, 4), t(d, 5)),
    "linear in three dimensions": lambda d: F.linear(t(d, 2, 3, 4), t(d, 5, 4), t(d, 5)),
    "activations": lambda d: [
        f(t(d)) for f in (F.relu, torch.sigmoid, torch.tanh, F.gelu, F.softplus, F.leaky_relu, F.elu)
    ],
    "softmax": lambda d: [F.softmax(t(d), dim=1), F.log_softmax(t(d), dim=1), t(d).softmax(0)],
    "normalize": lambda d: [
        F.normalize(t(d)),
        F.cosine_similarity(t(d), t(d, seed=1)),
        torch.cdist(t(d), t(d, seed=1)),
    ],
    "losses": lambda d: [
        F.mse_loss(t(d), t(d, seed=1)),
        F.l1_loss(t(d), t(d, seed=1)),
        F.smooth_l1_loss(t(d), t(d, seed=1)),
        F.cross_entropy(t(d), ints(d)),
        F.nll_loss(F.log_softmax(t(d), 1), ints(d)),
        F.binary_cross_entropy_with_logits(t(d), (t(d, seed=1) > 0).float()),
        F.binary_cross_entropy(t(d).sigmoid(), (t(d, seed=1) > 0).float()),
        F.kl_div(F.log_softmax(t(d), 1), F.softmax(t(d, seed=1), 1), reduction="batchmean"),
        F.hinge_embedding_loss(t(d), (t(d, seed=1) > 0).float() * 2 - 1),
    ],
    "weighted losses": lambda d: [
        F.cross_entropy(t(d), ints(d), weight=torch.ones(4, device=d), label_smoothing=0.1),
        nn.BCEWithLogitsLoss(pos_weight=torch.tensor(2.0, device=d))(t(d), (t(d, seed=1) > 0).float()),
    ],
    "embedding": lambda d: F.embedding(ints(d), t(d, 4, 2)),
    "convolution": lambda d: F.conv2d(t(d, 1, 2, 5, 5), t(d, 3, 2, 3, 3), t(d, 3), padding=1),
    "pooling": lambda d: [F.max_pool2d(t(d, 1, 1, 4, 4), 2), F.adaptive_avg_pool2d(t(d, 1, 1, 4, 4), 1)],
    "interpolate": lambda d: F.interpolate(t(d, 1, 1, 2, 2), scale_factor=2.0, mode="bilinear"),
    "attention": lambda d: F.scaled_dot_product_attention(t(d, 1, 2, 3, 4), t(d, 1, 2, 3, 4), t(d, 1, 2, 3, 4)),
    "solve": lambda d: [torch.linalg.solve(t(d, 3, 3), t(d, 3)), torch.linalg.inv(t(d, 3, 3)), t(d, 3, 3).det()],
    "saved and loaded": round_trip,
    "deep copy": lambda d: [copy.deepcopy(t(d)), copy.deepcopy(nn.Parameter(t(d)))],
    "backward": lambda d: (lambda x, w: gradients(F.relu(x @ w).sum(), x, w))(leaf(d), leaf(d, 4, 2)),
    "gradients kept and hooked": hooked,
    "autograd.grad": lambda d: (lambda x: list(torch.autograd.grad((x**3).sum(), x)))(leaf(d)),
    "second derivative": lambda d: (
        lambda x: gradients(torch.autograd.grad((x**3).sum(), x, create_graph=True)[0].sum(), x)
    )(leaf(d)),
    "own function": lambda d: (lambda x: gradients(Square.apply(x).sum(), x))(leaf(d)),
    "gradient through indices": lambda d: (lambda x: gradients((x[ints(d, high=3)] ** 2).sum() + x[0].max(), x))(
        leaf(d)
    ),
    "gradient with a shape": lambda d: (lambda x: [(x * 2).backward(torch.ones(3, 4, device=d)), x.grad][1:])(leaf(d)),
    "gradient set by hand": lambda d: (lambda x: [setattr(x, "grad", torch.ones_like(x)), x.grad][1:])(leaf(d)),
    "no grad": lambda d: (lambda x: torch.no_grad()(lambda: x * 2)())(leaf(d)),
    "inference mode": lambda d: torch.inference_mode()(lambda: t(d) * 2)(),
    "deep stack": lambda d: module(d, lambda: nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), 3, 4),
    "batch norm": lambda d: module(d, lambda: nn.BatchNorm1d(4), 8, 4),
    "batch norm of images": lambda d: module(d, lambda: nn.BatchNorm2d(2), 4, 2, 3, 3),
    "layer norm": lambda d: module(d, lambda: nn.LayerNorm(4), 3, 4),
    "convolutions": lambda d: module(
        d, lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2)), 2, 1, 6, 6
    ),
    "embedding bag": lambda d: seeded(lambda: nn.Embedding(4, 2)).to(d)(ints(d)),
    "recurrent": lambda d: list(seeded(lambda: nn.GRU(4, 3, batch_first=True)).to(d)(t(d, 2, 5, 4))),
    "long short-term": lambda d: seeded(lambda: nn.LSTM(4, 3)).to(d)(t(d, 5, 2, 4))[0],
    "multi-head": lambda d: seeded(lambda: nn.MultiheadAttention(4, 2)).to(d)(
        t(d, 3, 1, 4), t(d, 3, 1, 4), t(d, 3, 1, 4)
    )[0],
}
RANDOM: dict[str, Make] = {  # equal to the CPU's in the simulation alone: a GPU has another generator
    "dropout": lambda d: F.dropout(t(d), 0.5),
    "random": lambda d: [torch.rand(3, device=d), torch.randn(2, device=d), torch.randint(0, 9, (3,), device=d)],
    "random like": lambda d: [
        torch.rand_like(t(d)),
        torch.randn_like(t("cpu"), device=d),
        torch.bernoulli(t(d).sigmoid()),
    ],
    "permutation": lambda d: torch.randperm(5, device=d),
    "multinomial": lambda d: torch.multinomial(t(d, 4).abs(), 2),
    "in place": lambda d: in_place(d, lambda x: x.normal_()),
    "initialized": lambda d: nn.init.xavier_uniform_(torch.empty(3, 4, device=d)),
    "built there": lambda d: list(nn.Linear(3, 2, device=d).parameters()),
    "own generator": lambda d: torch.rand(3, device=d, generator=torch.Generator(device=d).manual_seed(1)),
}
ON_CPU: dict[str, Make] = {
    "cpu": lambda d: t(d).cpu(),
    "to cpu": lambda d: [t(d).to("cpu"), t(d).to(torch.device("cpu"), torch.float64), t(d).to(t("cpu"))],
    "index of a CPU tensor by a number": lambda d: t("cpu")[torch.tensor(1, device=d)],
    "copy into": lambda d: torch.zeros(3, 4).copy_(t(d)),
    "like, elsewhere": lambda d: torch.zeros_like(t(d), device="cpu"),
    "tensor of numbers": lambda d: torch.tensor([x.item() for x in t(d, 3)]),
    "size": lambda d: torch.tensor(t(d).shape),
    "moved on the way": lambda d: (lambda x: gradients((x.to(d) * 2).sum().cpu(), x))(leaf("cpu")),
    "numbers": lambda d: [
        t(d).sum().item(),
        t(d).tolist(),
        float(t(d).max()),
        int(ints(d).sum()),
        bool(t(d)[0, 0] > 0),
    ],
    "questions": lambda d: [t(d).shape, len(t(d)), t(d).dim(), 2 in ints(d), torch.equal(t(d), t(d)), t(d).dtype],
    "formatted": lambda d: f"{t(d).mean():.4f}",
    "forced": lambda d: t(d).numpy(force=True).tolist(),
    "arrays": lambda d: np.asarray(t(d).cpu()).tolist(),
}


def flat(value: Any) -> list[Any]:
    return [item for part in value for item in flat(part)] if isinstance(value, (list, tuple)) else [value]


def tensors(value: Any) -> list[torch.Tensor]:
    return [item for item in flat(value) if isinstance(item, torch.Tensor)]


def same_bits(first: Any, second: Any) -> bool:
    if isinstance(first, torch.Tensor):
        first, second = first.detach().cpu(), second.detach().cpu()
        return first.dtype == second.dtype and first.shape == second.shape and torch.equal(first, second)
    return bool(first == second)


@pytest.fixture
def device() -> Iterator[str]:
    with simulate():
        yield "cuda"


def check_same(make: Make, place: str) -> None:
    """`make` on the plain CPU and on the simulated device."""
    expected = flat(seeded(lambda: make("cpu")))
    with simulate():
        got = flat(seeded(lambda: make("cuda")))
        assert [str(x.device) for x in tensors(got)] == [place] * len(tensors(got))
        assert len(got) == len(expected)
        assert all(same_bits(a, b) for a, b in zip(expected, got, strict=True))


@pytest.mark.parametrize("name", ON_DEVICE)
def test_an_operation_gives_the_cpus_bits_on_the_device(name: str) -> None:
    check_same(ON_DEVICE[name], "cuda:0")


@pytest.mark.parametrize("name", RANDOM)
def test_random_numbers_are_the_cpus_on_the_device(name: str) -> None:
    check_same(RANDOM[name], "cuda:0")


@pytest.mark.parametrize("name", ON_CPU)
def test_what_comes_back_is_on_the_cpu(name: str) -> None:
    check_same(ON_CPU[name], "cpu")


@pytest.mark.parametrize("name", [*ON_DEVICE, *ON_CPU] if REAL else [])  # side by side, where there is a GPU
def test_a_real_gpu_puts_results_where_the_simulation_does(name: str) -> None:
    make = (ON_DEVICE | ON_CPU)[name]
    real = flat(seeded(lambda: make("cuda")))
    with simulate():
        simulated = flat(seeded(lambda: make("cuda")))
        places = [str(x.device) for x in tensors(simulated)]
    assert [str(x.device) for x in tensors(real)] == places
    for a, b in zip(tensors(real), tensors(simulated), strict=True):
        torch.testing.assert_close(a.cpu(), b, rtol=1e-2, atol=1e-2)


# Two devices ---------------------------------------------------------------------------------------------------------

TWO = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
ODD = "Expected all tensors to be on the same device, but "
Mix = Callable[[torch.Tensor, torch.Tensor], Any]

MIXED: dict[str, tuple[Mix, str]] = {  # of a CPU tensor and one on the device, both (3, 3)
    "add": (lambda c, g: c + g, TWO),
    "add, turned": (lambda c, g: g + c, TWO),
    "in place": (lambda c, g: g.mul_(c), TWO),
    "in place on the CPU": (lambda c, g: c.mul_(g), TWO),
    "number there": (lambda c, g: c + g.sum(), TWO),
    "number here, changed": (lambda c, g: c.sum().add_(g.sum()), TWO),
    "compare": (lambda c, g: c > g, TWO),
    "out": (lambda c, g: torch.add(g, g, out=c), TWO),
    "where": (lambda c, g: torch.where(c > 0, g, g), TWO),
    "mse": (lambda c, g: F.mse_loss(g, c), TWO),
    "bce": (lambda c, g: F.binary_cross_entropy_with_logits(g, c.sigmoid()), TWO),
    "assign by a mask": (lambda c, g: g.__setitem__(g > 0, c[0, :1].repeat(int((g > 0).sum()))), ODD),
    "index of a CPU tensor": (lambda c, g: c[g[0].long()], "indices should be either on cpu or on the same device"),
    "mask of a CPU tensor": (lambda c, g: c[g > 0], "indices should be either on cpu or on the same device"),
    "matmul": (lambda c, g: c @ g, r"mat2.*wrapper_CUDA_mm\)"),
    "matmul, turned": (lambda c, g: g @ c, r"mat2.*wrapper_CUDA_mm\)"),
    "batched": (lambda c, g: c[None] @ g[None], r"mat2.*wrapper_CUDA_bmm\)"),
    "cat": (lambda c, g: torch.cat([g, c]), r"tensors.*wrapper_CUDA_cat\)"),
    "stack": (lambda c, g: torch.stack([g, c]), r"tensors.*wrapper_CUDA_cat\)"),
    "forgotten x": (lambda c, g: F.linear(c, g, g[0]), r"mat1 is on cpu.*wrapper_CUDA_addmm\)|mat1 in method"),
    "forgotten model": (lambda c, g: F.linear(g, c, c[0]), r"mat1 is on cuda:0.*wrapper_CUDA_addmm\)|mat1 in method"),
    "embedding": (lambda c, g: F.embedding(c[0].long(), g), r"index.*wrapper_CUDA__index_select\)"),
    "cross entropy": (lambda c, g: F.cross_entropy(g, c[0].long() * 0), r"target.*wrapper_CUDA_nll_loss_forward\)"),
    "gather": (lambda c, g: g.gather(1, c.long() * 0), r"index.*wrapper_CUDA_gather\)"),
    "convolution": (
        lambda c, g: F.conv2d(c[None, None], g[None, None]),
        r"Input type \(torch.FloatTensor\) and weight type \(torch.cuda.FloatTensor\) should be the same",
    ),
    "convolution's weight": (
        lambda c, g: F.conv2d(g[None, None], c[None, None]),
        r"Input type \(torch.cuda.FloatTensor\) and weight type \(torch.FloatTensor\) should be the same",
    ),
    "gradient": (
        lambda c, g: setattr(c.clone().requires_grad_(), "grad", g),
        "attempting to assign a gradient|different device",
    ),
}


def check_mixed(name: str, place: str) -> None:
    mix, sentence = MIXED[name]
    with pytest.raises(RuntimeError, match=sentence):
        mix(t("cpu", 3, 3), t(place, 3, 3))


@pytest.mark.parametrize("name", MIXED)
def test_two_devices_raise_pytorchs_sentence(name: str, device: str) -> None:
    check_mixed(name, device)


@pytest.mark.parametrize("name", MIXED if REAL else [])  # side by side, where there is a GPU
def test_two_devices_raise_the_same_on_a_real_gpu(name: str) -> None:
    check_mixed(name, "cuda")


def test_an_array_of_a_device_tensor_is_refused_in_pytorchs_words(device: str) -> None:
    x = t(device)
    for read in (lambda: x.numpy(), lambda: np.asarray(x), lambda: x.detach().numpy()):
        with pytest.raises(TypeError, match=r"can't convert cuda:0 device type tensor to numpy\. Use Tensor\.cpu\(\)"):
            read()


def test_a_generator_belongs_to_one_device(device: str) -> None:
    with pytest.raises(RuntimeError, match="Expected a 'cuda' device type for generator but found 'cpu'"):
        torch.rand(2, device=device, generator=torch.Generator())
    with pytest.raises(RuntimeError, match="Expected a 'cpu' device type for generator but found 'cuda'"):
        torch.randperm(2, generator=torch.Generator(device))
    assert isinstance(torch.Generator(device), torch.Generator)
    assert isinstance(torch.default_generator, torch.Generator)


def test_there_is_one_device(device: str) -> None:
    for move in (
        lambda: torch.zeros(2, device="cuda:1"),
        lambda: t("cpu").to("cuda:1"),
        lambda: nn.Linear(2, 2).cuda(1),
    ):
        with pytest.raises(RuntimeError, match="invalid device ordinal"):
            move()


# Tensors, modules, optimizers ----------------------------------------------------------------------------------------


def test_a_tensor_says_where_it_is(device: str) -> None:
    x = torch.zeros(2, device=device)
    assert (x.device, x.is_cuda, x.is_cpu, x.get_device()) == (torch.device("cuda:0"), True, False, 0)
    assert (x.type(), x.cpu().type()) == ("torch.cuda.FloatTensor", "torch.FloatTensor")
    assert x.type("torch.cuda.DoubleTensor").type() == "torch.cuda.DoubleTensor"
    assert type(x) is torch.Tensor
    assert repr(x) == "tensor([0., 0.], device='cuda:0')"
    assert repr(nn.Parameter(x)).splitlines()[1].startswith("tensor([0., 0.], device='cuda:0'")


def test_moving_to_where_it_is_gives_the_tensor_itself(device: str) -> None:
    here, there = t("cpu"), t(device)
    assert there.to(device) is there
    assert there.cuda() is there
    assert here.cpu() is here
    assert here.to(here) is here
    assert there.to(device, copy=True) is not there


def test_places_do_not_share_memory(device: str) -> None:
    x = torch.zeros(3)
    there = x.to(device)
    there.add_(1)
    back = there.cpu()
    back.add_(1)
    array = np.zeros(3, dtype=np.float32)
    torch.as_tensor(array, device=device).add_(1)
    assert (x.sum().item(), there.sum().item(), back.sum().item(), array.sum()) == (0, 3, 6, 0)


def test_a_module_moves_in_place_and_its_optimizer_follows(device: str) -> None:
    model = nn.Sequential(nn.Linear(4, 2), nn.BatchNorm1d(2))
    before = list(model.parameters())
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    assert model.to(device) is model
    assert device_of(model) == "cuda:0"
    assert all(a is b for a, b in zip(before, model.parameters(), strict=True))
    weight = model[0].weight.clone()
    model(t(device, 8, 4)).square().sum().backward()
    optimizer.step()
    assert not torch.equal(weight, model[0].weight)
    assert device_of(model.cpu()) == "cpu"
    assert device_of(model.cuda()) == "cuda:0"
    assert device_of(nn.Linear(2, 2).to(0)) == "cuda:0"
    assert nn.DataParallel(model)(t("cpu", 8, 4)).is_cuda
    model[1].cpu()
    assert device_of(model) == "cpu, cuda:0"


def test_a_state_dict_goes_between_devices(device: str) -> None:
    there, here = nn.Linear(4, 2).to(device), nn.Linear(4, 2)
    state = there.state_dict()
    assert {x.device.type for x in state.values()} == {"cuda"}
    here.load_state_dict(state)
    assert device_of(here) == "cpu"
    assert torch.equal(here.weight, there.weight.cpu())
    there.load_state_dict(nn.Linear(4, 2).state_dict())
    assert device_of(there) == "cuda:0"


@pytest.mark.parametrize(
    ("where", "place"), [(None, "cuda:0"), ("cpu", "cpu"), ("cuda", "cuda:0"), (torch.device("cpu"), "cpu")]
)
@pytest.mark.parametrize("only", [True, False])
def test_a_saved_tensor_loads_where_it_is_mapped(device: str, where: Any, place: str, only: bool) -> None:
    file = io.BytesIO()
    torch.save(nn.Linear(4, 2).to(device).state_dict(), file)
    file.seek(0)
    assert device_of(torch.load(file, map_location=where, weights_only=only)["weight"]) == place


OPTIMIZERS: dict[str, Callable[[Any], torch.optim.Optimizer]] = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True, weight_decay=1e-3),
    "adam": lambda p: torch.optim.Adam(p, lr=0.01),
    "adamw": lambda p: torch.optim.AdamW(p, lr=0.01),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.01),
    "foreach": lambda p: torch.optim.Adam(p, lr=0.01, foreach=True),
}


def net() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(48, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 1))


def batches(rows: int = 512) -> DataLoader[Any]:
    X = t("cpu", rows, 48)
    generator = torch.Generator().manual_seed(0)
    return DataLoader(TensorDataset(X, (X[:, :1] > 0).float()), batch_size=256, shuffle=True, generator=generator)


def fit(
    device: str, optimizer: Any = OPTIMIZERS["sgd"], loader: Any = None, epochs: int = 2, clip: float = 0.0
) -> list[Any]:
    """The week's training loop; what it leaves behind."""
    model = net().to(device)
    steps = optimizer(model.parameters())
    losses = []
    for _ in range(epochs):
        for x, y in loader or batches():
            x, y = x.to(device), y.to(device)
            steps.zero_grad()
            loss = F.binary_cross_entropy_with_logits(model(x), y)
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(model.parameters(), clip)
            steps.step()
            losses.append(loss.detach())
    state = [
        value for state in steps.state.values() for value in state.values() if torch.is_tensor(value) and value.dim()
    ]
    return [*losses, *model.parameters(), *[p.grad for p in model.parameters()], *model.buffers(), *state]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_training_leaves_the_cpus_bits_and_all_of_it_on_the_device(name: str) -> None:
    check_same(lambda device: fit(device, OPTIMIZERS[name]), "cuda:0")


def test_clipped_gradients_stay_where_they_are() -> None:
    check_same(lambda device: fit(device, clip=0.01), "cuda:0")


def test_data_that_lives_on_the_device_can_be_loaded_from_there() -> None:
    def train(device: str) -> list[Any]:
        X = t("cpu", 64, 48).to(device)
        return fit(device, loader=DataLoader(TensorDataset(X, (X[:, :1] > 0).float()), batch_size=20))

    check_same(train, "cuda:0")


@pytest.mark.parametrize("forgotten", ["x", "y", "model"])
def test_a_forgotten_move_raises(device: str, forgotten: str) -> None:
    model = net() if forgotten == "model" else net().to(device)
    x, y = next(iter(batches()))
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        F.binary_cross_entropy_with_logits(
            model(x if forgotten == "x" else x.to(device)), y if forgotten == "y" else y.to(device)
        )


@pytest.mark.filterwarnings("ignore:.*pin_memory")
@pytest.mark.parametrize("pin", [True, False])
def test_a_loader_gives_batches_on_the_cpu(device: str, pin: bool) -> None:
    data = TensorDataset(t("cpu", 10, 3), ints("cpu", 10))
    got = [(x.device.type, y.device.type, len(x)) for x, y in DataLoader(data, batch_size=4, pin_memory=pin)]
    assert got == [("cpu", "cpu", 4), ("cpu", "cpu", 4), ("cpu", "cpu", 2)]


def test_gradients_cross_between_the_devices(device: str) -> None:
    weight = nn.Parameter(t("cpu", 4, 2))
    hidden = t(device) @ weight.to(device)
    hidden.retain_grad()
    hidden.cpu().square().sum().backward()
    assert (device_of(hidden.grad), device_of(weight.grad)) == ("cuda:0", "cpu")
    buffer = torch.zeros(4, 2, device=device)
    buffer.copy_(weight)
    buffer.sum().backward()
    assert device_of(weight.grad) == "cpu"


def test_a_grad_scaler_and_autocast_are_left_alone() -> None:
    def train(device: str) -> list[Any]:
        model = net().to(device)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        scaler = torch.amp.GradScaler(device, enabled=device == "cuda", init_scale=2.0**8)
        for x, y in batches():
            optimizer.zero_grad()
            with torch.autocast(device, enabled=device == "cuda"):
                loss = F.binary_cross_entropy_with_logits(model(x.to(device)), y.to(device))
            scaler.scale(loss).backward()
            scaler.step(optimizer)
            scaler.update()
        return list(model.parameters())

    check_same(train, "cuda:0")


def test_the_default_device_is_followed_and_forgotten() -> None:
    with simulate():
        torch.set_default_device("cuda")
        made = [torch.zeros(2), torch.tensor([1.0]), nn.Linear(2, 2).weight, torch.arange(3)]
        assert {device_of(x) for x in made} == {"cuda:0"}
        assert device_of(torch.zeros(2, device="cpu")) == "cpu"
        torch.set_default_device("cpu")
        with torch.device("cuda"):
            assert device_of(torch.ones(1)) == "cuda:0"
        torch.set_default_device("cuda")
    assert torch.zeros(1).device.type == "cpu"


def test_torch_speaks_of_a_gpu(device: str) -> None:
    torch.cuda.manual_seed_all(0)
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.set_device(0)
    assert torch.cuda.is_available()
    assert (torch.cuda.device_count(), torch.cuda.current_device()) == (1, 0)
    assert "Simulated" in torch.cuda.get_device_name(0)
    assert torch.cuda.get_device_properties(0).total_memory > 0
    assert torch.cuda.memory_allocated() >= 0
    assert torch.backends.cudnn.is_available()
    with torch.cuda.device(0), torch.cuda.stream(torch.cuda.Stream()):
        pass
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    start.record()
    end.record()
    assert start.elapsed_time(end) >= 0
    with torch.random.fork_rng():
        torch.manual_seed(1)


@pytest.mark.skipif(not hasattr(torch, "accelerator"), reason="newer versions of torch")
def test_the_accelerator_is_the_device(device: str) -> None:
    assert torch.accelerator.is_available()
    assert device_of(torch.ones(1, device=torch.accelerator.current_accelerator())) == "cuda:0"


# Counting ------------------------------------------------------------------------------------------------------------


def counts(**given: int) -> dict[str, int]:
    return {"to_device": 0, "to_host": 0, "items": 0, "same_batch_twice": 0} | given


@pytest.mark.parametrize(
    ("do", "expected"),
    [
        (lambda x, g: x.to("cuda"), counts(to_device=1)),
        (lambda x, g: (x.cuda(), x.to("cuda:0")), counts(to_device=2, same_batch_twice=1)),
        (lambda x, g: (x.cuda(), x.add_(1).cuda()), counts(to_device=2)),
        (lambda x, g: (x[:1].cuda(), x[1:].cuda()), counts(to_device=2)),
        (lambda x, g: torch.tensor(x.numpy(), device="cuda"), counts(to_device=1)),
        (lambda x, g: torch.as_tensor(x, device="cuda"), counts(to_device=1)),
        (lambda x, g: g.to("cuda"), counts()),
        (lambda x, g: g.cpu(), counts(to_host=1)),
        (lambda x, g: (g.tolist(), repr(g)), counts(to_host=2)),
        (lambda x, g: (g.sum().item(), float(g.max()), int(g.argmax()), f"{g.mean():.2f}"), counts(items=4)),
        (lambda x, g: (x.sum().item(), x.to(torch.float64), x.cpu()), counts()),
        (lambda x, g: g.copy_(x), counts(to_device=1)),
        (lambda x, g: g.__setitem__(0, x[0]), counts(to_device=1)),
        (lambda x, g: nn.Linear(2, 2).to("cuda").cpu().to("cuda"), counts(to_device=4, to_host=2)),
    ],
)
def test_transfers_are_counted(device: str, do: Any, expected: dict[str, int]) -> None:
    x, g = t("cpu"), torch.zeros(3, 4, device=device)
    reset_transfers()
    do(x, g)
    assert transfers() == expected


def test_a_training_loop_has_two_transfers_a_batch(device: str) -> None:
    model = net().to(device)
    reset_transfers()
    fit(device, epochs=3)
    moved_with_model = len([*model.parameters(), *model.buffers()])
    assert transfers() == counts(to_device=moved_with_model + 3 * 2 * 2)


def test_questions_of_ours_are_not_counted(device: str) -> None:
    g = t(device)
    reset_transfers()
    with uncounted():
        g.cpu().numpy(), g.sum().item(), t(device)
    assert transfers() == counts()


# The life of a simulation --------------------------------------------------------------------------------------------


def footprint() -> list[Any]:
    """All that the simulation might leave behind."""
    owners = [torch, torch._C, torch.Tensor, torch.cuda, torch.autograd, torch.UntypedStorage, torch.backends.cudnn]
    owners += [torch.backends.cuda, nn.DataParallel, torch._C._nn, sys.modules["torch.optim.optimizer"]]
    owners += [torch.accelerator] if hasattr(torch, "accelerator") else []
    return [
        [{name: id(value) for name, value in vars(owner).items()} for owner in owners],
        list(torch.serialization._package_registry),
        (torch._C._len_torch_function_stack(), torch._C._len_torch_dispatch_stack()),
        torch.utils._device.CURRENT_DEVICE,
        (torch.cuda.is_available(), torch.cuda.device_count()),
    ]


def test_nothing_is_left_after_the_simulation() -> None:
    fit("cpu")
    before = footprint()
    with simulate():
        fit("cuda")
    with contextlib.suppress(ZeroDivisionError), simulate():
        torch.set_default_device("cuda")
        raise ZeroDivisionError
    assert footprint() == before
    assert torch.zeros(1).device.type == "cpu"
    if not REAL:
        with pytest.raises((AssertionError, RuntimeError), match=r"not compiled with CUDA|NVIDIA"):
            torch.zeros(1, device="cuda")


def test_one_simulation_at_a_time(device: str) -> None:
    with pytest.raises(RuntimeError, match="already"), simulate():
        pass
    assert torch.cuda.is_available()


WARM = """
import os, torch
from grader.inside.device import simulate
torch.set_num_threads(1)
device_before = torch.cuda.is_available()
model = torch.nn.Linear(3, 1)
with torch.no_grad():
    model(torch.ones(2, 3))
pid = os.fork()
if pid == 0:
    status = 1
    try:
        simulate().__enter__()
        model.cuda()(torch.ones(2, 3, device="cuda")).sum().backward()
        status = 0 if model.weight.grad.is_cuda else 2
    finally:
        os._exit(status)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert device_before == torch.cuda.is_available()
"""


def run_alone(source: str) -> None:
    """In a process of its own, without this one's threads and modules."""
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-W", "ignore", "-c", source], check=True, cwd=root, timeout=120)


def test_it_starts_after_a_fork_of_a_warm_process() -> None:
    run_alone(WARM)


LAZY = """
import sys, torch
from grader.inside.device import simulate
with simulate():
    x = torch.ones(3, requires_grad=True, device="cuda")
    torch.nn.functional.relu(x).sum().backward()
    assert "torch._dynamo" not in sys.modules, "seconds lost"
    import torch._dynamo
    torch._dynamo.trace_rules.get_torch_obj_rule_map()
    assert x.grad.is_cuda
"""


def test_torchs_compiler_is_not_imported_and_could_be() -> None:
    run_alone(LAZY)


def test_a_training_loop_is_not_slowed_down_much() -> None:
    def seconds(device: str) -> float:
        loader = batches(12_000)
        start = time.process_time()
        fit(device, loader=loader, epochs=1)
        return time.process_time() - start

    def best(device: str) -> float:
        return min(seconds(device) for _ in range(4))

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        plain = best("cpu")
        with simulate():
            simulated = best("cuda")
    finally:
        torch.set_num_threads(threads)
    assert simulated < 6 * plain
