"""Quizzes in a course: published, taken, marked, corrected.

Theory of operation. A quiz is published in versions that never change (`publishing`, `shelf`). Whoever starts an
attempt gets its questions frozen into rows (`posing`): the words, the numbers, the order of the options and the names
that this attempt calls them by, since the bank's own ids would tell the key to who compares variants. What may be sent
is in one column, what decides in others. Every answer is kept in a transaction of its own, with a revision, so that two
tabs cannot overwrite each other unseen (`attempts`). The time is the store's; a browser is believed in nothing.

An attempt is marked when it ends: by the version that it was begun with, or by a correction of its key that was
committed while it ran; a cell by a worker, through the queue (`cells`). A grade is a pure function of these marks and
of the rules (`grading`), so a wrong key is mended by marking again in the shadow, looking at who changes, and
committing (`remarking`). Points that a person decides on are rows of their own (`overriding`).
"""

from grader.course.quizzes.attempts import Ended, Stale, check, expire, flag, hint, save, submit
from grader.course.quizzes.grading import QuizGrade
from grader.course.quizzes.grading import of_course as grades
from grader.course.quizzes.outcomes import options, results
from grader.course.quizzes.overriding import override, overrides
from grader.course.quizzes.publishing import (
    extend,
    extensions,
    prove,
    publish,
    quizzes,
    schedule,
    the_quiz,
)
from grader.course.quizzes.remarking import (
    NotShown,
    catch_up,
    commit,
    compare,
    discard,
    progress,
    remark,
    remarks,
    the_batch,
    word_for,
)
from grader.course.quizzes.rules import Practice, QuizRules, Review
from grader.course.quizzes.sheets import by_receipt, picture, preview, review, sheet
from grader.course.quizzes.shelf import ready, warm
from grader.course.quizzes.standing import mine
from grader.course.quizzes.starting import Prepared, prepare, quest, start
from grader.course.quizzes.views import (
    Change,
    Feedback,
    Item,
    ItemChange,
    Option,
    Progress,
    Saved,
    Sheet,
    Sitting,
    Standing,
)
from grader.course.submissions import Refused
from grader.store.quizzes import QuizMode

__all__ = [
    "Change",
    "Ended",
    "Feedback",
    "Item",
    "ItemChange",
    "NotShown",
    "Option",
    "Practice",
    "Prepared",
    "Progress",
    "QuizGrade",
    "QuizMode",
    "QuizRules",
    "Refused",
    "Review",
    "Saved",
    "Sheet",
    "Sitting",
    "Stale",
    "Standing",
    "by_receipt",
    "catch_up",
    "check",
    "commit",
    "compare",
    "discard",
    "expire",
    "extend",
    "extensions",
    "flag",
    "grades",
    "hint",
    "mine",
    "options",
    "override",
    "overrides",
    "picture",
    "prepare",
    "preview",
    "progress",
    "prove",
    "publish",
    "quest",
    "quizzes",
    "ready",
    "remark",
    "remarks",
    "results",
    "review",
    "save",
    "schedule",
    "sheet",
    "start",
    "submit",
    "the_batch",
    "the_quiz",
    "warm",
    "word_for",
]
