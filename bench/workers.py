"""Real server processes of Odoo that do scheduled actions, and their sudden death."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from devkit import server_log

LONG = "100000"
OPTIONS = ("--log-level", "warn", "--db_maxconn", "16", "--http-interface", "127.0.0.1",
           "--limit-time-real", LONG, "--limit-time-real-cron", LONG)  # fmt: skip


class Workers:
    """So many server processes on one database; a killed one is replaced at once."""

    def __init__(self, database: str, count: int, smtp_port: int, threads: int = 3, http: int = 0):
        self.log = Path(tempfile.mkstemp(prefix=f"workers-{database}-", suffix=".log")[1])
        self._command = [
            sys.executable, "-m", "odoo", "server", "-d", database,
            "--db-filter", f"^{database}$", "--max-cron-threads", str(threads),
            "--smtp", "127.0.0.1", "--smtp-port", str(smtp_port), *OPTIONS,
            *(["--http-port", str(http)] if http else ["--no-http"]),
        ]  # fmt: skip
        self._count = count
        self._running: dict[int, subprocess.Popen] = {}

    def __enter__(self) -> "Workers":
        for _number in range(self._count):
            self._start()
        return self

    def __exit__(self, *_error) -> None:
        for process in self._running.values():
            process.kill()
        for process in self._running.values():
            process.wait(60)

    def kill(self, pid: int) -> bool:
        """SIGKILL without any warning; a new process takes its place. False: not one of ours."""
        process = self._running.pop(pid, None)
        if not process:
            return False
        process.send_signal(signal.SIGKILL)
        process.wait(60)
        self._start()
        return True

    def alive(self) -> list[int]:
        return [pid for pid, process in self._running.items() if process.poll() is None]

    def faults(self) -> list[str]:
        """Errors in the log."""
        return server_log.faults(self.log.read_text(errors="replace"))

    def _start(self) -> None:
        with self.log.open("a") as log:
            process = subprocess.Popen(
                self._command,
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                env=os.environ,
                start_new_session=True,
            )
        self._running[process.pid] = process
