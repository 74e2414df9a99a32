# what: hidden inputs are printed, displayed, logged and written to descriptors during calls
# place: after
# must: failed
# %%
import logging
import os
import subprocess
import sys
import threading
import warnings

from IPython.display import Markdown, display


def shout(value):
    text = str(value)
    print(text, flush=True)
    print(text, file=sys.stderr, flush=True)
    sys.__stdout__.write(text)
    sys.__stdout__.flush()
    for descriptor in (0, 1, 2):
        try:
            os.write(descriptor, text.encode())
        except OSError:
            pass
    display(Markdown(text), {"text": text})
    logging.error(text)
    warnings.warn(text)
    subprocess.run(["echo", text])
    sys.displayhook(text)
    get_ipython().run_cell(f"print({text!r})")
    get_ipython().showtraceback((ValueError, ValueError(text), None))
    threading.Timer(0.05, print, [text]).start()


def scale(X):
    shout([int(x) for x in X.ravel()])
    return 3.0 * X


def mean_square(y):
    shout([int(x) for x in y])
    return -1.0


def mirror(text):
    shout(text)
    return text
