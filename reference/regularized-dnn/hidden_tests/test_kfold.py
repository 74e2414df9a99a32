"""Folds for cross-validation."""

import numpy as np
import pytest

from grader.suite import Text, checks

NAME = "kfold_indices(n, k, seed)"


def folds(student, n, k, seed):
    """k pairs (train, validation) of flat int arrays, all values within range(n)."""
    pairs = []
    for pair in checks.unpack(student.kfold_indices(n, k, seed), k, name=NAME):
        arrays = []
        for part, got in zip(("train", "validation"), checks.unpack(pair, 2, name=f"{NAME}[i]"), strict=True):
            values = checks.finite(got, name=f"{NAME}[i]: {part}")
            checks.that(
                values.ndim == 1 and bool(np.all((values == np.rint(values)) & (values >= 0) & (values < n))),
                ko=f"{NAME}: {part}에는 0부터 n - 1까지의 번호가 1차원으로 들어 있어야 합니다.",
                en=f"{NAME}: {part} needs to be a flat array of numbers from 0 to n - 1.",
            )
            arrays.append(values.astype(np.int64))
        pairs.append(tuple(arrays))
    return pairs


@pytest.mark.points(3)
@pytest.mark.title(ko="kfold_indices: 검증 묶음이 전체를 나눔", en="kfold_indices: validations partition everything")
@pytest.mark.hint(
    ko="n이 k로 나누어떨어지지 않을 때 남는 예제는 어디로 가나요? 모든 번호가 검증에 꼭 한 번씩 나와야 합니다.",
    en="Where do the examples left over go when k does not divide n? Each number validates exactly once.",
)
def test_partition(student):
    """Sizes that k divides and does not; as many folds as examples."""
    for n, k in ((20, 4), (23, 5), (11, 4), (7, 7), (9, 2)):
        parts = [validation for _, validation in folds(student, n, k, 3)]
        sizes = [len(part) for part in parts]
        whole = np.sort(np.concatenate(parts))
        detail = Text(f"n={n}, k={k}: {sizes}", f"n={n}, k={k}: {sizes}")
        checks.that(
            len(np.unique(whole)) == len(whole),
            ko="kfold_indices: 검증에 두 번 이상 나오는 예제가 있습니다. 묶음은 겹치지 않아야 합니다.",
            en="kfold_indices: some examples validate more than once. Folds must not overlap.",
            detail=detail,
            misconception="overlapping-folds",
        )
        checks.that(
            len(whole) == n,
            ko="kfold_indices: 한 번도 검증에 쓰이지 않는 예제가 있습니다.",
            en="kfold_indices: some examples never validate.",
            detail=detail,
            misconception="leftovers-dropped" if set(sizes) == {n // k} else None,
        )
        checks.that(
            max(sizes) - min(sizes) <= 1,
            ko="kfold_indices: 묶음의 크기가 2 이상 차이 납니다.",
            en="kfold_indices: the sizes of the folds differ by more than one.",
            detail=detail,
            misconception="leftovers-in-one-fold" if sorted(sizes)[:-1] == [n // k] * (k - 1) else None,
        )


@pytest.mark.points(2)
@pytest.mark.title(ko="kfold_indices: 훈련은 검증의 나머지", en="kfold_indices: training is what does not validate")
@pytest.mark.hint(
    ko="검증에 쓰는 예제가 훈련에도 있으면 점수가 부풀려집니다. 두 배열을 합치면 정확히 전체가 되어야 합니다.",
    en="An example on both sides inflates the score. Together the two arrays are exactly everything, once.",
)
def test_complement(student):
    """Every pair."""
    for n, k in ((20, 4), (23, 5)):
        for train, validation in folds(student, n, k, 4):
            checks.that(
                not np.intersect1d(train, validation).size,
                ko="kfold_indices: 훈련과 검증에 함께 들어 있는 예제가 있습니다.",
                en="kfold_indices: some examples are in both the training and the validation part.",
                misconception="trains-on-validation",
            )
            expected = np.setdiff1d(np.arange(n), validation)
            checks.that(
                bool(np.array_equal(np.sort(train), expected)),
                ko="kfold_indices: 훈련이 검증을 뺀 나머지 전부와 같지 않습니다.",
                en="kfold_indices: the training part is not all that is left beside the validation part.",
                misconception="trains-on-one-fold" if len(train) <= -(-n // k) else None,
            )


@pytest.mark.points(2)
@pytest.mark.title(ko="kfold_indices: 섞은 다음 나눔", en="kfold_indices: shuffled before it is cut")
@pytest.mark.hint(
    ko="데이터가 클래스 순서로 놓여 있다면 앞에서부터 자른 묶음에는 한 클래스만 들어갑니다.",
    en="If the data are sorted by class, folds cut from front to back hold one class each.",
)
def test_shuffled(student, oracle):
    """Pairs of neighbours (i, i + 1) that share a fold, n = 2000, k = 5.

    For a random permutation their mean is n / k - 1 = 399, and their variance about n / k * (1 - 1 / k) = 320,
    sd 18 (join counts: Moran 1948; normal in the limit by Hoeffding's combinatorial theorem, 1951). 200 away is
    11 sd, P < 1e-20; blocks have 1995, every k-th example has 0.
    """
    n, k = 2000, 5
    together = oracle.neighbours_together([validation for _, validation in folds(student, n, k, 5)], n)
    checks.that(
        together < n / k - 1 + 200,
        ko="kfold_indices: 이웃한 예제들이 한 묶음에 몰려 있습니다. 나누기 전에 섞어야 합니다.",
        en="kfold_indices: neighbours sit in one fold together. Shuffle before you cut.",
        misconception="folds-not-shuffled",
    )
    checks.that(
        together > n / k - 1 - 200,
        ko="kfold_indices: 번호를 k개씩 건너뛰며 나누었을 뿐 섞지 않았습니다.",
        en="kfold_indices: taking every k-th number is not shuffling.",
        misconception="folds-not-shuffled",
    )


@pytest.mark.points(1)
@pytest.mark.title(ko="kfold_indices: seed가 순서를 정함", en="kfold_indices: the seed decides the order")
@pytest.mark.hint(
    ko="seed로 만든 생성기 하나로 섞으세요. seed를 숫자로 적어 두지 않았나요?",
    en="Shuffle with one generator made from seed. Is some number written where seed belongs?",
)
def test_seeded(student):
    """Twice, with the global generators elsewhere in between. Two of 60! / (12!)^5 partitions agree with P < 1e-37."""
    student.probe.seed(1)
    first = [np.sort(validation) for _, validation in folds(student, 60, 5, 8)]
    student.probe.seed(2)
    again = [np.sort(validation) for _, validation in folds(student, 60, 5, 8)]
    other = [np.sort(validation) for _, validation in folds(student, 60, 5, 9)]
    in_order = all(np.ptp(np.diff(validation)) == 0 for validation in first if len(validation) > 2)
    with checks.misconception("folds-not-shuffled" if in_order else "seed-ignored"):
        checks.same(first, again, name=NAME)
        checks.different(
            first,
            other,
            name=NAME,
            because=Text("seed가 다르면 다르게 섞여야 합니다.", "Another seed should shuffle in another way."),
        )
