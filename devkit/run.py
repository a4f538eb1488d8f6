"""Run commands, keep their output in a log file, and remember what was finished."""
import hashlib
import os
import shutil
import subprocess
from pathlib import Path

from . import paths
from .console import DevError, say


def logged(
    name: str, command: list, *, hint: str, env: dict | None = None, show: str = "", **kwargs
) -> None:
    """Run a command, output to `.dev/log/<name>.log`; `hint` says what to do if it fails.

    Lines that begin with `show` are printed too: they are meant for the person who waits.
    """
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    log = paths.LOGS / f"{name}.log"
    process = subprocess.Popen(
        [str(part) for part in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=env or os.environ,
        **kwargs,
    )
    with log.open("w") as output:
        for line in process.stdout:
            output.write(line)
            if show and line.startswith(show):
                say("  " + line.rstrip())
    if process.wait():
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-12:])
        where = log.relative_to(paths.ROOT)
        raise DevError(f"{hint}\nThe last lines of {where}:\n{tail}")


def digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def stamped(folder: Path, stamp: str) -> bool:
    """Was this folder finished for exactly these inputs? An interrupted one has no stamp."""
    mark = folder / ".finished"
    return mark.is_file() and mark.read_text() == stamp


def put_stamp(folder: Path, stamp: str) -> None:
    (folder / ".finished").write_text(stamp)


def require_disk(gigabytes: float) -> None:
    paths.DEV.mkdir(exist_ok=True)
    free = shutil.disk_usage(paths.DEV).free / 1e9
    if free < gigabytes:
        raise DevError(
            f"Not enough disk: {free:.1f} GB are free, about {gigabytes:.0f} GB are needed. "
            "Free some space, or clone the project on a larger disk."
        )
