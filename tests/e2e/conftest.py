"""A real server with real scheduled actions, a real mailbox and a real browser."""
import argparse
import shutil
from types import SimpleNamespace

import pytest
from desk import Desk
from mailbox_reader import Mailbox
from playwright.sync_api import sync_playwright

from devkit import browser, databases, demo, paths, processes, server, server_log
from devkit.odoo_cli import prepare

BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--disable-component-update"]  # fmt: skip
# the tests of another clone on this machine look for ports as well
ANY = 0
PICTURES = paths.DEV / "pictures"


@pytest.fixture(scope="session")
def mail():
    folder = paths.DEV / "mail-e2e"
    processes.stop("mail-e2e")
    shutil.rmtree(folder, ignore_errors=True)
    record = server.start_mail("mail-e2e", folder, ANY, ANY)
    yield SimpleNamespace(port=record["smtp"], box=Mailbox(folder))
    processes.stop("mail-e2e")


@pytest.fixture(scope="session")
def odoo(mail):
    options = argparse.Namespace(db_host=None, db_port=None, db_user=None, db_password=None)
    return prepare(options, mail.port, paths.DEV / "odoo-e2e.conf")


class Site:
    """A company on a running server, and the desks of the people who work there."""

    def __init__(self, odoo, database: str, script: str, chromium, addons=None):
        self.name = database
        self.log = f"odoo-{database}"
        self.chromium = chromium
        self.desks: dict[str, Desk] = {}
        processes.stop(self.log)
        databases.fresh(odoo, database, addons or databases.addons())
        odoo.script(database, script, log=f"{database}-script")
        record = server.start_odoo(odoo, database, self.log, port=ANY)
        self.address = f"http://127.0.0.1:{record['http']}"

    def desk(self, login: str) -> Desk:
        """That person's desk: a browser window, logged in."""
        if login not in self.desks:
            self.desks[login] = Desk(self.chromium, self.address, login, self.name)
        return self.desks[login]

    def faults(self) -> list[str]:
        """Errors in the server's log: a story that logs one did not end well."""
        text = (paths.LOGS / f"{self.log}.log").read_text(errors="replace")
        return server_log.faults(text)

    def close(self) -> None:
        for desk in self.desks.values():
            desk.close()
        processes.stop(self.log)


@pytest.fixture(scope="session")
def company(odoo, chromium):
    """A house that has just installed the three addons: people and goods, no history."""
    script = (paths.ROOT / "tests/e2e/company.py").read_text()
    site = Site(odoo, "e2e_company", script, chromium)
    yield site
    site.close()
    databases.drop(odoo, "e2e_company")


@pytest.fixture(scope="session")
def demo_site(odoo, chromium):
    """What `./dev demo` shows."""
    site = Site(odoo, "e2e_demo", demo.LOAD, chromium)
    yield site
    site.close()
    databases.drop(odoo, "e2e_demo")


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser.find(), args=BROWSER_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def story():
    """What one step leaves for the next."""
    return SimpleNamespace()


@pytest.fixture
def told_in_order(request, story):
    """When a step has failed, the rest of the story cannot be told: no minutes are waited away."""
    assert not getattr(story, "broken", None), f"the story broke at {story.broken}"
    story.broken = request.node.name
    yield
    if not request.node.report.failed:
        story.broken = None


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """A failed step leaves a picture of every desk in `.dev/pictures`."""
    outcome = yield
    item.report = outcome.get_result()
    if outcome.get_result().failed:
        for desk in Desk.open_desks:
            desk.picture(PICTURES / f"failed-{item.name}-{desk.house}-{desk.login}.png")
