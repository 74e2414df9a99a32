"""Training, watched through a small linear model of ours: what it notes, and above all its values."""

import numpy as np
import pytest

from grader.suite import Failed, checks


def trained(student, oracle, X, y, *, batch_size, epochs, lr, device, weight=None, evaluating=False, **extras):
    """(model, losses as they came back, weight and bias before). The loader is ours, in order."""
    weight = np.linspace(-0.5, 0.5, X.shape[1]) if weight is None else weight
    model = student.probe.observing_model(weight, 0.25, **extras)
    if evaluating:
        model.eval()
    before = oracle.weights(student, model)
    loader = student.probe.tensor_loader(X, y, batch_size)
    try:
        losses = student.train(model, loader, epochs, lr, device)
    except Failed as failed:
        failed.misconception = oracle.left_behind(student, model, device, failed)
        raise
    return model, losses, before


@pytest.mark.points(1)
@pytest.mark.title(ko="train: 에폭마다 손실 하나", en="train: one loss an epoch")
@pytest.mark.hint(
    ko="배치마다 목록에 덧붙이면 너무 길어집니다. 에폭이 끝날 때 한 번만 덧붙이세요.",
    en="Appending at every batch makes the list too long. Append once, when an epoch ends.",
)
def test_count(student, oracle, device):
    """Three epochs of four batches; one epoch of one."""
    X, y = oracle.toy(30, 4, 370)
    for epochs, size in ((3, 8), (1, 30)):
        _, losses, _ = trained(student, oracle, X, y, batch_size=size, epochs=epochs, lr=0.01, device=device)
        told, batches = oracle.plain(losses), epochs * -(-30 // size)
        with oracle.sign("loss-per-batch", told is not None and told.shape == (batches,)):
            checks.losses(losses, epochs, name=oracle.TRAIN)


@pytest.mark.points(3)
@pytest.mark.needs("train.count")
@pytest.mark.title(ko="train: 경기 하나당 평균 손실", en="train: the mean loss over matches")
@pytest.mark.hint(
    ko="배치의 평균 손실에 그 배치의 경기 수를 곱해 더하고, 전체 경기 수로 나누세요. 마지막 배치는 짧습니다.",
    en="Add each batch's mean loss times its number of matches, and divide by all matches. The last batch is short.",
)
def test_mean(student, oracle, device):
    """With lr = 0 nothing moves and the value is known. Two batches of 8 first; then batches of 8, 8 and 1, where the
    last match is a bad one: the mean over batches, and all between it and the mean over matches, is right too."""
    X, y = oracle.toy(17, 4, 371)
    weight = np.array([0.5, -0.25, 0.75, 1.0])
    X[16], y[16] = (4.0, 0.0, 2.0, 0.5), 0.0  # a loss of 4.27
    _, losses, before = trained(
        student, oracle, X[:16], y[:16], batch_size=8, epochs=2, lr=0.0, device=device, weight=weight
    )
    even = oracle.loss_each(*before, X[:16], y[:16]).mean()
    alike = checks.losses(losses, 2, name=oracle.TRAIN)
    checks.that(
        not np.allclose(alike, 2 * even, rtol=1e-3),
        ko="train: 배치의 손실을 더하기만 했습니다. 개수로 나누세요.",
        en="train: the losses of the batches are only added up. Divide by their number.",
        misconception="loss-summed",
    )
    checks.that(
        not np.allclose(alike, oracle.loss_each(*before, X[8:16], y[8:16]).mean(), rtol=1e-3),
        ko="train: 마지막 배치의 손실만 적었습니다. 에폭의 모든 배치를 모아 평균을 내세요.",
        en="train: this is the loss of the last batch alone. Take the mean over all batches of the epoch.",
        misconception="loss-of-last-batch",
    )
    checks.that(
        not np.allclose(alike, twice(oracle, before, X[:16], y[:16]), rtol=1e-3),
        ko="train: 로짓에 시그모이드를 씌운 뒤 BCEWithLogitsLoss에 넣었습니다. 시그모이드가 두 번 들어갑니다.",
        en="train: the logits pass a sigmoid before BCEWithLogitsLoss, so that there are two of them.",
        misconception="double-sigmoid",
    )
    checks.that(
        bool(np.allclose(alike, even, rtol=0.02)),
        ko="train: 에폭의 평균 손실이 맞지 않습니다.",
        en="train: the mean loss of an epoch is not right.",
    )
    _, losses, before = trained(student, oracle, X, y, batch_size=8, epochs=2, lr=0.0, device=device, weight=weight)
    each = oracle.loss_each(*before, X, y)
    over_matches, over_batches = each.mean(), np.mean([each[:8].mean(), each[8:16].mean(), each[16]])
    low, high = sorted((over_matches, over_batches))
    nominal = 8 / 17 * 3 * over_batches
    got = checks.losses(losses, 2, name=oracle.TRAIN)
    checks.that(
        not np.allclose(got, nominal, rtol=1e-3),
        ko="train: 마지막 짧은 배치의 손실에도 batch_size를 곱했습니다. 그 배치에 실제로 든 경기 수를 쓰세요.",
        en="train: the loss of the last short batch is multiplied by batch_size, too. Use the matches really in it.",
        misconception="short-batch-weighs-full",
    )
    for name, total in (("matches", each.sum()), ("batches", 3 * over_batches)):
        checks.that(
            not np.allclose(got, total, rtol=1e-3),
            ko=f"train: 손실의 합입니다 ({'경기' if name == 'matches' else '배치'}마다 더한 것). 개수로 나누세요.",
            en=f"train: this is the sum of the losses (over {name}). Divide by their number.",
            misconception="loss-summed",
        )
    checks.that(
        bool(((got > low * 0.98 - 1e-4) & (got < high * 1.02 + 1e-4)).all()),
        ko="train: 에폭의 평균 손실이 맞지 않습니다.",
        en="train: the mean loss of an epoch is not right.",
    )


def twice(oracle, weights, X, y):
    """The mean loss where probabilities are taken for logits."""
    p = oracle.sigmoid(X @ weights[0] + weights[1])
    return np.mean(np.logaddexp(0, p) - y[:, 0] * p)


def is_elsewhere(student, oracle, model, losses, first):
    """Whether losses come back that begin like those of the model that came in, which itself was never asked."""
    told, (seen, *_) = oracle.plain(losses), oracle.notes(student, model)
    return not seen and told is not None and told.ndim == 1 and len(told) > 0 and abs(told[0] - first) < 0.3 * first


def stood_still(student, oracle, device):
    """Why the model did not move in a single step: with the gradient of the batch before, there was none. Two batches
    tell, the second with all answers turned round: a step that comes late goes the way of the first."""
    X, y = oracle.toy(16, 5, 378)
    model, _, before = trained(
        student, oracle, np.tile(X, (2, 1)), np.r_[y, 1 - y], batch_size=16, epochs=1, lr=0.02, device=device
    )
    _, cleared, *_ = oracle.notes(student, model)
    moved = oracle.weights(student, model)[0] - before[0]
    if float(moved @ oracle.slope(*before, X, y)) < 0:
        return "step-before-backward"
    return "nothing-learned" if cleared and not moved.any() else None


@pytest.mark.points(2)
@pytest.mark.title(ko="train: 받은 모델이 배움", en="train: the model that came in learns")
@pytest.mark.hint(
    ko="손실을 에폭마다 찍어 보세요. 네 박자가 다 있나요? 사본이 아니라 받은 모델을 학습시키나요?",
    en="Print the loss every epoch. Are all four beats there? Is it the model that came in, and no copy?",
)
def test_learns(student, oracle, device, pictures):
    """A plane to learn, from a start on its wrong side. Both what train says and the model's own loss fall by half."""
    X, y = oracle.toy(160, 6, 372)
    away = -np.linalg.lstsq(X, 2 * y[:, 0] - 1, rcond=None)[0]
    run = trained(student, oracle, X, y, batch_size=16, epochs=40, lr=0.05, device=device, weight=away)
    model, losses, before = run
    first, last = (oracle.loss_each(*w, X, y).mean() for w in (before, oracle.weights(student, model)))
    oracle.draw_losses(student, pictures)
    checks.that(
        bool(last < 0.5 * first),
        ko="train: 학습한 뒤에도 받은 모델의 손실이 충분히 줄지 않습니다.",
        en="train: after training, the loss of the model that came in has not fallen enough.",
        misconception="trains-a-copy" if is_elsewhere(student, oracle, model, losses, first) else None,
    )
    told = checks.losses(losses, 40, name=oracle.TRAIN)
    checks.that(
        bool(told[-1] < 0.6 * told[0]),
        ko="train: 돌려준 손실이 줄어들지 않습니다.",
        en="train: the losses that it returns do not fall.",
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="train: 한 배치에서 한 걸음", en="train: one batch, one step")
@pytest.mark.hint(
    ko="역전파가 기울기를 만들고, 걸음은 그 기울기를 씁니다. 어느 쪽이 먼저여야 할까요? 기울기는 언제 지우나요?",
    en="Backward makes the gradient and the step uses it. Which comes first? And when is it cleared?",
)
def test_first_step(student, oracle, device):
    """A single batch for a single epoch: the model moves, and downhill."""
    X, y = oracle.toy(16, 5, 373)
    model, losses, before = trained(student, oracle, X, y, batch_size=16, epochs=1, lr=0.02, device=device)
    after, found = oracle.weights(student, model), None
    moves = not np.allclose(before[0], after[0], rtol=0, atol=1e-7)
    if not moves:
        elsewhere = is_elsewhere(student, oracle, model, losses, oracle.loss_each(*before, X, y).mean())
        found = "trains-a-copy" if elsewhere else stood_still(student, oracle, device)
    checks.that(
        moves,
        misconception=found,
        ko="train: 배치 하나로 한 에폭을 돌았는데 모델이 전혀 움직이지 않습니다. 박자의 순서를 확인하세요.",
        en="train: an epoch of one batch does not move the model at all. Check the order of the beats.",
    )
    checks.that(
        bool(oracle.loss_each(*after, X, y).mean() < oracle.loss_each(*before, X, y).mean()),
        ko="train: 한 걸음 뒤에 손실이 커집니다. 갱신의 방향을 확인하세요.",
        en="train: after one step the loss is larger. Check the direction of the update.",
        misconception="climbing" if (after[0] - before[0]) @ oracle.slope(*before, X, y) > 0 else None,
    )


@pytest.mark.points(1)
@pytest.mark.title(ko="train: lr을 씀", en="train: uses lr")
@pytest.mark.hint(
    ko="옵티마이저에 학습률을 숫자로 적지 않았나요?",
    en="Is the learning rate written as a number into the optimizer?",
)
def test_lr(student, oracle, device):
    """With lr = 0 nothing moves."""
    X, y = oracle.toy(24, 4, 374)
    model, _, before = trained(student, oracle, X, y, batch_size=8, epochs=2, lr=0.0, device=device)
    checks.that(
        bool(np.allclose(before[0], oracle.weights(student, model)[0], rtol=0, atol=1e-7)),
        ko="train: 걸음의 크기가 lr을 따르지 않습니다. 받은 lr을 쓰고 있나요?",
        en="train: how far the model moves does not follow lr. Is the lr that comes in used?",
        misconception="learning-rate-ignored",
    )


@pytest.mark.points(3)
@pytest.mark.title(ko="train: 배치마다 기울기를 지움", en="train: clears the gradients for every batch")
@pytest.mark.hint(
    ko="PyTorch는 기울기를 덮어쓰지 않고 더합니다. 지난 배치의 기울기를 언제 지우나요?",
    en="PyTorch adds to gradients, it does not overwrite them. When do you clear those of the last batch?",
)
def test_clears(student, oracle, device):
    """Two epochs of four batches. When a gradient arrives at a parameter it finds nothing there, or zeros."""
    X, y = oracle.toy(32, 4, 375)
    model, _, _ = trained(student, oracle, X, y, batch_size=8, epochs=2, lr=0.01, device=device)
    _, cleared, _, _ = oracle.notes(student, model)
    checks.that(
        all(cleared),
        ko="train: 기울기가 지난 배치의 기울기 위에 쌓입니다.",
        en="train: gradients pile up on those of the batch before.",
        misconception="gradients-not-cleared",
    )


@pytest.mark.points(2)
@pytest.mark.title(ko="train: 학습 모드", en="train: train mode")
@pytest.mark.hint(
    ko="모델이 평가 모드로 들어올 수도 있습니다. 드롭아웃과 배치 정규화를 켜는 것은 무엇인가요?",
    en="The model may come in eval mode. What switches dropout and batch norm on?",
)
def test_mode(student, oracle, device):
    """A model with batch norm that comes in eval mode: its statistics are taken, and every batch with a gradient goes
    through it in train mode."""
    X, y = oracle.toy(32, 4, 376)
    run = trained(
        student,
        oracle,
        X,
        y,
        batch_size=8,
        epochs=2,
        lr=0.01,
        device=device,
        evaluating=True,
        mean=np.zeros(4),
        var=np.ones(4),
    )
    seen, _, normed, _ = oracle.notes(student, run[0])
    checks.that(
        normed > 0 and all(note["training"] for note in seen if note["gradient"]),
        ko="train: 모델이 학습 모드가 아닌 채로 배웁니다. 드롭아웃과 배치 정규화가 꺼져 있습니다.",
        en="train: the model learns outside train mode. Dropout and batch norm are off.",
        misconception="never-train-mode" if seen and not any(note["training"] for note in seen) else None,
    )


@pytest.mark.points(4)
@pytest.mark.title(ko="train: 모델과 모든 배치가 device에", en="train: the model and every batch on the device")
@pytest.mark.hint(
    ko="x.to(device)는 새 텐서를 돌려줍니다. 그 결과를 받아 두었나요? x와 y 둘 다인가요?",
    en="x.to(device) returns a new tensor. Do you keep it? And for both x and y?",
)
@pytest.mark.hint(
    ko="모델은 학습을 시작하기 전에 한 번 옮기면 됩니다.",
    en="The model is moved once, before training begins.",
)
def test_device(student, oracle, device, tip):
    """Where each batch and the weights were, and where the model is in the end. What moved too often costs nothing."""
    X, y = oracle.toy(20, 4, 377)
    student.probe.reset_transfers()
    model, losses, before = trained(student, oracle, X, y, batch_size=8, epochs=2, lr=0.05, device=device)
    moved = oracle.transfers(student)
    checks.losses(losses, 2, name=oracle.TRAIN)
    seen, _, _, place = oracle.notes(student, model)
    places = [note["model"] for note in seen] + [note["device"] for note in seen]
    nowhere = bool(seen) and not any(oracle.is_on(one, device) for one in (*places, place))
    checks.that(
        oracle.is_on(place, device) and all(oracle.is_on(note["model"], device) for note in seen),
        ko="train: 모델이 device에 있지 않습니다.",
        en="train: the model is not on the device.",
        misconception="device-ignored" if nowhere else None,
    )
    checks.that(
        all(oracle.is_on(note["device"], device) for note in seen),
        ko="train: device로 옮기지 않은 배치가 있습니다.",
        en="train: some batch was not moved to the device.",
    )
    checks.that(
        not np.allclose(before[0], oracle.weights(student, model)[0], rtol=0, atol=1e-7),
        ko="train: device에서 학습한 뒤에도 모델이 그대로입니다.",
        en="train: the model is the same after training on the device.",
    )
    if moved["same_batch_twice"] > 0:
        tip(
            ko="배치가 이미 device에 있는데 같은 텐서를 다시 복사합니다. "
            "x = x.to(device)처럼 한 번 옮긴 결과를 계속 쓰면 복사가 반으로 줄어듭니다.",
            en="The same tensor of a batch is copied to the device again and again. "
            "Keep what x.to(device) returned and use it from then on.",
            misconception="batch-copied-twice",
        )
    if moved["items"] + moved["to_host"] >= 6:
        tip(
            ko="걸음마다 GPU의 숫자를 CPU로 읽어 옵니다(.item(), float(loss), .cpu()). 그때마다 GPU가 일을 마칠 "
            "때까지 기다려야 합니다. 손실을 loss.detach()로 device에 모아 두고 에폭마다 한 번만 읽으면 더 빠릅니다.",
            en="A number is read from the GPU at every step (.item(), float(loss), .cpu()), and each time the CPU "
            "waits until the GPU is done. It is faster to add up loss.detach() there and to read it once an epoch.",
        )
