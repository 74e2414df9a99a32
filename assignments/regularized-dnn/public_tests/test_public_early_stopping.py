"""Early stopping on one row of losses."""

import pytest

from grader.suite import checks


@pytest.mark.points(2)
@pytest.mark.title(ko="EarlyStopping: 손실 여섯 개", en="EarlyStopping: six losses")
@pytest.mark.hint(
    ko="가장 좋은 손실은 에폭 2의 0.25입니다. 그 뒤로 나쁜 에폭이 셋 이어지면 멈춥니다.",
    en="The best loss is 0.25 at epoch 2. After three bad epochs in a row it stops.",
)
def test_patience_three(student):
    """patience = 3: only the sixth step says stop."""
    name = "EarlyStopping(patience=3)"
    watcher = student.EarlyStopping(patience=3)
    step = getattr(watcher, "step", None)
    checks.that(
        callable(step),
        ko="EarlyStopping에 step 메서드가 없습니다.",
        en="EarlyStopping has no method step.",
    )
    answers = [step(loss) for loss in (1.0, 0.5, 0.25, 0.5, 0.375, 0.25)]
    checks.array(answers, [0, 0, 0, 0, 0, 1], name=f"{name}.step(val_loss)")
    checks.number(watcher.best_loss, 0.25, name=f"{name}.best_loss")
    checks.number(watcher.best_epoch, 2, name=f"{name}.best_epoch")
