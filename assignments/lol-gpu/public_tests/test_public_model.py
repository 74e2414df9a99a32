"""The model before it has learned anything."""

import numpy as np
import pytest

from grader.suite import Tensor, checks


@pytest.mark.points(2)
@pytest.mark.title(ko="build_model: 로짓 하나씩", en="build_model: one logit each")
@pytest.mark.hint(
    ko="출력의 모양은 (n, 1)입니다. n_features의 기본값은 48입니다.",
    en="The output has shape (n, 1). n_features is 48 by default.",
)
def test_logits(student):
    """48 features by default, and 10."""
    for args, width in (((), 48), ((10,), 10)):
        model = student.build_model(*args)
        checks.that(
            student.probe.is_module(model) is True,
            ko="build_model이 torch.nn.Module을 돌려주지 않습니다.",
            en="build_model does not return a torch.nn.Module.",
        )
        X = np.random.default_rng(width).normal(size=(6, width)).astype(np.float32)
        checks.shape(student.probe.logits(model, Tensor(X)), (6, 1), name="build_model(n_features)(X)")
