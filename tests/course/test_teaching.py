"""What the notebooks of a course teach, read from the assignments of this repository."""

from __future__ import annotations

from pathlib import Path

from grader.course import publishing, teaching


def test_the_functions_of_this_repository_have_their_topics(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    (tmp_path / "assignments").symlink_to(root / "assignments")
    (tmp_path / "reference").symlink_to(root / "reference")
    assert publishing.ROOTS == ("assignments", "reference")
    week, topics = teaching.taught(tmp_path, "xor-mlp")
    assert week == 4
    assert "backpropagation" in topics["backward"]
