# what: a header that is no JSON, no UTF-8, or JSON of the wrong kind
# place: after
# with: wire
# must: refused
# %%
wrong = iter([b"\xff\xfe", b"{", b"nul", b"", b"{}", b'{"id": 1}', b'["x"]', b"[[]]", b"\x00" * 100] * 100)
answer_all(lambda number: frame(next(wrong)))
