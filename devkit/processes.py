"""Background processes: free ports, start, wait, stop."""
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import time
import urllib.request

from . import paths
from .console import DevError, say

# below the ports that systems give to connections of their own
UNASKED = range(20_000, 32_000)


def free_port(wanted: int = 0, what: str = "") -> int:
    """The wanted port, or the next free one; says so when `what` is given. 0: any of those that
    no client gets by chance before the server has started."""
    for port in range(wanted, wanted + 200) if wanted else random.sample(UNASKED, 200):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                if wanted and what and port != wanted:
                    say(f"  Port {wanted} is taken; {what} uses {port}.")
                return probe.getsockname()[1]
    raise DevError(f"No free port from {wanted or UNASKED[0]} on; stop something first.")


def start(name: str, command: list, ports: dict, env: dict | None = None) -> dict:
    """Start in the background, log to `.dev/log/<name>.log`, remember it in `.dev/run`."""
    for folder in (paths.LOGS, paths.RUN):
        folder.mkdir(parents=True, exist_ok=True)
    with (paths.LOGS / f"{name}.log").open("w") as log:
        process = subprocess.Popen(
            [str(part) for part in command],
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env=env or os.environ,
            cwd=paths.ROOT,
            start_new_session=True,
        )
    record = {"pid": process.pid, "started": _started(process.pid), **ports}
    (paths.RUN / f"{name}.json").write_text(json.dumps(record))
    return record


def running(name: str) -> dict | None:
    """The record of a background process that is alive, else None."""
    path = paths.RUN / f"{name}.json"
    with contextlib.suppress(OSError, ValueError):
        record = json.loads(path.read_text())
        if record["started"] and _started(record["pid"]) == record["started"]:
            return record
    return None


def stop(name: str) -> bool:
    record = running(name)
    (paths.RUN / f"{name}.json").unlink(missing_ok=True)
    if not record:
        return False
    for sig, patience in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(record["pid"], sig)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(record["pid"], os.WNOHANG)
            if _started(record["pid"]) != record["started"]:
                return True
            time.sleep(0.1)
    return True


def wait_for(name: str, address: str, seconds: int = 120) -> None:
    """Wait until the address answers; if the process ends or stays silent, show its log."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=10)
            return
        if not running(name):
            break
        time.sleep(0.3)
    tail = "\n".join((paths.LOGS / f"{name}.log").read_text(errors="replace").splitlines()[-15:])
    raise DevError(f"{name} does not answer. The last lines of .dev/log/{name}.log:\n{tail}")


def _started(pid: int) -> str:
    """The process's start in the kernel's ticks: tells it from a later one of the same number."""
    with contextlib.suppress(OSError, IndexError):
        with open(f"/proc/{pid}/stat") as stat:
            state, *fields = stat.read().rpartition(")")[2].split()
        return "" if state == "Z" else fields[18]
    return ""
