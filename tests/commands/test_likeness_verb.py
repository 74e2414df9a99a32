"""`grader likeness`: who wrote alike, as a table and as data, with the words that it proves nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from commands.conftest import text_of
from course.test_likeness import COPY, OWN

MINJI, JUN = "minji@example.com", "jun@example.com"


@pytest.fixture
def handed_in(course: Any, folder: Path) -> Any:
    """minji's and jun's notebooks are the same in other words."""
    for name, source in ((MINJI, OWN), (JUN, COPY)):
        (folder / f"{name}.ipynb").write_text(text_of(source), encoding="utf-8")
        assert course("submit", "doubling", f"{name}.ipynb", "--as", name).code == 0
    return course


def test_the_pair_is_named_and_called_no_proof(handed_in: Any) -> None:
    said = handed_in("likeness", "doubling", "--lang", "en")
    assert said.code == 0, said
    assert MINJI in said.out
    assert JUN in said.out
    assert "no proof of copying" in said.out


def test_as_data_and_without_looking_anew(handed_in: Any) -> None:
    assert handed_in("likeness", "doubling", "--no-look", "--json").json["pairs"] == []
    found = handed_in("likeness", "doubling", "--json").json
    assert found["submissions"] == 2
    (pair,) = found["pairs"]
    assert {pair["left"]["email"], pair["right"]["email"]} == {MINJI, JUN}
    assert pair["share"] > 0.9
    assert not pair["settled"]
    assert handed_in("likeness", "doubling", "--no-look", "--json").json["pairs"] == [pair]
    assert "look.likeness" in handed_in("audit", "--json").out


def test_an_unknown_assignment_is_named(handed_in: Any) -> None:
    said = handed_in("likeness", "doublin")
    assert said.code == 2
    assert "doubling" in said.err
