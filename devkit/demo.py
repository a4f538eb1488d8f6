"""`./dev demo`: the demo company, from nothing to a running server."""
import json

from . import databases, paths, processes, run, server
from .console import say, step

DATABASE = "demo"
STAMP = paths.RUN / "demo_database.json"
LOGINS = {
    "marketer": "plans scenarios, reads scores and the hot list",
    "marketing_manager": "changes score rules and scenarios, Nurture settings",
    "inside": "qualifies leads, hands deals off",
    "field": "accepts hand-offs, quotes and closes",
    "sales_manager": "leads the team, reads outcomes",
    "care_agent": "looks after customers",
    "care_manager": "sets status rules, reads value and churn",
    "admin": "everything, Settings included",
}
LOAD = "from demo import load; load.load(env)\n"
SUMMARY = "from demo import check; check.show(env)\n"


def ensure(odoo: server.Odoo) -> None:
    """The demo database; an interrupted start goes on where it was."""
    if not (_installed() and databases.exists(odoo, DATABASE)):
        template = databases.core_template(odoo)
        with step("The three addons"):
            STAMP.unlink(missing_ok=True)
            databases.copy(odoo, template, DATABASE)
            odoo.install(DATABASE, databases.addons())
            _remember(installed=True)
    if not _loaded():
        with step("The demo company: 18 months of business"):
            shell(odoo, "demo-load", LOAD)
            _remember(installed=True, loaded=True)


def start(options) -> int:
    mail = server.start_mail()
    odoo = server.prepare(options, mail_port=mail["smtp"])
    ensure(odoo)
    with step("The server"):
        web = server.start_odoo(odoo, DATABASE)
    _print_welcome(web, mail)
    return 0


def stop() -> list[str]:
    return [name for name in ("odoo", "mail") if processes.stop(name)]


def shell(odoo: server.Odoo, log: str, script: str) -> None:
    """Run a script inside Odoo's shell; an exception in it is an error here."""
    file = paths.DEV / f"{log}.py"
    file.write_text(script)
    with file.open() as source:
        run.logged(
            log,
            odoo.command("shell", "-d", DATABASE, "--no-http"),
            hint="The demo company could not be loaded; start again to go on from here.",
            env=odoo.environment(),
            stdin=source,
            cwd=paths.DEV,
        )
    file.unlink()


def _installed() -> bool:
    return STAMP.is_file() and json.loads(STAMP.read_text())["installed"]


def _loaded() -> bool:
    return STAMP.is_file() and json.loads(STAMP.read_text()).get("loaded", False)


def _remember(**facts) -> None:
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(json.dumps(facts))


def _print_welcome(web: dict, mail: dict) -> None:
    say(f"\nOdoo:        http://127.0.0.1:{web['http']}")
    say(f"Sent mails:  http://127.0.0.1:{mail['http']}")
    say("Logins (the password is the login):")
    for login, role in LOGINS.items():
        say(f"  {login:<18} {role}")
    say("Stop with ./dev stop; start again with ./dev demo.")
