"""Made-up matches of League of Legends in the study group's own CSV layout; reading and checking such folders.

How a match comes about, one step after the other (`make`):

1. The kind of match: on the big map (`rift`), on the one-lane map (`aram`: no dragons, no wards, no jungle), a mode
   with boosted champions (`arcade`), or one called off after three minutes (`remake`). Then its duration.
2. Who wins: blue or red, by chance. Everything else is told for the winner and for the loser.
3. For each side 16 columns (`COUNTED`): a middle that grows and bends with the duration, plus a spread times a
   standard normal number. The 32 numbers of a match are correlated: gold goes with kills, the winner's gold goes
   against the loser's towers. The result is rounded and cut at 0 (so that "no dragon" has its real frequency).
4. What follows from these: a side's deaths are the other side's kills plus a few executions, the average level is
   a fifth of the total, who was first follows from who has any, and by how many more.

Every constant is an aggregate (a mean, a slope, a share, a quantile, a correlation), estimated from 15,000 real
matches of high-ranked players by censored regression on the duration; no row is stored. docs/lol-data.md compares.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader import files
from grader.errors import BadInput
from grader.text import Text

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# ------------------------------------------------------------------------------------------ the layout of the CSVs

_SIDE = """
FirstBlood FirstTower FirstBaron FirstDragon FirstInhibitor DragonKills BaronKills TowerKills InhibitorKills WardPlaced
Wardkills Kills Death Assist ChampionDamageDealt TotalGold TotalMinionKills TotalLevel AvgLevel JungleMinionKills
KillingSpree TotalHeal ObjectDamageDealt
"""
_BLUE = _SIDE.split()
_RED = [name for name in _BLUE if name not in ("FirstBlood", "FirstTower")]
RANKS = ("Rank_Challenger", "Rank_GrandMaster", "Rank_Master")

FEATURES = ("gameDuraton", *(f"blue{name}" for name in _BLUE), *(f"red{name}" for name in _RED), *RANKS)
"""The 48 columns in the group's order and spelling."""

LABEL = "blueWins"
TRAIN, TEST = ("x_train.csv", "y_train.csv"), ("x_test.csv", "y_test.csv")
FILES = (*TRAIN, *TEST)

# ------------------------------------------------------------------------------- what was estimated from real ones

BLUE_WINS = 0.491
RANK_SHARES = (0.136, 0.328, 0.536)

MIDDLE_SECONDS, UNIT_SECONDS = 1440, 600
"""The tables count time in units of ten minutes from minute 24."""
LATEST = 2.0
"""After 44 minutes nothing grows any more: so few real matches last longer that no bend could be trusted there."""

EXECUTED = 0.075
"""Share of matches in which a side has deaths without a killer; mostly one death (`EXECUTED_ONCE`)."""
EXECUTED_ONCE = 0.9

COUNTED = tuple(name for name in _BLUE if not name.startswith("First") and name not in ("Death", "AvgLevel"))
"""The 16 columns of a side that are drawn, in the order of the tables below; the others follow from them."""

ROOTED = ("Wardkills", "Kills", "Assist", "ChampionDamageDealt", "KillingSpree", "TotalHeal", "ObjectDamageDealt")
"""Columns whose square root has the even spread; their numbers below are on that scale."""

MOST_TOWERS, MOST_TOWERS_ARAM, MOST_LEVELS, MOST_LEVELS_ARCADE = 11, 4, 90, 130

LEAST_LEVELS, LEAST_GOLD = 5, 2500
"""Five champions begin at level 1 with 500 gold each."""

FIRST = {
    "Tower": (-0.55, 0.23, 0.13),
    "Dragon": (-0.75, 0.57, -0.09),
    "Baron": (-0.93, 0.65, 0.0),
    "Inhibitor": (-1.53, 1.09, 0.0),
}
"""Log-odds that the winner was first, where both sides have some: constant, for each one more than the loser, and
what is added where the winner is blue (and taken away where it is red)."""
FIRST_BLOOD = (-0.29, 2.48, 0.05)
"""Likewise for kills, by (winner's - loser's) / both."""

RED_HAS_MORE = {"DragonKills": 0.085, "BaronKills": 0.045, "InhibitorKills": -0.035}
"""What the map gives to a colour: so many spreads up for red, down for blue."""

# A side's column: middle at minute 24, growth, bend (each by ten minutes), spread, growth of the log spread.
#                    winner                                    |  loser
_RIFT = """
DragonKills           2.277   0.945  -0.238   0.842   0.263  |   0.662   1.072   0.055   0.963   0.115
BaronKills            0.544   0.711  -0.120   0.330   0.548  |  -0.879   1.120   0.000   0.698   0.000
TowerKills            7.332   1.984  -0.708   2.205  -0.210  |   1.401   2.502   0.144   1.540   0.165
InhibitorKills        1.060   0.670   0.003   0.873   0.075  |  -2.649   1.880   0.000   1.433   0.000
WardPlaced            58.21   33.06   0.801   10.87   0.526  |   54.98   34.59   0.805   10.94   0.501
Wardkills             4.607   1.953  -0.436   0.852   0.139  |   4.265   2.023  -0.364   0.837   0.174
Kills                 5.308   0.818  -0.161   0.716  -0.155  |   3.910   1.375  -0.115   0.779  -0.131
Assist                6.572   1.651  -0.344   0.977  -0.065  |   4.646   2.070  -0.155   1.069  -0.043
ChampionDamageDealt   257.9   78.76  -4.338   27.96  -0.095  |   229.7   85.37  -1.494   27.05  -0.031
TotalGold             50175   18968  -609.4    3495  -0.027  |   40515   20822   174.1    2963   0.231
TotalMinionKills      548.1   194.5  -18.90   51.86   0.330  |   519.3   235.5  -33.69   56.21   0.195
TotalLevel            67.24   16.99  -2.808   3.507  -0.439  |   60.17   18.37  -2.002   3.849  -0.402
JungleMinionKills     153.2   69.70  -7.461   25.07   0.278  |   116.9   67.49   1.458   23.80   0.293
KillingSpree          2.534   0.396  -0.065   0.414  -0.063  |   1.786   0.784  -0.096   0.510  -0.174
TotalHeal             159.0   52.56  -3.835   25.48   0.233  |   135.0   53.67  -0.535   23.16   0.271
ObjectDamageDealt     232.8   56.53  -12.02   29.41   0.013  |   138.8   74.52  -0.996   35.44   0.103
"""

_ARAM = """
TowerKills            3.935  -0.016  -0.298   0.275  -1.054  |   2.144   1.192  -0.618   0.893   0.078
InhibitorKills        1.984   0.850   0.005   0.660   0.512  |   0.900   1.869   0.000   0.909   0.000
Kills                 7.594   1.321  -0.132   0.555  -0.184  |   7.221   1.728  -0.538   0.626  -0.158
Assist                11.54   1.426  -0.492   1.094  -0.137  |   10.87   2.276  -1.175   1.184  -0.141
ChampionDamageDealt   398.9   106.5  -18.79   29.70   0.164  |   391.2   126.7  -23.31   29.51   0.020
TotalGold             76873   28742  -268.7    2181   0.007  |   73893   30374  -782.2    2319  -0.225
TotalMinionKills      307.1   164.7   19.01   22.03   0.351  |   302.6   168.2   8.618   20.15   0.127
TotalLevel            95.26   9.157  -14.01   0.991  -1.084  |   93.76   12.01  -15.05   1.215  -1.222
KillingSpree          3.865   0.569  -0.195   0.401  -0.039  |   3.619   0.957  -0.291   0.429  -0.179
TotalHeal             196.6   52.02  -15.01   40.98   0.393  |   183.5   45.51  -21.59   40.18   0.368
ObjectDamageDealt     96.82   1.959  -1.664   9.224  -0.654  |   75.01   22.47  -16.86   19.03  -0.288
"""

# How many times as much of each column as on the rift: winner, loser.
_ARCADE = """
DragonKills            1.2   1.55
BaronKills             1.15  2.5
TowerKills             1.3   2.3
InhibitorKills         1.9   4.0
WardPlaced             0.86  0.86
Wardkills              0.15  0.18
Kills                  2.3   3.35
Assist                 1.5   2.35
ChampionDamageDealt    2.2   2.4
TotalGold              1.77  2.0
TotalMinionKills       0.84  0.86
TotalLevel             1.41  1.49
JungleMinionKills      0.65  0.58
KillingSpree           2.35  3.6
TotalHeal              1.45  1.55
ObjectDamageDealt      1.55  2.05
"""

# Called off after three minutes: mean and standard deviation, the same for both sides.
_REMAKE = """
WardPlaced              2.54     1.21
Wardkills               0.13     0.39
Kills                   0.78     0.86
Assist                  0.72     1.26
ChampionDamageDealt     1987      767
TotalGold               4821      544
TotalMinionKills        35.7     12.0
TotalLevel             11.96     1.81
JungleMinionKills       12.3      6.3
KillingSpree            0.05     0.22
TotalHeal                945      467
ObjectDamageDealt        310      438
"""

# Correlations in hundredths of the normal numbers behind the columns, from the rift. First the winner's columns with
# one another (the lower triangle), then the loser's, then the winner's (rows) with the loser's (columns).
_WITHIN_WINNER = """
DragonKills
BaronKills             4
TowerKills             5   29
InhibitorKills         3   25   86
WardPlaced             6    5  -15  -16
Wardkills              7    1  -20  -22   45
Kills                  2    2   21   17  -15  -31
Assist                -2    4    7    7    1  -13   68
ChampionDamageDealt   -1   -1   19   18  -11  -32   79   60
TotalGold              2   24   42   33   -1  -24   75   52   70
TotalMinionKills       7    3    2   -8   28   41  -38  -38  -32   -8
TotalLevel             2   29   22   18   -5  -22   51   30   54   75    5
JungleMinionKills     29   14   12    6    6   17  -14  -22  -16    1   26    6
KillingSpree           1    1   14   12   -8  -22   76   53   62   61  -27   41  -11
TotalHeal              8    7    7    6   -8   -9   23   22   31   25   -9   25    7   17
ObjectDamageDealt     45   57   52   45    6    1   10    5    8   36    8   26   33    8   11
"""

_WITHIN_LOSER = """
DragonKills
BaronKills             4
TowerKills            13   41
InhibitorKills         5   16   49
WardPlaced             7   11   10    0
Wardkills             10    7    3   -7   44
Kills                  5   25   32   12   -9  -22
Assist                 4   23   21    8    1  -11   82
ChampionDamageDealt    2   19   27   12   -5  -21   75   65
TotalGold              2   46   56   21    6   -9   77   65   68
TotalMinionKills       4    9   13   -6   35   43  -33  -31  -22    5
TotalLevel             1   40   29   11   -1  -15   55   45   55   76   16
JungleMinionKills     26   18   27    9   19   31  -18  -19  -15    2   34    1
KillingSpree           6   23   29    9   -6  -15   83   69   60   64  -25   45  -13
TotalHeal              9   11   14    6   -2   -3   21   23   31   27   -2   29   13   19
ObjectDamageDealt     49   48   66   30   16   13   22   17   20   42   15   27   41   21   18
"""

_BETWEEN = """
DragonKills          -84   -3  -11   -4    2    1  -15  -11  -10  -11    8   -8  -11  -15   -6  -33
BaronKills             4  -52  -13    1    1   -3  -10   -7   -5  -16   -1  -13   -7  -10   -4  -12
TowerKills           -10  -25  -30   -6  -19  -26    1    3    3   -4  -17    7  -36   -2   -4  -29
InhibitorKills        -8  -18  -23   -6  -19  -25    5    5    5    2  -14   11  -32    2   -2  -23
WardPlaced             4    5    8    0   41   68  -11   -4   -9    4   37   -4   23   -8    4   14
Wardkills              4   -2   -8   -7   68   56  -31  -18  -28  -21   39  -22   25  -24  -10    3
Kills                -12   -1    3    4  -18  -30   59   43   63   46  -32   35  -32   41   10   -7
Assist                -2    5   11    6   -5  -10   38   39   47   35  -22   16  -12   27   12    7
ChampionDamageDealt   -8    8   10    6  -15  -28   63   51   71   55  -29   48  -29   48   39    2
TotalGold            -11   -2   10   12   -5  -24   55   46   59   64  -12   54  -32   40   16    2
TotalMinionKills       2   -2   -7    3   30   33  -36  -31  -32  -19   54   -2   27  -29   -6    4
TotalLevel            -7    0   17   15   -7  -21   36   23   47   53    5   65  -16   26   17    9
JungleMinionKills    -16  -14  -29  -14    8    9  -23  -15  -23  -25   20  -11  -21  -19  -10  -24
KillingSpree         -11    3    4    2  -11  -21   50   38   52   43  -23   33  -23   36   10   -3
TotalHeal             -9    0    3    2   -3  -13   12   12   45   15   -4   13   -9    9   11   -1
ObjectDamageDealt    -32  -26  -18   -5    2   -5   -8   -2   -2   -2    8    4  -18   -9   -3  -32
"""

# The share of matches that last at most so many seconds: on the rift, aram, arcade, remake. Many teams give up as soon
# as they may, at minute 15.
_SECONDS = """
0         423    403    773    190
0.01      660    490    835    190
0.03      810    592    903    191
0.05      911    676    981    191
0.1       937    797   1008    191
0.15      974    842   1038    191
0.2      1095    895   1073    192
0.3      1243    981   1125    192
0.4      1359   1059   1179    193
0.5      1468   1125   1227    193
0.6      1586   1182   1266    194
0.7      1700   1268   1305    196
0.8      1835   1358   1369    197
0.9      2012   1488   1496    200
0.95     2166   1583   1566    203
0.98     2364   1749   1655    212
0.99     2477   1853   1708    215
0.999    2820   2013   1727    219
1        3758   2062   1729    220
"""


@dataclass(frozen=True)
class Kind:
    """A kind of match: its share, its durations, and how the 2 x 16 columns of a winner and a loser come about."""

    share: float
    seconds: Floats
    """(2, 19): shares, and the duration that so large a share does not exceed."""
    shape: Floats
    """(5, 32): middle, growth, bend, spread, growth of the log spread; the winner's 16 columns, then the loser's."""
    rooted: NDArray[np.bool_]
    """(32,): the numbers of `shape` are on the scale of the square root."""
    times: Floats
    """(32,): factors at the end."""
    most: Floats
    """(32,): no match has more."""
    towers_first: int
    """An inhibitor stands behind so many towers."""


def _table(text: str) -> dict[str, Floats]:
    """A name and its numbers from each line."""
    rows = (line.replace("|", " ").split() for line in text.strip().splitlines())
    return {row[0]: np.array(row[1:], dtype=np.float64) for row in rows}


def _shape(text: str) -> Floats:
    """(5, 32) from a table; a column that it does not name is always 0."""
    rows = _table(text)
    both = np.stack([rows.get(name, np.zeros(10)) for name in COUNTED])  # (16, 10)
    return np.concatenate([both[:, :5], both[:, 5:]]).T


def _flat(text: str) -> Floats:
    """(5, 32) from a table of mean and standard deviation, which do not change with time."""
    rows = _table(text)
    side = np.zeros((5, len(COUNTED)))
    for column, name in enumerate(COUNTED):
        side[[0, 3], column] = rows.get(name, np.zeros(2))
    return np.tile(side, 2)


def _most(towers: int, levels: int) -> Floats:
    """(32,): at most so many towers and levels."""
    limits = {"TowerKills": towers, "TotalLevel": levels}
    return np.tile([float(limits.get(name, np.inf)) for name in COUNTED], 2)


def _kinds() -> tuple[Kind, ...]:
    rooted = np.tile([name in ROOTED for name in COUNTED], 2)
    times = _table(_ARCADE)
    arcade = np.array([times[name] for name in COUNTED]).T.ravel()  # (32,)
    once, straight, rift = np.ones(32), np.zeros(32, dtype=np.bool_), _shape(_RIFT)
    shares, *seconds = np.array([line.split() for line in _SECONDS.strip().splitlines()], dtype=np.float64).T
    lasts = [np.stack([shares, one]) for one in seconds]
    levels = _most(MOST_TOWERS, MOST_LEVELS)
    return (
        Kind(0.8967, lasts[0], rift, rooted, once, levels, towers_first=3),
        Kind(0.0823, lasts[1], _shape(_ARAM), rooted, once, _most(MOST_TOWERS_ARAM, MOST_LEVELS), towers_first=2),
        Kind(0.0093, lasts[2], rift, rooted, arcade, _most(MOST_TOWERS, MOST_LEVELS_ARCADE), towers_first=3),
        Kind(0.0117, lasts[3], _flat(_REMAKE), straight, once, levels, towers_first=3),
    )


def correlation() -> Floats:
    """(32, 32): of the numbers behind the winner's and then the loser's 16 columns of `COUNTED`."""
    size = len(COUNTED)
    whole = np.eye(2 * size)
    for start, text in ((0, _WITHIN_WINNER), (size, _WITHIN_LOSER)):
        for row, numbers in enumerate(_table(text).values()):
            whole[start + row, start : start + row] = numbers / 100
            whole[start : start + row, start + row] = numbers / 100
    whole[:size, size:] = np.stack(list(_table(_BETWEEN).values())) / 100
    whole[size:, :size] = whole[:size, size:].T
    return whole


# ------------------------------------------------------------------------------------------------- making matches


def make(games: int, seed: int, part: int = 0) -> tuple[Floats, Ints]:
    """Features (games, 48) in the order of `FEATURES` and labels (games,), 1 where blue wins.

    The same `seed` and `part` give the same matches; parts (0 for training, 1 for test) share no randomness.
    """
    rng = np.random.default_rng([seed, part])
    kinds = _kinds()
    shares = np.array([kind.share for kind in kinds])
    blue_wins = rng.random(games) < BLUE_WINS
    which = rng.choice(len(kinds), size=games, p=shares / shares.sum())
    seconds = np.zeros(games)
    sides = np.zeros((games, 2 * len(COUNTED)))
    behind = rng.standard_normal((games, 2 * len(COUNTED))) @ np.linalg.cholesky(correlation()).T
    _lean(behind, blue_wins)
    for number, kind in enumerate(kinds):
        chosen = which == number
        seconds[chosen] = np.rint(np.interp(rng.random(int(chosen.sum())), *kind.seconds))
        sides[chosen] = _sides(kind, seconds[chosen], behind[chosen])
    winner, loser = _named(sides)
    firsts = _firsts(rng, winner, loser, np.where(blue_wins, 1.0, -1.0))
    _follow(rng, winner, loser)
    ranks = np.eye(len(RANKS))[rng.choice(len(RANKS), size=games, p=RANK_SHARES)]  # (games, 3)
    columns = _coloured(winner, loser, firsts, blue_wins)
    columns["gameDuraton"] = seconds
    columns.update(zip(RANKS, ranks.T, strict=True))
    return np.stack([columns[name] for name in FEATURES], axis=1), blue_wins.astype(np.int64)


def _lean(behind: Floats, blue_wins: NDArray[np.bool_]) -> None:
    """What the map gives to a colour (`RED_HAS_MORE`); changes `behind` (n, 32) in place."""
    towards_loser = np.where(blue_wins, 1.0, -1.0)
    for name, spreads in RED_HAS_MORE.items():
        column = COUNTED.index(name)
        behind[:, column] -= spreads * towards_loser
        behind[:, len(COUNTED) + column] += spreads * towards_loser


def _sides(kind: Kind, seconds: Floats, behind: Floats) -> Floats:
    """Matches of one kind: seconds (n,) and correlated normal numbers (n, 32) -> whole numbers (n, 32)."""
    time = np.minimum((seconds - MIDDLE_SECONDS) / UNIT_SECONDS, LATEST)[:, None]  # (n, 1)
    middle, growth, bend, spread, widening = kind.shape
    drawn = middle + growth * time + bend * time**2 + spread * np.exp(widening * time) * behind  # (n, 32)
    drawn = np.maximum(drawn, 0.0)
    value: Floats = np.where(kind.rooted, drawn**2, drawn)
    value = np.minimum(np.rint(value * kind.times), kind.most)
    _stand_behind_towers(value, kind.towers_first)
    return value


def _stand_behind_towers(value: Floats, towers_first: int) -> None:
    """No inhibitor (of either side) without the towers before it; changes `value` (n, 32) in place."""
    size = len(COUNTED)
    towers, inhibitors = COUNTED.index("TowerKills"), COUNTED.index("InhibitorKills")
    for start in (0, size):
        value[value[:, start + towers] < towers_first, start + inhibitors] = 0.0


def _named(sides: Floats) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """(n, 32) -> the winner's and the loser's columns by name, each (n,)."""
    halves = np.split(sides, 2, axis=1)
    winner, loser = (dict(zip(COUNTED, half.T, strict=True)) for half in halves)
    return winner, loser


def _firsts(
    rng: np.random.Generator, winner: Mapping[str, Floats], loser: Mapping[str, Floats], blue: Floats
) -> dict[str, Floats]:
    """For blood and each of `FIRST`: 1 where the winner was first, -1 where the loser was, 0 where nobody was.

    `blue` (n,) is 1 where the winner is blue, else -1.
    """
    firsts = {}
    for name, (constant, slope, colour) in {**FIRST, "Blood": FIRST_BLOOD}.items():
        counted = "Kills" if name == "Blood" else f"{name}Kills"
        ours, theirs = winner[counted], loser[counted]
        lead = (ours - theirs) / np.maximum(ours + theirs, 1.0) if name == "Blood" else ours - theirs
        firsts[f"First{name}"] = _first(rng, ours, theirs, constant + slope * lead + colour * blue)
    return firsts


def _first(rng: np.random.Generator, ours: Floats, theirs: Floats, log_odds: Floats) -> Floats:
    """(n,) of 1, -1 or 0: by `log_odds` where both sides have some, else the side that has any."""
    drawn = np.where(rng.random(len(ours)) < 1.0 / (1.0 + np.exp(-log_odds)), 1.0, -1.0)
    return np.where((ours > 0) & (theirs > 0), drawn, np.sign(ours - theirs))


def _follow(rng: np.random.Generator, winner: dict[str, Floats], loser: dict[str, Floats]) -> None:
    """What follows from the drawn columns: deaths, average levels, and what a side cannot have more of."""
    for side, other in ((winner, loser), (loser, winner)):
        executed = rng.random(len(side["Kills"])) < EXECUTED
        side["Death"] = other["Kills"] + executed * rng.geometric(EXECUTED_ONCE, size=len(executed))
        side["TotalLevel"] = np.maximum(side["TotalLevel"], LEAST_LEVELS)
        side["TotalGold"] = np.maximum(side["TotalGold"], LEAST_GOLD)
        side["AvgLevel"] = side["TotalLevel"] / 5
        side["Assist"] = np.minimum(side["Assist"], 4 * side["Kills"])
        side["KillingSpree"] = np.minimum(side["KillingSpree"], side["Kills"] // 2)
        side["Wardkills"] = np.minimum(side["Wardkills"], other["WardPlaced"])


def _coloured(
    winner: Mapping[str, Floats],
    loser: Mapping[str, Floats],
    firsts: Mapping[str, Floats],
    blue_wins: NDArray[np.bool_],
) -> dict[str, Floats]:
    """Columns named blue* and red*, each (n,), from those of winners and losers."""
    columns = {}
    for name in winner:
        columns[f"blue{name}"] = np.where(blue_wins, winner[name], loser[name])
        columns[f"red{name}"] = np.where(blue_wins, loser[name], winner[name])
    for name, first in firsts.items():
        blue = np.where(blue_wins, first, -first)
        columns[f"blue{name}"], columns[f"red{name}"] = (blue > 0) * 1.0, (blue < 0) * 1.0
    return columns


# -------------------------------------------------------------------------------------------------------- writing


def write(folder: Path, games: int, seed: int, test_games: int | None = None, *, force: bool = False) -> None:
    """Writes the four `FILES`, all or none; `test_games` is a quarter of `games` where None.

    Raises BadInput where a file is there already (except with `force`) or cannot be written. The test part has
    indices that go on where the training part ends, and does not change the training part.
    """
    _must_be_free(folder, force)
    files.make_folder(folder)
    test_games = max(1, games // 4) if test_games is None else test_games
    try:
        with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as name:
            new = Path(name)
            _write_part(new, TRAIN, make(games, seed, 0), start=0)
            _write_part(new, TEST, make(test_games, seed, 1), start=games)
            _publish(new, folder)
    except OSError as error:
        raise BadInput(
            Text(
                f"{folder}에 쓸 수 없습니다({error.strerror}). 아무 파일도 바꾸지 않았습니다.",
                f"{folder} cannot be written to ({error.strerror}). No file was changed.",
            )
        ) from error


def _must_be_free(folder: Path, force: bool) -> None:
    there = [name for name in FILES if os.path.lexists(folder / name)]
    strange = [name for name in there if not (folder / name).is_file()]
    if strange:
        raise BadInput(
            Text(
                f"{folder}의 {', '.join(strange)}은(는) 파일이 아니어서 덮어쓸 수 없습니다. 다른 폴더를 주세요.",
                f"{', '.join(strange)} in {folder} is no file and cannot be overwritten. Name another folder.",
            )
        )
    if there and not force:
        raise BadInput(
            Text(
                f"{folder}에 {', '.join(there)}이(가) 이미 있습니다. 다른 폴더를 주거나 --force로 덮어쓰세요.",
                f"{folder} already holds {', '.join(there)}. Name another folder, or overwrite with --force.",
            )
        )


def _write_part(folder: Path, names: tuple[str, str], matches: tuple[Floats, Ints], start: int) -> None:
    """One x and one y file, with indices from `start`; whole numbers but for the average levels (12.8)."""
    import pandas as pd

    features, labels = matches
    index = pd.RangeIndex(start, start + len(labels))
    whole = pd.DataFrame(features, columns=list(FEATURES), index=index)
    counts = [name for name in FEATURES if not name.endswith("AvgLevel")]
    whole = whole.astype(dict.fromkeys(counts, np.int64))
    whole.to_csv(folder / names[0], lineterminator="\n")
    pd.DataFrame({LABEL: labels}, index=index).to_csv(folder / names[1], lineterminator="\n")


def _publish(new: Path, folder: Path) -> None:
    """Moves `FILES` from `new` into `folder`; puts everything back as it was when that fails midway."""
    old = new / "old"
    old.mkdir()
    try:
        for name in FILES:
            if (folder / name).exists():
                (folder / name).replace(old / name)
            (new / name).replace(folder / name)
    except OSError:
        for name in FILES:
            if not (new / name).exists():  # it has been moved
                (folder / name).unlink(missing_ok=True)
            if (old / name).exists():
                (old / name).replace(folder / name)
        raise


# --------------------------------------------------------------------------------------------- reading and checking


class Matches(NamedTuple):
    """A folder's matches; unpacks into four arrays."""

    X_train: Floats  # (n, 48)
    y_train: Ints  # (n,) of 0 and 1
    X_test: Floats  # (m, 48)
    y_test: Ints | None  # (m,), where the folder has the answers

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the 48 columns."""
        return FEATURES


def load(folder: Path | str) -> Matches:
    """Raises BadInput with every fault of the folder where it has one."""
    frames, faults = _read(Path(folder))
    if faults:
        raise BadInput(Text("\n".join(fault.ko for fault in faults), "\n".join(fault.en for fault in faults)))
    X_train, X_test = (frames[name].to_numpy(dtype=np.float64) for name in ("x_train.csv", "x_test.csv"))
    answers = {
        name: frames[name][LABEL].to_numpy().astype(np.int64)
        for name in ("y_train.csv", "y_test.csv")
        if name in frames
    }
    return Matches(X_train, answers["y_train.csv"], X_test, answers.get("y_test.csv"))


def check(folder: Path) -> list[Text]:
    """A sentence for each fault of a folder of the group's CSVs; empty where all is well. y_test.csv may be absent."""
    return _read(folder)[1]


def _read(folder: Path) -> tuple[dict[str, pd.DataFrame], list[Text]]:
    """The files that could be read, and the faults of all."""
    if not folder.is_dir():
        fault = Text(
            f"{folder}은(는) 폴더가 아닙니다. 경기 CSV가 든 폴더를 주세요.",
            f"{folder} is not a folder. Name the folder that holds the CSVs of the matches.",
        )
        return {}, [fault]
    frames, faults = {}, []
    for name in FILES:
        if name == "y_test.csv" and not os.path.lexists(folder / name):
            continue
        try:
            frames[name] = _frame(folder / name, FEATURES if name.startswith("x") else (LABEL,))
        except BadInput as error:
            faults.append(error.text)
    faults += _misaligned(frames)
    return frames, faults


def _frame(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Numbers under just these columns, the index before them. Raises BadInput."""
    frame = _parsed(file)
    _must_have_columns(file, [str(name) for name in frame.columns], columns)
    if frame.empty:
        raise _bad(file, "머리글 아래에 행이 하나도 없습니다.", "it has no row under its header.")
    _must_be_numbers(file, frame)
    if columns == (LABEL,) and not frame[LABEL].isin([0, 1]).all():
        row = int((~frame[LABEL].isin([0, 1])).to_numpy().argmax()) + 2
        raise _bad(
            file,
            f"{row}번째 줄의 {LABEL} 값이 0도 1도 아닙니다.",
            f"the value of {LABEL} in line {row} is neither 0 nor 1.",
        )
    return frame


def _parsed(file: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        frame: pd.DataFrame = pd.read_csv(file, index_col=0, low_memory=False)
    except FileNotFoundError as error:
        raise _bad(file, "파일이 없습니다.", "there is no such file.") from error
    except OSError as error:
        raise _bad(file, f"읽을 수 없습니다({error.strerror}).", f"it cannot be read ({error.strerror}).") from error
    except pd.errors.EmptyDataError as error:
        raise _bad(file, "비어 있습니다.", "it is empty.") from error
    except (ValueError, IndexError) as error:  # not UTF-8, no table, a row that is too long
        reason = str(error).strip().splitlines()[0][:200]
        raise _bad(file, f"CSV로 읽을 수 없습니다({reason}).", f"it cannot be read as CSV ({reason}).") from error
    return frame


def _must_have_columns(file: Path, got: list[str], expected: tuple[str, ...]) -> None:
    if got == list(expected):
        return
    at = next(
        (i for i, pair in enumerate(zip(got, expected, strict=False)) if pair[0] != pair[1]),
        min(len(got), len(expected)),
    )
    here, there = (names[at] if at < len(names) else None for names in (got, expected))
    ko = (
        f"색인 뒤에 열이 {len(expected)}개여야 하는데 {len(got)}개이고, "
        f"{at + 1}번째 열은 {_quoted(there, '없음')}이어야 하는데 {_quoted(here, '없음')}입니다."
    )
    en = (
        f"{len(expected)} columns must follow the index; there are {len(got)}, and column {at + 1} is "
        f"{_quoted(here, 'missing')} where {_quoted(there, 'none')} is expected."
    )
    raise _bad(file, ko, en)


def _quoted(name: str | None, absent: str) -> str:
    return absent if name is None else f"'{name[:60]}'"


def _must_be_numbers(file: Path, frame: pd.DataFrame) -> None:
    """Every cell a finite number; names the first line and column that is not."""
    import pandas as pd

    for name in frame.columns:
        column = frame[name]
        if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
            column = pd.to_numeric(column.astype(str), errors="coerce")
        wrong = ~np.isfinite(column.to_numpy(dtype=np.float64))
        if wrong.any():
            row = int(wrong.argmax()) + 2
            raise _bad(
                file,
                f"{row}번째 줄의 {name} 값이 수가 아닙니다.",
                f"the value of {name} in line {row} is not a number.",
            )


def _misaligned(frames: Mapping[str, pd.DataFrame]) -> Iterator[Text]:
    """Where x and y do not tell of the same matches in the same order, or an index comes twice."""
    for x, y in (TRAIN, TEST):
        if x in frames and not frames[x].index.is_unique:
            yield Text(f"{x}: 색인에 같은 값이 두 번 나옵니다.", f"{x}: an index comes twice.")
        if x not in frames or y not in frames:
            continue
        n, m = len(frames[x]), len(frames[y])
        if n != m:
            yield Text(f"{x}의 행은 {n}개인데 {y}의 행은 {m}개입니다.", f"{x} has {n} rows, but {y} has {m}.")
        elif not frames[x].index.equals(frames[y].index):
            yield Text(
                f"{x}와 {y}의 색인(첫 열)이 서로 다릅니다. 같은 경기가 같은 순서여야 합니다.",
                f"The indices (first columns) of {x} and {y} differ: both must hold the same matches in one order.",
            )


def _bad(file: Path, ko: str, en: str) -> BadInput:
    return BadInput(Text(f"{file}: {ko}", f"{file}: {en}"))
