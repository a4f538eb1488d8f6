"""A prepared Odoo: its configuration and its commands."""
import configparser
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from . import odoo_source, paths, postgres, run, venv

TEMPLATE = paths.ROOT / "docker" / "odoo.conf"


@dataclass
class Odoo:
    """A prepared Odoo: everything needed to run one of its commands."""

    home: Path
    database_server: postgres.Server
    conf: Path = paths.ODOO_CONF

    def environment(self) -> dict:
        search = os.pathsep.join(map(str, (self.home, paths.ROOT)))
        return {**self.database_server.environment(), "PYTHONPATH": search,
                "ODOO_RC": str(self.conf), "PYTHONUNBUFFERED": "1"}  # fmt: skip

    def command(self, *arguments) -> list:
        return [paths.PYTHON, "-m", "odoo", *arguments]  # the configuration comes from ODOO_RC

    def run(self, log: str, *arguments, hint: str) -> None:
        run.logged(log, self.command(*arguments), hint=hint, env=self.environment(), cwd=paths.DEV)

    def install(self, database: str, modules, log: str = "install") -> None:
        self._change_modules("-i", database, modules, log)

    def upgrade(self, database: str, modules, log: str = "upgrade") -> None:
        self._change_modules("-u", database, modules, log)

    def _change_modules(self, flag: str, database: str, modules, log: str) -> None:
        self.run(
            log, "server", "-d", database, flag, ",".join(modules), "--no-http",
            "--stop-after-init",
            hint=f"The database {database} refused {', '.join(modules)} ({flag}).",
        )  # fmt: skip

    def script(self, database: str, text: str, log: str, show: str = "") -> None:
        """Run Python inside Odoo's shell; an exception in it is an error here."""
        file = paths.DEV / f"{log}.py"
        file.write_text(text)
        with file.open() as source:
            run.logged(
                log,
                self.command("shell", "-d", database, "--no-http"),
                hint=f"A script on the database {database} failed; the same command tries again.",
                show=show,
                env=self.environment(),
                stdin=source,
                cwd=paths.DEV,
            )
        file.unlink()


def prepare(options, mail_port: int = 1025, conf: Path = paths.ODOO_CONF) -> Odoo:
    """Set up whatever is missing, write the configuration, return the prepared Odoo."""
    venv.ensure()
    home = odoo_source.ensure()
    odoo = Odoo(home, postgres.ensure(options), conf)
    _write_conf(odoo, mail_port)
    return odoo


def _write_conf(odoo: Odoo, mail_port: int) -> None:
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(TEMPLATE)
    addons = [*odoo_source.extra_addons(odoo.home), paths.ADDONS]
    server = odoo.database_server
    conf["options"].update(
        addons_path=",".join(map(str, addons)),
        data_dir=str(paths.DATA_DIR),
        db_host=server.host,
        db_port=server.port,
        db_user=server.user,
        db_password=server.password,
        http_interface="127.0.0.1",
        proxy_mode="False",
        workers="0",
        limit_memory_soft="0",
        limit_memory_hard="0",
        smtp_server="127.0.0.1",
        smtp_port=str(mail_port),
    )
    paths.DATA_DIR.mkdir(parents=True, exist_ok=True)
    # whole from its first moment, and for us alone: an Odoo that starts meanwhile reads it
    with NamedTemporaryFile("w", dir=odoo.conf.parent, delete=False) as file:
        conf.write(file)
    Path(file.name).replace(odoo.conf)
