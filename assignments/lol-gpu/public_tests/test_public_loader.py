"""Eleven matches in batches of four."""

import numpy as np
import pytest

from grader.suite import checks


@pytest.mark.points(3)
@pytest.mark.title(ko="make_loader: 열한 경기를 넷씩", en="make_loader: eleven matches by four")
@pytest.mark.hint(
    ko="배치는 4, 4, 3경기입니다. 마지막 셋을 버리지 마세요. y의 모양은 (batch, 1)입니다.",
    en="The batches have 4, 4 and 3 matches. Keep the last three. The shape of y is (batch, 1).",
)
def test_eleven(student):
    """In order, values and shapes."""
    X, y = np.arange(22.0).reshape(11, 2), np.arange(11) % 2
    loader = student.make_loader(X, y, 4, False, 0)
    checks.that(
        student.probe.is_loader(loader) is True,
        ko="make_loader의 결과가 torch.utils.data.DataLoader가 아닙니다.",
        en="make_loader does not return a torch.utils.data.DataLoader.",
    )
    batches = checks.unpack(student.probe.batches(loader), 3, name="list(make_loader(X, y, 4, False, 0))")
    for start, batch in zip((0, 4, 8), batches, strict=True):
        x_batch, y_batch = checks.unpack(batch, 2, name="batch", parts=("x", "y"))
        checks.array(x_batch, X[start : start + 4], name="x of a batch")
        checks.array(y_batch, y[start : start + 4, None], name="y of a batch")
