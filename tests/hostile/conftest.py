"""The suite of the target is run by the grader, not by us."""

collect_ignore = ["attacks", "course", "notebooks", "wire.py"]
