# what: every frame up the stack is walked and its names are overwritten
# place: after
# must: failed
# %%
import ctypes
import sys

frame = sys._getframe()
while frame:
    for name in list(frame.f_locals):
        if name in ("passed", "score", "ok", "status", "error", "fault", "ran"):
            try:
                frame.f_locals[name] = 100
                ctypes.pythonapi.PyFrame_LocalsToFast(ctypes.py_object(frame), ctypes.c_int(0))
            except Exception:
                pass
    frame.f_globals["TOTAL"] = 0
    frame = frame.f_back
