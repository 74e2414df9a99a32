"""The student's best model: how well it does on matches never seen, and what it learned from."""

import numpy as np
import pytest

from grader.suite import Failed, checks


@pytest.fixture(scope="module")
def unseen(oracle, own_data):
    """Raw X and y of matches whose labels never enter the box: the judge's, or those that came with --data."""
    return (oracle.held_out_x(), oracle.held_out_y()) if own_data is None else (own_data.X_test, own_data.y_test)


@pytest.fixture(scope="module")
def answers(student, oracle, unseen, seeds, own_data, board):
    """(n,) chances for the matches held out, for each seed; trained on data/lol, on the CPU. The leaderboard's matches
    are others; nothing here tells of them."""
    said, on_board = [], []
    for seed in seeds:
        model, scaler = oracle.fitted(student, oracle.SHIPPED, "cpu", seed)
        said.append(oracle.chances(student, model, scaler, unseen[0], "cpu"))
        if own_data is None:
            on_board.append(oracle.right_on_board(student, model, scaler))
    if on_board and all(right is not None for right in on_board):
        board.record(on_board, *oracle.board_matches()[2:])
    return said


@pytest.fixture(scope="module")
def small(student, oracle):
    """A folder of 700 matches to learn from."""
    student.probe.write_files("small", oracle.files(oracle.matches(700, 461), (oracle.matches(100, 462)[0], None)))
    return "small"


def few(oracle):
    """A thousand of the matches held out."""
    return oracle.held_out_x()[:1000], oracle.held_out_y()[:1000]


@pytest.mark.points(1)
@pytest.mark.title(ko="fit: device에서 학습하고 예측함", en="fit: trains and predicts on the device")
@pytest.mark.hint(
    ko="fit이 받은 device를 train에 그대로 넘기나요? 어떤 폴더든, 데이터가 적어도 돌아야 합니다.",
    en="Does fit hand its device on to train? It should run for any folder, with few matches, too.",
)
def test_device(student, oracle, device, small):
    """Trained there on 700 matches: right in 90 % at least."""
    X, y = few(oracle)
    try:
        right = oracle.share(oracle.chances(student, *oracle.fitted(student, small, device, 3), X, device), y)
    except Failed as failed:
        if "same device" in oracle.raised(failed) and works(student, oracle, device):
            failed.misconception = "batch-not-moved"
        raise
    checks.that(
        right >= 0.9,
        ko="fit: device에서 학습한 모델이 경기의 승자를 제대로 맞히지 못합니다.",
        en="fit: the model trained on the device does not tell the winners well.",
        detail=oracle.percent(right),
    )


def works(student, oracle, device):
    """Whether train and predict_proba by themselves get along on the device."""
    X, y = oracle.matches(20, 466)
    X = (X - X.mean(axis=0)) / np.maximum(X.std(axis=0), 1e-9)
    try:
        model = student.build_model()
        student.train(model, student.probe.tensor_loader(X, y[:, None], 10), 1, 0.01, device)
        student.predict_proba(model, X, device)
    except Failed:
        return False
    return True


@pytest.mark.points(1)
@pytest.mark.title(ko="fit: seed가 같으면 모델도 같음", en="fit: the same seed, the same model")
@pytest.mark.hint(
    ko="초기화, 섞기, 드롭아웃이 모두 seed에서 나와야 합니다. 모델을 만들기 전에 시드를 정했나요?",
    en="Initialization, shuffling and dropout should all follow from seed. Is it set before the model is built?",
)
def test_seeded(student, oracle, small):
    """Two models of one seed, on the CPU, with the global generators elsewhere; chances agree to 0.001."""
    X, _ = few(oracle)
    said = []
    for elsewhere in (1, 2):
        student.probe.seed(elsewhere)
        said.append(oracle.chances(student, *oracle.fitted(student, small, "cpu", 7), X, "cpu"))
    checks.that(
        bool(np.max(np.abs(said[0] - said[1])) <= 1e-3),
        ko="fit: 같은 seed로 두 번 학습했는데 예측이 다릅니다.",
        en="fit: trained twice with the same seed, it predicts differently.",
        misconception="seed-ignored",
    )


@pytest.mark.points(3)
@pytest.mark.title(ko="fit: 스케일러는 훈련 데이터에서만", en="fit: a scaler of the training part alone")
@pytest.mark.hint(
    ko="시험 데이터를 바꾸었더니 스케일러가 달라졌습니다. 두 데이터를 이어 붙여서 재지 않았나요?",
    en="With another test part the scaler became another. Was it fitted on both parts together?",
)
def test_scaler(student, oracle, small):
    """The same training part beside two test parts: the scaler does the same to the same matches. Where it does not,
    the same folder twice tells how much of that is chance."""
    train, strange = oracle.matches(700, 461), oracle.matches(400, 463)[0] * 20 + 1000
    student.probe.write_files("strange", oracle.files(train, (strange, None)))
    X, _ = few(oracle)

    def scaled(folder):
        return oracle.scaled(student, X, oracle.fitted(student, folder, "cpu", 5)[1])

    usual, moved = scaled(small), scaled("strange")
    if np.allclose(usual, moved, rtol=1e-5, atol=1e-6):
        return
    chance = np.abs(usual - scaled(small)).max()
    checks.that(
        bool(np.abs(usual - moved).max() <= 3 * chance),
        ko="fit: 시험 데이터가 달라지면 스케일러도 달라집니다. 시험 데이터의 정보가 새어 들어왔습니다 (scaler leak).",
        en="fit: the scaler changes with the test part. Information of the test part leaks in (a scaler leak).",
        misconception="scaler-of-both-parts",
    )


@pytest.mark.points(1)
@pytest.mark.title(ko="fit: 받은 폴더에서 배움", en="fit: learns from the folder that it is given")
@pytest.mark.hint(
    ko="폴더 이름을 코드에 적어 두지 않았나요? 정답이 뒤집힌 폴더에서 배우면 답도 뒤집혀야 합니다.",
    en="Is the name of a folder written into the code? Where all labels are turned round, so should be the answers.",
)
def test_turned_labels(student, oracle, small):
    """700 matches with 1 - y: fewer than 30 % are right then (3 % for a good model)."""
    X, y = oracle.matches(700, 461)
    student.probe.write_files("turned", oracle.files((X, 1 - y), (oracle.matches(100, 462)[0], None)))
    new = few(oracle)
    right = learned(student, oracle, "turned", 1, *new)
    # one that learns well from the small folder, and the same whatever labels lie in this one, reads neither
    elsewhere = right >= 0.9 and learned(student, oracle, small, 1, *new) >= 0.9
    checks.that(
        right < 0.3,
        misconception="folder-written-in-code" if elsewhere else None,
        ko="fit: 훈련 정답을 모두 뒤집었는데도 답이 뒤집히지 않습니다. 받은 폴더의 y_train에서 배우나요?",
        en="fit: all training labels are turned round, but the answers are not. Does it learn from that y_train?",
        detail=oracle.percent(right),
    )


def learned(student, oracle, folder, seed, X, y):
    """The share of right answers of a model that learns from this folder."""
    return oracle.share(oracle.chances(student, *oracle.fitted(student, folder, "cpu", seed), X, "cpu"), y)


@pytest.mark.points(2)
@pytest.mark.title(ko="fit: 시험 정답에서 배우지 않음", en="fit: does not learn from the test answers")
@pytest.mark.hint(
    ko="훈련 정답을 마구 섞으면 배울 것이 없습니다. 그런데도 잘 맞힌다면 y_test가 학습에 쓰인 것입니다.",
    en="From shuffled training labels there is nothing to learn. If it still does well, y_test was used to train.",
)
def test_permuted_labels(student, oracle):
    """1,500 matches with permuted labels beside a test part with true ones: its accuracy falls to chance.

    A model of permuted labels leans one way or the other by chance, since one direction (who is ahead) carries most
    of the spread. Of 300 logistic regressions on such labels (mean 50 %, standard deviation 7 points) one had more
    than 70 % right, so that four in a row have P < 1e-8."""
    (X, y), test = oracle.matches(1500, 464), oracle.matches(1500, 465)
    lowest = 1.0
    for attempt in range(4):
        student.probe.write_files("permuted", oracle.files((X, oracle.permuted(y, 470 + attempt)), test))
        model, scaler = oracle.fitted(student, "permuted", "cpu", attempt)
        lowest = min(lowest, oracle.share(oracle.chances(student, model, scaler, test[0], "cpu"), test[1]))
        if lowest <= 0.7:
            return
    student.probe.write_files("permuted", oracle.files((X, oracle.permuted(y, 470)), (test[0], 1 - test[1])))
    follows = learned(student, oracle, "permuted", 0, *test) < 0.3  # turned round with the test answers
    checks.that(
        False,
        misconception="label-leak" if follows else None,
        ko="fit: 훈련 정답을 섞어서 주어도 시험 경기의 승자를 맞힙니다. 정답이 y_train이 아닌 곳에서 새어 들어옵니다.",
        en="fit: it knows the winners even from shuffled labels. Answers leak in from elsewhere than y_train.",
        detail=oracle.percent(lowest),
    )


@pytest.mark.points(8)
@pytest.mark.title(ko="처음 보는 경기의 정확도", en="accuracy on matches never seen")
@pytest.mark.hint(
    ko="손실이 아직 내려가는 중이라면 걸음이 모자란 것입니다. 배치 크기, 에폭 수, 학습률을 바꿔 보세요.",
    en="If the loss is still falling, steps are lacking. Try another batch size, more epochs, another learning rate.",
)
@pytest.mark.hint(
    ko="예측할 때도 훈련 때와 같은 스케일러를 쓰는지 먼저 확인하세요.",
    en="First make sure that predictions use the scaler of the training.",
)
def test_held_out(student, answers, small, unseen, own_data, oracle, metrics, curves, pictures, tip):
    """4,000 matches, or the test part of the data that came along; the median over the judge's seeds."""
    _, labels = unseen
    curve = curves["held_out_accuracy"]
    curve = curve if own_data is None else oracle.to_chance(curve, len(labels))
    winners = [(said > 0.5).astype(np.float64) for said in answers]
    oracle.draw_winners(pictures, answers[0], labels)
    try:
        value = checks.accuracy(
            winners,
            labels,
            name=oracle.PREDICT,
            metric="held_out_accuracy",
            curve=curve,
            metrics=metrics,
            title=oracle.ACCURACY,
        )
    except Failed as failed:
        if failed.misconception is None and unscaled(student, oracle, small):
            failed.misconception = "scaling-left-out"
        raise
    low, _ = checks.wilson(value * len(labels), len(labels))
    if low < curve.target:
        tip(
            ko=f"목표를 넘었지만 아슬아슬합니다. 경기 {len(labels):,}개로 잰 95 % 신뢰구간이 목표 {curve.target:.1%}"
            f"보다 낮은 {low:.1%}부터 시작하므로, 다른 경기로 재면 목표에 못 미칠 수도 있습니다.",
            en=f"The target is reached, but only just. The 95 % interval, from {len(labels):,} matches, begins at "
            f"{low:.1%}, below the target of {curve.target:.1%}: on other matches it might be missed.",
        )


def unscaled(student, oracle, small):
    """Whether models of six seeds all do well on matches that are not scaled, and better than on scaled ones. A model
    that learned nothing leans one way or the other on raw matches, but not six times the same."""
    X, y = few(oracle)
    raw, scaled = [], []
    try:
        loaded = student.probe.part(student.probe.keep("load_split", small), 0)
        read = None if loaded is None else oracle.plain(student.probe.rows(loaded, 0, 5))
        if read is None or not np.array_equal(read, oracle.matches(700, 461)[0][:5]):
            return False  # it learns from other columns than those asked about
        for seed in range(6):
            model, scaler = oracle.fitted(student, small, "cpu", seed)
            said = student.probe.use("predict_proba", model, X, "cpu")
            raw.append(oracle.share(checks.shape(said, (len(X),), name=oracle.PREDICT), y))
            scaled.append(oracle.share(oracle.chances(student, model, scaler, X, "cpu"), y))
    except Failed:
        return False
    return bool(min(raw) >= 0.8 and np.median(raw) >= np.median(scaled) + 0.05)
