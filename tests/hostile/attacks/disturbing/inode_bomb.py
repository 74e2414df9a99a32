# what: empty files, links and folders without end, nested and long-named
# place: after
# must: graded
# %%
import os

made = 0
try:
    while True:
        made += 1
        os.mkdir(f"/tmp/{made}")
        os.symlink("x" * 200, f"/tmp/{made}/{'l' * 200}")
        open(f"/tmp/{made}/f", "w").close()
except OSError as error:
    print(made, error)
