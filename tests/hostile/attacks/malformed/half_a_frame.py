# what: half a frame, then silence
# place: after
# with: wire
# must: timeout
# limit: call_seconds
# %%
import time


def half(request):
    if "scale" not in request["target"]:
        return sock.sendall(frame(table(id=request["id"], value=1.0, seconds=0.0)))
    whole = frame(table(id=request["id"], value="x" * 1000, seconds=0.0))
    sock.sendall(whole[: len(whole) // 2])
    time.sleep(1000)


worker._op_call = half
