"""A Chromium for browser tests and pictures."""
import os
import shutil

from . import run
from .console import DevError, step

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    return next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> str:
    found = find()
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise DevError(
            "The browser tests need Chromium. Install it (`sudo apt install chromium` on Debian), "
            "or run the other parts: ./dev test engine, ./dev test install."
        )
    with step("Chromium for the browser tests"):
        hint = "Chromium could not be installed. Install a Chromium or Chrome by hand."
        run.logged("apt-chromium-update", ["apt-get", "-q", "update"], hint=hint)
        run.logged(
            "apt-chromium",
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", "chromium"],
            hint=hint,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        )
    return find() or ""
