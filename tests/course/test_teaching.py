"""What the notebooks of a course teach, read from the assignments of this repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import misconception
from grader.assignment import Catalog
from grader.course import publishing, teaching

ROOT = Path(__file__).resolve().parents[2]


def test_the_functions_of_this_repository_have_their_topics(tmp_path: Path) -> None:
    for name in publishing.ROOTS:
        (tmp_path / name).symlink_to(ROOT / name)
    week, topics = teaching.taught(tmp_path, "xor-mlp")
    assert week == 4
    assert topics["backward"] == {"backpropagation"}
    assert teaching.taught(tmp_path, "perceptron").topics["xor"] == {"xor", "perceptron"}


@pytest.mark.parametrize("key", ["perceptron", "xor-mlp", "regularized-dnn", "lol-gpu"])
def test_each_group_of_checks_says_what_it_is_about(key: str) -> None:
    one = Catalog(ROOT / "assignments", ROOT / "reference").load(key)
    files = (file.stem.removeprefix("test_") for folder in one.test_folders for file in folder.glob("test_*.py"))
    assert set(one.topics) == {name.removeprefix("public_") for name in files}
    assert set().union(*one.topics.values()) <= misconception.topics(ROOT / "assignments").keys()


def test_what_is_not_declared_is_what_its_tests_name(tmp_path: Path) -> None:
    toml = 'id = "f"\nweek = 1\ntitle = { ko = "ㄱ", en = "f" }\n[defines]\nf = "(x)"\ng = "(x)"\n'
    files = {
        "assignments/f/assignment.toml": toml + '[topics]\ng = ["xor"]\n',
        "assignments/topics.toml": (ROOT / "assignments/topics.toml").read_text(encoding="utf-8"),
        "reference/misconceptions.toml": '[one-two]\ntopic = "dropout"\n'
        'title = { ko = "ㄱ", en = "t" }\ntext = { ko = "ㄱ", en = "t" }\n',
        **{f"reference/f/hidden_tests/test_{name}.py": "m = 'one-two'\n" for name in "fg"},
    }
    for name, words in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(words, encoding="utf-8")
    assert teaching.taught(tmp_path, "f").topics == {"f": {"dropout"}, "g": {"xor"}}
