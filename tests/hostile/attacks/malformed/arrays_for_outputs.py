# what: an output whose type is an array
# place: after
# with: wire
# must: refused
# %%
sock.sendall(frame(table(output=table(output_type=["a", "int64", [2]], name="stdout", text="x")), bytes(16)))
