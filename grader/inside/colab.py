"""What a notebook written on Colab expects to find: `google.colab`, and nobody at the keyboard."""

from __future__ import annotations

import builtins
import getpass
import shutil
import sys
import types
from pathlib import Path
from typing import Any, NoReturn

NO_INPUT = (
    "채점 중에는 input()에 답할 사람이 없습니다. 값을 변수에 직접 적어 주세요. / "
    "Nobody can answer input() while a notebook is graded; write the value into a variable."
)
NO_DRIVE = (
    "채점 상자에는 구글 드라이브가 없습니다. 과제의 데이터는 작업 폴더의 data/ 에 있습니다.\n"
    "There is no Google Drive in the grading box; the assignment's data is in data/ of the working folder."
)


class NoInput(EOFError):
    """Somebody asked a question that nobody can answer."""


def _ask(*_: object, **__: object) -> NoReturn:
    raise NoInput(NO_INPUT)


def install(shell: Any) -> None:
    """Puts the modules and the answers in place."""
    builtins.input = _ask
    shell.raw_input = _ask
    getpass.getpass = _ask
    colab = _module("google.colab")
    google = sys.modules.get("google") or _module("google")
    google.colab = colab  # type: ignore[attr-defined]
    parts: dict[str, dict[str, Any]] = {
        "files": {"upload": upload, "download": _nothing, "view": _nothing},
        "drive": {"mount": mount, "flush_and_unmount": _nothing},
        "output": {"clear": _nothing, "eval_js": _nothing, "enable_custom_widget_manager": _nothing},
        "auth": {"authenticate_user": _nothing},
        "userdata": {"get": _no_secret},
        "data_table": {"enable_dataframe_formatter": _nothing, "disable_dataframe_formatter": _nothing},
    }
    for name, members in parts.items():
        setattr(colab, name, _module(f"google.colab.{name}", **members))
    patches = _module("google.colab.patches", cv2_imshow=_nothing)
    colab.patches = patches  # type: ignore[attr-defined]


def _module(name: str, **members: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    module.__dict__.update(members)
    module.__path__ = []
    sys.modules[name] = module
    return module


def upload(*_: object, **__: object) -> dict[str, bytes]:
    """The assignment's public files, also written into the working folder as an upload would."""
    uploaded = {}
    for file in sorted(path for path in Path("data").rglob("*") if path.is_file()):
        if not Path(file.name).exists():
            shutil.copyfile(file, file.name)
        uploaded[file.name] = file.read_bytes()
        print(f"{file.name} (data/)")
    return uploaded


def mount(*_: object, **__: object) -> None:
    """Says that there is no drive."""
    print(NO_DRIVE)


def _nothing(*_: object, **__: object) -> None:
    return None


def _no_secret(name: str = "") -> NoReturn:
    raise KeyError(f"{name}: 채점 상자에는 비밀 값이 없습니다. / There are no secrets in the grading box.")
