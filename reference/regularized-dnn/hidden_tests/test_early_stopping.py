"""Early stopping against tables of losses. All numbers are sums of powers of two, so that no rounding decides."""

import numpy as np
import pytest

from grader.suite import checks

NAME = "EarlyStopping(patience, min_delta)"


def watch(student, oracle, losses, patience, *min_delta):
    """Fed with the losses up to the stop that is right: the answers, the watcher, and what is right."""
    expected = oracle.early_stopping(losses, patience, *min_delta)
    watcher = student.EarlyStopping(patience, *min_delta)
    step = oracle.method(watcher, "step", NAME)
    answers = [step(loss) for loss in losses[: len(expected[0])]]
    return checks.shape(answers, (len(answers),), name=f"{NAME}.step(val_loss)"), watcher, expected


def flaw(student, oracle, cases, parts):
    """The misconception that gives just these wrong answers; `cases` are (losses, patience, ...) and `parts` how many
    of (answers, best_loss, best_epoch) to look at. Everyone is watched up to their own stop, and asked afresh."""
    for name, how in oracle.STOPPING_FLAWS:
        wrong = [oracle.flawed_stopping(*case, **how)[:parts] for case in cases]
        right = [oracle.early_stopping(*case)[:parts] for case in cases]
        asked = zip(cases, wrong, strict=True)
        if wrong != right and all(shows(student, oracle, case, one) for case, one in asked):
            return name
    return None


def shows(student, oracle, case, wrong):
    losses, *arguments = case
    watcher = student.EarlyStopping(*arguments)
    step = oracle.method(watcher, "step", NAME)
    answers = [step(loss) for loss in losses[: len(wrong[0])]]
    found = [answers, *(getattr(watcher, part) for part in ("best_loss", "best_epoch")[: len(wrong) - 1])]
    values = [checks.finite(one, name=NAME) for one in found]
    return all(np.array_equal(value, one) for value, one in zip(values, wrong, strict=True))


def compare(answers, expected, ko, en):
    checks.that(bool((answers == expected).all()), ko=ko, en=en)


@pytest.mark.points(2)
@pytest.mark.title(ko="EarlyStopping: patience번째에 멈춤", en="EarlyStopping: stops at the patience-th bad epoch")
@pytest.mark.hint(
    ko="나쁜 에폭의 수가 patience에 닿는 바로 그 에폭에 True입니다. 하나 이르거나 늦지 않은지 손으로 세어 보세요.",
    en="True at the very epoch when the count of bad ones reaches patience. Follow it by hand: early or late by one?",
)
@pytest.mark.hint(
    ko="손실이 가장 좋은 값과 꼭 같은 에폭은 나아진 것이 아니므로 나쁜 에폭입니다.",
    en="An epoch whose loss equals the best one is no improvement, so it is a bad one.",
)
def test_stops(student, oracle):
    """Losses that fall and then rise; equal losses; patience 1 to 4."""
    tables = [1.0, 0.5, 0.75, 0.75, 0.625, 0.5, 0.875, 1.0], [0.5] * 8
    cases = [(losses, patience) for patience in (1, 2, 4) for losses in tables]
    with oracle.recognised(lambda: flaw(student, oracle, cases, 1)):
        for losses, patience in cases:
            answers, _, (expected, _, _) = watch(student, oracle, losses, patience)
            compare(
                answers,
                expected,
                "EarlyStopping: 멈추라는 답(True)이 나오는 에폭이 맞지 않습니다.",
                "EarlyStopping: it says stop (True) at the wrong epoch.",
            )


@pytest.mark.points(1)
@pytest.mark.title(ko="EarlyStopping: 나아지면 다시 셈", en="EarlyStopping: an improvement starts the count again")
@pytest.mark.hint(
    ko="'연달아' p번입니다. 나아진 에폭에서 세던 수는 어떻게 될까요? 견주는 상대는 바로 앞이 아니라 최고 기록입니다.",
    en="It is p times in a row. What happens to the count when things improve? Compare with the best, not the last.",
)
def test_resets(student, oracle):
    """Bad epochs, scattered; and losses that creep down after a jump, without ever beating the best."""
    tables = (
        [1.0, 1.5, 0.75, 0.875, 0.5, 0.625, 0.25, 0.5, 0.125, 0.25],
        [1.0, 2.0, 0.5, 0.75, 2.0, 0.25, 1.0, 0.5],
        [0.5, 1.0, 0.875, 0.75, 0.625],
    )
    cases = [(losses, patience) for losses in tables for patience in (2, 3)]
    with oracle.recognised(lambda: flaw(student, oracle, cases, 1)):
        for losses, patience in cases:
            answers, _, (expected, _, _) = watch(student, oracle, losses, patience)
            compare(
                answers,
                expected,
                "EarlyStopping: 나쁜 에폭을 '연달아' 세지 않거나, 최고 기록이 아닌 것과 견줍니다.",
                "EarlyStopping: bad epochs are not counted in a row, or not compared with the best.",
            )


@pytest.mark.points(2)
@pytest.mark.title(
    ko="EarlyStopping: min_delta보다 작은 개선은 무시", en="EarlyStopping: less than min_delta is no improvement"
)
@pytest.mark.hint(
    ko="나쁜 에폭: val_loss >= best_loss - min_delta. 작은 개선으로는 best_loss도 움직이지 않습니다.",
    en="An epoch is bad when val_loss >= best_loss - min_delta. Small steps do not move best_loss either.",
)
def test_min_delta(student, oracle):
    """Steps smaller than, equal to and larger than min_delta; small ones that add up."""
    cases = (
        ([1.0, 0.875, 0.75, 0.625, 0.5, 0.5], 2, 0.25),
        ([1.0, 0.75, 0.5, 0.25], 2, 0.25),
        ([1.0, 0.5, 0.375, 0.3125, 0.0], 2, 0.25),
        ([1.0, 0.5, 0.4375, 0.125, 0.25, 0.375], 3, 0.25),
    )
    with oracle.recognised(lambda: flaw(student, oracle, cases, 2)):
        for losses, patience, min_delta in cases:
            answers, watcher, (expected, best, _) = watch(student, oracle, losses, patience, min_delta)
            compare(
                answers,
                expected,
                "EarlyStopping: min_delta를 넘지 못한 개선은 나쁜 에폭으로, 넘은 개선은 좋은 에폭으로 세어야 합니다.",
                "EarlyStopping: an improvement of no more than min_delta has to count as bad, a larger one as good.",
            )
            checks.number(watcher.best_loss, best, name=f"{NAME}.best_loss")


@pytest.mark.points(2)
@pytest.mark.title(ko="EarlyStopping: best_loss와 best_epoch", en="EarlyStopping: best_loss and best_epoch")
@pytest.mark.hint(
    ko="첫 step이 에폭 0입니다. 같은 손실이 다시 나와도 best_epoch은 처음 나온 에폭입니다.",
    en="The first step is epoch 0. When the best loss comes again, best_epoch stays the first.",
)
def test_best(student, oracle):
    """The best first, in the middle, last, and twice."""
    tables = [0.5, 1.0, 2.0], [1.0, 0.5, 0.25, 0.5], [1.0, 0.5, 0.25], [1.0, 0.25, 0.5, 0.25]
    with oracle.recognised(lambda: flaw(student, oracle, [(losses, 5) for losses in tables], 3)):
        for losses in tables:
            _, watcher, (_, best, epoch) = watch(student, oracle, losses, 5)
            checks.number(watcher.best_loss, best, name=f"{NAME}.best_loss")
            got = checks.shape(watcher.best_epoch, (), name=f"{NAME}.best_epoch")
            checks.that(
                float(got) != epoch + 1,
                ko="EarlyStopping: best_epoch을 1부터 셉니다. 첫 에폭은 0입니다.",
                en="EarlyStopping: best_epoch counts from 1. The first epoch is 0.",
                misconception="epochs-from-one",
            )
            checks.number(got, epoch, name=f"{NAME}.best_epoch")
