"""What a course has set that is no rule of grading."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from grader.store.models import Base


class CourseSettings(Base):
    """Of one course; `watchlist` is what `grader.course.watchlist.Thresholds` reads, and holds only what differs."""

    __tablename__ = "course_settings"
    course_id: Mapped[int] = mapped_column(ForeignKey("course.id"), primary_key=True)
    watchlist: Mapped[dict[str, Any]]
