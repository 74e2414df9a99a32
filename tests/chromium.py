"""The browser that tests look at pages with: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = "chromium"
PATIENCE_MS = 120_000  # what a busy machine may take for what is done in a moment
expect.set_options(timeout=PATIENCE_MS)  # its own five seconds are too few there


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One for a module, gone with it: while Playwright runs, it holds the thread's one event loop, and neither a second
    Playwright nor anything that runs a loop of its own could begin."""
    path = shutil.which(CHROMIUM)
    assert path is not None, "these tests need chromium: sh .ci/apt chromium"
    with sync_playwright() as playing:
        browser = playing.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
