"""Mini-batches: sizes, types, order, and where the randomness comes from."""

import numpy as np
import pytest

from grader.suite import checks


def counted(n, d=3):
    """X (n, d) whose rows tell their number: row i begins with i; y (n,) of 0 and 1, i mod 3 == 0."""
    X = np.arange(n)[:, None] + np.linspace(0, 0.9, d)
    return X, (np.arange(n) % 3 == 0).astype(np.int64)


def one_pass(student, oracle, n, batch_size, shuffle, seed):
    """(row numbers (n,), labels (n,)) in the order in which they came."""
    rows, labels = oracle.whole(oracle.batches(student, student.make_loader(*counted(n), batch_size, shuffle, seed)))
    rows = checks.shape(rows, (n, 3), name=f"{oracle.LOADER}: x")
    return rows[:, 0], checks.shape(labels, (n,), name=f"{oracle.LOADER}: y")


@pytest.mark.points(3)
@pytest.mark.title(
    ko="make_loader: 배치의 크기, 마지막 짧은 배치까지", en="make_loader: batch sizes, with the last short one"
)
@pytest.mark.hint(
    ko="경기 수가 batch_size로 나누어떨어지지 않을 때 남는 경기는 어디로 가나요?",
    en="Where do the matches go that are left when batch_size does not divide their number?",
)
def test_sizes(student, oracle):
    """A short batch at the end, none, and a batch size above n; shuffled too."""
    for n, size, shuffle in ((23, 5, False), (20, 5, True), (7, 64, False), (33, 16, True)):
        pairs = oracle.batches(student, student.make_loader(*counted(n), size, shuffle, 3))
        sizes = [len(checks.finite(x, name=f"{oracle.LOADER}: x")) for x, _ in pairs]
        expected = [size] * (n // size) + ([n % size] if n % size else [])
        if sum(sizes) < n:
            found = "last-batch-dropped" if n % size and sizes == expected[:-1] else None
        else:
            found = "batch-size-ignored" if sizes == [n] else None
        lost = "마지막 짧은 배치가 빠졌습니다. " if sum(sizes) < n else ""
        lost_en = " The last short batch is missing." if sum(sizes) < n else ""
        checks.that(
            sizes == expected,
            ko=f"make_loader: 배치의 크기가 맞지 않습니다. {lost}",
            en=f"make_loader: the sizes of the batches are not right.{lost_en}",
            misconception=found,
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="make_loader: float32, y는 (batch, 1)", en="make_loader: float32, y of shape (batch, 1)")
@pytest.mark.hint(
    ko="numpy의 기본은 float64이고 정답은 정수입니다. y의 모양은 모델의 출력 (batch, 1)과 같아야 합니다.",
    en="numpy's default is float64, and the labels are ints. y needs the shape of the model's output, (batch, 1).",
)
def test_types(student, oracle):
    """Every batch, the last short one too."""
    for x, y in oracle.batches(student, student.make_loader(*counted(11), 4, False, 0)):
        rows = len(checks.finite(x, name=f"{oracle.LOADER}: x"))
        for part, shape, word in ((x, (rows, 3), "x"), (y, (rows, 1), "y")):
            with oracle.sign(oracle.axis(part, shape)):
                checks.shape(part, shape, name=f"{oracle.LOADER}: {word}")
            dtype = str(np.asarray(part).dtype)
            found = {"float64": "float64-tensor"}.get(dtype)
            if word == "y" and dtype in ("int64", "int32", "bool", "uint8"):
                found = "integer-labels"
            checks.that(
                dtype == "float32",
                ko=f"make_loader: 배치의 {word}는 float32여야 하는데 {dtype}입니다.",
                en=f"make_loader: {word} of a batch needs to be float32; it is {dtype}.",
                misconception=found,
            )


@pytest.mark.points(2)
@pytest.mark.title(ko="make_loader: 섞지 않으면 순서대로", en="make_loader: in order where not shuffled")
@pytest.mark.hint(
    ko="shuffle이 False이면 첫 경기부터 차례대로 나와야 합니다.",
    en="Where shuffle is False, matches come one after the other from the first.",
)
def test_in_order(student, oracle):
    """Values and labels."""
    rows, labels = one_pass(student, oracle, 29, 8, False, 1)
    with oracle.sign("shuffle-ignored", np.allclose(np.sort(rows), np.arange(29))):
        checks.array(rows, np.arange(29), name=f"{oracle.LOADER}: x", rtol=1e-6)
    checks.array(labels, counted(29)[1], name=f"{oracle.LOADER}: y")


@pytest.mark.points(2)
@pytest.mark.title(
    ko="make_loader: 섞되 빠짐없이, 짝은 그대로", en="make_loader: shuffled, complete, and pairs stay pairs"
)
@pytest.mark.hint(
    ko="shuffle 인자를 DataLoader에 넘기나요? 손수 섞는다면 X와 y를 같은 순서로 섞어야 합니다.",
    en="Is shuffle handed to DataLoader? If you shuffle by hand, use one order for X and y.",
)
def test_shuffled(student, oracle):
    """Sixty matches: that a shuffle leaves all in place has P = 1 / 60!."""
    rows, labels = one_pass(student, oracle, 60, 16, True, 2)
    checks.array(np.sort(rows), np.arange(60), name=f"{oracle.LOADER}: x", rtol=1e-6)
    checks.that(
        not np.array_equal(rows, np.arange(60)),
        ko="make_loader: shuffle=True인데 섞이지 않습니다.",
        en="make_loader: with shuffle=True nothing is shuffled.",
        misconception="shuffle-ignored",
    )
    checks.that(
        bool(np.array_equal(labels, np.rint(rows) % 3 == 0)),
        ko="make_loader: 섞을 때 x와 y의 짝이 어긋납니다.",
        en="make_loader: shuffling separates x from its y.",
        misconception="shuffles-inputs-alone" if np.array_equal(labels, counted(60)[1]) else None,
    )


@pytest.mark.points(2)
@pytest.mark.needs("make_loader.shuffled")
@pytest.mark.title(ko="make_loader: 같은 seed, 같은 순서", en="make_loader: the same seed, the same order")
@pytest.mark.hint(
    ko="전역 난수에 기대면 앞서 무엇을 뽑았는지에 따라 순서가 달라집니다. DataLoader에는 generator 인자가 있습니다.",
    en="The global generator depends on what was drawn before. DataLoader has an argument called generator.",
)
def test_seeded(student, oracle):
    """Two loaders of one seed, with the global generators elsewhere; another seed gives another order (1 / 60!)."""
    orders = []
    for seed, elsewhere in ((4, 1), (4, 2), (5, 1)):
        student.probe.seed(elsewhere)
        orders.append(one_pass(student, oracle, 60, 16, True, seed)[0])
    with checks.misconception("seed-ignored"):
        checks.same(orders[0], orders[1], name=oracle.LOADER)
    checks.that(
        not np.array_equal(orders[0], orders[2]),
        ko="make_loader: seed가 달라도 순서가 같습니다. seed를 쓰고 있나요?",
        en="make_loader: another seed gives the same order. Is seed used?",
        misconception="seed-ignored",
    )
