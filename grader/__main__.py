"""`python -m grader`. The working folder may be a student's, so nothing is imported from it."""

import os
import sys

if __name__ == "__main__":
    here = os.path.realpath(os.getcwd())
    home = os.path.realpath(os.path.join(os.path.dirname(__file__), ".."))
    sys.path[:] = [p for p in sys.path if here == home or os.path.realpath(p or ".") != here]

    from grader.cli import main

    main()
