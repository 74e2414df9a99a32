"""What a student knows from Jupyter and Colab, cell by cell, in a sealed box."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest

from grader.rpc.session import Cell

Notebook = Callable[..., list[Cell]]


def printed(cell: Cell, name: str = "stdout") -> str:
    return "".join(o["text"] for o in cell.outputs if o["output_type"] == "stream" and o["name"] == name)


def shown(cell: Cell, kind: str = "text/plain") -> list[Any]:
    """The results and displays of a cell, in order."""
    return [o["data"][kind] for o in cell.outputs if kind in o.get("data", {})]


def failures(cells: list[Cell]) -> list[Any]:
    return [(cell.index, cell.fault) for cell in cells if cell.status != "ok"]


def place(cell: Cell) -> tuple[Any, Any, Any]:
    assert cell.fault is not None
    return cell.fault["type"], cell.fault["cell"], cell.fault["line"]


def test_a_last_expression_is_shown_and_counted_from_one(notebook: Notebook) -> None:
    first, second, third = notebook("1 + 1", "x = 3", "x;\nx * 2")
    assert first.outputs[0]["execution_count"] == 1
    assert (shown(first), shown(second), shown(third)) == (["2"], [], ["6"])
    assert third.outputs[0]["execution_count"] == 3


def test_history_holds_inputs_and_outputs(notebook: Notebook) -> None:
    cells = notebook("40 + 2", "_ + 1", "Out[1], In[1], _2, __")
    assert shown(cells[2]) == ["(42, '40 + 2', 43, 42)"]


@pytest.mark.parametrize("last", ["plt.show()", "", "fig = plt.gcf()"])
def test_figures_are_captured_as_pictures(notebook: Notebook, last: str) -> None:
    cells = notebook("%matplotlib inline\nimport matplotlib.pyplot as plt", f"plt.plot([0, 1]);\n{last}", "1")
    assert failures(cells) == []
    pictures = shown(cells[1], "image/png")
    assert len(pictures) == 1
    assert base64.b64decode(pictures[0]).startswith(b"\x89PNG")
    assert shown(cells[2], "image/png") == []


def test_figures_need_no_magic_and_one_that_is_the_result_is_drawn(notebook: Notebook) -> None:
    (cell,) = notebook("import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2])\nfig")
    assert cell.status == "ok"
    assert shown(cell, "image/png")


def test_timing_magics_run_the_code_and_print_the_time(notebook: Notebook) -> None:
    cells = notebook("%%time\ny = sum(range(10))", "%time z = y + 1", "%timeit -n 2 -r 1 y + z", "(y, z)")
    assert failures(cells) == []
    assert all("ime" in printed(cell) or "per loop" in printed(cell) for cell in cells[:3])
    assert shown(cells[3]) == ["(45, 46)"]


def test_captured_output_is_kept_from_the_page(notebook: Notebook) -> None:
    cells = notebook("%%capture out\nprint('quiet')", "out.stdout")
    assert printed(cells[0]) == ""
    assert shown(cells[1]) == ["'quiet\\n'"]


def test_an_error_in_a_captured_cell_is_still_an_error(notebook: Notebook) -> None:
    captured, after = notebook("%%capture\nx = 1\n1 / 0", "x")
    assert captured.status == "error"
    assert place(captured)[0] == "ZeroDivisionError"
    assert after.status == "ok"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("%%time\nx = 1\n1 / 0", 3),
        ("\n%%time\ndef f():\n    1 / 0\nf()", 4),
        ("%time 1 / 0", 1),
        ("%timeit -n 1 -r 1 1 / 0", 1),
        ("%%capture\nx = 1\n1 / 0", 3),
        ("%%capture\n\nx = = 1", 3),
        ("\n\nx = (", 3),
    ],
)
def test_an_error_under_a_magic_or_empty_lines_is_found(notebook: Notebook, source: str, line: int) -> None:
    cells = notebook("pass", source)
    assert place(cells[1])[1:] == (1, line)


def test_await_works_at_top_level(notebook: Notebook) -> None:
    cells = notebook("import asyncio\nawait asyncio.sleep(0)\nprint('slept')", "async def f(): return 5", "await f()")
    assert failures(cells) == []
    assert (printed(cells[0]), shown(cells[2])) == ("slept\n", ["5"])


def test_rich_reprs_and_displays_are_kept_in_order(notebook: Notebook) -> None:
    (cell,) = notebook(
        "from IPython.display import HTML, Markdown, display\n"
        "class A:\n    def _repr_html_(self): return '<b>a</b>'\n"
        "print('first')\ndisplay(Markdown('*m*'))\nprint('second')\nA()"
    )
    kinds = [o["output_type"] for o in cell.outputs]
    assert kinds == ["stream", "display_data", "stream", "execute_result"]
    assert shown(cell, "text/html") == ["<b>a</b>"]
    assert shown(cell, "text/markdown") == ["*m*"]


def test_a_data_frame_is_shown_as_a_table(notebook: Notebook) -> None:
    (cell,) = notebook("import pandas as pd\npd.DataFrame({'height': [1, 2]})")
    assert "<table" in shown(cell, "text/html")[0]


def test_displays_can_be_updated(notebook: Notebook) -> None:
    cells = notebook(
        "from IPython.display import display\nh = display('old', display_id=True)\nh.update('new')\nprint('on')"
    )
    assert failures(cells) == []
    assert shown(cells[0])[-1] == "'new'"


def test_clear_output_forgets_what_was_printed(notebook: Notebook) -> None:
    (cell,) = notebook("from IPython.display import clear_output\nprint('old')\nclear_output(wait=True)\nprint('new')")
    assert printed(cell) == "new\n"


def test_shell_commands_print_and_return_lines(notebook: Notebook) -> None:
    cells = notebook("word = 'hi'\n!echo {word} $word", "x = !printf 'a\\nb'", "x", "!false", "_exit_code")
    assert failures(cells) == []
    assert printed(cells[0]) == "hi hi\n"
    assert shown(cells[2]) == ["['a', 'b']"]
    assert shown(cells[4]) == ["1"]


@pytest.mark.parametrize(
    "line",
    ["!pip install -q torch", "%pip install torch", "!python -m pip install x", "!apt-get install y", "pip install x"],
)
def test_installing_says_that_the_network_is_off_and_goes_on(notebook: Notebook, line: str) -> None:
    (cell,) = notebook(f"{line}\nprint('went on')" if line[0] in "!%" else line)
    assert cell.status == "ok"
    assert "network is off" in printed(cell)
    assert line[0] not in "!%" or printed(cell).endswith("went on\n")


def test_installing_into_a_variable_gives_no_lines(notebook: Notebook) -> None:
    cells = notebook("out = !pip install x", "list(out)")
    assert failures(cells) == []
    assert shown(cells[1]) == ["[]"]


@pytest.mark.parametrize(
    "source", ["input('name? ')", "import getpass\ngetpass.getpass()", "from getpass import getpass\ngetpass()"]
)
def test_asking_at_the_keyboard_raises_a_clear_line(notebook: Notebook, source: str) -> None:
    (cell,) = notebook(source)
    assert place(cell) == ("NoInput", 0, source.count("\n") + 1)
    assert cell.fault is not None
    assert "input()" in cell.fault["message"]


@pytest.mark.parametrize(
    ("source", "kind", "line"),
    [
        ("x = 1\ny = (2\n", "SyntaxError", 2),
        ("x = 1\ndef f(:\n    pass", "SyntaxError", 2),
        ("if True:\nx = 1", "IndentationError", 2),
        ("x = 1\n  y = 2", "IndentationError", 2),
        ("if True:\n    x = 1\n  y = 2", "IndentationError", 3),
        ("def f():\n\tx = 1\n        y = 2", "TabError", 3),
        ("x = 1\nreturn x", "SyntaxError", 2),
        ("x = 'open", "SyntaxError", 1),
    ],
)
def test_a_cell_that_does_not_parse_is_named_with_its_line(
    notebook: Notebook, source: str, kind: str, line: int
) -> None:
    cells = notebook("print('before')", source, "print('after')")
    assert place(cells[1]) == (kind, 1, line)
    assert [cell.status for cell in cells] == ["ok", "error", "ok"]
    assert [o["output_type"] for o in cells[1].outputs] == ["error"]


def test_an_error_names_the_innermost_cell_and_line(notebook: Notebook) -> None:
    cells = notebook("\ndef helper(x):\n    return 1 / x", "y = 0\nhelper(y)", "z = 1")
    assert place(cells[1]) == ("ZeroDivisionError", 0, 3)
    assert cells[2].status == "ok"


def test_an_error_inside_a_library_names_the_cell_that_called_it(notebook: Notebook) -> None:
    (cell,) = notebook("import numpy as np\n\nnp.zeros(2) + np.zeros(3)")
    assert place(cell) == ("ValueError", 0, 3)


def test_two_cells_with_the_same_text_are_told_apart(notebook: Notebook) -> None:
    cells = notebook("1 / 0", "x = 1", "1 / 0")
    assert [place(cell)[1] for cell in (cells[0], cells[2])] == [0, 2]


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("import sys\nsys.exit(0)", "SystemExit"),
        ("\nexit()", "SystemExit"),
        ("\nraise KeyboardInterrupt", "KeyboardInterrupt"),
        ("\nraise GeneratorExit", "GeneratorExit"),
        ("class E(Exception):\n    def __repr__(self): 1 / 0\nraise E", "E"),
        ("\nraise ExceptionGroup('many', [ValueError(1)])", "ExceptionGroup"),
        ("def f(): f()\nf()", "RecursionError"),
    ],
)
def test_whatever_a_cell_raises_the_next_one_runs(notebook: Notebook, source: str, kind: str) -> None:
    cells = notebook(source, "print('alive')")
    assert place(cells[0])[0] == kind
    assert printed(cells[1]) == "alive\n"


def test_warnings_and_stderr_are_shown_and_are_no_failure(notebook: Notebook) -> None:
    cells = notebook("import warnings, sys\nwarnings.warn('careful')", "print('oops', file=sys.stderr)")
    assert failures(cells) == []
    assert "careful" in printed(cells[0], "stderr")
    assert printed(cells[1], "stderr") == "oops\n"


def test_text_past_sys_stdout_lands_in_its_own_cell(notebook: Notebook) -> None:
    cells = notebook(
        "import os\nos.write(1, b'raw');",
        "import subprocess\nsubprocess.run(['echo', 'child'])",
        "import ctypes\nctypes.CDLL(None).puts(b'from C')\nctypes.CDLL(None).fflush(None);",
        "1",
    )
    assert [printed(cell) for cell in cells] == ["raw", "child\n", "from C\n", ""]


def test_a_child_process_prints_once(notebook: Notebook) -> None:
    (cell,) = notebook(
        "import os\nprint('parent')\npid = os.fork()\nif pid == 0:\n    print('child'); os._exit(0)\nos.waitpid(pid, 0)\nprint('end')"
    )
    assert cell.status == "ok"
    assert printed(cell).count("parent") == 1
    assert printed(cell).endswith("end\n") or "end\n" in printed(cell)


def test_threads_print_whole_lines(notebook: Notebook) -> None:
    (cell,) = notebook(
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n    list(pool.map(lambda n: [print('x' * 50 + '\\n', end='') for _ in range(400)], range(4)))"
    )
    assert cell.status == "ok"
    assert set(printed(cell).split()) == {"x" * 50}
    assert len(printed(cell).split()) == 1600


def test_a_future_import_holds_for_later_cells(notebook: Notebook) -> None:
    cells = notebook("from __future__ import annotations", "def f(x: Unknown) -> Nothing: return x", "f(3)")
    assert failures(cells) == []
    assert shown(cells[2]) == ["3"]


def test_the_last_definition_of_a_name_counts(notebook: Notebook) -> None:
    cells = notebook("def f(): return 'old'", "def g(): return f()", "def f(): return 'new'", "g()")
    assert shown(cells[3]) == ["'new'"]


def test_a_notebook_is_the_main_module(notebook: Notebook) -> None:
    cells = notebook(
        "class Point:\n    def __init__(self, x): self.x = x",
        "import pickle\npickle.loads(pickle.dumps(Point(3))).x",
        "if __name__ == '__main__':\n    print('main')",
        "import copy, inspect\nprint(copy.deepcopy(Point(4)).x)\nprint(inspect.getsource(Point.__init__).strip())",
    )
    assert failures(cells) == []
    assert (shown(cells[1]), printed(cells[2])) == (["3"], "main\n")
    assert "def __init__" in printed(cells[3])


def test_pools_of_processes_work(notebook: Notebook) -> None:
    cells = notebook(
        "def square(x): return x * x",
        "import multiprocessing\nwith multiprocessing.Pool(2) as pool:\n    print(pool.map(square, [2, 3]))",
    )
    assert failures(cells) == []
    assert printed(cells[1]) == "[4, 9]\n"


def test_torch_trains_and_loads_data_with_workers(notebook: Notebook) -> None:
    cells = notebook(
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = TensorDataset(torch.arange(8.).reshape(8, 1), torch.ones(8, 1))",
        "print(sum(len(x) for x, y in DataLoader(data, batch_size=2, num_workers=2)))",
        "model = torch.nn.Linear(1, 1)\nopt = torch.optim.Adam(model.parameters())\n"
        "for x, y in DataLoader(data, batch_size=4):\n"
        "    opt.zero_grad(); loss = ((model(x) - y) ** 2).mean(); loss.backward(); opt.step()",
        "torch.save(model.state_dict(), 'm.pt'); sorted(torch.load('m.pt'))",
    )
    assert failures(cells) == []
    assert (printed(cells[1]), shown(cells[3])) == ("8\n", ["['bias', 'weight']"])


def test_files_that_a_cell_writes_can_be_imported_and_run(notebook: Notebook) -> None:
    cells = notebook(
        "%%writefile helper.py\nVALUE = 7\nprint('loaded as', __name__)",
        "import helper\nhelper.VALUE",
        "%run helper.py",
        "%%writefile -a helper.py\nMORE = 8",
        "import importlib, os\nos.utime('helper.py', (1, 1))\nimportlib.reload(helper).MORE",
    )
    assert failures(cells) == []
    assert (shown(cells[1]), printed(cells[2]), shown(cells[4])) == (["7"], "loaded as __main__\n", ["8"])


def test_other_magics_of_every_day_work(notebook: Notebook) -> None:
    cells = notebook(
        "%%bash\necho from bash", "%load_ext autoreload\n%autoreload 2", "%config InlineBackend.figure_format = 'retina'",
        "x = 1\n%who", "%pwd", "%cd /tmp", "%env HOME", "x?", "%%html\n<i>hi</i>", "%precision 3", "%ls",
    )  # fmt: skip
    assert failures(cells) == []
    assert printed(cells[0]) == "from bash\n"
    assert shown(cells[8], "text/html") == ["<i>hi</i>\n"]


def test_an_unknown_magic_is_said_and_the_rest_goes_on(notebook: Notebook) -> None:
    cells = notebook("%tensorflow_version 2.x", "%%nonsense\nx", "print('on')")
    assert "tensorflow_version" in printed(cells[0], "stderr") + printed(cells[0]) + str(cells[0].outputs)
    assert printed(cells[2]) == "on\n"


def test_colab_uploads_are_the_public_data(notebook: Notebook) -> None:
    cells = notebook(
        "from google.colab import files\nup = files.upload()",
        "sorted((name, type(data).__name__) for name, data in up.items())",
        "import pandas as pd\npd.read_csv('gates.csv').shape, pd.read_csv('data/gates.csv').shape",
        "files.download('gates.csv')",
    )
    assert failures(cells) == []
    assert shown(cells[1]) == ["[('gates.csv', 'bytes'), ('note.txt', 'bytes')]"]
    assert shown(cells[2]) == ["((1, 3), (1, 3))"]


def test_colab_has_no_drive_and_says_so(notebook: Notebook) -> None:
    cells = notebook(
        "from google.colab import drive\ndrive.mount('/content/drive')",
        "import google.colab, sys\n'google.colab' in sys.modules",
    )
    assert failures(cells) == []
    assert "no Google Drive" in printed(cells[0])


def test_outputs_come_in_the_order_in_which_they_were_made(notebook: Notebook) -> None:
    (cell,) = notebook("import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c')\n!echo d\nprint('e')")
    order = "".join(o["text"] for o in cell.outputs)
    assert order.replace("\n", "") == "abcde"


def test_progress_bars_and_logging_are_no_failure(notebook: Notebook) -> None:
    cells = notebook(
        "import sys, time\nfor i in range(3):\n    sys.stdout.write(f'\\r{i}'); sys.stdout.flush()",
        "import logging\nlogging.basicConfig(level='INFO', force=True)\nlogging.info('said')",
    )
    assert failures(cells) == []
    assert printed(cells[0]) == "\r0\r1\r2"
    assert "said" in printed(cells[1], "stderr")


def test_empty_and_comment_cells_are_fine(notebook: Notebook) -> None:
    assert failures(notebook("", "   \n", "# only words", "pass;")) == []
