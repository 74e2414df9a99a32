"""A notebook that asks for a GPU, in a box that simulates one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from grader.assignment import Limits
from grader.failed import Failed
from grader.rpc import Session, Student
from grader.sandbox import Device, Warm

SOURCE = """
import torch

def train(epochs, device):
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1).to(device)
    optimizer = torch.optim.SGD(model.parameters(), 0.1)
    x, y = torch.ones(4, 3), torch.ones(4, 1)
    for _ in range(epochs):
        loss = ((model(x.to(device)) - y.to(device)) ** 2).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss

def forgets(device):
    return torch.nn.Linear(3, 1).to(device)(torch.ones(4, 3))

def has_gpu():
    return torch.cuda.is_available()
"""


@pytest.fixture(scope="module")
def student() -> Iterator[Student]:
    with (
        Warm(["torch"], Path("/nowhere"), device=Device.SIMULATED) as warm,
        Session(warm, Limits(), [(0, SOURCE)]) as session,
    ):
        session.run_notebook()
        yield Student(session, {})


def test_code_for_a_gpu_runs_and_its_tensors_say_where_they_are(student: Student) -> None:
    assert student.has_gpu() is True
    assert student.train(3, "cuda").device == "cuda:0"


def test_the_numbers_are_those_of_the_cpu(student: Student) -> None:
    assert float(student.train(5, "cuda").array) == float(student.train(5, "cpu").array)


def test_a_batch_that_was_not_moved_fails_with_pytorchs_own_sentence(student: Student) -> None:
    with pytest.raises(Failed) as failed:
        student.forgets("cuda")
    assert failed.value.detail is not None
    assert "Expected all tensors to be on the same device" in failed.value.detail.en


def test_transfers_are_counted_and_what_the_judge_reads_is_not(student: Student) -> None:
    student.probe.reset_transfers()
    student.train(3, "cuda")
    counted = student.probe.transfers()
    assert counted["to_device"] == 2 + 2 * 3  # the parameters once, a batch and its labels each epoch
    assert counted["to_host"] == counted["items"] == 0
