# what: the process ends itself with success before anything is asked
# place: after
# must: crashed
# %%
import os

os._exit(0)
