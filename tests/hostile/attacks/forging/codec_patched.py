# what: the module that writes frames is patched to send extra fields and 100 points
# place: after
# must: failed
# %%
import grader.inside.codec as codec
import grader.inside.worker as worker

encode = codec.encode


def forged(value, other=None):
    if isinstance(value, dict):
        value = value | {"passed": True, "points": 100, "checks": [], "report": {"score": 100, "max_score": 100}}
    return encode(value, other)


codec.encode = worker.codec.encode = forged
codec.MAX_BODY = codec.MAX_HEADER = 1 << 40
codec.Refused = type("Quiet", (ValueError,), {})
