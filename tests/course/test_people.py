"""People come in whole files or not at all, and leave without a trace of who they were."""

from __future__ import annotations

import pytest
from course.world import NOON, World, report
from sqlalchemy import func, select

from grader.course import decisions, people, submissions
from grader.course.people import BadPeople
from grader.errors import BadInput
from grader.store import audit, blobs
from grader.store.models import (
    Audit,
    Blob,
    CheckRow,
    Comment,
    Course,
    Group,
    Member,
    Person,
    Role,
    Run,
    State,
    Submission,
)
from grader.text import Text

HEAD = "name,email,role,group\n"


def bring(world: World, data: bytes | str) -> people.Imported:
    with world.write() as session:
        return people.import_people(session, world.course(session), data, actor="test")


def faults(world: World, data: bytes | str) -> list[tuple[int, str]]:
    """Line and English words of every fault; nothing may have been written."""
    before = counts(world)
    with pytest.raises(BadPeople) as caught:
        bring(world, data)
    assert counts(world) == before
    return [(fault.line, fault.text.en) for fault in caught.value.faults]


def counts(world: World) -> list[int]:
    with world.database.read() as session:
        return [
            session.scalars(select(func.count()).select_from(kind)).one() for kind in (Person, Member, Group, Audit)
        ]


def of(world: World, email: str) -> Member:
    with world.database.read() as session:
        return people.member(session, world.course(session), email)


# courses


@pytest.mark.parametrize("key", ["", "DL", "-a", "a b", "딥러닝", "a" * 65, "a/b"])
def test_a_course_needs_a_key_that_fits_everywhere(world: World, key: str) -> None:
    with pytest.raises(BadInput), world.write() as session:
        people.create_course(session, key, Text("a", "a"), actor="test")


@pytest.mark.parametrize("zone", ["Mars/Phobos", "", "../etc/passwd", "Asia"])
def test_a_course_needs_a_time_zone_that_there_is(world: World, zone: str) -> None:
    with pytest.raises(BadInput), world.write() as session:
        people.create_course(session, "b", Text("a", "a"), timezone=zone, actor="test")


def test_two_courses_have_two_keys_and_one_has_to_be_chosen(world: World) -> None:
    with pytest.raises(BadInput, match="exists already"), world.write() as session:
        people.create_course(session, "dl", Text("a", "a"), actor="test")
    with world.write() as session:
        people.create_course(session, "ml", Text("a", "a"), policy={"late": "none"}, actor="test")
    with world.database.read() as session:
        assert people.the_course(session, "ml").policy == {"late": "none"}
        with pytest.raises(BadInput, match="dl, ml"):
            people.the_course(session)
        with pytest.raises(BadInput, match="no course 'xy'"):
            people.the_course(session, "xy")


def test_a_bad_policy_makes_no_course(world: World) -> None:
    with pytest.raises(BadInput, match="lateness"), world.write() as session:
        people.create_course(session, "b", Text("a", "a"), policy={"lateness": 1}, actor="test")


# one person


def test_an_address_is_one_person_however_it_is_typed(world: World) -> None:
    for typed in ("  MINA@Example.COM ", "mina@example.com"):
        with world.write() as session:
            people.add_person(session, world.course(session), typed, "Kim  Mina ", actor="test")
    assert of(world, "Mina@example.com").person.name == "Kim Mina"
    with world.database.read() as session:
        assert session.scalars(select(func.count()).select_from(Person)).one() == 3


@pytest.mark.parametrize(
    "email", ["", "mina", "a@b", "a b@c.de", "a@@c.de", "a@c..de", "a..b@c.de", "<a@c.de>", "a@-c.de", "김@c.de"]
)
def test_what_is_no_address_is_refused(world: World, email: str) -> None:
    with pytest.raises(BadInput), world.write() as session:
        people.add_person(session, world.course(session), email, "A", actor="test")


def test_adding_again_keeps_the_role_and_the_group_unless_they_are_named(world: World) -> None:
    with world.write() as session:
        people.add_person(session, world.course(session), "a@b.de", "A", Role.ASSISTANT, "1조", actor="test")
    with world.write() as session:
        people.add_person(session, world.course(session), "a@b.de", "B", actor="test")
    found = of(world, "a@b.de")
    assert (found.person.name, found.role, found.group and found.group.name) == ("B", Role.ASSISTANT, "1조")


def test_an_unknown_address_names_the_nearest(world: World) -> None:
    with pytest.raises(BadInput, match=r"Did you mean 'mina@example\.com'"):
        of(world, "minna@example.com")


def test_roles_change_and_are_audited_once(world: World) -> None:
    for _ in range(2):
        with world.write() as session:
            people.set_role(session, world.course(session), world.person(session, "mina"), Role.ASSISTANT, actor="test")
    with world.database.read() as session:
        lines = session.scalars(select(Audit).where(Audit.action == "change.role")).all()
        assert [(line.data["before"], line.data["after"]) for line in lines] == [("student", "assistant")]
        assert audit.broken(session) is None


def test_who_is_deactivated_may_come_back(world: World) -> None:
    with world.write() as session:
        people.deactivate(session, world.person(session, "mina"), actor="test")
    with world.database.read() as session:
        assert [one.person.name for one in people.members(session, world.course(session))] == ["Juno", "Teacher"]
    with world.write() as session:
        people.activate(session, world.person(session, "mina"), actor="test")
    assert of(world, "mina@example.com").person.active


# files


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_comes_in_as_excel_writes_it(world: World, encoding: str, newline: str) -> None:
    content = newline.join(
        ["이름,이메일,역할,분반", "김민지,Minji@example.com,조교,가반", '"박, 준",jun@example.com,,', ""]
    )
    assert bring(world, content.encode(encoding)) == people.Imported(2, 0, 0)
    minji, jun = of(world, "minji@example.com"), of(world, "jun@example.com")
    assert (minji.person.name, minji.role, minji.group and minji.group.name) == ("김민지", Role.ASSISTANT, "가반")
    assert (jun.person.name, jun.role, jun.group) == ("박, 준", Role.STUDENT, None)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_columns_may_stand_in_any_order_and_unknown_ones_are_named(world: World, delimiter: str) -> None:
    content = "\n".join(delimiter.join(row) for row in (["email", "phone", "Name"], ["a@b.de", "1", "A"]))
    assert bring(world, content) == people.Imported(1, 0, 0, ("phone",))


def test_importing_again_brings_up_to_date_and_demotes_nobody(world: World) -> None:
    bring(world, HEAD + "A,a@b.de,assistant,x\nB,b@b.de,,\n")
    assert bring(world, "name,email\nA,a@b.de\nBee,B@B.de\nC,c@b.de\n") == people.Imported(1, 1, 1)
    assert of(world, "a@b.de").role is Role.ASSISTANT
    assert of(world, "b@b.de").person.name == "Bee"
    assert bring(world, HEAD + "A,a@b.de,student,y\n") == people.Imported(0, 1, 0)
    found = of(world, "a@b.de")
    assert (found.role, found.group and found.group.name) == (Role.STUDENT, "y")


def test_every_fault_is_told_with_its_line_and_nobody_comes_in(world: World) -> None:
    content = HEAD + 'A,a@b.de,,\n"B\nB",b@b.de,,\n,c@b.de,,\nD,nowhere,boss,\n\nE,A@B.de,,\nF,f@b.de,student,ok\n'
    found = faults(world, content)
    assert [line for line, _ in found] == [5, 6, 6, 8]
    assert "cannot be a name" in found[0][1]
    assert "no e-mail address" in found[1][1]
    assert "no role 'boss'" in found[2][1]
    assert "is in line 2 too" in found[3][1]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "empty"),
        (b"\n \n", 1, "empty"),
        (b"name;role\nA;student\n", 1, "no column email"),
        (b"name,email,name\n", 1, "twice"),
        (b"a,b\nc,d\n", 1, "no column name"),
        (b"name,email\nA,a@b.de\n\xff\xff\xff,b@b.de\n", 3, "neither UTF-8 nor CP949"),
        (b'name,email\nA,a@b.de\n"B,b@b.de\n', 3, "CSV"),
        (b"name,email\nA\x00B,a@b.de\n", 2, "cannot be a name"),
        (b"name,email\n" + b"A" * 201 + b",a@b.de\n", 2, "cannot be a name"),
        (b"x" * (people.MAX_CSV + 1), 1, "larger"),
    ],
)
def test_a_file_that_cannot_be_read_says_where(world: World, data: bytes, line: int, words: str) -> None:
    found = faults(world, data)
    assert (found[0][0], words in found[0][1]) == (line, True), found


def test_many_faults_are_counted_and_not_all_shown(world: World) -> None:
    with pytest.raises(BadPeople) as caught:
        bring(world, HEAD + "A,bad,,\n" * 50)
    assert len(caught.value.faults) == 50
    assert "and 30 more" in caught.value.text.en


def test_a_thousand_people_come_in_with_one_line_of_the_log(world: World) -> None:
    rows = "".join(f"P{n},p{n}@example.com,,g{n % 20}\n" for n in range(1000))
    assert bring(world, HEAD + rows).added == 1000
    assert bring(world, HEAD + rows) == people.Imported(0, 0, 1000)
    with world.database.read() as session:
        assert len(people.groups(session, world.course(session))["g3"]) == 50
        lines = session.scalars(select(Audit).where(Audit.action == "import.members")).all()
        assert [len(line.data["added"]) for line in lines] == [1000, 0]
        assert not [line for line in lines if "example.com" in str(line.data)]


# forget


def test_a_forgotten_person_leaves_points_and_nothing_else(world: World) -> None:
    received = world.graded("mina", b"mina's secret work", 60, 0)
    other = world.graded("juno", b"juno's work", 60, 40)
    with world.write() as session:
        mina, teacher = world.person(session, "mina"), world.person(session, "teacher")
        submission = session.get_one(Submission, received.submission.id)
        submission.filename = "김미나.ipynb"
        decisions.comment(session, submission, "Mina was ill", actor=teacher)
        decisions.open_request(session, submission, mina, "I, Mina, was ill")
        assignment = world.assignment(session)
        decisions.grant_extension(session, assignment, mina, attempts=1, reason="Mina was ill", actor=teacher)
        decisions.set_override(session, assignment, mina, 50, "Mina was ill", actor=teacher)
    with world.write() as session:
        people.forget(session, world.person(session, "mina"), actor="test")
        people.forget(session, session.get_one(Person, received.submission.person_id), actor="test")
    with world.database.read() as session:
        person = session.get_one(Person, received.submission.person_id)
        assert (person.name, person.active, person.forgotten_at is None) == ("", False, False)
        assert "mina" not in person.email
        assert session.scalars(select(Comment)).all() == []
        run = session.get_one(Run, received.run.id)
        assert (run.score, run.executed, run.rest) == (60, None, None)
        assert [row.points for row in session.scalars(select(CheckRow).filter_by(run_id=run.id))] == [60, 0]
        assert submissions.report_of(session, run).score == 60
        assert blobs.get(session, session.get_one(Submission, other.submission.id).notebook) == b"juno's work"
        line = session.scalars(select(Audit).where(Audit.action == "forget.person")).one()
        assert (line.subject, line.data) == (f"person:{person.id}", {"submissions": 1})
        assert audit.broken(session) is None


def test_nothing_of_them_is_left_in_any_table_or_in_the_file(world: World) -> None:
    received = world.graded("mina", b"mina's secret work " * 1000, 60, 0)
    with world.write() as session:
        submission = session.get_one(Submission, received.submission.id)
        decisions.comment(session, submission, "Mina was ill", actor="test")
    with world.write() as session:
        people.forget(session, world.person(session, "mina"), actor="test")
    with world.database.read() as session:
        for table in Person.metadata.sorted_tables:
            assert "mina" not in str(session.execute(table.select()).all()).lower()
    assert world.database.empty_log()
    if world.database.embedded:
        with world.database.engine.connect() as connection:
            file = str(connection.exec_driver_sql("PRAGMA database_list").first()[2])  # type: ignore[index]
        for name in (file, f"{file}-wal"):
            with open(name, "rb") as stream:
                content = stream.read()
            assert b"secret work" not in content
            assert b"mina" not in content.lower()


def test_traces_in_the_file_are_told_while_somebody_reads(world: World) -> None:
    if not world.database.embedded:
        pytest.skip("PostgreSQL keeps no log that holds them")
    with world.database.read() as session:
        session.execute(select(Person.name)).all()
        with world.write() as other:
            other.add(Person(email="new@example.com", name="new", created_at=NOON))
        assert not world.database.empty_log(patience_ms=1)
    assert world.database.empty_log()


def test_a_notebook_that_another_handed_in_too_stays(world: World) -> None:
    mine, theirs = world.submit("mina", b"the same"), world.submit("juno", b"the same")
    assert mine.submission.notebook == theirs.submission.notebook
    with world.write() as session:
        people.forget(session, world.person(session, "mina"), actor="test")
    with world.database.read() as session:
        assert blobs.get(session, theirs.submission.notebook) == b"the same"
        assert session.get_one(Submission, mine.submission.id).notebook != theirs.submission.notebook


def test_what_is_under_way_for_a_forgotten_person_is_never_written(world: World) -> None:
    received = world.submit("mina", b"x")
    with world.write() as session:
        run = session.get_one(Run, received.run.id)
        run.state, run.fence = State.RUNNING, 1
    with world.write() as session:
        people.forget(session, world.person(session, "mina"), actor="test")
    with world.write() as session:
        assert not submissions.finish(session, session.get_one(Run, received.run.id), 1, report(), b"secret")
        assert session.scalars(select(func.count()).select_from(Blob).where(Blob.size == 6)).one() == 0


def test_a_forgotten_person_can_be_added_anew_as_another(world: World) -> None:
    with world.write() as session:
        old = world.person(session, "mina")
        people.forget(session, old, actor="test")
        with pytest.raises(BadInput):
            people.activate(session, old, actor="test")
        new = people.add_person(session, world.course(session), "mina@example.com", "Mina", actor="test")
        assert new.person_id != old.id


def test_the_clock_of_the_caller_is_kept(world: World) -> None:
    with world.database.read() as session:
        assert world.course(session).created_at == NOON
        assert session.scalars(select(Course)).one().timezone == "Asia/Seoul"
