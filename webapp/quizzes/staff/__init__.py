"""The quizzes for those who teach: what is asked with its keys, what came of it, and mending it."""

from webapp.quizzes.staff import corrections, decisions, overview, questions, rules
from webapp.quizzes.staff.catalogue import blueprint

__all__ = ["blueprint", "corrections", "decisions", "overview", "questions", "rules"]
