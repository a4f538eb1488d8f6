"""The test suites behind `./dev test`."""
import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TextIO

from . import browser, databases, paths
from .console import say, step
from .odoo_cli import prepare

LINT_MESSAGES = (
    "sql-injection,invalid-commit,external-request-timeout,except-pass,"
    "translation-injection,translation-format-interpolation,no-raise-unlink,"
    "manifest-version-format,deprecated-odoo-model-method"
)
# pytest-odoo starts an Odoo inside the test process: only the addons' own tests want that.
PLAIN_PYTEST = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


@dataclass
class Suites:
    """Runs suites and adds up what they counted; pytest writes to `output`, or to the screen."""

    options: object
    output: TextIO | None = None
    passed: int = 0
    failed: int = 0
    lines: list = field(default_factory=list)

    def close(self) -> int:
        say()
        for line in self.lines:
            say(line)
        say(f"{self.passed} passed, {self.failed} failed")
        return 1 if self.failed or not self.passed else 0

    def every(self) -> None:
        """All suites. The browser's stories leave a core idle: the addons' own tests and the
        installations run beside them, and tell what they have to tell at the end."""
        self.lint()
        self.engine()
        browser.ensure()
        odoo = prepare(self.options)
        databases.core_template(odoo)
        databases.base_template(odoo)
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        log = paths.LOGS / "test-beside.log"
        try:
            with log.open("w") as output, ThreadPoolExecutor(max_workers=1) as strand:
                beside = Suites(self.options, output)
                done = strand.submit(lambda: (beside.odoo(), beside.install()))
                self.e2e()
                say("\nThe addons' own tests and the installations go on …")
                done.result()
        finally:  # what they found is told, also when the stories could not begin
            say(log.read_text(errors="replace"))
        self.passed += beside.passed
        self.failed += beside.failed
        self.lines += beside.lines

    def lint(self) -> None:
        python = [paths.PYTHON, "-m"]
        checks = {
            "ruff": [*python, "ruff", "check", "."],
            "pylint-odoo": [
                *python, "pylint", "--load-plugins=pylint_odoo", "--disable=all",
                f"--enable={LINT_MESSAGES}", "--ignore=tests", "--jobs=2", "--score=n",
                paths.ADDONS,
            ],
        }  # fmt: skip
        started = time.monotonic()
        failed = 0
        for command in checks.values():
            failed += bool(subprocess.run([str(p) for p in command], cwd=paths.ROOT).returncode)
        self._count("lint", len(checks) - failed, failed, started)

    def engine(self) -> None:
        """The house's rules and the pure parts: no Odoo, no database."""
        self._pytest("engine", ["tests/house", "tests/engine"], {**os.environ, **PLAIN_PYTEST})

    def odoo(self, addon: str | None = None) -> None:
        """The addons' own tests, with all three installed, or one addon alone."""
        browser.ensure()
        odoo = prepare(self.options)
        modules = [addon] if addon else databases.addons()
        database = f"test_{addon or 'all'}"
        with step(f"A database with {', '.join(modules)}"):
            databases.fresh(odoo, database, modules)
        self._pytest(
            "odoo",
            [*(f"addons/{name}/tests" for name in modules),
             f"--odoo-config={odoo.conf}", f"--odoo-database={database}", "--odoo-http"],
            odoo.environment(),
        )  # fmt: skip
        databases.drop(odoo, database)

    def install(self) -> None:
        """Each addon alone, in pairs and all; uninstall and install again."""
        odoo = prepare(self.options)
        databases.core_template(odoo)
        databases.base_template(odoo)
        self._pytest("install", ["tests/install"], {**odoo.environment(), **PLAIN_PYTEST})

    def e2e(self) -> None:
        """The loop turned in a real browser on a real server."""
        chromium = browser.ensure()
        odoo = prepare(self.options)
        databases.core_template(odoo)
        environment = {**odoo.environment(), **PLAIN_PYTEST, "CHROMIUM": chromium}
        self._pytest("e2e", ["tests/e2e"], environment)

    def _pytest(self, name: str, arguments: list, environment: dict) -> None:
        print(f"\n── {name} tests", file=self.output, flush=True)
        paths.REPORTS.mkdir(parents=True, exist_ok=True)
        report = paths.REPORTS / f"{name}.xml"
        report.unlink(missing_ok=True)
        command = [paths.PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
        if self.options.k:
            command += ["-k", self.options.k]
        started = time.monotonic()
        code = subprocess.run(
            [str(part) for part in command], cwd=paths.ROOT, env=environment, stdin=sys.stdin,
            stdout=self.output, stderr=self.output and subprocess.STDOUT,
        ).returncode  # fmt: skip
        self._count(name, *_read(report, code, bool(self.options.k)), started)

    def _count(self, name: str, passed: int, failed: int, started: float) -> None:
        self.passed += passed
        self.failed += failed
        self.lines.append(
            f"  {name}: {passed} passed, {failed} failed in {time.monotonic() - started:.0f} s"
        )


def _read(report, code: int, selected: bool) -> tuple[int, int]:
    """(passed, failed). A skipped test counts as failed: what did not run proves nothing."""
    if code == 5 and selected:
        return 0, 0
    if not report.is_file():
        return 0, 1
    total = bad = 0
    for suite in ElementTree.parse(report).getroot().iter("testsuite"):
        total += int(suite.get("tests"))
        bad += sum(int(suite.get(kind)) for kind in ("errors", "failures", "skipped"))
    if code and not bad:
        bad = 1
    return max(0, total - bad), bad
