"""`grader token`: what lets a program act for a person, kept here for a server, or made for somebody on the server."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from grader import layout
from grader.commands import common, remote
from grader.errors import BadInput
from grader.text import Text

SCOPES = ("read", "submit", "staff")  # as grader.course.tokens.Scope has them
DAYS = ("7", "30", "90", "180", "365")
server_option = click.option(
    "--server", envvar="GRADER_SERVER", required=True, help="서버의 주소 / Address of the server."
)


@click.group(cls=layout.Group, name="token")
def command() -> None:
    """서버의 토큰을 저장하고 관리합니다. / Save and manage tokens for a server."""


@command.command()
@server_option
@remote.insecure_option
@common.json_option
@common.lang_option
def save(server: str, insecure_http: bool, as_json: bool, lang: str | None) -> None:
    """이 컴퓨터에 토큰을 저장합니다. / Save a token on this machine.

    토큰은 서버의 '내 계정 → API 토큰'에서 만듭니다. 물어볼 때 붙여 넣거나 표준 입력으로 주세요. 명령줄에는 쓰지
    마세요: 같은 컴퓨터의 다른 사람이 볼 수 있습니다. 서버가 아는 토큰인지 확인하고, 자기만 읽을 수 있는 파일에 둡니다.

    Make one on the server, under 'My account → API tokens'. Paste it when asked, or give it on standard input; never
    on the command line, where others on this machine can see it. It is tried, and kept in a file that only you can
    read.

    \b
    예 / Examples:
      grader token save --server https://grader.example.com
      grader token save --server https://grader.example.com < token.txt
    """
    from grader.client import Connection, Service, keep

    if sys.stdin.isatty():
        token = click.prompt(Text("토큰", "token").into("en"), hide_input=True, err=True).strip()
    else:
        token = sys.stdin.readline().strip()
    me = Service(Connection(server, token, insecure=insecure_http)).me()
    file = keep.save(server, token, insecure=insecure_http)
    told = {"email": me["email"], "file": str(file), **me["token"]}
    if as_json:
        common.emit(told)
        return
    scopes, until = ", ".join(told["scopes"]), told["expires_at"][:10]
    common.say(
        Text(
            f"{told['email']}의 토큰({scopes}, {until}까지)을 {file}에 저장했습니다.",
            f"Saved the token of {told['email']} ({scopes}, until {until}) in {file}.",
        ),
        lang,
    )


@command.command()
@server_option
@common.json_option
@common.lang_option
def forget(server: str, as_json: bool, lang: str | None) -> None:
    """저장한 토큰을 이 컴퓨터에서 지웁니다. / Remove a saved token from this machine.

    서버에서는 그대로 쓸 수 있습니다. 못 쓰게 하려면 '내 계정 → API 토큰'에서 폐기하세요.

    On the server it stays good; to end it, revoke it under 'My account → API tokens'.

    \b
    예 / Example:
      grader token forget --server https://grader.example.com
    """
    from grader.client import keep

    gone = keep.forget(server)
    if as_json:
        common.emit({"removed": gone})
    else:
        done, none = Text("지웠습니다.", "Removed."), Text("저장된 토큰이 없습니다.", "There is no saved token.")
        common.say(done if gone else none, lang)


@command.command()
@click.argument("email", shell_complete=common.emails)
@click.option("--name", required=True, help="어디에서 쓰는 토큰인지 / What it is for.")
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="권한 / Default: read and submit.")
@click.option("--days", type=click.Choice(DAYS), default="90", help="며칠 동안 / How long. Default: 90.")
@common.by_option
@common.common
def make(
    email: str,
    name: str,
    scopes: tuple[str, ...],
    days: str,
    by: str | None,
    home: Path | None,
    course: str | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """강좌가 있는 컴퓨터에서 누군가의 토큰을 만듭니다. / Make a token for somebody, where the course is.

    토큰은 여기서만 보입니다. 감사 기록에는 누가 만들었는지만 남습니다.

    It is shown only here; the audit log has that it was made, and by whom.

    \b
    예 / Examples:
      grader token make minji@example.com --name laptop
      grader token make bot@example.com --name nightly --scope read --scope staff --days 365
    """
    from grader.course import people, tokens

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        wanted = [tokens.Scope(word) for word in scopes or ("read", "submit")]
        token = tokens.make(session, person, name, wanted, int(days), actor=common.actor(session, one, by))
        told = {"email": person.email, "token": token, "scopes": [one.value for one in wanted], "days": int(days)}
    if as_json:
        common.emit(told)
    else:
        click.echo(token)


@command.command(name="list")
@click.argument("email", shell_complete=common.emails)
@common.common
def list_(email: str, home: Path | None, course: str | None, as_json: bool, lang: str | None) -> None:
    """누군가의 쓸 수 있는 토큰을 보여 줍니다. / Show the tokens of somebody that can be used.

    \b
    예 / Example:
      grader token list minji@example.com
    """
    from grader.course import people, tokens

    with common.opened(home) as (_, database), database.read() as session:
        one = people.the_course(session, course)
        found = tokens.live(session, people.member(session, one, email).person)
        zone = one.timezone
    if as_json:
        keys = ("id", "name", "scopes", "created_at", "expires_at", "used_at")
        common.emit([common.plain({key: getattr(row, key) for key in keys}) for row in found])
        return
    from rich.markup import escape

    made = common.table(
        lang,
        "#",
        Text("이름", "name"),
        Text("권한", "scopes"),
        Text("기한", "expires"),
        Text("마지막 사용", "last used"),
    )
    for row in found:
        words = (common.local(row.expires_at, zone), common.local(row.used_at, zone))
        made.add_row(str(row.id), escape(row.name), ", ".join(row.scopes), *words)
    common.show(made)


@command.command()
@click.argument("email", shell_complete=common.emails)
@click.argument("number", type=int)
@common.by_option
@common.common
def revoke(
    email: str, number: int, by: str | None, home: Path | None, course: str | None, as_json: bool, lang: str | None
) -> None:
    """누군가의 토큰을 폐기합니다. / Revoke a token of somebody, by its number in the list.

    \b
    예 / Example:
      grader token revoke minji@example.com 3
    """
    from grader.course import people, tokens

    with common.opened(home) as (_, database), database.write() as session:
        one = people.the_course(session, course)
        person = people.member(session, one, email).person
        if not tokens.revoke(session, person, number, actor=common.actor(session, one, by)):
            raise BadInput(
                Text(
                    f"{number}번 토큰이 없거나 이미 폐기되었습니다. 목록: grader token list {person.email}",
                    f"There is no token {number}, or it is revoked already. See: grader token list {person.email}",
                )
            )
    if as_json:
        common.emit({"revoked": number})
    else:
        common.say(Text("폐기했습니다.", "Revoked."), lang)
