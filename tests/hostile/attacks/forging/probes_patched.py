# what: every helper of ours inside is replaced
# place: after
# must: failed
# %%
import sys

for name, module in list(sys.modules.items()):
    if name.startswith("grader"):
        for member, value in list(vars(module).items()):
            if callable(value) and member in ("layers", "logits", "parameters", "is_module", "uses_autograd", "_mismatch"):
                setattr(module, member, lambda *a, **k: None)
