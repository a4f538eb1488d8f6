"""`./dev demo`: the demo company, from nothing to a running server."""
import json

from . import databases, paths, processes, run, server
from .console import say, step
from .odoo_cli import Odoo, prepare

DATABASE = "demo"
STAMP = paths.RUN / "demo_database.json"
LOGINS = {
    "marketer": "works the hot list, follows people through scenarios",
    "marketing_manager": "changes score rules, starts and edits scenarios",
    "inside": "qualifies leads, hands deals off",
    "field": "accepts hand-offs, quotes and closes",
    "sales_manager": "leads the team, reads outcomes",
    "care_agent": "looks after customers",
    "care_manager": "sets rules and surveys, reads service, value and churn",
    "admin": "everything, Settings included",
    "customer": "a customer in the portal: his own cases at /my/cases",
}
LOAD = "from demo import load; load.load(env)\n"


def ensure(odoo: Odoo) -> None:
    """The demo database; an interrupted start goes on where it was."""
    code = _code_digest()
    facts = _facts() if databases.exists(odoo, DATABASE) else {}
    if not facts:
        template = databases.core_template(odoo)
        with step("The three addons"):
            databases.copy(odoo, template, DATABASE)
            odoo.install(DATABASE, databases.addons())
    elif facts["code"] != code:
        with step("The addons have changed: an upgrade"):
            processes.stop("odoo")
            odoo.upgrade(DATABASE, databases.addons())
    _remember(facts | {"code": code})
    if not facts.get("loaded"):
        with step("The demo company: 18 months of business"):
            odoo.script(DATABASE, LOAD, log="demo-load", show="  ")
        _remember({"code": code, "loaded": True})


def start(options) -> int:
    mail = server.start_mail()
    odoo = prepare(options, mail_port=mail["smtp"])
    ensure(odoo)
    with step("The server"):
        web = server.start_odoo(odoo, DATABASE)
    _print_welcome(web, mail)
    return 0


def stop() -> list[str]:
    return [name for name in ("odoo", "mail") if processes.stop(name)]


def _facts() -> dict:
    """What was done to the database, written after each piece was whole."""
    return json.loads(STAMP.read_text()) if STAMP.is_file() else {}


def _remember(facts: dict) -> None:
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(json.dumps(facts))


def _code_digest() -> str:
    files = [path for addon in databases.addons() for path in (paths.ADDONS / addon).rglob("*")]
    kept = {".py", ".xml", ".csv", ".js", ".scss"}
    return run.digest(
        *(path.read_text() for path in sorted(files) if path.suffix in kept and path.is_file())
    )


def _print_welcome(web: dict, mail: dict) -> None:
    say(f"\nOdoo:        http://127.0.0.1:{web['http']}")
    say(f"Sent mails:  http://127.0.0.1:{mail['http']}")
    say("Logins (the password is the login):")
    for login, role in LOGINS.items():
        say(f"  {login:<18} {role}")
    say("Stop with ./dev stop; start again with ./dev demo.")
