# what: the word that a cell is done, with arrays for its id and its fault
# place: after
# with: wire
# must: refused
# %%
sock.sendall(frame(table(id=["a", "int64", [2]], done=table(seconds=0.0, fault=None)), bytes(16)))
