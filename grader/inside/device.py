"""A GPU that is not there: code written for cuda:0 runs on the CPU, and is held to a GPU's rules.

Theory of operation. A tensor "on the device" is a plain CPU tensor whose *storage* wears a tag. Views, `detach`,
`.data`, gradients saved for backward and a module's parameters share their storage, so they share the tag without
any work of ours. Four parts keep it true:

    patches    what says or changes a place (`device`, `is_cuda`, `to`, `cuda`, `cpu`, `numpy`, `copy_`, ...,
               `torch.cuda`, `torch.Generator`) is replaced on its class or module, so that it also holds in torch's own
               Python code and in other threads
    gate       a TorchFunctionMode sees each call of torch's. CPU tensors pass. `device=` is taken out and becomes a tag
               on the result. With all tensors on the device it computes on the CPU and tags the result
    check      a TorchDispatchMode, entered by the gate only where a call mixes places or is written in Python, and in
               backward. It sees the operators below, raises PyTorch's sentence about two devices, and tags results
    crossing   the autograd function of a move: its backward moves the gradient the other way

In backward nothing is checked: the forward pass was, and the formulas there make helper tensors of their own.
The same kernels run in the same order as on the CPU, so results are equal to the last bit.

The modes belong to the thread that enters them; patches belong to the process. So enter once, after the fork, in
the thread that runs the cells. Whatever is said here is the student's process's word, as all of this package's.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _device as default_device
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import WeakTensorKeyDictionary

NAME = "Simulated GPU (computed on the CPU)"
CPU = torch.device("cpu")
CUDA = torch.device("cuda", 0)
MEMORY = 16 << 30  # bytes that the device says it has
TAG = "_simulated_device"

TWO_DEVICES = "Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!"
NO_NUMPY = "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory first."
NO_SUCH_DEVICE = "CUDA error: invalid device ordinal"
WRONG_GENERATOR = "Expected a '%s' device type for generator but found '%s'"
WRONG_GRADIENT = (
    "attempting to assign a gradient with device type '%s' to a tensor with device type '%s'. "
    "Please ensure that the gradient and the tensor are on the same device"
)
WRONG_INDEX = "indices should be either on cpu or on the same device as the indexed tensor (cpu)"

# Operators whose CUDA kernels name the argument that is elsewhere, and take no CPU scalar.
KERNELS = {
    "aten::addmm": "addmm",
    "aten::addmv": "addmv_",
    "aten::baddbmm": "baddbmm",
    "aten::bmm": "bmm",
    "aten::cat": "cat",
    "aten::dot": "_dot",
    "aten::embedding": "_index_select",
    "aten::gather": "gather",
    "aten::index_select": "_index_select",
    "aten::masked_fill": "_masked_fill_",
    "aten::masked_fill_": "_masked_fill_",
    "aten::mm": "mm",
    "aten::mv": "addmv_",
    "aten::native_batch_norm": "_cudnn_batch_norm",
    "aten::native_layer_norm": "_native_layer_norm",
    "aten::nll_loss2d_forward": "_nll_loss2d_forward",
    "aten::nll_loss_forward": "nll_loss_forward",
    "aten::scatter": "scatter_src",
    "aten::scatter_": "scatter__src",
    "aten::scatter_add": "scatter_add",
    "aten::scatter_add_": "scatter_add_",
    "aten::stack": "cat",
}
REPORTED_AS = {("aten::embedding", "indices"): "index"}
SCALAR_WELCOME = {("aten::masked_fill", "value"), ("aten::masked_fill_", "value")}
FREE = {"aten::copy_", "aten::_to_copy", "aten::_pack_padded_sequence", "aten::lift_fresh", "aten::set_"}
INDEXING = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_", "aten::_unsafe_index"}


# The tag -------------------------------------------------------------------------------------------------------------


def _tagged(tensor: Any) -> bool:
    try:
        return bool(tensor.untyped_storage()._simulated_device)
    except (NotImplementedError, RuntimeError):
        return False  # sparse and functorch's tensors have no storage: they stay on the CPU


def _tag(value: Any) -> Any:
    """Puts a result on the device: a tensor, or tensors in tuples, lists and dicts."""
    if isinstance(value, torch.Tensor):
        with contextlib.suppress(NotImplementedError, RuntimeError):
            setattr(value.untyped_storage(), TAG, True)
            _state.used = True
    elif isinstance(value, (tuple, list)):
        for item in value:
            _tag(item)
    elif isinstance(value, dict):
        _tag(list(value.values()))
    return value


def _place(tensor: Any) -> Any:
    """The tensor's device, as it claims."""
    with torch._C.DisableTorchFunction():
        return CUDA if _tagged(tensor) else _real_device(tensor)


_real_device = torch._C.TensorBase.device.__get__

_Tensor = torch.Tensor
HERE, THERE = 1, 2  # a tensor on the CPU, a tensor on the device: bits of what `_look` saw


def _look(values: Iterable[Any]) -> int:
    """Runs for each call of torch's, so it asks for the tag itself."""
    seen = 0
    for value in values:
        if isinstance(value, _Tensor):
            try:
                seen |= THERE if value.untyped_storage()._simulated_device else HERE
            except (NotImplementedError, RuntimeError):
                seen |= HERE
        elif isinstance(value, (list, tuple)):
            seen |= _look(value)
        elif isinstance(value, dict):
            seen |= _look(value.values())
    return seen


def _target(device: Any) -> Any:
    """What a student calls a device, as one. Raises torch's error where this machine would have none."""
    wanted = torch.device("cuda", device) if isinstance(device, int) else torch.device(device)
    if wanted.type != "cuda":
        return wanted
    if wanted.index:
        raise RuntimeError(NO_SUCH_DEVICE)
    return CUDA


# What is counted -----------------------------------------------------------------------------------------------------


@dataclass
class _Transfers:
    to_device: int = 0
    to_host: int = 0
    items: int = 0
    same_batch_twice: int = 0


class _State:
    """Of the one simulation that a process may have."""

    def __init__(self) -> None:
        self.running: Simulation | None = None
        self.used = False  # whether any tensor was ever on the device
        self.backward = 0  # how deep in the autograd engine we are
        self.watching = False  # whether the check is entered for it
        self.silent = 0  # inside `uncounted()`
        self.transfers = _Transfers()
        self.moved: Any = WeakTensorKeyDictionary()  # tensor -> its version when it was last moved
        self.lock = threading.Lock()

    def count(self, what: str) -> None:
        if not self.silent:
            with self.lock:
                setattr(self.transfers, what, getattr(self.transfers, what) + 1)

    def count_batch(self, source: Any) -> None:
        """A copy to the device; parameters come and go with their module and are no batch."""
        self.count("to_device")
        if self.silent or isinstance(source, torch.nn.Parameter):
            return
        version = None if source.is_inference() else source._version
        if source in self.moved and self.moved[source] == version:
            self.count("same_batch_twice")
        self.moved[source] = version


_state = _State()


# The check -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Operator:
    """What we need to know of an operator, read from its schema once."""

    name: str
    arguments: tuple[str, ...]
    writes: frozenset[str]
    fresh: bool  # its results have storages of their own


@cache
def _operator(func: Any) -> _Operator:
    schema = func._schema
    writes = {a.name for a in schema.arguments if a.alias_info is not None and a.alias_info.is_write}
    fresh = any(result.alias_info is None for result in schema.returns)
    return _Operator(schema.name, tuple(a.name for a in schema.arguments), frozenset(writes), fresh)


Named = list[tuple[str, Any, bool]]  # an argument's name, a tensor in it, whether that is on the device


def _named(operator: _Operator, args: Any, kwargs: dict[str, Any]) -> Named:
    """All tensors of a call in the order of the schema."""
    found: Named = []
    for name, value in zip(operator.arguments, args, strict=False):
        if isinstance(value, torch.Tensor):
            found.append((name, value, _tagged(value)))
        elif type(value) in (list, tuple):
            found += [(name, item, _tagged(item)) for item in value if isinstance(item, torch.Tensor)]
    if kwargs:
        found += _named(replace(operator, arguments=tuple(kwargs)), tuple(kwargs.values()), {})
    return found


def _refuse_mixed(operator: _Operator, tensors: Named) -> None:
    """Raises what CUDA's kernel raises for tensors in two places."""
    if operator.name in INDEXING:
        tensors = _without_indices(tensors)
    if operator.name in FREE or len({there for _, _, there in tensors}) < 2:
        return
    if operator.name == "aten::convolution":
        raise RuntimeError(_convolution_sentence(tensors))
    if operator.name in KERNELS:
        _refuse_by_name(operator.name, tensors)
    elif any(not there and (tensor.dim() or name in operator.writes) for name, tensor, there in tensors):
        raise RuntimeError(TWO_DEVICES)


def _without_indices(tensors: Named) -> Named:
    """Indices may be on the CPU; an index on the device needs its tensor there, and a value may be one number."""
    if not tensors[0][2] and any(there for name, _, there in tensors if name == "indices"):
        raise RuntimeError(WRONG_INDEX)
    return [
        (name, tensor, there)
        for name, tensor, there in tensors
        if name != "indices" and not (name == "values" and tensor.dim() == 0)
    ]


def _refuse_by_name(operator: str, tensors: Named) -> None:
    common = tensors[0][2]
    for name, tensor, there in tensors:
        if there != common and not ((operator, name) in SCALAR_WELCOME and tensor.dim() == 0):
            raise RuntimeError(_kernel_sentence(operator, REPORTED_AS.get((operator, name), name), there))


def _kernel_sentence(operator: str, argument: str, there: bool) -> str:
    odd, common = ("cuda:0", "cpu") if there else ("cpu", "cuda:0")
    method = f"wrapper_CUDA_{KERNELS[operator]}"
    if _version() >= (2, 8):
        return (
            f"Expected all tensors to be on the same device, but got {argument} is on {odd}, "
            f"different from other tensors on {common} (when checking argument in method {method})"
        )
    return (
        f"Expected all tensors to be on the same device, but found at least two devices, {common} and {odd}! "
        f"(when checking argument for argument {argument} in method {method})"
    )


def _version() -> tuple[int, ...]:
    return tuple(int(part) for part in torch.__version__.split(".")[:2])


def _convolution_sentence(tensors: Named) -> str:
    (_, data, there), *others = tensors
    name, other, _ = next(entry for entry in others if entry[2] != there)
    ending = "" if there else f" or input should be a MKLDNN tensor and {name} is a dense tensor"
    return f"Input type ({_type_name(data)}) and {name} type ({_type_name(other)}) should be the same{ending}"


class _Check(TorchDispatchMode):  # type: ignore[misc]
    """Operators below autograd. `strict` also refuses, and takes helper tensors of composite operators for the
    device's, since those are made by the operator's own code with the CPU's options."""

    def __init__(self, strict: bool) -> None:
        super().__init__()
        self.strict = strict

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """No: to skip it, torch would import its compiler on our first operator, which takes seconds."""
        return False

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch._C.DisableTorchFunction():  # the gate may be in place above us, and need not hear of this
            return self._compute(func, args, kwargs or {})

    def _compute(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        operator = _operator(func)
        tensors = _named(operator, args, kwargs)
        there = any(entry[2] for entry in tensors)
        if self.strict and not _state.backward:
            _refuse_mixed(operator, tensors)
            there = there or not tensors
        elif there:
            _tag([tensor for name, tensor, _ in tensors if name in operator.writes])
        self._count(operator, tensors)
        device = kwargs.get("device")
        if device is not None and (device.type == "cuda" or tensors):
            kwargs = {**kwargs, "device": CPU}
            there = device.type == "cuda" or (there and device.type == "cpu" and operator.name != "aten::_to_copy")
        result = func(*args, **kwargs)
        return _tag(result) if there and operator.fresh else result

    def _count(self, operator: _Operator, tensors: Named) -> None:
        if _state.backward:
            return
        if operator.name == "aten::_local_scalar_dense" and tensors[0][2]:
            _state.count("items")
        elif operator.name == "aten::copy_" and len(tensors) == 2 and tensors[0][2] != tensors[1][2]:
            _state.count("to_device" if tensors[0][2] else "to_host")


_STRICT, _LENIENT = _Check(strict=True), _Check(strict=False)


# The gate ------------------------------------------------------------------------------------------------------------


class _Gate(TorchFunctionMode):  # type: ignore[misc]
    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _SPECIAL:
            return _SPECIAL[func](func, args, kwargs or {})
        if not kwargs and default_device.CURRENT_DEVICE is None:
            return _compute(func, args, {})
        kwargs = kwargs or {}
        device = kwargs.get("device")
        if device is None and func in _constructors():
            device = default_device.CURRENT_DEVICE
        if device is not None or "generator" in kwargs or kwargs.get("pin_memory"):
            return _make(func, args, kwargs, device)
        return _compute(func, args, kwargs)


def _constructors() -> Any:
    return default_device._device_constructors()


def _compute(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    seen = _look(args) | (_look(kwargs.values()) if kwargs else 0)
    if seen < THERE:
        return func(*args, **kwargs)
    if seen == THERE and not isinstance(func, types.FunctionType):
        return _tag(func(*args, **kwargs))
    with _STRICT if seen & HERE else _LENIENT:
        result = func(*args, **kwargs)
    return _tag(result) if seen == THERE else result


def _make(func: Any, args: Any, kwargs: dict[str, Any], device: Any) -> Any:
    """A function that was told a device or a generator."""
    kwargs = {name: value for name, value in kwargs.items() if name != "pin_memory"}
    seen = _look(args)
    target = _target(device) if device is not None else (CUDA if seen & THERE else CPU)
    if kwargs.get("generator") is not None and target.type != kwargs["generator"].device.type:
        raise RuntimeError(WRONG_GENERATOR % (target.type, kwargs["generator"].device.type))
    if target.type not in ("cpu", "cuda"):
        return func(*args, **kwargs)
    if device is None:
        return _compute(func, args, kwargs)
    result = func(*args, **{**kwargs, "device": CPU})
    return _tag(result) if target == CUDA else result


def _from_data(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """torch.tensor, as_tensor, asarray: where the data is a tensor, its place is the default."""
    data = args[0] if args else kwargs.get("data", kwargs.get("obj"))
    kwargs = {name: value for name, value in kwargs.items() if name != "pin_memory"}
    source = _place(data) if isinstance(data, torch.Tensor) else CPU
    device = kwargs.get("device")
    if device is None and not isinstance(data, torch.Tensor):
        device = default_device.CURRENT_DEVICE
    target = source if device is None else _target(device)
    if target.type not in ("cpu", "cuda"):
        return func(*args, **kwargs)
    if isinstance(data, torch.Tensor) and source != target:
        moved = _move(data, target)
        return _tag_if(func(moved, *args[1:], **{**_without(kwargs, "data", "obj"), "device": CPU}), target)
    result = func(*args, **{**kwargs, "device": CPU})
    if target == CUDA and source == CPU:
        _state.count("to_device")
        result = result if func == torch.tensor else result.clone()  # an array's memory is not the device's
    return _tag_if(result, target)


def _tag_if(value: Any, target: Any) -> Any:
    return _tag(value) if target == CUDA else value


def _without(kwargs: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in kwargs.items() if name not in names}


def _new_tensor(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`x.new_tensor(data)`: the place of `x`, unless told."""
    device = kwargs.get("device")
    target = _place(args[0]) if device is None else _target(device)
    return _tag_if(func(*args, **{**kwargs, "device": CPU}), target)


def _set_gradient(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    tensor, gradient = args
    if isinstance(gradient, torch.Tensor) and _tagged(gradient) != _tagged(tensor):
        raise RuntimeError(WRONG_GRADIENT % (_place(gradient).type, _place(tensor).type))
    return func(*args, **kwargs)


def _index(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """A row is a view and shares the tag; data loaders ask for each row by itself, so this is short."""
    return func(*args) if type(args[1]) is int else _compute(func, args, kwargs)


def _as_it_is(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """`a.data = b` gives `a` the storage of `b`, wherever that is: a module moves this way."""
    return func(*args, **kwargs)


def _differentiate(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    """The way into the engine: the first gradient is made there."""
    with _watching():
        return func(*args, **kwargs)


@contextlib.contextmanager
def _watching() -> Iterator[None]:
    """One check on the stack, not one for each way in."""
    if _state.watching:
        yield
        return
    _state.watching = True
    try:
        with _LENIENT:
            yield
    finally:
        _state.watching = False


def _counted(what: str) -> Callable[[Any, Any, dict[str, Any]], Any]:
    def read(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        if _look(args) == THERE:
            _state.count(what)
        return func(*args, **kwargs)

    return read


def _specials() -> dict[Any, Callable[[Any, Any, dict[str, Any]], Any]]:
    """By equality: a getter of a property is a new object each time that it is asked for."""
    tensor = torch.Tensor
    numbers = ("item", "__bool__", "__float__", "__int__", "__index__", "__complex__", "is_nonzero")
    return {
        **dict.fromkeys((torch.tensor, torch.as_tensor, torch.asarray), _from_data),
        **{getattr(tensor, name): _counted("items") for name in numbers},
        torch.is_nonzero: _counted("items"),
        tensor.__getitem__: _index,
        tensor.tolist: _counted("to_host"),
        tensor.new_tensor: _new_tensor,
        tensor.grad.__set__: _set_gradient,
        tensor.data.__set__: _as_it_is,
        **dict.fromkeys((tensor.backward, torch.autograd.backward, torch.autograd.grad), _differentiate),
    }


_SPECIAL = _specials()


# Crossing ------------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _plainly() -> Iterator[None]:
    """Torch as it is, without our modes."""
    with torch._C.DisableTorchFunction(), torch._C._DisableTorchDispatch():
        yield


def _copied(source: Any, target: Any) -> Any:
    with _plainly():
        return _tag_if(source.detach().clone(), target)


class ToCopy(torch.autograd.Function):  # type: ignore[misc]
    """Named as torch names this node: a tensor's `grad_fn` shows it."""

    @staticmethod
    def forward(ctx: Any, source: Any, target: Any) -> Any:
        ctx.origin = _place(source)
        return _copied(source, target)

    @staticmethod
    def backward(ctx: Any, *gradients: Any) -> Any:
        gradient = gradients[0]
        if torch.is_grad_enabled() and gradient.requires_grad:  # create_graph
            return ToCopy.apply(gradient, ctx.origin), None
        return _copied(gradient, ctx.origin), None


def _move(source: Any, target: Any) -> Any:
    """A copy in the other place, counted."""
    if target == CUDA:
        _state.count_batch(source)
    else:
        _state.count("to_host")
    if source.requires_grad and torch.is_grad_enabled():
        return ToCopy.apply(source, target)
    return _copied(source, target)


# What tensors say and do ---------------------------------------------------------------------------------------------


def _type_name(tensor: Any) -> str:
    with _plainly():
        name = str(torch._C.TensorBase.type(tensor))
    return name.replace("torch.", "torch.cuda.", 1) if _tagged(tensor) else name


def _is_device(value: Any) -> bool:
    return isinstance(value, (str, torch.device)) or (isinstance(value, int) and not isinstance(value, bool))


def _to(self: Any, *args: Any, **kwargs: Any) -> Any:
    """All three forms: a device (and dtype), a dtype, another tensor."""
    device, args, kwargs = _split_device(args, kwargs)
    target = _place(self) if device is None else _target(device)
    if target.type not in ("cpu", "cuda"):
        return _real_to(self, target, *args, **kwargs)
    if target != _place(self):
        self = _move(self, target)
        kwargs["copy"] = False
    return _real_to(self, *args, **kwargs) if args or kwargs else self


def _split_device(args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, tuple[Any, ...], dict[str, Any]]:
    """(device or None, the other arguments): `to(device, dtype, ...)` becomes `to(dtype, ...)`."""
    if args and isinstance(args[0], torch.Tensor):
        kwargs = {"other": args[0], **kwargs}
        args = args[1:]
    elif args and (args[0] is None or _is_device(args[0])):
        kwargs = {"device": args[0], **kwargs}
        args = args[1:]
        if args and not isinstance(args[0], torch.dtype):
            args = args[1:] if args[0] is None else (args[0], *args[1:])
    kwargs = dict(kwargs)
    device, other = kwargs.pop("device", None), kwargs.pop("other", None)
    if args and not isinstance(args[0], torch.dtype):  # non_blocking, copy: they change no value
        args, kwargs = (), {**kwargs, "copy": any(args[1:])}
    if kwargs.get("dtype", torch.float32) is None:
        kwargs.pop("dtype")
    if other is not None:
        device, kwargs["dtype"] = _place(other), other.dtype
    if args:
        kwargs["dtype"], args = args[0], args[1:]
        names = ("non_blocking", "copy")
        kwargs |= dict(zip(names, args, strict=False))
    return device, (), kwargs


def _cuda(self: Any, device: Any = None, non_blocking: bool = False, memory_format: Any = None) -> Any:
    del non_blocking
    return _to(self, CUDA if device is None else device, **_format(memory_format))


def _cpu(self: Any, memory_format: Any = None) -> Any:
    return _to(self, CPU, **_format(memory_format))


def _format(memory_format: Any) -> dict[str, Any]:
    return {} if memory_format is None else {"memory_format": memory_format}


def _numpy(self: Any, *, force: bool = False) -> Any:
    if _tagged(self):
        if not force:
            raise TypeError(NO_NUMPY)
        return _real_numpy(_cpu(self.detach()), force=True)
    return _real_numpy(self, force=force)


def _array(self: Any, *args: Any, **kwargs: Any) -> Any:
    if _tagged(self):
        raise TypeError(NO_NUMPY)
    return _real_array(self, *args, **kwargs)


def _type(self: Any, dtype: Any = None, non_blocking: bool = False, **kwargs: Any) -> Any:
    if dtype is None:
        return _type_name(self)
    if isinstance(dtype, str) and dtype.startswith("torch.cuda."):
        return _to(_real_type(self, dtype.replace(".cuda", "", 1), non_blocking, **kwargs), CUDA)
    if isinstance(dtype, str):
        self = _to(self, CPU)
    return _real_type(self, dtype, non_blocking, **kwargs)


def _copy_(self: Any, src: Any, non_blocking: bool = False) -> Any:
    if isinstance(src, torch.Tensor) and _tagged(src) != _tagged(self):
        src = _move(src, _place(self))
    return _real_copy(self, src, non_blocking)


def _repr(self: Any, *, tensor_contents: Any = None) -> str:
    """Reads values, so it is a copy to the host, but only one."""
    if _tagged(self):
        _state.count("to_host" if self.dim() else "items")
    with torch._C.DisableTorchFunction():
        return str(_real_repr(self, tensor_contents=tensor_contents))


def _get_device(self: Any) -> int:
    return 0 if _tagged(self) else int(_real_get_device(self))


_tensor = torch.Tensor
_real_to, _real_numpy, _real_array, _real_type = _tensor.to, _tensor.numpy, _tensor.__array__, _tensor.type
_real_copy, _real_repr, _real_get_device = _tensor.copy_, _tensor.__repr__, _tensor.get_device

TENSOR: dict[str, Any] = {
    "device": property(_place),
    "is_cuda": property(_tagged),
    "is_cpu": property(lambda self: _place(self).type == "cpu"),
    "get_device": _get_device,
    "to": _to,
    "cuda": _cuda,
    "cpu": _cpu,
    "numpy": _numpy,
    "__array__": _array,
    "type": _type,
    "copy_": _copy_,
    "pin_memory": lambda self, device=None: self.clone(),
    "record_stream": lambda self, stream: None,
    "__repr__": _repr,
}


# What torch says of the machine --------------------------------------------------------------------------------------


class _GeneratorKind(type(torch.Generator)):  # type: ignore[misc]
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, torch._C.Generator)


class Generator(torch._C.Generator, metaclass=_GeneratorKind):  # type: ignore[misc]
    """A CPU generator that may say it is the device's."""

    def __new__(cls, device: Any = "cpu") -> Any:
        made = super().__new__(cls, "cpu")
        made._place = _target(device)
        return made

    def __init__(self, device: Any = "cpu") -> None:
        super().__init__()

    @property
    def device(self) -> Any:
        return self._place


class Event:
    """A moment, by the CPU's clock: nothing runs ahead here."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._at = 0.0

    def record(self, *_: Any) -> None:
        self._at = time.perf_counter()

    def elapsed_time(self, end: Event) -> float:
        """Milliseconds."""
        return (end._at - self._at) * 1000

    def query(self) -> bool:
        return True

    def synchronize(self) -> None:
        """Has happened already."""

    wait = record


class Stream:
    """The one stream that there is."""

    device = CUDA

    def __init__(self, *_: Any, **__: Any) -> None: ...

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None: ...

    def query(self) -> bool:
        return True

    def is_capturing(self) -> bool:
        return False

    def synchronize(self) -> None: ...

    def wait_stream(self, stream: Any) -> None: ...

    def wait_event(self, event: Any) -> None: ...

    def record_event(self, event: Any = None) -> Any:
        event = event or Event()
        event.record()
        return event


def _always(value: Any) -> Callable[..., Any]:
    return lambda *_, **__: value


def _properties(device: Any = None) -> Any:
    del device
    return types.SimpleNamespace(
        name=NAME, major=8, minor=0, total_memory=MEMORY, multi_processor_count=1, is_integrated=0, warp_size=32
    )


def _set_device(device: Any) -> None:
    _target(device)


_NOTHING = """synchronize empty_cache init _lazy_init ipc_collect manual_seed manual_seed_all seed seed_all set_stream
    reset_peak_memory_stats reset_max_memory_allocated reset_accumulated_memory_stats set_per_process_memory_fraction"""
_ZERO = """current_device memory_allocated max_memory_allocated memory_reserved max_memory_reserved utilization
    memory_usage _exchange_device _maybe_exchange_device"""

TORCH_CUDA: dict[str, Any] = {
    **{name: _always(None) for name in _NOTHING.split()},
    **{name: _always(0) for name in _ZERO.split()},
    "is_available": _always(True),
    "is_initialized": _always(True),
    "is_bf16_supported": _always(True),
    "device_count": _always(1),
    "get_device_name": _always(NAME),
    "get_device_capability": _always((8, 0)),
    "get_device_properties": _properties,
    "get_arch_list": _always(["sm_80"]),
    "set_device": _set_device,
    "initial_seed": torch.initial_seed,
    "get_rng_state": lambda device="cuda": torch.get_rng_state(),
    "get_rng_state_all": lambda: [torch.get_rng_state()],
    "set_rng_state": lambda new_state, device="cuda": torch.set_rng_state(new_state),
    "set_rng_state_all": lambda new_states: [torch.set_rng_state(state) for state in new_states][:0] or None,
    "mem_get_info": _always((MEMORY, MEMORY)),
    "memory_stats": _always({}),
    "memory_summary": _always(NAME),
    "Event": Event,
    "Stream": Stream,
    "stream": lambda stream: stream if stream is not None else Stream(),
    "current_stream": _always(Stream()),
    "default_stream": _always(Stream()),
}

ACCELERATOR: dict[str, Any] = {
    "is_available": _always(True),
    "current_accelerator": _always(torch.device("cuda")),
    "device_count": _always(1),
    "current_stream": _always(Stream()),
    "current_device_index": _always(0),
    "current_device_idx": _always(0),
    "set_device_index": _set_device,
    "set_device_idx": _set_device,
    "synchronize": _always(None),
    "empty_cache": _always(None),
}


def _engine(original: Callable[..., Any]) -> Callable[..., Any]:
    """The autograd engine with our eyes on its operators, and the gate in place for hooks and for backward
    functions written in Python: `loss.backward()` came through the gate, which steps aside meanwhile."""

    def run(*args: Any, **kwargs: Any) -> Any:
        if not _state.used:
            return original(*args, **kwargs)
        _state.backward += 1
        try:
            with _watching(), _gated():
                return original(*args, **kwargs)
        finally:
            _state.backward -= 1

    return run


@contextlib.contextmanager
def _gated() -> Iterator[None]:
    depth = torch._C._len_torch_function_stack()
    if any(isinstance(torch._C._get_function_stack_at(level), _Gate) for level in range(depth)):
        yield
    else:
        with _Gate():
            yield


def _grouped(original: Callable[..., Any]) -> Callable[..., Any]:
    """Optimizers and clipping group tensors by the device that C++ sees; they go on with that device."""

    def group(lists: Any, with_indices: bool = False) -> Any:
        groups = original(lists, with_indices)
        return {(_place(lists_of[0][0]), kind): (lists_of, at) for (_, kind), (lists_of, at) in groups.items()}

    return group


def _parsed_to(original: Callable[..., Any]) -> Callable[..., Any]:
    """`module.to(0)` is the device; C++ would ask the machine which kind it has."""

    def parse(*args: Any, **kwargs: Any) -> Any:
        if args and _is_device(args[0]):
            args = (_target(args[0]), *args[1:])
        if kwargs.get("device") is not None:
            kwargs = {**kwargs, "device": _target(kwargs["device"])}
        return original(*args, **kwargs)

    return parse


def _data_parallel(self: Any, *inputs: Any, **kwargs: Any) -> Any:
    """Over one device: takes the inputs there and calls the module."""

    def there(value: Any) -> Any:
        return _to(value, CUDA) if isinstance(value, torch.Tensor) else value

    return self.module(*map(there, inputs), **{name: there(value) for name, value in kwargs.items()})


class _Patches:
    """Attributes that are replaced, and how they were."""

    def __init__(self) -> None:
        self._kept: list[tuple[Any, str, bool, Any]] = []

    def put(self, owner: Any, name: str, value: Any, new: bool = False) -> None:
        """Skips what this version of torch does not have, unless it is new."""
        if new or hasattr(owner, name):
            own = name in vars(owner)
            self._kept.append((owner, name, own, vars(owner)[name] if own else None))
            setattr(owner, name, value)

    def undo(self) -> None:
        while self._kept:
            owner, name, own, value = self._kept.pop()
            if own:
                setattr(owner, name, value)
            else:
                delattr(owner, name)


def _patch(patches: _Patches) -> None:
    tables = [(torch.Tensor, TENSOR), (torch.cuda, TORCH_CUDA)]
    if hasattr(torch, "accelerator"):
        tables.append((torch.accelerator, ACCELERATOR))
    for owner, table in tables:
        for name, value in table.items():
            patches.put(owner, name, value)
    patches.put(torch.UntypedStorage, TAG, False, new=True)
    patches.put(torch, "Generator", Generator)
    patches.put(torch.autograd, "_engine_run_backward", _engine(torch.autograd._engine_run_backward))
    patches.put(torch.backends.cudnn, "is_available", _always(True))
    patches.put(torch.backends.cudnn, "is_acceptable", _always(False))  # so that recurrent layers stay as they are
    patches.put(torch.backends.cudnn, "version", _always(90000))
    patches.put(torch.backends.cuda, "is_built", _always(True))
    patches.put(torch.nn.DataParallel, "forward", _data_parallel)
    patches.put(torch._C._nn, "_parse_to", _parsed_to(torch._C._nn._parse_to))
    # A GPU's optimizers work on lists of tensors, a CPU's on one after the other, which rounds otherwise.
    patches.put(sys.modules["torch.optim.optimizer"], "_get_foreach_kernels_supported_devices", list)
    if hasattr(torch._C, "_group_tensors_by_device_and_dtype"):
        grouping = _grouped(torch._C._group_tensors_by_device_and_dtype)
        patches.put(torch._C, "_group_tensors_by_device_and_dtype", grouping)


# Saving and loading --------------------------------------------------------------------------------------------------


def _location(storage: Any) -> str | None:
    return "cuda:0" if getattr(storage, TAG, False) else None


def _restore(storage: Any, location: str) -> Any:
    if not location.startswith("cuda"):
        return None
    if _target(location) == CUDA:
        setattr(storage, TAG, True)
        _state.used = True
    return storage


# The simulation ------------------------------------------------------------------------------------------------------


class Simulation:
    """Enter it to have a GPU, leave it to have none again. One at a time in a process."""

    def __init__(self) -> None:
        self._patches = _Patches()
        self._gate = _Gate()
        self._default: Any = None
        self._warnings = warnings.catch_warnings()

    def __enter__(self) -> Simulation:
        if _state.running is not None:
            raise RuntimeError("the device is simulated already")
        _state.running = self
        _state.backward = 0
        reset_transfers()
        self._default = default_device.CURRENT_DEVICE
        _patch(self._patches)
        torch.serialization.register_package(0, _location, _restore)
        self._gate.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        if self._default != default_device.CURRENT_DEVICE:
            torch.set_default_device(self._default)
        self._gate.__exit__(None, None, None)
        registry = torch.serialization._package_registry
        registry[:] = [entry for entry in registry if entry[1] is not _location]
        self._patches.undo()
        _state.running = None


def simulate() -> Simulation:
    """`with simulate(): ...`, or `simulate().__enter__()` for the rest of the process's life."""
    return Simulation()


def transfers() -> dict[str, int]:
    """Copies of tensors to the device and back, numbers read one at a time (`.item()`, `float(loss)`), and copies of
    an unchanged tensor that had been copied to the device before. Parameters count as copies, not as batches."""
    return asdict(_state.transfers)


def reset_transfers() -> None:
    """Counts from zero, and forgets which tensors were copied."""
    _state.transfers = _Transfers()
    _state.moved = WeakTensorKeyDictionary()


@contextlib.contextmanager
def uncounted() -> Iterator[None]:
    """For questions of ours, which are not the student's transfers."""
    _state.silent += 1
    try:
        yield
    finally:
        _state.silent -= 1


def device_of(value: Any) -> str:
    """Where a tensor or a module is: "cpu", "cuda:0", or both with a comma where a module was moved in part."""
    tensors = [*value.parameters(), *value.buffers()] if isinstance(value, torch.nn.Module) else [value]
    return ", ".join(sorted({str(tensor.device) for tensor in tensors})) or "cpu"
