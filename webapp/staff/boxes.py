"""The security report of a run, in words for people."""

from __future__ import annotations

from grader.rpc.session import UNITS
from grader.security import Ending, Kind
from grader.text import Text

KINDS = {
    Kind.FILE: Text("상자에 없거나 열 수 없는 파일", "A file that is not in the box, or cannot be opened there"),
    Kind.PROCESS: Text("프로세스의 내부 정보", "The inside of a process"),
    Kind.NETWORK: Text("네트워크 연결", "The network"),
    Kind.PROGRAM: Text("다른 프로그램 실행", "Another program was started"),
    Kind.SIGNAL: Text("상자에 없는 프로세스에 보낸 신호", "A signal to a process that is not in the box"),
    Kind.LIBRARY: Text("설치된 패키지가 아닌 네이티브 코드", "Native code that is no part of a package"),
    Kind.COMMAND: Text(
        "네트워크가 필요해 건너뛴 명령 (Colab에서는 흔합니다)",
        "A command for the network, skipped (usual on Colab)",
    ),
}


def ended(ending: Ending) -> Text:
    """How a box ended before its time."""
    if ending.limit is not None and ending.value is not None:
        unit = UNITS[ending.limit]
        return Text(
            f"한도를 넘어 중단됨: {unit.ko.format(ending.value)}",
            f"Stopped over a limit: {unit.en.format(ending.value)}",
        )
    if ending.signal is not None:
        return Text(f"신호 {ending.signal}(으)로 끝남", f"Ended by the signal {ending.signal}")
    return Text(f"종료 코드 {ending.exit}(으)로 스스로 끝남", f"Ended by itself, with exit status {ending.exit}")
