"""The notebook that calls us: its file, or in Colab its content."""

from __future__ import annotations

import json
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.client.connection import BadSetting
from grader.text import Text

OLD_S = 120.0
MOST = 50 * 2**20 + 1  # bytes; one more than the server takes, which says so


@dataclass(frozen=True)
class Found:
    """The bytes to hand in, and what to tell about them."""

    data: bytes
    filename: str
    note: Text | None = None


def read(path: str | os.PathLike[str] | None, assignment: str) -> Found:
    """The notebook of that path; without one the notebook that runs this. Raises BadSetting where it cannot be found:
    then a path has to be given."""
    if path is not None:
        return _file(Path(path))
    if (found := _in_colab(assignment)) is not None:
        return found
    if (own := own_file()) is not None:
        found = _file(own)
        age = time.time() - own.stat().st_mtime
        return Found(found.data, found.filename, _saved(own, age))
    raise BadSetting(
        Text(
            f"이 노트북의 파일을 찾을 수 없습니다. 저장한 뒤 경로를 주세요: submit({assignment!r}, 'my.ipynb')",
            f"The file of this notebook cannot be found. Save it and give its path: submit({assignment!r}, 'my.ipynb')",
        )
    )


def own_file() -> Path | None:
    """The file of the notebook that runs in this process, as far as VS Code or Jupyter tell."""
    main: Any = sys.modules.get("__main__")
    names = (getattr(main, "__vsc_ipynb_file__", None), os.environ.get("JPY_SESSION_NAME"))
    for name in names:
        if name and str(name).endswith(".ipynb"):
            for file in (Path(name), Path.cwd() / Path(name).name):
                if file.is_file():
                    return file
    return None


def _file(path: Path) -> Found:
    try:
        if not path.is_file():
            raise BadSetting(Text(f"{path} 파일이 없습니다.", f"There is no file {path}."))
        with path.open("rb") as stream:
            return Found(stream.read(MOST), path.name)
    except OSError as error:
        raise BadSetting(
            Text(f"{path}을(를) 읽을 수 없습니다({error.strerror}).", f"{path} cannot be read ({error.strerror}).")
        ) from error


def _saved(file: Path, age: float) -> Text:
    """What we hand in is what was saved, not what is on the screen."""
    when = time.strftime("%H:%M:%S", time.localtime(file.stat().st_mtime))
    text = Text(f"{file.name}: {when}에 저장된 그대로 냅니다.", f"{file.name}: as it was saved at {when}.")
    if age > OLD_S:
        text += Text("그 뒤에 고쳤으면 저장하고 다시 내세요.", "If you changed it since, save it and submit again.")
    return text


def _in_colab(assignment: str) -> Found | None:
    """Colab keeps the notebook in the browser, and gives it where it is asked."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import _message  # type: ignore[import-not-found]

        content = _message.blocking_request("get_ipynb", timeout_sec=30)["ipynb"]
        return Found(json.dumps(content, ensure_ascii=False).encode(), f"{assignment}.ipynb")
    except Exception:  # noqa: BLE001  # it is no public interface: without it a path is needed
        return None
