"""Made-up matches: the layout, the statistics, what must hold within a match, and what a wrong folder is told.

Every draw has a fixed seed, so that nothing here can flake; tolerances are many standard errors wide all the same.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from grader import cli, lol
from grader.errors import BadInput

REAL = Path(__file__).parents[2] / "shared" / "data" / "lol"

# Mean and standard deviation in the real data.
STATED = {
    "gameDuraton": (1435.5, 432.5),
    "blueKills": (24.8, 13.6),
    "blueTotalGold": (48_037, 16_045),
    "blueTowerKills": (4.35, 3.38),
    "blueTotalLevel": (64.8, 14.8),
    "blueWardPlaced": (53.5, 30.2),
    "redTotalMinionKills": (506, 181),
    "redTotalHeal": (24_600, 15_100),
    "redObjectDamageDealt": (36_900, 26_900),
    "redChampionDamageDealt": (69_200, 37_000),
    "redDragonKills": (1.51, 1.30),
    "blueFirstDragon": (0.412, 0.492),
    "redFirstInhibitor": (0.370, 0.483),
    "Rank_Challenger": (0.136, 0.342),
}
PER_SIDE = ("FirstBaron", "FirstDragon", "FirstInhibitor")

Columns = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def matches() -> tuple[Columns, NDArray[np.int64]]:
    X, y = lol.make(40_000, seed=11)
    return dict(zip(lol.FEATURES, X.T, strict=True)), y


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lol.write(tmp_path / "lol", 60, seed=5, test_games=20)
    return tmp_path / "lol"


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["grader", *map(str, words)])
        with pytest.raises(SystemExit) as end:
            cli.main()
        said = capsys.readouterr()
        return int(end.value.code or 0), said.out + said.err

    return call


# the matches


@pytest.mark.parametrize("column", STATED)
def test_means_and_spreads_are_the_real_ones(column: str, matches: tuple[Columns, NDArray[np.int64]]) -> None:
    mean, spread = STATED[column]
    assert matches[0][column].mean() == pytest.approx(mean, rel=0.04)
    assert matches[0][column].std() == pytest.approx(spread, rel=0.04)


def test_blue_wins_as_often_as_in_the_real_data(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    assert matches[1].mean() == pytest.approx(0.491, abs=0.012)
    assert set(matches[1]) == {0, 1}


def test_values_are_whole_and_within_their_ranges(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns = matches[0]
    X = np.stack([values for name, values in columns.items() if not name.endswith("AvgLevel")])
    assert (np.rint(X) == X).all()
    assert X.min() >= 0
    assert columns["gameDuraton"].min() >= 190
    assert columns["gameDuraton"].max() <= 3758
    assert max(columns["blueTowerKills"].max(), columns["redTowerKills"].max()) <= 11
    assert max(columns["blueTotalLevel"].max(), columns["redTotalLevel"].max()) <= 130
    assert max(columns["blueKills"].max(), columns["redKills"].max()) < 150
    assert min(columns["blueTotalGold"].min(), columns["redTotalGold"].min()) >= 2500


def test_kills_of_one_side_are_deaths_of_the_other(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns = matches[0]
    for one, other in (("blue", "red"), ("red", "blue")):
        executed = columns[f"{one}Death"] - columns[f"{other}Kills"]
        assert executed.min() == 0
        assert (executed == 0).mean() == pytest.approx(0.925, abs=0.01)
        assert (columns[f"{one}Assist"] <= 4 * columns[f"{one}Kills"]).all()
        assert (columns[f"{one}Wardkills"] <= columns[f"{other}WardPlaced"]).all()
        np.testing.assert_array_equal(columns[f"{one}AvgLevel"], columns[f"{one}TotalLevel"] / 5)


@pytest.mark.parametrize("first", PER_SIDE)
def test_only_one_side_is_first_and_it_has_some(first: str, matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns = matches[0]
    counted = f"{first.removeprefix('First')}Kills"
    blue, red = columns[f"blue{first}"], columns[f"red{first}"]
    assert set(np.unique(blue + red)) == {0, 1}
    assert (columns[f"blue{counted}"][blue == 1] > 0).all()
    assert (columns[f"red{counted}"][red == 1] > 0).all()
    np.testing.assert_array_equal(blue + red > 0, columns[f"blue{counted}"] + columns[f"red{counted}"] > 0)


def test_who_has_the_only_towers_or_kills_was_first(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns = matches[0]
    for first, counted in (("FirstTower", "TowerKills"), ("FirstBlood", "Kills")):
        blue, red = columns[f"blue{counted}"], columns[f"red{counted}"]
        assert (columns[f"blue{first}"][(blue > 0) & (red == 0)] == 1).all()
        assert (columns[f"blue{first}"][blue == 0] == 0).all()


def test_every_match_has_one_rank(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    np.testing.assert_array_equal(sum(matches[0][name] for name in lol.RANKS), 1)


def test_levels_gold_and_towers_tell_who_wins(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns, y = matches
    for name, least in (("TotalGold", 0.97), ("TotalLevel", 0.92), ("TowerKills", 0.90)):
        lead = columns[f"blue{name}"] - columns[f"red{name}"]
        assert ((lead > 0) == (y == 1))[lead != 0].mean() > least


def test_what_grows_with_the_duration_does(matches: tuple[Columns, NDArray[np.int64]]) -> None:
    columns = matches[0]
    for name in ("TotalGold", "TotalMinionKills", "WardPlaced", "DragonKills", "TotalHeal", "TotalLevel"):
        assert np.corrcoef(columns["gameDuraton"], columns[f"blue{name}"])[0, 1] > 0.4


def test_logistic_regression_does_as_well_as_on_real_matches() -> None:
    from sklearn.linear_model import LogisticRegression

    X, y = lol.make(15_000, seed=21)
    X_test, y_test = lol.make(20_000, seed=21, part=1)
    mean, std = X.mean(axis=0), X.std(axis=0)
    model = LogisticRegression(max_iter=1000).fit((X - mean) / std, y)
    assert 0.9846 <= model.score((X_test - mean) / std, y_test) <= 0.9946


def test_the_groups_net_is_between_95_and_98_percent() -> None:
    """48-16-1, ReLU, SGD 0.1, 60 epochs; two mini-batches an epoch."""
    import torch

    X, y = lol.make(15_000, seed=22)
    X_test, y_test = lol.make(20_000, seed=22, part=1)
    mean, std = X.mean(axis=0), X.std(axis=0)
    data, test = (torch.tensor((part - mean) / std, dtype=torch.float32) for part in (X, X_test))
    labels = torch.tensor(y, dtype=torch.float32)[:, None]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(48, 16), torch.nn.ReLU(), torch.nn.Linear(16, 1))
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for _ in range(60):
            for batch in torch.randperm(len(data)).split(7_500):
                optimizer.zero_grad()
                torch.nn.functional.binary_cross_entropy_with_logits(model(data[batch]), labels[batch]).backward()
                optimizer.step()
    right = ((model(test)[:, 0] > 0).numpy() == (y_test == 1)).mean()
    assert 0.95 <= right <= 0.98


def test_the_correlations_are_possible() -> None:
    table = lol.correlation()
    np.testing.assert_array_equal(table, table.T)
    assert np.linalg.eigvalsh(table)[0] > 0.01


@pytest.mark.skipif(not REAL.is_dir(), reason="the real matches are not on this machine")
def test_no_match_is_a_real_one() -> None:
    real = lol.load(REAL)
    rows = {row.tobytes() for part in (real.X_train, real.X_test) for row in part}
    for part in (0, 1):
        made = lol.make(20_000, seed=31, part=part)[0]
        assert not any(row.tobytes() in rows for row in np.ascontiguousarray(made))
    assert np.ascontiguousarray(real.X_train)[0].tobytes() in rows  # the comparison itself can find one


# files


def test_the_same_seed_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    lol.write(tmp_path / "again", 60, seed=5, test_games=20)
    lol.write(tmp_path / "other", 60, seed=6, test_games=20)
    for name in lol.FILES:
        assert (folder / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
        assert (folder / name).read_bytes() != (tmp_path / "other" / name).read_bytes()


def test_the_layout_is_the_groups_own(folder: Path) -> None:
    lines = (folder / "x_train.csv").read_text().splitlines()
    assert lines[0] == "," + ",".join(lol.FEATURES)
    assert lines[0].startswith(",gameDuraton,blueFirstBlood,blueFirstTower,blueFirstBaron")
    assert [line.split(",")[0] for line in lines[1:]] == [str(i) for i in range(60)]
    assert (folder / "x_test.csv").read_text().splitlines()[1].startswith("60,")
    assert (folder / "y_train.csv").read_text().splitlines()[0] == ",blueWins"
    level = lines[1].split(",")[1 + lol.FEATURES.index("blueAvgLevel")]
    assert level == f"{float(level):.1f}"


@pytest.mark.skipif(not REAL.is_dir(), reason="the real matches are not on this machine")
def test_headers_equal_those_of_the_real_files(folder: Path) -> None:
    for name in lol.FILES:
        with (REAL / name).open() as real, (folder / name).open() as made:
            assert made.readline() == real.readline()
    assert lol.check(REAL) == []


def test_load_gives_what_was_made(folder: Path) -> None:
    X_train, y_train, X_test, y_test = lol.load(str(folder))
    X, y = lol.make(60, seed=5)
    np.testing.assert_array_equal(X_train, X)
    np.testing.assert_array_equal(y_train, y)
    assert (X_train.dtype, y_train.dtype, X_test.shape) == (np.float64, np.int64, (20, 48))
    assert y_test is not None
    assert lol.load(folder).names == lol.FEATURES


def test_the_answers_of_the_test_part_may_be_absent(folder: Path) -> None:
    (folder / "y_test.csv").unlink()
    assert lol.check(folder) == []
    assert lol.load(folder).y_test is None


def test_nothing_is_overwritten_unless_asked(folder: Path) -> None:
    before = {name: (folder / name).read_bytes() for name in lol.FILES}
    (folder / "x_train.csv").unlink()
    with pytest.raises(BadInput, match="--force") as caught:
        lol.write(folder, 10, seed=1)
    assert "이미 있습니다" in caught.value.text.ko
    assert not (folder / "x_train.csv").exists()
    lol.write(folder, 60, seed=5, test_games=20, force=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_failure_midway_leaves_everything_as_it_was(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: (folder / name).read_bytes() for name in lol.FILES}
    move = Path.replace

    def breaks(self: Path, target: Path) -> Path:
        if self.name == "x_test.csv" and Path(target).parent == folder and self.parent.name.startswith(".new-"):
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", breaks)
    with pytest.raises(BadInput, match="No file was changed"):
        lol.write(folder, 10, seed=1, force=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_folder_in_the_place_of_a_file_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x_train.csv").mkdir()
    with pytest.raises(BadInput, match="is no file"):
        lol.write(tmp_path, 10, seed=1, force=True)
    assert (tmp_path / "x_train.csv").is_dir()


# faults of a folder


def _without_file(folder: Path) -> None:
    (folder / "x_test.csv").unlink()


def _emptied(folder: Path) -> None:
    (folder / "x_train.csv").write_text("")


def _header_only(folder: Path) -> None:
    file = folder / "y_train.csv"
    file.write_text(file.read_text().splitlines()[0] + "\n")


def _corrected_spelling(folder: Path) -> None:
    _replace(folder / "x_train.csv", "gameDuraton", "gameDuration")


def _without_index(folder: Path) -> None:
    file = folder / "x_train.csv"
    file.write_text("".join(line.split(",", 1)[1] for line in file.read_text().splitlines(keepends=True)))


def _one_row_less(folder: Path) -> None:
    file = folder / "y_train.csv"
    file.write_text("".join(file.read_text().splitlines(keepends=True)[:-1]))


def _other_order(folder: Path) -> None:
    file = folder / "y_test.csv"
    header, *rows = file.read_text().splitlines(keepends=True)
    file.write_text("".join([header, *rows[::-1]]))


def _twice_the_same(folder: Path) -> None:
    for name in lol.TRAIN:
        _replace(folder / name, "\n1,", "\n0,")


def _a_word(folder: Path) -> None:
    file = folder / "x_test.csv"
    rows = file.read_text().splitlines()
    rows[3] = rows[3].rsplit(",", 1)[0] + ",many"
    file.write_text("\n".join(rows))


def _a_hole(folder: Path) -> None:
    file = folder / "x_test.csv"
    rows = file.read_text().splitlines()
    rows[3] = rows[3].rsplit(",", 1)[0]
    file.write_text("\n".join(rows))


def _a_row_too_long(folder: Path) -> None:
    file = folder / "x_test.csv"
    rows = file.read_text().splitlines()
    rows[3] += ",1,1"
    file.write_text("\n".join(rows))


def _a_third_label(folder: Path) -> None:
    file = folder / "y_train.csv"
    file.write_text(file.read_text().rstrip()[:-1] + "2\n")


def _not_text(folder: Path) -> None:
    (folder / "x_train.csv").write_bytes(b"\xff\xfe\x00\x81" * 40)


def _replace(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new, 1))


FAULTS = {
    _without_file: ("x_test.csv: 파일이 없습니다", "x_test.csv: there is no such file"),
    _emptied: ("x_train.csv: 비어 있습니다", "x_train.csv: it is empty"),
    _header_only: ("행이 하나도 없습니다", "y_train.csv: it has no row"),
    _corrected_spelling: (
        "1번째 열은 'gameDuraton'이어야",
        "column 1 is 'gameDuration' where 'gameDuraton' is expected",
    ),
    _without_index: ("47개이고", "48 columns must follow the index; there are 47"),
    _one_row_less: ("60개인데 y_train.csv의 행은 59개", "x_train.csv has 60 rows, but y_train.csv has 59"),
    _other_order: ("색인(첫 열)이 서로 다릅니다", "of x_test.csv and y_test.csv differ"),
    _twice_the_same: ("같은 값이 두 번", "x_train.csv: an index comes twice"),
    _a_word: ("4번째 줄의 Rank_Master 값이 수가 아닙니다", "Rank_Master in line 4 is not a number"),
    _a_hole: ("4번째 줄의 Rank_Master 값이 수가 아닙니다", "Rank_Master in line 4 is not a number"),
    _a_row_too_long: ("CSV로 읽을 수 없습니다", "x_test.csv: it cannot be read as CSV"),
    _a_third_label: ("61번째 줄의 blueWins 값이 0도 1도 아닙니다", "blueWins in line 61 is neither 0 nor 1"),
    _not_text: ("CSV로 읽을 수 없습니다", "x_train.csv: it cannot be read as CSV"),
}


@pytest.mark.parametrize("spoil", FAULTS, ids=lambda spoil: spoil.__name__.strip("_"))
def test_each_fault_has_one_clear_sentence(spoil: Callable[[Path], None], folder: Path) -> None:
    spoil(folder)
    ko, en = FAULTS[spoil]
    (fault,) = lol.check(folder)
    assert ko in fault.ko
    assert en in fault.en
    with pytest.raises(BadInput):
        lol.load(folder)


# the command


def test_the_command_writes_and_checks(grader: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    words = ("data", "lol", "--games", 40, "--seed", 2, "--out", tmp_path / "new" / "lol", "--lang", "en")
    code, said = grader(*words)
    assert (code, "40 training and 10 test matches" in said) == (0, True)
    assert grader("data", "check", tmp_path / "new" / "lol")[0] == 0
    code, said = grader(*words)
    assert (code, "--force" in said) == (2, True)
    assert grader(*words, "--force")[0] == 0


def test_the_command_names_a_fault_and_ends_with_1(grader: Callable[..., tuple[int, str]], folder: Path) -> None:
    _one_row_less(folder)
    code, said = grader("data", "check", folder, "--json")
    assert code == 1
    assert '"en": "x_train.csv has 60 rows, but y_train.csv has 59."' in said


def test_making_needs_neither_pandas_nor_torch() -> None:
    code = "import sys; from grader import lol; lol.make(5, 1); sys.exit('pandas' in sys.modules or 'torch' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
