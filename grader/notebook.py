"""A student's notebook: read from untrusted bytes into a plain v4.5 node, or refused in one paragraph.

The node is built anew from the few fields that grading needs, rather than mended in place: what is not
copied (outputs, widgets, unknown metadata) cannot surprise anybody later. Nothing here runs or compiles a
student's code.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NoReturn

import nbformat
from nbformat import NotebookNode

from grader.assignment import Assignment
from grader.errors import BadNotebook
from grader.text import Text

MAX_BYTES = 50 * 2**20
MAX_CELLS = 2_000
MAX_VALUES = 3_000_000  # commas and brackets: a megabyte of "[],[],[]" costs 24 megabytes of lists

AGAIN = Text(
    "Jupyter나 Colab에서 노트북을 열어 저장하고(Colab: 파일 > 다운로드 > .ipynb 다운로드) 그 파일로 다시 해 주세요.",
    "Open the notebook in Jupyter or Colab, save it (Colab: File > Download > Download .ipynb) "
    "and try again with that file.",
)


@dataclass(frozen=True)
class CodeCell:
    """One code cell; `index` counts all cells of the notebook from 0."""

    index: int
    source: str


@dataclass(frozen=True)
class Notebook:
    """A notebook that can be graded: nbformat 4.5, unique ids, no outputs."""

    node: NotebookNode
    sha256: str  # of the bytes as received
    path: Path | None = None

    @property
    def code_cells(self) -> Sequence[CodeCell]:
        return tuple(
            CodeCell(index, cell["source"])
            for index, cell in enumerate(self.node["cells"])
            if cell["cell_type"] == "code"
        )


# ---------------------------------------------------------------------------------------------- the file


def read(path: Path) -> Notebook:
    """The notebook in a file; raises BadNotebook."""
    return replace(parse(_bytes(path), str(path)), path=path)


def _bytes(path: Path) -> bytes:
    """The content of a regular file of a reasonable size; never waits, as opening a pipe would."""
    name = _shown(str(path))
    try:
        _must_be_regular(os.stat(path), path, name)
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            _must_be_regular(os.fstat(descriptor), path, name)  # it may have been swapped meanwhile
            return file.read(MAX_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        _refuse_missing(path, name)
    except PermissionError:
        _refuse(
            name,
            "파일을 읽을 권한이 없습니다. 권한을 바꾸거나(chmod u+r) 읽을 수 있는 곳에 복사해 주세요.",
            "you may not read this file. Change its permissions (chmod u+r) or copy it to where you may.",
        )
    except (OSError, ValueError) as error:
        reason = _shown(getattr(error, "strerror", None) or str(error))
        _refuse(
            name,
            f"파일을 열 수 없습니다({reason}). 경로를 확인하거나 다른 곳에 복사해 다시 해 주세요.",
            f"the file cannot be opened ({reason}). Check the path, or copy it elsewhere and try again.",
        )


def _must_be_regular(status: os.stat_result, path: Path, name: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        _refuse(
            name,
            "노트북 파일이 아니라 폴더입니다. 폴더 안의 .ipynb 파일 하나를 지정하거나, "
            "폴더 전체를 채점하려면 `grader batch`를 써 주세요.",
            "this is a folder, not a notebook. Name one .ipynb file in it, or grade them all with `grader batch`.",
        )
    if not stat.S_ISREG(status.st_mode):
        _refuse(
            name,
            "보통 파일이 아닙니다(파이프나 장치). .ipynb 파일을 지정해 주세요.",
            "this is not a regular file (a pipe or a device). Name an .ipynb file.",
        )
    if status.st_size > MAX_BYTES:
        _refuse_size(name, status.st_size)


def _refuse_missing(path: Path, name: str) -> NoReturn:
    near = difflib.get_close_matches(path.name, _neighbours(path.parent), n=1, cutoff=0.6)
    meant = (
        Text(f" '{_shown(near[0])}'을(를) 뜻하셨나요?", f" Did you mean '{_shown(near[0])}'?") if near else Text("", "")
    )
    _refuse(
        name,
        f"그런 파일이 없습니다. 경로와 철자를 확인해 주세요.{meant.ko}",
        f"there is no such file. Check the path and the spelling.{meant.en}",
    )


def _neighbours(folder: Path) -> list[str]:
    try:
        return sorted(file.name for file in folder.glob("*.ipynb"))[:500]
    except (OSError, ValueError):
        return []


# --------------------------------------------------------------------------------------------- the bytes


def parse(data: bytes, name: str) -> Notebook:
    """The notebook in these bytes; `name` is what a message calls it. Raises BadNotebook."""
    shown = _shown(name)
    document = _document(data, shown)
    return Notebook(_node(document, shown), hashlib.sha256(data).hexdigest())


def _document(data: bytes, name: str) -> dict[str, Any]:
    """The JSON object in the bytes."""
    if len(data) > MAX_BYTES:
        _refuse_size(name, len(data))
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        _refuse(name, f"파일이 비어 있습니다. {AGAIN.ko}", f"the file is empty. {AGAIN.en}")
    document = _json(_decoded(data, name), name, crowded=_crowded(data))
    if not isinstance(document, dict):
        _refuse_no_notebook(name)
    return document


def _decoded(data: bytes, name: str) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        _refuse(
            name,
            "UTF-16으로 저장되어 있습니다. 노트북은 UTF-8이어야 합니다: 편집기에서 UTF-8로 저장해 주세요.",
            "it is saved as UTF-16, and a notebook is UTF-8: save it again as UTF-8 in your editor.",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and data.lstrip().startswith((b"{", b"\xef\xbb\xbf{")):
            _refuse_truncated(name)
        _refuse_foreign(name, data)
        _refuse(
            name,
            f"올바른 UTF-8 글이 아닙니다({error.start:,}번째 바이트). {AGAIN.ko}",
            f"it is not valid UTF-8 (at byte {error.start:,}). {AGAIN.en}",
        )


def _crowded(data: bytes) -> bool:
    """Whether the JSON has so many values that reading it would take far more memory than the file has."""
    if _separators(data) <= MAX_VALUES:
        return False
    # Those within strings do not count. Runs keep the memory of this very question small.
    return sum(_separators(_STRING.sub(b"", run[0])) for run in _RUN.finditer(data)) > MAX_VALUES


_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_RUN = re.compile(rb'(?:[^"]|"(?:[^"\\]++|\\.)*+(?:"|\Z)){1,100000}+', re.DOTALL)


def _separators(data: bytes) -> int:
    return data.count(b",") + data.count(b"[") + data.count(b"{")


class _Constant(ValueError):
    """NaN or Infinity, which Python's json reads although JSON has none."""


def _constant(word: str) -> NoReturn:
    raise _Constant(word)


def _json(text: str, name: str, *, crowded: bool) -> Any:
    if crowded:
        _refuse(
            name,
            f"값이 너무 많습니다({MAX_VALUES:,}개 넘음). 출력을 지우고(모든 출력 지우기) 다시 저장해 주세요.",
            f"it holds too many values (over {MAX_VALUES:,}). Clear all outputs, save it and try again.",
        )
    try:
        return json.loads(text, parse_constant=_constant)
    except RecursionError:
        _refuse(
            name,
            f"괄호가 너무 깊게 겹쳐 있어 노트북으로 읽을 수 없습니다. {AGAIN.ko}",
            f"it is nested too deeply to be a notebook. {AGAIN.en}",
        )
    except json.JSONDecodeError as error:
        _refuse_syntax(text, error, name)
    except ValueError as error:
        word = str(error) if isinstance(error, _Constant) else "..."
        _refuse(
            name,
            f"노트북이 쓸 수 없는 수({word})가 들어 있습니다. 모든 출력을 지우고 다시 저장해 주세요.",
            f"it holds a number that no notebook can hold ({word}). Clear all outputs and save it again.",
        )


def _refuse_syntax(text: str, error: json.JSONDecodeError, name: str) -> NoReturn:
    end = text.rstrip()
    at_the_end = error.pos >= len(end) or error.msg.startswith("Unterminated") or not end.endswith("}")
    if text.lstrip().startswith("{") and error.msg != "Extra data" and at_the_end:
        _refuse_truncated(name)
    _refuse_foreign(name, text[:200].encode("utf-8", "replace"))
    if re.search(r"^(<{7}|>{7}) ", text, re.MULTILINE):
        _refuse(
            name,
            "git 병합 충돌 표시(<<<<<<<)가 남아 있습니다. 충돌을 풀고 다시 저장해 주세요.",
            "it still holds the marks of a git merge conflict (<<<<<<<). Resolve it and save again.",
        )
    _refuse(
        name,
        f"노트북(JSON)이 아닙니다: {error.lineno}번째 줄 {error.colno}번째 글자에서 막혔습니다. {AGAIN.ko}",
        f"it is not a notebook (JSON): line {error.lineno}, column {error.colno} cannot be read. {AGAIN.en}",
    )


def _refuse_truncated(name: str) -> NoReturn:
    _refuse(
        name,
        f"파일이 중간에 끊긴 것 같습니다: 끝부분이 없습니다. 끝까지 내려받거나 올렸는지 확인하고, {AGAIN.ko}",
        f"the file looks cut off: its end is missing. Check that it was copied to the end. {AGAIN.en}",
    )


_FOREIGN = (
    (b"<!doctype html", Text("웹 페이지(HTML)", "a web page (HTML)")),
    (b"<html", Text("웹 페이지(HTML)", "a web page (HTML)")),
    (b"pk\x03\x04", Text("압축 파일(zip)", "a zip archive")),
    (b"\x1f\x8b", Text("압축 파일(gzip)", "a gzip archive")),
    (b"%pdf", Text("PDF 파일", "a PDF file")),
)


def _refuse_foreign(name: str, data: bytes) -> None:
    """Refuses what is plainly another kind of file, by name; else does nothing."""
    start = data[:200].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, kind in _FOREIGN:
        if start.startswith(magic):
            _refuse(
                name,
                f"노트북이 아니라 {kind.ko}입니다. .ipynb 파일 자체가 필요합니다. {AGAIN.ko}",
                f"this is {kind.en}, not a notebook. The .ipynb file itself is needed. {AGAIN.en}",
            )


# -------------------------------------------------------------------------------------------- the document


def _node(document: dict[str, Any], name: str) -> NotebookNode:
    """A v4.5 node that holds what grading needs of the document, and nothing else."""
    cells = _cells(document, name)
    metadata = _mapping(document.get("metadata"))
    other = _other_language(metadata)
    if other:
        _refuse_language(name, other)
    if not any(cell["cell_type"] == "code" and cell["source"].strip() for cell in cells):
        _refuse(
            name,
            "코드가 하나도 없습니다. 답을 쓴 노트북이 맞는지 확인해 주세요. "
            "코드를 텍스트 셀에 썼다면 코드 셀로 옮겨 주세요.",
            "there is no code in it. Check that this is the notebook with your answers; "
            "code that stands in a text cell has to move into a code cell.",
        )
    for cell, identity in zip(cells, _unique_ids(cells), strict=True):
        cell["id"] = identity
    return nbformat.from_dict({"cells": cells, "metadata": _metadata(metadata), "nbformat": 4, "nbformat_minor": 5})


def _metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    released_as = _mapping(metadata.get("grader")).get("assignment")
    if isinstance(released_as, str):
        kept["grader"] = {"assignment": _clean(released_as)}
    return kept


def _cells(document: dict[str, Any], name: str) -> list[dict[str, Any]]:
    version = document.get("nbformat")
    if version == 4 and not isinstance(version, bool):
        raw = document.get("cells")
    elif version == 3:
        raw = _v3_cells(document, name)
    else:
        _refuse_version(document, name)
    if not isinstance(raw, list):
        _refuse_no_notebook(name)
    if len(raw) > MAX_CELLS:
        _refuse(
            name,
            f"셀이 {len(raw):,}개입니다. {MAX_CELLS:,}개까지 채점할 수 있습니다. 필요 없는 셀을 지워 주세요.",
            f"it has {len(raw):,} cells, and at most {MAX_CELLS:,} can be graded. Delete those not needed.",
        )
    return [_cell(cell, index, name) for index, cell in enumerate(raw)]


def _cell(raw: Any, index: int, name: str) -> dict[str, Any]:
    kind = raw.get("cell_type") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or kind not in ("code", "markdown", "raw"):
        _refuse_cell(name, index, Text("셀의 종류를 알 수 없습니다", "its type is not known"))
    cell: dict[str, Any] = {
        "cell_type": kind,
        "id": raw.get("id"),
        "metadata": _tags(raw.get("metadata")),
        "source": _source(raw.get("source"), index, name),
    }
    if kind == "code":
        cell |= {"execution_count": None, "outputs": []}
    elif attachments := _attachments(raw.get("attachments")):
        cell["attachments"] = attachments
    return cell


def _source(source: Any, index: int, name: str) -> str:
    if isinstance(source, list) and all(isinstance(line, str) for line in source):
        source = "".join(source)
    if not isinstance(source, str):
        _refuse_cell(name, index, Text("셀의 내용이 글이 아닙니다", "its source is not text"))
    return _clean(source).replace("\r\n", "\n").replace("\r", "\n")


def _tags(metadata: Any) -> dict[str, Any]:
    """The tags of a cell, as the schema wants them; all other metadata is left behind."""
    tags = _mapping(metadata).get("tags")
    if not isinstance(tags, list):
        return {}
    kept = dict.fromkeys(_clean(tag) for tag in tags if isinstance(tag, str) and tag and "," not in tag)
    return {"tags": list(kept)} if kept else {}


def _attachments(attachments: Any) -> dict[str, dict[str, str]]:
    """Pictures pasted into a text cell."""
    pictures: dict[str, dict[str, str]] = {}
    for file, bundle in _mapping(attachments).items():
        for mime, data in _mapping(bundle).items():
            if mime in _PICTURES and isinstance(data, str) and _BASE64.fullmatch(data):
                pictures.setdefault(_clean(file), {})[mime] = data
    return pictures


_PICTURES = ("image/png", "image/jpeg", "image/gif", "image/webp")
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")


def _unique_ids(cells: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """An id for each cell: its own where that is valid and the first of its kind, else one of its index."""
    own = [c["id"] if isinstance(c["id"], str) and _ID.fullmatch(c["id"]) else None for c in cells]
    reserved, used = set(own), set()
    for index, identity in enumerate(own):
        if identity is None or identity in used:
            identity = f"cell-{index}"
            while identity in reserved or identity in used:
                identity += "-x"
        used.add(identity)
        yield identity


def _v3_cells(document: dict[str, Any], name: str) -> list[Any]:
    """The cells of all worksheets, in the words of version 4."""
    sheets = document.get("worksheets")
    if not isinstance(sheets, list):
        _refuse_no_notebook(name)
    return [_from_v3(cell, name) for sheet in sheets for cell in _list(_mapping(sheet).get("cells"))]


def _from_v3(cell: Any, name: str) -> Any:
    if not isinstance(cell, dict):
        return cell
    kind = cell.get("cell_type")
    if kind == "code":
        language = cell.get("language", "python")
        if isinstance(language, str) and not _is_python(language):
            _refuse_language(name, _shown(language))
        return {**cell, "source": cell.get("input")}
    if kind == "heading":
        level = cell.get("level")
        hashes = "#" * (level if isinstance(level, int) and 1 <= level <= 6 else 1)
        text = cell.get("source")
        lines = text if isinstance(text, list) else [text]
        return {**cell, "cell_type": "markdown", "source": [f"{hashes} ", *lines]}
    return {**cell, "cell_type": "markdown"} if kind == "html" else cell


# --------------------------------------------------------------------------------------------- languages


def _other_language(metadata: Mapping[str, Any]) -> str | None:
    """The language of the notebook's kernel where it is not Python."""
    kernel, info = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    for language in (kernel.get("language"), info.get("name")):
        if isinstance(language, str) and language.strip():
            return None if _is_python(language) else _shown(language.strip())
    kernel_name = kernel.get("name")
    if isinstance(kernel_name, str):
        stem = re.split(r"[-_\d.]", kernel_name.lower(), maxsplit=1)[0]
        return _KERNELS.get(stem)
    return None


_KERNELS = {  # kernels whose notebooks may do without a language
    "ir": "R",
    "julia": "Julia",
    "octave": "Octave",
    "bash": "Bash",
    "deno": "TypeScript",
    "javascript": "JavaScript",
    "scala": "Scala",
    "xcpp": "C++",
    "sos": "SoS",
}


def _is_python(language: str) -> bool:
    return language.strip().lower().startswith(("python", "ipython"))


# ---------------------------------------------------------------------------------------------- refusing


def _refuse(name: str, ko: str, en: str) -> NoReturn:
    raise BadNotebook(Text(f"{name}: {ko}", f"{name}: {en}")) from None


def _refuse_size(name: str, size: int) -> NoReturn:
    limit, mb = MAX_BYTES // 2**20, size / 2**20
    _refuse(
        name,
        f"파일이 {mb:,.1f} MB로 너무 큽니다. {limit} MB까지 채점할 수 있습니다. "
        "모든 출력을 지우고(모든 출력 지우기) 다시 저장해 주세요.",
        f"the file has {mb:,.1f} MB, and at most {limit} MB can be graded. Clear all outputs and save it again.",
    )


def _refuse_no_notebook(name: str) -> NoReturn:
    _refuse(
        name,
        "JSON이지만 Jupyter 노트북이 아닙니다(셀 목록이나 형식 번호가 없습니다). .ipynb 파일이 맞는지 "
        f"확인해 주세요. {AGAIN.ko}",
        "it is JSON, but no Jupyter notebook: the list of cells or the format number is missing. "
        f"Check that it is the .ipynb file. {AGAIN.en}",
    )


def _refuse_version(document: dict[str, Any], name: str) -> NoReturn:
    version = document.get("nbformat")
    if isinstance(version, bool) or not isinstance(version, int) or version < 1:
        _refuse_no_notebook(name)
    age = Text("오래된", "old") if version < 3 else Text("새로운", "new")
    number = version if version < 1000 else "..."
    _refuse(
        name,
        f"너무 {age.ko} 노트북 형식입니다(nbformat {number}). 형식 3과 4를 채점할 수 있습니다. {AGAIN.ko}",
        f"its format is too {age.en} (nbformat {number}); 3 and 4 can be graded. {AGAIN.en}",
    )


def _refuse_cell(name: str, index: int, what: Text) -> NoReturn:
    _refuse(
        name,
        f"{index + 1}번째 셀이 잘못되어 있습니다: {what.ko}. 그 셀을 지우거나 새로 만들어 저장해 주세요.",
        f"cell {index + 1}, counted from the top, is broken: {what.en}. Delete it or write it anew, then save.",
    )


def _refuse_language(name: str, language: str) -> NoReturn:
    _refuse(
        name,
        f"Python이 아니라 {language} 노트북입니다. 과제는 Python으로 풉니다: 커널(런타임 유형)을 "
        "Python 3으로 바꾸고 저장해 주세요.",
        f"this is a notebook in {language}, not in Python. Assignments are solved in Python: "
        "change the kernel (runtime type) to Python 3 and save it.",
    )


# ---------------------------------------------------------------------------------------------- recognising


def released_for(notebook: Notebook) -> str | None:
    """The assignment that `grader release` wrote into the notebook; None where it says nothing of itself, as one that
    was made in Colab."""
    said = _mapping(notebook.node["metadata"].get("grader")).get("assignment")
    return said if isinstance(said, str) and _NAME.fullmatch(said) else None


def may_name_another(data: bytes, wanted: str) -> bool:
    """Whether a notebook of these bytes is worth reading to see if it was released for another assignment than the one
    wanted. Costs little, however large it is."""
    return any(said != wanted.encode() for said in _NAMED.findall(data))


def recognise(notebook: Notebook, assignments: Sequence[Assignment], wanted: Assignment) -> Text | None:
    """A sentence where this is plainly the notebook of another assignment than the one wanted: of one of
    `assignments`, or of one that is not among them and that the notebook itself names."""
    defined, said = _defined(notebook), released_for(notebook)
    likely = [a for a in assignments if _looks_like(a, wanted, defined, says_so=a.id == said)]
    if likely:
        other = max(likely, key=lambda a: _share(defined, set(a.defines) - set(wanted.defines)))
        return _other_assignment(notebook, defined, wanted, other)
    unknown = said is not None and said not in {wanted.id, *(a.id for a in assignments)}
    # who wrote this assignment's answers into last week's file has its names
    if unknown and _share(defined, set(wanted.defines)) < 1 / 2:
        return _unknown_assignment(str(said), defined, wanted)
    return None


def _looks_like(other: Assignment, wanted: Assignment, defined: set[str], *, says_so: bool) -> bool:
    """Whether these names belong to the other assignment and not to the one wanted.

    Names that both define (train, predict, build_model) tell nothing. A notebook that says whose it is needs
    no more than better agreement.
    """
    theirs, ours = set(other.defines), set(wanted.defines)
    if other.id == wanted.id or _share(defined, theirs) <= _share(defined, ours):
        return False
    return says_so or (_share(defined, ours - theirs) < 1 / 3 and _share(defined, theirs - ours) >= 1 / 2)


def _other_assignment(notebook: Notebook, defined: set[str], wanted: Assignment, other: Assignment) -> Text:
    file = _shown(notebook.path.name) if notebook.path else "FILE"
    have, own = len(defined & set(other.defines)), len(defined & set(wanted.defines))
    ours, all_ = len(wanted.defines), len(other.defines)
    return Text(
        f"{wanted.id}이(가) 아니라 {other.id} 과제의 노트북으로 보입니다: {other.id}의 이름은 {all_}개 중 "
        f"{have}개, {wanted.id}의 이름은 {ours}개 중 {own}개가 정의되어 있습니다. 그 과제로 채점하려면 "
        f"`grader run {other.id} {file}` 명령을 실행하고, 아니라면 {wanted.id} 노트북을 골라 주세요.",
        f"This looks like the notebook of {other.id}, not of {wanted.id}: it defines {have} of the {all_} "
        f"names of {other.id} and {own} of the {ours} names of {wanted.id}. To grade it as that, run "
        f"`grader run {other.id} {file}`; otherwise choose the notebook of {wanted.id}.",
    )


def _unknown_assignment(said: str, defined: set[str], wanted: Assignment) -> Text:
    have, names, own = len(defined & set(wanted.defines)), len(wanted.defines), wanted.id
    return Text(
        f"{own}이(가) 아니라 {said} 과제의 노트북입니다: 노트북에 그렇게 적혀 있고, {own}의 이름은 {names}개 중 "
        f"{have}개만 정의되어 있습니다. {own} 노트북을 골라 주세요. {own}의 답을 이 파일에 썼다면, {own} 노트북으로 "
        "옮겨 저장해 주세요.",
        f"This is the notebook of {said}, not of {own}: it says so itself, and defines {have} of the {names} names of "
        f"{own}. Choose the notebook of {own}. If you wrote the answers to {own} into this file, move them into the "
        f"notebook of {own} and save that.",
    )


def _share(defined: set[str], names: set[str]) -> float:
    return len(defined & names) / len(names) if names else 0.0


def _defined(notebook: Notebook) -> set[str]:
    """Names that cells define at their left edge.

    Found by pattern and not by `ast`: cells with magics or a syntax error count as well, and text made to
    crash a parser (thousands of brackets) never reaches one in this trusted process.
    """
    defined: set[str] = set()
    for cell in notebook.code_cells:
        if not _OTHER_MAGIC.match(cell.source):
            defined.update(name for match in _DEFINES.findall(cell.source) for name in match if name)
    return defined


_NAME = re.compile(r"[\w.-]{1,64}")  # of an assignment
_NAMED = re.compile(rb'"grader"\s*+:\s*+\{\s*+"assignment"\s*+:\s*+"([^"\\]{1,256})"')
_OTHER_MAGIC = re.compile(r"\s*%%(?!time|capture|prun)")  # a cell that is no Python of this notebook
_DEFINES = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+(\w+)|class[ \t]+(\w+)|(\w+)[ \t]*(?::[^=\n]+)?=(?!=))", re.MULTILINE
)


# -------------------------------------------------------------------------------------------------- pieces


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _clean(text: str) -> str:
    """The text without lone surrogates, which JSON can spell and no file can hold."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _shown(text: str) -> str:
    """A name as a message may quote it: printable, and not long."""
    short = text if len(text) <= 200 else f"{text[:120]}...{text[-60:]}"
    return "".join(c if c.isprintable() else "?" for c in short)
