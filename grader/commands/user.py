"""`grader user`: who is in the course."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import click

from grader import layout
from grader.commands import common
from grader.errors import BadInput
from grader.text import Text

email_argument = click.argument("email", shell_complete=common.emails)
ROLES = ("admin", "instructor", "assistant", "student")  # as grader.store.models.Role has them


@click.group(cls=layout.Group, name="user")
def command() -> None:
    """강좌의 사람을 관리합니다. / Manage the people of a course."""


@command.command()
@click.argument("email")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), help="역할 / Role. Default: student.")
@click.option("--group", help="그룹 / Group, such as a section or a team.")
@common.common
def add(
    email: str,
    name: str,
    role: str | None,
    group: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """사람을 추가하거나 고칩니다. / Add a person, or bring them up to date.

    \b
    예 / Examples:
      grader user add minji@example.com "김민지"
      grader user add ta@example.com "Jun Park" --role assistant --group A
    """
    from grader.course import people

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        found = people.add_person(
            session, one, email, name, None if role is None else people.role_of(role), group, actor="cli"
        )
        told = {"email": found.person.email, "role": found.role.value, "group": found.group and found.group.name}
    if as_json:
        common.emit(told)
    else:
        common.say(
            Text(f"{told['email']}의 역할은 {told['role']}입니다.", f"{told['email']} is there as {told['role']}."),
            lang,
        )


@command.command(name="import")
@click.argument("file", type=click.Path(path_type=Path))
@common.common
def import_(file: Path, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """CSV 파일의 사람을 모두 추가합니다. / Add everybody in a CSV file.

    열은 name,email과, 있으면 role,group입니다(이름, 이메일, 역할, 그룹도 됩니다). 이미 있는 사람은 고칩니다. 잘못이
    하나라도 있으면 줄마다 알려 주고 아무도 추가하지 않습니다.

    Columns: name, email and, where there are any, role and group. Who is there already is brought up to date. Where
    there is any fault, each is told with its line, and nobody is added.

    \b
    예 / Example:
      grader user import people.csv
    """
    from grader.course import people

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadInput(
            Text(
                f"{file}을(를) 읽을 수 없습니다({error.strerror}).",
                f"{file} cannot be read ({error.strerror}).",
            )
        ) from error
    with common.opened(home) as (_, database), database.write() as session:
        done = people.import_people(session, people.the_course(session, course), data, actor="cli")
    if as_json:
        common.emit(
            {
                "added": done.added,
                "changed": done.changed,
                "unchanged": done.unchanged,
                "ignored_columns": list(done.ignored),
            }
        )
        return
    said = Text(
        f"{done.added}명을 추가하고 {done.changed}명을 고쳤습니다. {done.unchanged}명은 그대로입니다.",
        f"{done.added} added, {done.changed} changed, {done.unchanged} as they were.",
    )
    if done.ignored:
        columns = ", ".join(done.ignored)
        said += Text(f"쓰지 않은 열: {columns}.", f"Columns not used: {columns}.")
    common.say(said, lang)


@command.command(name="list")
@common.common
def list_(home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """강좌의 사람을 보여 줍니다. / Show who is in the course.

    \b
    예 / Example:
      grader user list --json
    """
    from grader.course import people

    with common.opened(home) as (_, database), database.read() as session:
        rows = [
            {
                "email": one.person.email,
                "name": one.person.name,
                "role": one.role.value,
                "group": one.group.name if one.group else None,
                "active": one.person.active,
            }
            for one in people.members(session, people.the_course(session, course), active=None)
            if one.person.forgotten_at is None
        ]
    if as_json:
        common.emit(rows)
        return
    from rich.markup import escape

    made = common.table(
        lang, Text("이름", "name"), Text("이메일", "email"), Text("역할", "role"), Text("그룹", "group")
    )
    for row in rows:
        style = None if row["active"] else "dim"
        made.add_row(
            escape(str(row["name"])),
            escape(str(row["email"])),
            str(row["role"]),
            escape(str(row["group"] or "")),
            style=style,
        )
    common.show(made)


@command.command()
@email_argument
@click.argument("role", type=click.Choice(ROLES))
@common.by_option
@common.common
def role(
    email: str, role: str, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """역할을 바꿉니다. / Change somebody's role.

    \b
    예 / Example:
      grader user role jun@example.com assistant
    """
    from grader.course import people

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        found = people.set_role(session, one, person, people.role_of(role), actor=common.actor(session, one, by))
        told = {"email": person.email, "role": found.role.value}
    _said(told, as_json, lang, Text(f"{told['email']}: 이제 {role}입니다.", f"{told['email']} is {role} now."))


@command.command()
@email_argument
@common.by_option
@common.common
def invite(email: str, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """비밀번호를 정할 주소를 만듭니다. / Make the address with which somebody sets a password.

    주소는 한 번만, 14일 동안 쓸 수 있고 여기서만 보입니다. 새로 만들면 전의 것은 못 씁니다. 비밀번호를 잊은 사람에게도
    이것을 보내세요. GRADER_PUBLIC_URL이 있으면 온전한 주소입니다. 없으면 grader serve가 여는 주소 뒤에 붙입니다.

    It works once, for 14 days, and is shown only here; a new one ends those before. Send one to who forgot their
    password, too. With GRADER_PUBLIC_URL it is the whole address; else it goes behind the one that `grader serve`
    prints.

    \b
    예 / Example:
      grader user invite minji@example.com
    """
    from grader.course import invitations, people

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        token = invitations.invite(session, person, actor=common.actor(session, one, by))
        told = {"email": person.email, "path": f"/invitations/{token}", "days": invitations.DAYS}
    if as_json:
        common.emit(told)
    else:
        click.echo(f"{os.environ.get('GRADER_PUBLIC_URL', '').rstrip('/')}{told['path']}")


@command.command()
@email_argument
@click.option("--undo", is_flag=True, help="다시 활성화합니다. / Let them in again.")
@common.by_option
@common.common
def deactivate(
    email: str, undo: bool, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """로그인과 제출을 막습니다. 한 일은 남습니다. / Let somebody neither log in nor submit; what they did stays.

    \b
    예 / Examples:
      grader user deactivate jun@example.com
      grader user deactivate jun@example.com --undo
    """
    from grader.course import people

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        (people.activate if undo else people.deactivate)(session, person, actor=common.actor(session, one, by))
        told = {"email": person.email, "active": person.active}
    done = Text("다시 활성화했습니다.", "Active again.") if undo else Text("비활성화했습니다.", "Deactivated.")
    _said(told, as_json, lang, done)


@command.command()
@email_argument
@common.by_option
@common.common
def untie(email: str, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """다른 곳의 계정과 이은 것을 끊습니다. / Let somebody sign in with another account elsewhere.

    학교 계정이 바뀌었을 때 씁니다. 같은 이메일로 다음에 로그인하는 계정이 이 사람의 것이 됩니다.

    For when an account was replaced: the next one that comes with their address becomes theirs.

    \b
    예 / Examples:
      grader user untie minji@example.com
    """
    from grader.course import identities, people

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        count = identities.untie(session, person, actor=common.actor(session, one, by))
        told = {"email": person.email, "accounts": count}
    _said(told, as_json, lang, Text(f"끊은 계정: {count}개.", f"Accounts untied: {count}."))


@command.command()
@email_argument
@common.yes_option
@common.by_option
@common.common
def forget(
    email: str, yes: bool, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """이름, 주소, 노트북을 지웁니다. 되돌릴 수 없습니다. / Remove somebody's name, address and notebooks, for good.

    점수는 누구의 것인지 모르게 통계로만 남습니다. 전에 만든 백업에는 남아 있습니다.

    Their points stay, nobody's, for statistics. Backups made before still hold everything.

    \b
    예 / Examples:
      grader user forget jun@example.com
      grader user forget jun@example.com --yes --json
    """
    from grader.course import people

    with common.opened(home) as (_, database):
        with database.read() as session:
            people.member(session, people.the_course(session, course), email)
        common.sure(
            Text(
                f"{email}의 이름, 주소, 노트북을 영원히 지울까요?",
                f"Remove name, address and notebooks of {email} for good?",
            ),
            yes,
            lang,
        )
        with database.write() as session:
            one = people.the_course(session, course)
            person = people.member(session, one, email).person
            people.forget(session, person, actor=common.actor(session, one, by))
            told: dict[str, object] = {"forgotten": person.id}
        told["wiped"] = database.empty_log()
    said = Text("잊었습니다.", "Forgotten.")
    if not told["wiped"]:  # rows are gone; the bytes that they were are still in the log
        said += Text(
            "지금 데이터베이스를 읽는 프로그램이 있어 파일에 흔적이 남았습니다. 잠시 뒤 `grader gc`가 지웁니다.",
            "Somebody is reading the database, so traces are left in its file. In a while, `grader gc` removes them.",
        )
    _said(told, as_json, lang, said)


def _said(told: Mapping[str, object], as_json: bool, lang: str | None, text: Text) -> None:
    if as_json:
        common.emit(told)
    else:
        common.say(text, lang)
