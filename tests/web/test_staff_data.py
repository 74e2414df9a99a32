"""What the staff's pages stand on: pure functions, and queries over a small course."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from web.conftest import Web

from grader.course import decisions, people
from grader.course.grades import Grade
from grader.store.models import Course, Person, Submission
from webapp.staff import charts, dossier, insight, roster, sheet, sidebyside
from webapp.staff.insight import Behind, Insight
from webapp.staff.sheet import Wish
from webapp.staff.sidebyside import Code, Kind


def graded(score: float, most: float = 100.0) -> Grade:
    return Grade(score, most, score, 1, 0, 1.0, 1, "graded", False, 1)


def test_a_total_is_of_what_is_graded_by_weight() -> None:
    none = Grade(0, 100, 0, None, 0, 1.0, 0, "none", False)
    assert sheet.total({"a": graded(50), "b": none}, {"a": 1, "b": 9}) == 0.5
    assert sheet.total({"a": graded(50), "b": graded(100)}, {"a": 1, "b": 3}) == 0.875
    assert sheet.total({"a": graded(5, 10), "b": graded(100)}, {"a": 1, "b": 0}) == 0.5
    assert sheet.total({"b": none}, {"b": 1}) is None


@pytest.mark.parametrize(
    ("share", "place"), [(0, 0), (0.0999, 0), (0.1, 1), (0.3, 3), (0.7, 7), (0.999, 9), (1, 10), (1.2, 10), (-0.1, 0)]
)
def test_bins(share: float, place: int) -> None:
    assert insight.bin_of(share) == place


def look(web: Web) -> Insight:
    with web.database.read() as session:
        course = people.the_course(session, "dl")
        return insight.insight(session, course, people.assignment(session, course, "doubling"))


def test_an_insight_counts_students_and_attempts(web: Web) -> None:
    found = look(web)
    assert [one.name for one in found.standings] == ["김미나", "박소라", "이준호"]
    assert (found.shares, found.bins[8], found.attempts, found.late) == ([0.8], 1, 4, 0)
    assert dict(found.states) == {"graded": 1, "none": 1, "pending": 1}
    assert [one.name for one in found.checks] == ["double.values", "double.shape", "edges.zero", "secret_group.trap"]
    assert [(one.wrong, one.total) for one in found.checks] == [(0, 1), (0, 1), (1, 1), (1, 1)]
    assert [one.secret for one in found.checks] == [False, False, False, True]
    assert [(one.id, one.people, one.title.en) for one in found.misconceptions] == [("trap", 1, "SECRET-BELIEF")]
    assert [one.name for one in found.problems] == ["이준호"]
    assert found.problems[0].status == "not_gradable"
    assert sum(one.in_time + one.late for one in found.days) == 4
    assert len(found.slowest) == 3
    assert [(one.name, one.peak_mb) for one in found.heaviest] == [("김미나", 1234)] * 2  # what did not run has none


def test_who_is_behind_a_bar(web: Web) -> None:
    found = look(web)

    def names(**which: object) -> list[str]:
        return [one.name for one in found.standings if Behind(**which).picks(one)]  # type: ignore[arg-type]

    assert names(bin=8) == ["김미나"]
    assert names(bin=7) == []
    assert names(check="edges.zero") == ["김미나"]
    assert names(check="double.values") == []
    assert names(misconception="trap") == ["김미나"]
    assert names(state="none") == ["박소라"]
    with web.database.read() as session:
        course = people.the_course(session, "dl")
        assignment = people.assignment(session, course, "doubling")
        day = found.days[0].day
        rows = insight.of_day(session, course, assignment, day)
        assert len(rows) == found.days[0].in_time
        assert insight.of_day(session, course, assignment, date(2000, 1, 1)) == []


def test_queries_do_not_grow_with_the_people(web: Web) -> None:
    """Ten students more with nothing need no query more."""
    counts = []
    for turn in range(2):
        with web.database.read() as session:
            course = people.the_course(session, "dl")
            assignment = people.assignment(session, course, "doubling")
            asked: list[str] = []
            event.listen(web.database.engine, "before_cursor_execute", lambda *words, to=asked: to.append(words[2]))
            insight.insight(session, course, assignment)
            sheet.sheet(session, course, Wish())
            roster.roster(session, course)
            counts.append(len(asked))
        if turn == 0:
            with web.database.write() as session:
                for n in range(10):
                    where = people.the_course(session, "dl")
                    people.add_person(session, where, f"more{n}@example.com", f"More {n}", actor="test")
    assert counts[1] <= counts[0]
    assert counts[0] < 40


def test_charts_are_pictures_with_words_tables_and_links(web: Web) -> None:
    found = look(web)
    links: list[dict[str, object]] = []

    def link(**which: object) -> str:
        links.append(which)
        return f"/somewhere?n={len(links)}&m=<"

    drawn = [*charts.charts(found, lambda at: f"{at:%Y-%m-%d %H:%M}", link)]
    drawn.append(charts.grid(found.standings, found.checks, lambda one: f"/people/{one.person_id}"))
    assert [one.id for one in drawn] == ["scores", "arrivals", "failures", "misconceptions", "grid"]
    for chart in drawn:
        for language in ("ko", "en"):
            svg = str(chart.svg(language))
            assert svg.startswith("<svg ")
            assert "aria-label" in svg
            assert "xlink:href" not in svg
            assert "<script" not in svg
            assert " style=" not in svg
            assert "m=<" not in svg
        assert all(len(row) == len(chart.head) for row in chart.rows)
        assert chart.links
        assert (
            f'<a href="{chart.links[0].replace("&", "&amp;").replace("<", "&lt;")}">' in str(chart.svg("en"))
            or chart.id != "grid"
        )


def test_an_empty_assignment_has_no_charts() -> None:
    empty = Insight((), (), (), None, (), (), (), (), 0, 0)
    assert charts.charts(empty, str, lambda **_: "") == []
    assert charts.grid((), (), lambda _: "").rows == []
    assert (empty.median, empty.mean, empty.bins) == (None, None, [0] * 11)


# ------------------------------------------------------------------------------------------------ side by side


def code(*sources: str, ids: str = "abcdefgh") -> list[Code]:
    return [Code(n, ids[n], source) for n, source in enumerate(sources)]


def kinds(left: list[Code], right: list[Code]) -> list[str]:
    return [one.kind.value for one in sidebyside.compare(left, right)]


def test_cells_are_matched_by_id_then_by_text_then_by_place() -> None:
    assert kinds(code("x = 1", "y = 2"), code("x = 1", "y = 3")) == ["same", "changed"]
    assert kinds(code("x", "y"), code("y", ids="b")) == ["removed", "same"]
    assert kinds(code("x", "y"), code("x", "new", "y", ids="axb")) == ["same", "added", "same"]
    assert kinds(code("x", "y"), code("x", "y", ids="zw")) == ["same", "same"]  # other ids, same texts
    assert kinds(code("x", "y"), code("x", "q", ids="zw")) == ["same", "changed"]
    assert kinds([], code("x")) == ["added"]
    assert kinds([], []) == []


def test_words_of_a_line_are_marked_and_far_lines_left_out() -> None:
    body = [f"line {n}" for n in range(30)]
    (cell,) = sidebyside.compare(code("\n".join([*body, "return x * 2"])), code("\n".join([*body, "return x * 3"])))
    assert [line.kind for line in cell.lines] == [Kind.GAP, Kind.SAME, Kind.SAME, Kind.SAME, Kind.CHANGED]
    assert cell.lines[0].skipped == 27
    last = cell.lines[-1]
    assert (last.left_number, last.right_number) == (31, 31)
    assert [words for words, changed in last.left if changed] == ["2"]
    assert [words for words, changed in last.right if changed] == ["3"]


LINES = st.lists(st.sampled_from(["a = 1", "b = a", "", "    return b", "print(a, b)"]), max_size=12).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES)
def test_both_sides_can_be_read_back(left: str, right: str) -> None:
    (cell,) = sidebyside.compare(code(left), code(right))
    if left == right:
        assert cell.kind is Kind.SAME
        return
    for words, side in ((left, "left"), (right, "right")):
        lines = words.split("\n") if words else []
        for line in cell.lines:
            number = getattr(line, f"{side}_number")
            if number is not None:
                assert "".join(part for part, _ in getattr(line, side)) == lines[number - 1]
        shown = sum(getattr(line, f"{side}_number") is not None for line in cell.lines)
        assert shown + sum(line.skipped for line in cell.lines) == len(lines)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("x\n" * 900 + "y", "y\n" + "x\n" * 900),
        ("\n".join(f"{n % 7}" for n in range(999)), "\n".join(f"{n % 11}" for n in range(999))),
        ("a" * 2_000_000, "b" * 2_000_000),
        ("a b " * 60 + "\n", "b a " * 60 + "\n"),
        ("z\n" * 500_000, ""),
    ],
)
def test_nothing_makes_it_slow(left: str, right: str) -> None:
    began = time.process_time()
    cells = sidebyside.compare([Code(n, f"l{n}", left) for n in range(8)], [Code(n, f"l{n}", right) for n in range(8)])
    assert time.process_time() - began < 3 * sidebyside.SECONDS
    assert all(len(cell.lines) <= sidebyside.SHOWN_LINES for cell in cells)


def test_very_many_cells_do_not_make_it_slow() -> None:
    """Of two thousand, every other one equal, to find an order took a minute."""
    both = [[Code(n, f"{side}{n}", "a" if n % 2 else f"{side}{n}") for n in range(2_000)] for side in "lr"]
    began = time.process_time()
    assert len(sidebyside.compare(*both)) == 2_000
    assert time.process_time() - began < sidebyside.SECONDS


def test_a_file_that_is_no_notebook_has_no_cells() -> None:
    assert sidebyside.code_cells(b"no notebook") is None


# ------------------------------------------------------------------------------------------- dossier and roster


def test_a_trail_is_of_one_submission(web: Web) -> None:
    with web.database.write() as session:
        course = people.the_course(session, "dl")
        assignment = people.assignment(session, course, "doubling")
        rows = session.scalars(select(Submission).order_by(Submission.id)).all()
        mina, juno = session.get_one(Person, rows[0].person_id), session.get_one(Person, rows[2].person_id)
        decisions.comment(session, rows[0], "one", actor=mina)
        decisions.comment(session, rows[1], "two", actor=mina)
        decisions.set_override(session, assignment, mina, 50.0, "all", actor=mina)
        decisions.set_override(
            session, assignment, mina, 5.0, "check", submission=rows[1], check="edges.zero", actor=mina
        )
        decisions.set_override(session, assignment, juno, 50.0, "his", actor=mina)
        actions = [(one.action, one.actor) for one in dossier.trail(session, rows[0])]
        assert actions == [("set.override", "김미나"), ("add.comment", "김미나")]
        assert len(dossier.trail(session, rows[1])) == 3


def test_the_run_that_counts_is_shown(web: Web) -> None:
    with web.database.read() as session:
        course = people.the_course(session, "dl")
        assignment = people.assignment(session, course, "doubling")
        rows = session.scalars(select(Submission).order_by(Submission.id)).all()
        found = [dossier.dossier(session, course, assignment, row) for row in rows]
    assert [one.counts for one in found] == [False, True, False, False]
    assert [one.number for one in found] == [1, 2, 1, 2]
    assert [one.report is not None for one in found] == [True, True, True, False]
    assert [cell for cell, _ in dossier.options(sidebyside.code_cells(b"{}"))] == []


def test_only_who_stands_above_everywhere_may_act(web: Web) -> None:
    with web.database.write() as session:
        course, other = (session.scalars(select(Course).where(Course.key == key)).one() for key in ("dl", "other"))
        by = {one.person.email.partition("@")[0]: one.person for one in people.members(session, course)}
        outsider = people.members(session, other)[0].person
        assert roster.may_act_on(session, by["teacher"], by["mina"])
        assert roster.may_act_on(session, by["teacher"], by["helper"])
        assert not roster.may_act_on(session, by["teacher"], by["teacher"])
        assert not roster.may_act_on(session, by["helper"], by["mina"])
        assert not roster.may_act_on(session, by["teacher"], outsider)
        people.add_person(session, other, "mina@example.com", "김미나", actor="test")
        assert not roster.may_act_on(session, by["teacher"], by["mina"])


def test_the_word_of_a_regrade_is_of_what_was_seen() -> None:
    from grader.course.regrading import Change, word_for

    person = Person(id=3, name="x", email="x@example.com")
    one = Change(person, graded(50), graded(60), ())
    assert word_for([one]) == word_for([one])
    assert word_for([one]) != word_for([Change(person, graded(50), graded(61), ())])
    assert word_for([]) != word_for([one])
