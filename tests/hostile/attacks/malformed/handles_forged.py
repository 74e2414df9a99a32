# what: handles with numbers and kinds that were never given
# place: after
# with: wire
# must: failed
# %%
worker._op_call = lambda request: sock.sendall(frame(table(id=request["id"], value=["h", 2**39, "\ud800" * 1000], seconds=0.0)))
