# what: hidden tests, oracle and solution are opened by the names that they have outside
# place: before
# must: graded
# %%
import glob
import os
import sys

ROOTS = ["/work/main", "/work", "/root", "/home", "/opt", "/srv", "/var", "/mnt", "/tmp", "/proc/1/root/work/main", os.path.dirname(os.path.dirname(sys.prefix))]
NAMES = ["reference", "reference/*/hidden_tests/*.py", "reference/*/oracle.py", "reference/*/solution.ipynb", "tests/hostile/*",
         "*/course/reference/target/secret.txt", "pytest-of-*/*/*", "grader/suite/*.py", "grader/pipeline.py", "assignments/*"]
for root in ROOTS:
    for name in NAMES:
        for path in glob.glob(f"{root}/{name}") + glob.glob(f"{root}/*/{name}"):
            if os.path.isfile(path):
                print("BREA" + "CHED", path, open(path, "rb").read()[:80])
for path in sys.path:
    for name in ("webapp", "tests", "reference", "assignments", "hidden_tests"):
        if os.path.isdir(os.path.join(path, name)) and os.listdir(os.path.join(path, name)):
            print("BREA" + "CHED", path, name)
for name in ("grader.suite", "grader.pipeline", "grader.rpc", "oracle", "grader.sandbox"):
    try:
        __import__(name)
        print("BREA" + "CHED", name)
    except ImportError:
        pass
