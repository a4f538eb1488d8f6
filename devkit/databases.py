"""Databases: a template with Odoo's own modules, and quick copies of it."""
import ast
import json
import subprocess

from . import paths, run
from .console import DevError, step
from .odoo_cli import Odoo

# What a company that uses these addons has beside their dependencies.
COMPANY_MODULES = {"sale_management", "mass_mailing_crm", "contacts"}
QUERY = """
import json, psycopg2, sys
database, sql, *values = sys.argv[1:]
with psycopg2.connect(dbname=database) as connection, connection.cursor() as cursor:
    cursor.execute(sql, values)
    print(json.dumps(cursor.fetchall() if cursor.description else []))
"""


def manifest(addon: str) -> dict:
    return ast.literal_eval((paths.ADDONS / addon / "__manifest__.py").read_text())


def addons() -> list[str]:
    return [addon for addon in paths.OUR_ADDONS if (paths.ADDONS / addon).is_dir()]


def core_modules() -> list[str]:
    """Odoo's modules that the addons stand on."""
    depends = {name for addon in addons() for name in manifest(addon)["depends"]}
    return sorted((depends | COMPANY_MODULES) - set(paths.OUR_ADDONS))


def query(odoo: Odoo, database: str, sql: str, *values: str) -> list[list]:
    """Rows of a statement, run and committed by a process of its own: no connection stays."""
    done = subprocess.run(
        [paths.PYTHON, "-c", QUERY, database, sql, *values],
        env=odoo.environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if "Error: " in line]
        raise DevError("PostgreSQL said: " + (said or [done.stderr])[0].partition("Error: ")[2])
    return json.loads(done.stdout)


def exists(odoo: Odoo, database: str) -> bool:
    sql = "SELECT 1 FROM pg_database WHERE datname = %s"
    return bool(query(odoo, "postgres", sql, database))


def set_address(odoo: Odoo, database: str, address: str) -> None:
    """Links in mails lead to the port that the server really uses."""
    sql = "UPDATE ir_config_parameter SET value = %s WHERE key = 'web.base.url'"
    query(odoo, database, sql, address)


def drop(odoo: Odoo, database: str) -> None:
    if exists(odoo, database):
        odoo.run(
            "db-drop", "db", "drop", database,
            hint=f"The database {database} could not be dropped; is a server still using it?",
        )  # fmt: skip


def copy(odoo: Odoo, source: str, target: str) -> None:
    drop(odoo, target)
    odoo.run(
        "db-copy", "db", "duplicate", source, target,
        hint=f"The database {source} could not be copied to {target}.",
    )  # fmt: skip


def template(odoo: Odoo, modules: list[str], title: str) -> str:
    """The name of a database with these modules, made once and kept for copies."""
    release = (odoo.home / "odoo" / "release.py").read_text()
    name = f"dev_template_{run.digest(release, *modules)}"
    if exists(odoo, name):
        return name
    with step(title):
        unfinished = f"{name}_unfinished"
        drop(odoo, unfinished)
        odoo.install(unfinished, modules, log="template")
        odoo.run(
            "db-rename", "db", "rename", unfinished, name,
            hint="The template database could not be renamed.",
        )  # fmt: skip
    return name


def core_template(odoo: Odoo) -> str:
    return template(odoo, core_modules(), "A database with Odoo's own modules")


def base_template(odoo: Odoo) -> str:
    return template(odoo, ["web"], "An empty Odoo database")


def fresh(odoo: Odoo, database: str, modules: list[str]) -> None:
    """A new database with Odoo's own modules and these addons."""
    copy(odoo, core_template(odoo), database)
    odoo.install(database, modules)
