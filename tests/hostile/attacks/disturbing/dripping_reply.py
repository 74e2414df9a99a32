# what: a reply comes byte by byte, slowly
# place: after
# with: wire
# must: timeout
# limit: call_seconds
# %%
import time


def drip(request):
    if "scale" not in request["target"]:
        return sock.sendall(frame(table(id=request["id"], value=1.0, seconds=0.0)))
    for byte in frame(table(id=request["id"], value="x" * 10_000, seconds=0.0)):
        sock.sendall(bytes([byte]))
        time.sleep(0.02)


worker._op_call = drip
