"""A real server with real scheduled actions, a real mailbox and a real browser."""
import argparse
import re
import shutil
from types import SimpleNamespace

import pytest
from desk import Desk
from mailbox_reader import Mailbox
from playwright.sync_api import sync_playwright

from devkit import browser, databases, paths, processes, server
from devkit.odoo_cli import prepare

DATABASE = "e2e"
BROWSER_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                 "--disable-background-networking", "--disable-component-update"]  # fmt: skip
PICTURES = paths.DEV / "pictures"


@pytest.fixture(scope="session")
def mail():
    folder = paths.DEV / "mail-e2e"
    processes.stop("mail-e2e")
    shutil.rmtree(folder, ignore_errors=True)
    record = server.start_mail("mail-e2e", folder)
    yield SimpleNamespace(port=record["smtp"], box=Mailbox(folder))
    processes.stop("mail-e2e")


@pytest.fixture(scope="session")
def odoo(mail):
    options = argparse.Namespace(db_host=None, db_port=None, db_user=None, db_password=None)
    return prepare(options, mail.port, paths.DEV / "odoo-e2e.conf")


@pytest.fixture(scope="session")
def site(odoo):
    """The address of a company that has just installed the three addons and made its users."""
    processes.stop("odoo-e2e")
    databases.fresh(odoo, DATABASE, databases.addons())
    setup = (paths.ROOT / "tests/e2e/company.py").read_text()
    odoo.script(DATABASE, setup, log="e2e-company")
    record = server.start_odoo(odoo, DATABASE, "odoo-e2e", port=8169)
    yield f"http://127.0.0.1:{record['http']}"
    processes.stop("odoo-e2e")
    databases.drop(odoo, DATABASE)


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=browser.find(), args=BROWSER_FLAGS
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def sit_down(site, chromium):
    """`sit_down("marketer")` gives that person's desk: a browser logged in as them."""
    desks = {}

    def open_desk(login: str) -> Desk:
        if login not in desks:
            desks[login] = Desk(chromium, site, login)
        return desks[login]

    yield open_desk
    for desk in desks.values():
        desk.close()


@pytest.fixture(autouse=True)
def picture_on_failure(request, sit_down):
    yield
    report = getattr(request.node, "report", None)
    if report is not None and report.failed:
        for desk in Desk.open_desks:
            desk.picture(PICTURES / f"{request.node.name}-{desk.login}.png")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report = outcome.get_result()


def server_faults() -> list[str]:
    """Errors in the server's log: a story that ends well but logged one did not end well."""
    text = (paths.LOGS / "odoo-e2e.log").read_text(errors="replace")
    return re.findall(r"^.* (?:ERROR|CRITICAL) .*$", text, re.M)
