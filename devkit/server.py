"""Background servers: Odoo and the mail catcher."""
from pathlib import Path

from . import databases, paths, processes
from .odoo_cli import Odoo


def start_mail(
    name: str = "mail", folder: Path = paths.MAIL, smtp: int = 2525, http: int = 8025
) -> dict:
    """The mail catcher: {'smtp': port, 'http': port}."""
    record = processes.running(name)
    if record:
        return record
    smtp = processes.free_port(smtp, "the mail catcher")
    http = processes.free_port(http, "the page with sent mails")
    record = processes.start(
        name,
        [paths.PYTHON, "-m", "devkit.mail_catcher", "--smtp", smtp, "--http", http,
         "--folder", folder],
        {"smtp": smtp, "http": http},
    )  # fmt: skip
    processes.wait_for(name, f"http://127.0.0.1:{http}/", seconds=120)
    return record


def start_odoo(odoo: Odoo, database: str, name: str = "odoo", port: int = 8069) -> dict:
    """A server in the background on one database, scheduled actions included."""
    record = processes.running(name)
    if record and record["database"] == database:
        return record
    processes.stop(name)
    http = processes.free_port(port, "Odoo")
    databases.set_address(odoo, database, f"http://127.0.0.1:{http}")
    record = processes.start(
        name,
        odoo.command("server", "-d", database, "--db-filter", f"^{database}$",
                     "--http-port", http),
        {"http": http, "database": database},
        odoo.environment(),
    )  # fmt: skip
    processes.wait_for(name, f"http://127.0.0.1:{http}/web/login", seconds=600)
    return record
