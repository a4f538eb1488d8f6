"""What install tests stand on: a prepared Odoo, quick copies of databases, faultless logs."""
import argparse
import re
import subprocess

import pytest

from devkit import databases, paths
from devkit.odoo_cli import Odoo, prepare

FAULT = re.compile(r" (WARNING|ERROR|CRITICAL) (?P<database>\S+) (?P<logger>\S+): .*")


class Company:
    """A database on which modules come and go."""

    def __init__(self, odoo: Odoo, name: str):
        self.odoo = odoo
        self.name = name

    def install(self, modules, log: str) -> None:
        self.odoo.install(self.name, modules, log)
        self._assert_clean(log)

    def upgrade(self, modules, log: str) -> None:
        self.odoo.upgrade(self.name, modules, log)
        self._assert_clean(log)

    def uninstall(self, modules, log: str) -> None:
        self.odoo.run(
            log, "module", "uninstall", "-d", self.name, *modules,
            hint=f"{modules} could not be uninstalled.",
        )  # fmt: skip
        self._assert_clean(log)

    def query(self, sql: str) -> list[list]:
        return databases.query(self.odoo, self.name, sql)

    def run_script(self, script: str) -> str:
        """A script in Odoo's shell; what it prints after `RESULT`."""
        done = subprocess.run(
            [str(p) for p in self.odoo.command(
                "shell", "-d", self.name, "--no-http", "--log-level=error")],
            env=self.odoo.environment(), input=script, capture_output=True, text=True,
        )  # fmt: skip
        assert not done.returncode, done.stderr
        return done.stdout.partition("RESULT")[2].strip()

    @staticmethod
    def _assert_clean(log: str) -> None:
        text = (paths.LOGS / f"{log}.log").read_text()
        faults = [line for line in text.splitlines() if FAULT.search(line)]
        assert not faults, "\n".join(faults)


@pytest.fixture(scope="session")
def odoo() -> Odoo:
    """The server that `./dev test` has set up; its address is in the environment."""
    options = argparse.Namespace(db_host=None, db_port=None, db_user=None, db_password=None)
    return prepare(options, conf=paths.DEV / "odoo-install.conf")


@pytest.fixture
def company(odoo, request):
    """A copy of the template that the test asks for by `@pytest.mark.template(...)`."""
    make = {"base": databases.base_template, "core": databases.core_template}
    kind = request.node.get_closest_marker("template").args[0]
    name = "test_install"
    databases.copy(odoo, make[kind](odoo), name)
    yield Company(odoo, name)
    databases.drop(odoo, name)
