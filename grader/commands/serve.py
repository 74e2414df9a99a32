"""`grader serve`: the pages of the course, in a browser."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import click

from grader.commands import common
from grader.text import Text


def web() -> Any:
    """`webapp.serving`, by its name: the web is made of the grader, and the grader does not know it."""
    return importlib.import_module("webapp.serving")


@click.command(name="serve")
@click.option(
    "--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="포트 / Port; 0: any free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="주소 / Address to listen on.")
@click.option("--no-worker", is_flag=True, help="채점하는 워커를 켜지 않습니다. / Start no worker beside it.")
@click.option(
    "--behind-proxy",
    is_flag=True,
    help="이 컴퓨터의 HTTPS 프록시 뒤에 있습니다. / An HTTPS proxy on this machine stands in front.",
)
@click.option(
    "--public-url",
    metavar="URL",
    envvar="GRADER_PUBLIC_URL",
    help="사람들이 쓰는 주소 / The address that people use. Default: GRADER_PUBLIC_URL.",
)
@common.home_option
@common.json_option
@common.lang_option
def command(
    port: int,
    host: str,
    no_worker: bool,
    behind_proxy: bool,
    public_url: str | None,
    home: Path | None,
    as_json: bool,
    lang: str | None,
) -> None:
    """강좌를 웹으로 엽니다. / Open the course in the browser.

    학생은 노트북을 내고 결과를 보고, 강사는 성적표와 제출을 봅니다. cpu나 gpu 대기열에 워커가 없으면 하나를 함께 켭니다
    (GPU가 없으면 모의 GPU, 기록은 worker.log). 사람마다 비밀번호를 정할 주소는 grader user invite로 만듭니다. Ctrl-C로
    멈춥니다. 프록시 뒤에서는 사람들이 쓰는 주소를 --public-url로 알려 줍니다. 다른 이름으로 온 요청은 받지 않습니다.

    Students hand in and read reports, staff see the gradebook and submissions. Where no worker serves the queue cpu
    or gpu, one is started beside it (simulating a GPU where there is none; it writes worker.log). `grader user invite`
    makes the address with which somebody sets a password. Ctrl-C stops it. Behind a proxy, --public-url says the
    address that people use; requests for other names are refused.

    \b
    예 / Examples:
      grader serve
      grader serve --port 8080 --no-worker
      grader serve --behind-proxy --public-url https://grader.example.ac.kr
    """
    serving = web()
    with common.opened(home) as (found, _):
        pass
    if not serving.is_loopback(host) and not behind_proxy:
        click.echo(
            Text(
                f"주의: {host}에서는 비밀번호가 암호화되지 않은 채 오갑니다. HTTPS 프록시와 --behind-proxy를 쓰세요.",
                f"Careful: on {host} passwords travel in the clear. Use an HTTPS proxy and --behind-proxy.",
            ).into(lang),
            err=True,
        )
    serving.serve(
        found,
        host=host,
        port=port,
        workers=() if no_worker else ("cpu", "gpu"),
        behind_proxy=behind_proxy,
        public_url=public_url,
        ready=lambda address: common.emit({"address": address}) if as_json else opened(address, lang),
    )


def opened(address: str, lang: str | None) -> None:
    """Says where the pages are."""
    click.echo(Text(f"열었습니다: {address} (멈추려면 Ctrl-C)", f"Open: {address} (Ctrl-C stops it)").into(lang))
