# what: pytest is patched so that failures pass
# place: before
# must: failed
# %%
import sys

try:
    import _pytest.outcomes
    import pytest
    from _pytest import reports, runner

    _pytest.outcomes.Failed = _pytest.outcomes.Skipped = type("Never", (Exception,), {})
    runner.pytest_runtest_makereport = lambda *a, **k: None
    reports.TestReport.from_item_and_call = classmethod(lambda *a, **k: None)
    pytest.fail = lambda *a, **k: None
    pytest.raises = lambda *a, **k: __import__("contextlib").nullcontext()
except ImportError:
    pass
sys.modules["pytest"] = type(sys)("pytest")
