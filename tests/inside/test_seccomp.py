from __future__ import annotations

import errno
import re
import socket
import struct
from pathlib import Path

import pytest

from grader.inside import seccomp
from grader.inside.seccomp import ALLOW, ARCHITECTURES, ERRNO, KILL, REFUSED

EPERM, ENOSYS = ERRNO | errno.EPERM, ERRNO | errno.ENOSYS
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}
ORDINARY = {  # name: (x86_64, aarch64)
    "read": (0, 63),
    "write": (1, 64),
    "mmap": (9, 222),
    "futex": (202, 98),
    "openat": (257, 56),
    "execve": (59, 221),
    "wait4": (61, 260),
    "exit_group": (231, 94),
}
machines = pytest.mark.parametrize("machine", list(ARCHITECTURES))


def simulate(machine: str, number: int, *arguments: int, architecture: int | None = None) -> int:
    """What the kernel would answer: a small interpreter of classic BPF, written from its manual page."""
    code = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    padded = [*arguments, *[0] * (6 - len(arguments))]
    data = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, *padded)
    place, a = 0, 0
    while True:
        instruction, yes, no, k = code[place]
        place += 1
        if instruction == 0x06:
            return k
        if instruction == 0x20:
            (a,) = struct.unpack_from("<I", data, k)
        elif instruction == 0x54:
            a &= k
        else:
            holds = {0x15: a == k, 0x35: a >= k, 0x45: bool(a & k)}[instruction]
            place += yes if holds else no


def column(machine: str) -> int:
    return list(ARCHITECTURES).index(machine)


@machines
def test_the_program_is_short_and_every_jump_lands_on_a_return_or_a_test(machine: str) -> None:
    code = list(struct.iter_unpack("=HBBI", seccomp.program(machine)))
    assert len(code) < 4096
    assert code[-1][0] == seccomp.RETURN
    for place, (_, yes, no, _) in enumerate(code[:-1]):
        assert place + 1 + max(yes, no) < len(code)


@machines
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_refused_call_is_not_permitted(machine: str, name: str) -> None:
    number = REFUSED[name][column(machine)]
    assert number is None or simulate(machine, number) == EPERM


@machines
@pytest.mark.parametrize("name", sorted(ORDINARY))
def test_ordinary_calls_are_allowed(machine: str, name: str) -> None:
    assert simulate(machine, ORDINARY[name][column(machine)], 1, 2, 3) == ALLOW


@machines
@pytest.mark.parametrize("flag", [0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000])
def test_clone_makes_no_namespaces(machine: str, flag: int) -> None:
    assert simulate(machine, seccomp.CLONE[column(machine)], flag | 17) == EPERM


@machines
@pytest.mark.parametrize("flags", [17, 0x003D0F00, 0x01200011, 0x4111])
def test_fork_vfork_and_threads_are_allowed(machine: str, flags: int) -> None:
    assert simulate(machine, seccomp.CLONE[column(machine)], flags) == ALLOW


@machines
def test_clone3_is_said_not_to_exist_so_that_libc_uses_clone(machine: str) -> None:
    assert simulate(machine, seccomp.CLONE3) == ENOSYS


@machines
@pytest.mark.parametrize("trick", [0x5412, 0x541C, 0x5412 | 1 << 40])
def test_typing_into_a_terminal_is_refused_also_with_high_bits_set(machine: str, trick: int) -> None:
    assert simulate(machine, seccomp.IOCTL[column(machine)], 0, trick) == EPERM


@machines
@pytest.mark.parametrize("family", ["AF_VSOCK", "AF_ALG", "AF_PACKET", "AF_CAN", "AF_TIPC", "AF_RDS"])
def test_sockets_that_reach_past_the_box_are_refused(machine: str, family: str) -> None:
    assert simulate(machine, seccomp.SOCKET[column(machine)], getattr(socket, family), 1) == EPERM


@machines
@pytest.mark.parametrize("family", ["AF_UNIX", "AF_INET", "AF_INET6", "AF_NETLINK"])
def test_sockets_of_every_day_are_allowed(machine: str, family: str) -> None:
    assert simulate(machine, seccomp.SOCKET[column(machine)], getattr(socket, family), 1) == ALLOW


@machines
@pytest.mark.parametrize(
    ("flags", "answer"), [(0x21, EPERM), (0x4021, EPERM), (0x22, ALLOW), (0x01, ALLOW), (0x02, ALLOW)]
)
def test_shared_memory_without_a_file_is_refused_and_other_memory_is_not(machine: str, flags: int, answer: int) -> None:
    assert simulate(machine, ORDINARY["mmap"][column(machine)], 0, 4096, 3, flags) == answer


@machines
def test_other_ioctls_are_allowed(machine: str) -> None:
    assert simulate(machine, seccomp.IOCTL[column(machine)], 0, 0x5413) == ALLOW


@pytest.mark.parametrize("number", [0x40000000, 0x40000000 + 101, 0xFFFFFFFF])
def test_calls_of_the_x32_kind_are_refused(number: int) -> None:
    assert simulate("x86_64", number) == ENOSYS


@machines
@pytest.mark.parametrize("architecture", [0x40000003, 0x40000028, 0xC00000B7, 0xC000003E])
def test_a_call_of_another_architecture_kills(machine: str, architecture: int) -> None:
    expected = ALLOW if architecture == ARCHITECTURES[machine] else KILL
    assert simulate(machine, ORDINARY["read"][column(machine)], architecture=architecture) == expected


def numbers_of(machine: str) -> dict[str, int]:
    if not HEADERS[machine].exists():
        pytest.skip("the kernel's headers are not installed")
    found = re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", HEADERS[machine].read_text())
    return {name: int(number) for name, number in found}


@machines
def test_the_numbers_are_those_of_the_kernels_headers(machine: str) -> None:
    known = numbers_of(machine)
    ours = {name: pair[column(machine)] for name, pair in REFUSED.items()}
    ours |= {"clone": seccomp.CLONE[column(machine)], "clone3": seccomp.CLONE3}
    ours |= {"ioctl": seccomp.IOCTL[column(machine)], "socket": seccomp.SOCKET[column(machine)]}
    ours |= {name: pair[column(machine)] for name, pair in ORDINARY.items()}
    wrong = {name: (number, known[name]) for name, number in ours.items() if name in known and known[name] != number}
    assert wrong == {}
    assert len(set(ours) & set(known)) > 60
