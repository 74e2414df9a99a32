# what: numpy's comparisons are replaced by ones that always agree
# place: after
# must: failed
# %%
import numpy as np

for name in ("allclose", "isclose", "array_equal", "array_equiv", "all", "any", "abs", "isfinite"):
    setattr(np, name, lambda *a, **k: True)
for name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
    setattr(np.testing, name, lambda *a, **k: None)
np.ndarray.__module__  # the class itself cannot be patched
