"""Our own faults, as exceptions; a student's faults are data (see `grader.report.Verdict`).

GraderError                 anything that is not the student's fault; never a zero
├── BadInput                what the caller handed us cannot be used; says what to do next
│   ├── BadNotebook         the notebook cannot be read: the report is `not_gradable`
│   └── UnknownAssignment   no such assignment; names the nearest one
├── BadAssignment           assignment.toml, a suite or a mutant is written wrongly
├── BadQuiz                 a quiz is written wrongly, or there is none of that name
├── SandboxUnavailable      no sealed box can be made on this machine
└── SandboxFault            the box broke in a way that no notebook may be blamed for
"""

from __future__ import annotations

from grader.text import Text


class GraderError(Exception):
    """One paragraph for a person, in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text

    def __reduce__(self) -> tuple[type[GraderError], tuple[Text]]:
        return type(self), (self.text,)  # both languages survive the way from a worker process


class BadInput(GraderError):
    """The caller handed us something that cannot be used."""


class BadNotebook(BadInput):
    """The notebook cannot be read, so no attempt is spent and no score is given."""


class UnknownAssignment(BadInput):
    """There is no assignment of that name."""


class BadAssignment(GraderError):
    """An instructor's file is written wrongly."""


class SandboxUnavailable(GraderError):
    """This machine cannot make a sealed box; `grader doctor` says what is missing."""


class SandboxFault(GraderError):
    """The box broke, and the notebook is not to blame."""


class BadQuiz(GraderError):
    """A quiz of ours is written wrongly, or there is none of that name."""
