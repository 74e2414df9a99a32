"""Serves one submission: runs its cells, then answers calls, each request a frame and each reply a frame.

Requests are dicts with an "op" and an "id", which the reply repeats:

    cell    {index, source}             -> {done: {seconds, fault}}, after any number of {output: {...}}
    call    {target, args, kwargs, echo} -> {value, seconds[, args, kwargs]} or one of the ways to fail below
    each    {target, many}              -> one reply as for `call` for each tuple of arguments
    get     {name}                      -> {value}
    noted   {}                          -> {noted}

What `refusals` has noted comes as "noted" with the end of a cell, where it is new, and when it is asked for.
A target is ["name", f], ["handle", id], ["attribute", id, name] or ["probe", name].
Ways to fail: {missing: name}, {uncallable: kind}, {signature: text}, {raised: {type, message, cell, line}},
{refused: why} (the value is not data or too large).
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np

from grader.inside import codec, probes
from grader.inside.channel import Channel, Closed
from grader.inside.refusals import refusals
from grader.inside.shell import Notebook, Shell


class Missing(LookupError):
    """There is no such name, attribute or object."""


class Values:
    """What goes in and out of the box, as the notebook's own kinds of objects."""

    def __init__(self) -> None:
        self._objects: dict[int, Any] = {}

    def keep(self, value: Any) -> codec.Reference:
        """An object that stays here, under a number."""
        number = len(self._objects) + 1
        self._objects[number] = value
        return codec.Reference(number, type(value).__name__)

    def find(self, number: int) -> Any:
        if number not in self._objects:
            raise Missing(f"object {number}")
        return self._objects[number]

    def inward(self, value: Any) -> Any:
        """Data from the judge, with tensors and kept objects in their places."""
        if type(value) is np.ndarray or type(value) in codec.PLAIN:
            return value
        if type(value) is codec.Tensor:
            return sys.modules["torch"].tensor(value.array, requires_grad=value.requires_grad)
        if type(value) is codec.Reference:
            return self.find(value.id)
        if type(value) in (list, tuple):
            return type(value)([self.inward(item) for item in value])
        if type(value) is dict:
            return {key: self.inward(item) for key, item in value.items()}
        return value

    def outward(self, value: Any) -> Any:
        """What is not data by itself, as data; an object that has no data stays here."""
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return _tensor(value, torch)
        for kind in (bool, int, float, str):
            if isinstance(value, kind):
                return kind(value)
        if isinstance(value, np.ndarray):
            return _array(value)
        if isinstance(value, dict):
            return dict(value)
        if isinstance(value, tuple):
            return tuple(value)
        if isinstance(value, (list, set, frozenset, range)):
            return list(value)
        if type(value).__module__.partition(".")[0] == "pandas" and hasattr(value, "to_numpy"):
            return np.asarray(value.to_numpy())
        return self.keep(value)


def _tensor(value: Any, torch: Any) -> codec.Tensor:
    """Raises for sparse, quantized or meta tensors, which have no plain array."""
    with probes.uncounted():
        plain = value.detach().cpu().resolve_conj().resolve_neg()
    if plain.dtype == torch.bfloat16:
        plain = plain.float()
    return codec.Tensor(np.array(plain.numpy()), bool(value.requires_grad), str(value.device))


def _array(value: Any) -> Any:
    """A subclass as the plain class; text and objects as lists."""
    plain = np.array(value, subok=False)
    if plain.dtype.name in codec.DTYPES:
        return plain
    if plain.dtype.kind in "OUS":
        return [str(item) if plain.dtype.kind == "S" else item for item in plain.ravel().tolist()]
    if plain.dtype.kind == "f":
        return plain.astype(np.float64)
    raise codec.Refused(f"an array of dtype {plain.dtype.name}")


class Worker:
    """One notebook and the questions about it."""

    def __init__(self, channel: Channel, shell: Shell) -> None:
        self.channel = channel
        self.values = Values()
        self.quiet = False  # during calls nothing that is printed leaves the box
        self._pid = os.getpid()
        self._speaking = threading.Lock()  # a student's threads print too
        self.notebook = Notebook(shell, self._emit)

    def serve(self) -> None:
        """Answers until the other side hangs up."""
        while True:
            try:
                request = self.channel.receive()
            except (Closed, codec.Refused):
                return
            getattr(self, f"_op_{request['op']}")(request)

    def _emit(self, output: dict[str, Any]) -> None:
        if os.getpid() != self._pid:
            os.write(1, str(output.get("text", "")).encode("utf-8", "replace"))  # a child of the student's
        elif not self.quiet:
            self._reply({"output": output})

    def _op_cell(self, request: dict[str, Any]) -> None:
        self.quiet = False
        ran = self.notebook.run(request["index"], request["source"])
        fault = asdict(ran.fault) if ran.fault else None
        self._reply({"id": request["id"], "done": {"seconds": ran.seconds, "fault": fault}, **refusals.news()})

    def _op_get(self, request: dict[str, Any]) -> None:
        self._answer(request, lambda: {"value": self.named(request["name"])})

    def _op_noted(self, request: dict[str, Any]) -> None:
        self._answer(request, lambda: {"noted": refusals.as_data()})

    def _op_call(self, request: dict[str, Any]) -> None:
        self._answer(
            request,
            lambda: self._call(request["target"], request["args"], request["kwargs"], request["echo"]),
        )

    def _op_each(self, request: dict[str, Any]) -> None:
        for arguments in request["many"]:
            self._answer(request, partial(self._call, request["target"], arguments, {}, False))

    def _answer(self, request: dict[str, Any], ask: Callable[[], dict[str, Any]]) -> None:
        """Exactly one reply, whatever happens: the student's code may raise anything, also while its value is
        looked at."""
        self.quiet = True
        try:
            self._reply({"id": request["id"], **ask()})
        except Missing as missing:
            self._reply({"id": request["id"], "missing": str(missing)[:200]})
        except codec.Refused as refused:
            self._reply({"id": request["id"], "refused": str(refused)[:200]})
        except BaseException as error:  # noqa: BLE001 - SystemExit, KeyboardInterrupt and all others alike
            self._reply({"id": request["id"], "raised": asdict(self.notebook.fault(error))})
        finally:
            self.notebook.flush()

    def _call(self, target: list[Any], args: Any, kwargs: Any, echo: bool) -> dict[str, Any]:
        function = self._target(target)
        if not callable(function):
            return {"uncallable": type(function).__name__[:80]}
        args = self.values.inward(tuple(args))
        kwargs = self.values.inward(kwargs)
        start = time.perf_counter()
        try:
            value = function(*args, **kwargs)
        except TypeError:  # a call that does not fit has run nothing; asking for the signature first costs more
            if target[0] == "probe" or not (mismatch := _mismatch(function, args, kwargs)):
                raise
            return {"signature": mismatch}
        answer: dict[str, Any] = {"value": value, "seconds": time.perf_counter() - start}
        return answer | ({"args": args, "kwargs": kwargs} if echo else {})

    def _target(self, target: list[Any]) -> Any:
        how, *where = target
        if how == "name":
            return self.named(where[0])
        if how == "handle":
            return self.values.find(where[0])
        if how == "probe":
            return lambda *args, **kwargs: getattr(probes, where[0])(self.named, *args, **kwargs)
        owner, name = self.values.find(where[0]), where[1]
        if not hasattr(owner, name):
            raise Missing(f"{type(owner).__name__}.{name}")
        return lambda: getattr(owner, name)

    def named(self, name: str) -> Any:
        """A global name of the notebook. Raises Missing."""
        if name not in self.notebook.names:
            raise Missing(name)
        return self.notebook.names[name]

    def _reply(self, message: dict[str, Any]) -> None:
        """One frame, whole. A fork that a cell left behind ends here instead of speaking for its parent."""
        if os.getpid() != self._pid:
            os._exit(0)
        frame = codec.encode(message, self.values.outward)
        with self._speaking:
            self.channel.send_frame(frame)


def _mismatch(function: Any, args: Any, kwargs: Any) -> str | None:
    """The function's own signature, where these arguments do not fit it."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        return None  # a builtin: calling it will tell
    try:
        signature.bind(*args, **kwargs)
    except TypeError:
        return str(signature)[:200]
    return None
