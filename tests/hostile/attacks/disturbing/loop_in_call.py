# what: two functions never end and ignore every signal and exception
# place: after
# must: timeout
# limit: call_seconds
# %%
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass


def scale(X):
    while True:
        try:
            while True:
                pass
        except BaseException:
            pass
