"""The quizzes of a course in the browser.

Theory of operation. A page of a sitting is one form. Whatever button is pressed, all answers on it travel, each with
its revision and with what it was when the page was made: what somebody has not touched is not saved, so that two tabs
stand in each other's way only where both changed the same answer. With a script each answer also travels by itself
after a pause, through the same reading of the same fields; without one nothing is missing but that.

What a page may show of a question is what `grader.course.quizzes` gives out for that moment. Keys, feedback, seeds and
ids of the bank are in the staff's pages alone (`webapp.quizzes.staff`).
"""

from webapp.quizzes import home, review, sitting
from webapp.quizzes.desk import LINKS, blueprint

__all__ = ["LINKS", "blueprint", "home", "review", "sitting"]
