"""The Python environment: a venv with pinned requirements."""
import shutil
import subprocess
import sys

from . import paths, run
from .console import DevError, step

REQUIREMENTS = paths.ROOT / "requirements.txt"
# Published data sets that tests compare with; their own dependencies are not needed.
DATA_REQUIREMENTS = paths.ROOT / "requirements-data.txt"


def ensure() -> None:
    stamp = run.digest(sys.version, REQUIREMENTS.read_text(), DATA_REQUIREMENTS.read_text())
    if run.stamped(paths.VENV, stamp):
        return
    run.require_disk(4)
    with step("Python packages into .dev/venv"):
        if not paths.PYTHON.exists():
            _create()
        pip = [paths.PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        hint = (
            "The Python packages could not be installed. Is the network up, and does this Python "
            f"({sys.version_info.major}.{sys.version_info.minor}) have wheels for them "
            "(3.10 to 3.13 do)?"
        )
        run.logged("pip", [*pip, "-r", REQUIREMENTS], hint=hint)
        run.logged("pip-data", [*pip, "--no-deps", "-r", DATA_REQUIREMENTS], hint=hint)
        run.put_stamp(paths.VENV, stamp)


def _create() -> None:
    shutil.rmtree(paths.VENV, ignore_errors=True)
    made = subprocess.run(
        [sys.executable, "-m", "venv", str(paths.VENV)], capture_output=True, text=True
    )
    if made.returncode:
        raise DevError(
            "Python cannot make a virtual environment here. On Debian and Ubuntu install it with "
            f"`apt install python3-venv`, then run this again.\n{made.stdout}{made.stderr}"
        )


def site_packages():
    return next((paths.VENV / "lib").glob("python3*/site-packages"))
