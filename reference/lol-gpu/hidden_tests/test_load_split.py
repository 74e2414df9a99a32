"""CSV files into arrays: no index among the features, labels beside their matches."""

import numpy as np
import pytest

from grader.suite import Failed, checks

PARTS = ("X_train", "y_train", "X_test", "y_test")


def load(student, folder):
    return checks.unpack(student.load_split(folder), 4, name="load_split(folder)", parts=PARTS)


@pytest.mark.points(3)
@pytest.mark.title(ko="load_split: 네 배열의 값", en="load_split: the values of all four arrays")
@pytest.mark.hint(
    ko="파일의 첫 열은 이름이 없습니다. 그것은 특성인가요? y는 (n, 1)이 아니라 (n,)입니다.",
    en="The first column of the files has no name. Is it a feature? And y is (n,), not (n, 1).",
)
def test_values(student, oracle):
    """A folder of another name and size, with y_test.csv."""
    train, test = oracle.matches(37, 301), oracle.matches(11, 302)
    student.probe.write_files("other/season", oracle.files(train, test))
    found = load(student, "other/season")
    rows = oracle.plain(found[0])
    numbered = rows is not None and rows.ndim == 2 and np.array_equal(rows[:, 0], np.arange(37))
    checks.that(
        not numbered,
        ko="load_split: 첫 특성이 색인입니다. 색인은 특성이 아닙니다.",
        en="load_split: the first feature is the index, which is no feature.",
        misconception="index-as-feature",
    )
    if rows is not None and rows.ndim == 2 and len(rows) != 37:
        with oracle.sign("folder-written-in-code", oracle.is_shipped(student, "other/season")):
            checks.shape(found[0], train[0].shape, name="load_split(folder): X_train")
    for got, expected, part in zip(found, (*train, *test), PARTS, strict=True):
        with oracle.sign(oracle.axis(got, expected.shape)):
            checks.array(got, expected, name=f"load_split(folder): {part}", rtol=1e-6)


@pytest.mark.points(2)
@pytest.mark.title(ko="load_split: X와 y가 나란히", en="load_split: X and y side by side")
@pytest.mark.hint(
    ko="색인이 0부터 차례대로가 아닌 폴더도 있습니다. 한쪽 표만 정렬하면 정답이 다른 경기에 붙습니다.",
    en="In some folders the index does not count up from 0. Sort only one table, and answers go to other matches.",
)
def test_index(student, oracle):
    """Shuffled indices with gaps, alike in x and y. Training matches may come in any order, with their labels."""
    (X, y), (X_test, y_test) = oracle.matches(40, 303), oracle.matches(9, 304)
    order = np.random.default_rng(305).permutation(900)
    student.probe.write_files("shuffled", oracle.files((X, y), (X_test, y_test), order[:40], order[40:49]))
    found = load(student, "shuffled")
    for got, X_true, y_true, part in zip(
        (found[:2], found[2:]), (X, X_test), (y, y_test), ("train", "test"), strict=True
    ):
        rows = checks.shape(got[0], X_true.shape, name=f"load_split(folder): X_{part}")
        labels = checks.shape(got[1], y_true.shape, name=f"load_split(folder): y_{part}")
        alike = ordered(rows, X_true) and ordered(labels[:, None], y_true[:, None])
        checks.that(
            ordered(np.column_stack([rows, labels]), np.column_stack([X_true, y_true])),
            ko=f"load_split: 색인이 뒤섞인 폴더에서 X_{part}의 경기와 y_{part}의 정답이 어긋나거나, 경기가 없어집니다.",
            en=f"load_split: with a shuffled index, matches of X_{part} lose their labels of y_{part}, or get lost.",
            misconception="labels-of-other-rows" if alike else None,
        )


def ordered(told, truth):
    """Whether two tables hold the same rows, in any order."""
    told, truth = (table[np.lexsort(table.T)] for table in (told, truth))
    return bool(np.allclose(told, truth, rtol=1e-6))


@pytest.mark.points(2)
@pytest.mark.title(ko="load_split: 정답 파일이 없으면 None", en="load_split: None where there are no answers")
@pytest.mark.hint(
    ko="읽기 전에 y_test.csv가 그 폴더에 있는지 보세요. 없다고 0을 지어내면 안 됩니다.",
    en="Look whether y_test.csv is in the folder before reading it. Where it is not, do not make up zeros.",
)
def test_no_answers(student, oracle):
    """Three files; then a folder with four, so that None is not all it knows."""
    train, test = oracle.matches(12, 306), oracle.matches(5, 307)
    student.probe.write_files("unknown", oracle.files(train, (test[0], None)))
    student.probe.write_files("known", oracle.files(train, test))
    try:
        made_up = load(student, "unknown")[3]
    except Failed as failed:
        if "y_test.csv" in oracle.raised(failed):
            failed.misconception = "test-answers-expected"
        raise
    labels = oracle.plain(made_up)
    checks.that(
        made_up is None,
        ko="load_split: y_test.csv가 없을 때 y_test가 None이 아닙니다.",
        en="load_split: y_test is not None where y_test.csv is missing.",
        misconception="answers-made-up" if labels is not None and labels.size == 5 else None,
    )
    checks.array(load(student, "known")[3], test[1], name="load_split(folder): y_test")


@pytest.mark.points(1)
@pytest.mark.title(ko="load_split: 한 경기뿐인 폴더", en="load_split: a folder of one match")
@pytest.mark.hint(
    ko="한 줄뿐이어도 X는 (1, 48), y는 (1,)입니다. squeeze()가 차원을 너무 많이 없애지 않나요?",
    en="With a single row X is (1, 48) and y (1,). Does a squeeze() take away too many dimensions?",
)
def test_one_match(student, oracle):
    """One to train, one to test."""
    train, test = oracle.matches(1, 308), oracle.matches(1, 309)
    student.probe.write_files("single", oracle.files(train, test))
    for got, expected, part in zip(load(student, "single"), (*train, *test), PARTS, strict=True):
        with oracle.sign(oracle.axis(got, expected.shape)):
            checks.array(got, expected, name=f"load_split(folder): {part}", rtol=1e-6)
