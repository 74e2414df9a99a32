from __future__ import annotations

import json
import math
import struct
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import grader
from grader.inside import codec
from grader.inside.codec import DTYPES, MAX_BODY, MAX_HEADER, PREFIX, Reference, Refused, Tensor

quick = settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
anything = st.text(st.characters(codec=None), max_size=8)  # lone surrogates too
scalars = st.none() | st.booleans() | st.integers() | st.integers(10**40, 10**42) | st.floats() | anything
keys = st.integers() | anything | st.none()
arrays = st.builds(
    lambda dtype, shape, byte: np.full(shape, byte).astype(dtype),
    st.sampled_from(sorted(DTYPES)),
    st.lists(st.integers(0, 3), max_size=3).map(tuple),
    st.integers(0, 100),
)
nested = st.recursive(
    scalars | arrays,
    lambda inner: (
        st.lists(inner, max_size=3) | st.lists(inner, max_size=3).map(tuple) | st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=8,
)


def decode(frame: bytes) -> Any:
    header, body = codec.sizes(frame[: PREFIX.size])
    rest = frame[PREFIX.size :]
    return codec.decode(rest[:header], rest[header : header + body])


def forge(tree: Any, body: bytes = b"") -> Any:
    return codec.decode(json.dumps(tree).encode(), body)


def there_and_back(value: Any) -> Any:
    return decode(codec.encode(value))


def same(left: Any, right: Any) -> bool:
    """Equal in value and in type, all the way down."""
    if type(left) is not type(right):
        return False
    if isinstance(left, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return list(left) == list(right) and all(map(same, left.values(), right.values()))
    if isinstance(left, np.ndarray):
        return left.dtype == right.dtype and left.shape == right.shape and left.tobytes() == right.tobytes()
    return left == right or (isinstance(left, float) and math.isnan(left) and math.isnan(right))


@quick
@given(nested)
def test_nested_data_come_back_equal_in_value_and_type(value: Any) -> None:
    assert same(there_and_back(value), value)


@pytest.mark.parametrize("dtype", sorted(DTYPES))
def test_each_dtype_keeps_its_bytes_in_every_layout(dtype: str) -> None:
    square = np.arange(12).reshape(3, 4).astype(dtype)
    for array in (
        square,
        square.T,
        square[::2, ::-1],
        square[:0],
        square[1, 1:2].reshape(()),
        np.asfortranarray(square),
    ):
        assert same(there_and_back(array), np.ascontiguousarray(array).reshape(array.shape))


@pytest.mark.parametrize("dtype", [">i4", ">f8", ">u2", ">c16"])
def test_big_endian_arrays_arrive_in_native_order_with_equal_values(dtype: str) -> None:
    back = there_and_back(np.array([1, 2, 300], dtype=dtype))
    assert back.dtype.isnative
    assert back.tolist() == [1, 2, 300]


@pytest.mark.parametrize("value", [np.float32(0.1), np.int8(-3), np.bool_(True), np.complex128(1j), np.float64("nan")])
def test_numpy_scalars_stay_scalars_of_their_type(value: np.generic) -> None:
    back = there_and_back(value)
    assert type(back) is type(value)
    assert back.tobytes() == value.tobytes()


def test_numpy_scalars_as_keys_become_python_keys() -> None:
    counts = {np.int64(3): 1, np.float64(0.5): 2, np.str_("a"): 3, np.bool_(True): 4}
    back = there_and_back(counts)
    assert back == {3: 1, 0.5: 2, "a": 3, True: 4}
    assert [type(key) for key in back] == [int, float, str, bool]


def test_tensors_and_references_keep_their_marks() -> None:
    tensor, reference = there_and_back((Tensor(np.ones((2, 1)), True, "cuda:0"), Reference(7, "Linear")))
    assert (tensor.shape, tensor.requires_grad, tensor.device) == ((2, 1), True, "cuda:0")
    assert np.asarray(tensor).sum() == 2
    assert reference == Reference(7, "Linear")


def test_decoded_arrays_are_writable_own_their_memory_and_share_none() -> None:
    array = np.zeros(4)
    frame = codec.encode([array, array, np.zeros(2, bool)])
    first, second, flags = decode(frame)
    first[:] = 1
    flags[:] = True
    assert second.sum() == 0
    assert not np.shares_memory(first, second)
    assert decode(frame)[0].sum() == 0


def test_a_forged_boolean_becomes_true_or_false() -> None:
    assert forge(["a", "bool", [3]], b"\x00\x01\xff").tobytes() == b"\x00\x01\x01"


@pytest.mark.parametrize(
    "value",
    [object(), {1, 2}, b"bytes", np.array([None]), np.array(["a"]), np.zeros(1, "M8[s]"), {(1, 2): 3}, len, 1j],
    ids=lambda value: type(value).__name__,
)
def test_what_is_not_data_is_not_sent(value: Any) -> None:
    with pytest.raises(Refused):
        codec.encode(value)


def test_a_number_with_thousands_of_digits_is_refused_on_both_sides() -> None:
    with pytest.raises(Refused):
        codec.encode([10**5000])
    with pytest.raises(Refused):
        codec.decode(b"1" * 100_000, b"")


def test_a_list_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(Refused):
        codec.encode(loop)


def test_a_value_that_is_too_large_is_refused() -> None:
    with pytest.raises(Refused):
        codec.encode(np.zeros(MAX_BODY + 1, np.uint8))


FORGED: list[Any] = [
    [],
    {},
    {"a": 1},
    ["x"],
    [None],
    [["l"]],
    ["a"],
    ["a", "float64"],
    ["a", "float64", 3],
    ["a", "float64", [1]],
    ["a", "float64", [2**39, 2**39, 2**39]],
    ["a", "float64", [2**64]],
    ["a", "float64", [-1]],
    ["a", "float64", [-1, -1]],
    ["a", "float64", [True]],
    ["a", "float64", [1.0]],
    ["a", "float64", ["1"]],
    ["a", "float64", [None]],
    ["a", "float64", [0], 1],
    ["a", "float64", [1] * 33],
    ["a", "object", [0]],
    ["a", "O", [0]],
    ["a", "V8", [0]],
    ["a", "M8[s]", [0]],
    ["a", "U1", [0]],
    ["a", "float128", [0]],
    ["a", ">f8", [0]],
    ["a", [["x", "f8"]], [0]],
    ["a", ["float64"], [0]],
    ["a", {"float64": 1}, [0]],
    ["a", None, [0]],
    ["a", 5, [0]],
    ["s"],
    ["s", "object"],
    ["s", "float64"],
    ["T", "float64", [0]],
    ["T", "float64", [0], "cpu", False, 1],
    ["h"],
    ["h", 1],
    ["h", -1, "x"],
    ["h", True, "x"],
    ["h", 2**70, "x"],
    ["d", 1],
    ["d", [1]],
    ["d", [1, 2, 3]],
    ["d", [["l"], 2]],
    ["d", [{}, 2]],
    ["d", {"a": 1}],
]


@pytest.mark.parametrize("tree", FORGED, ids=lambda tree: json.dumps(tree)[:40])
def test_a_forged_header_is_refused(tree: Any) -> None:
    with pytest.raises(Refused):
        forge(tree)
    with pytest.raises(Refused):
        forge(["l", 1, ["t", tree]])


@pytest.mark.parametrize("shape", [[0, 2**39, 2**39, 2**39], [2**39, 2**39, 0], [0] * 32, [0, 2**39]])
def test_an_empty_array_of_giant_sides_costs_nothing(shape: list[int]) -> None:
    tracemalloc.start()
    try:
        assert forge(["a", "float64", shape]).size == 0
    except Refused:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 1 << 20


def test_duplicate_keys_are_one_key() -> None:
    assert forge(["d", ["a", 1], ["a", 2]]) == {"a": 2}


@pytest.mark.parametrize("header", [b"[" * 1_000_000, b'["l",' * 60 + b"1" + b"]" * 60, b'{"a":' * 100_000])
def test_deep_nesting_is_refused(header: bytes) -> None:
    with pytest.raises(Refused):
        codec.decode(header, b"")


def test_bytes_left_over_are_refused() -> None:
    with pytest.raises(Refused):
        forge(["a", "uint8", [2]], b"123")


@pytest.mark.parametrize(
    "prefix",
    [
        PREFIX.pack(b"NOPE", 1, 1),
        PREFIX.pack(codec.MAGIC, MAX_HEADER + 1, 0),
        PREFIX.pack(codec.MAGIC, 0, MAX_BODY + 1),
        struct.pack("!4sII", codec.MAGIC, 2**32 - 1, 2**32 - 1),
    ],
)
def test_a_prefix_over_the_caps_is_refused_before_anything_is_read(prefix: bytes) -> None:
    with pytest.raises(Refused):
        codec.sizes(prefix)


@quick
@given(st.binary(max_size=200), st.binary(max_size=50))
def test_random_bytes_are_decoded_or_refused(header: bytes, body: bytes) -> None:
    try:
        codec.decode(header, body)
    except Refused:
        pass


tags = st.sampled_from(["l", "t", "d", "a", "s", "T", "h"])
odd = (
    tags
    | st.sampled_from(sorted(DTYPES))
    | st.integers()
    | st.none()
    | st.booleans()
    | st.floats()
    | st.text(max_size=3)
)
trees = st.recursive(odd, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner), max_leaves=12)


@settings(quick, max_examples=300)
@given(tags, st.lists(trees, max_size=4), st.binary(max_size=40))
def test_trees_of_odd_parts_are_decoded_or_refused(tag: str, rest: list[Any], body: bytes) -> None:
    try:
        forge([tag, *rest], body)
    except Refused:
        pass


VALID = codec.encode({"X": np.eye(3), 5: [Tensor(np.ones(2, np.float32)), Reference(1, "m"), "텍스트", True, (1.5,)]})


@settings(quick, max_examples=300)
@given(st.lists(st.tuples(st.integers(0, len(VALID) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_damaged_frame_is_decoded_or_refused(changes: list[tuple[int, int]]) -> None:
    frame = bytearray(VALID)
    for place, byte in changes:
        frame[place] = byte
    try:
        decode(bytes(frame))
    except Refused:
        pass


@pytest.mark.parametrize("piece", ['["l"]', '["a","bool",[0]]', '["d"]', "1", '["h",1,""]', '["s","bool"]'])
def test_a_frame_costs_memory_in_proportion_to_its_length(piece: str) -> None:
    header = ('["l",' + ",".join([piece] * 4000) + "]").encode()
    body = b"\x01" * 4000 if "s" in piece else b""
    tracemalloc.start()
    codec.decode(header, body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * (len(header) + len(body)) + 100_000


def test_no_module_of_the_package_knows_pickle() -> None:
    root = Path(grader.__file__).parent
    modules = ("import pickle", "import dill", "import marshal", "import shelve", "allow_pickle=True", "torch.load(")
    found = [(file.name, word) for file in root.rglob("*.py") for word in modules if word in file.read_text()]
    assert found == []
