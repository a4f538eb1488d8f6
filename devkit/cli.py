"""The command line of `./dev`."""
import argparse
import os
import shutil
import subprocess

from . import databases, demo, paths, postgres, processes, server, venv
from .console import DevError, say, step
from .odoo_cli import prepare
from .suites import Suites

DESCRIPTION = """\
One program for everything a developer does here. Each command first sets up what it
needs under .dev/ (a Python environment, Odoo 19, a private PostgreSQL); nothing else
of the machine changes, but that a missing Chromium is installed by apt when run as root.
"""
EPILOG = """\
A PostgreSQL of your own: --db-host and the like, or PGHOST, PGPORT, PGUSER, PGPASSWORD.
An Odoo of your own: ODOO_HOME, the folder that holds Odoo 19's `odoo` package.
"""
#: benchmarks that do the same in a database in which none of our addons is installed
COMPARED_WITHOUT_US = {"customers", "lead_save"}
WITHOUT = "bench_without"
SUITES = ("lint", "engine", "odoo", "install", "e2e")


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    try:
        return options.command(options)
    except DevError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. Nothing is lost: the same command goes on from here.")
        return 130


def command_demo(options) -> int:
    venv.ensure()
    return demo.start(options)


def command_test(options) -> int:
    if options.addon and options.part != "odoo":
        raise DevError("An addon can be named after `odoo` only: ./dev test odoo lead_nurture.")
    if options.addon and options.addon not in databases.addons():
        known = ", ".join(databases.addons())
        raise DevError(f"There is no addon {options.addon}; there are {known}.")
    venv.ensure()
    suites = Suites(options)
    if options.part == "odoo":
        suites.odoo(options.addon)
    else:
        getattr(suites, options.part or "every")()
    return suites.close()


def command_lint(options) -> int:
    venv.ensure()
    suites = Suites(options)
    suites.lint()
    return suites.close()


def command_serve(options) -> int:
    """The demo database in the foreground; changed Python and XML are read anew."""
    venv.ensure()
    mail = server.start_mail()
    odoo = prepare(options, mail_port=mail["smtp"])
    demo.ensure(odoo)
    processes.stop("odoo")
    port = processes.free_port(8069, "Odoo")
    say(f"Odoo: http://127.0.0.1:{port}   Sent mails: http://127.0.0.1:{mail['http']}")
    command = odoo.command(
        "server", "-d", demo.DATABASE, "--db-filter", f"^{demo.DATABASE}$", "--http-port", port,
        "-u", ",".join(databases.addons()), "--dev", "reload,xml",
    )  # fmt: skip
    return subprocess.run([str(p) for p in command], env=odoo.environment()).returncode


def command_shell(options) -> int:
    odoo = prepare(options)
    database = options.database or demo.DATABASE
    if not databases.exists(odoo, database):
        raise DevError(f"There is no database {database}; `./dev demo` makes the one named demo.")
    command = odoo.command("shell", "-d", database, "--no-http")
    return subprocess.run([str(p) for p in command], env=odoo.environment()).returncode


def command_bench(options) -> int:
    odoo = prepare(options)
    database = "bench"
    if options.name:
        with step("A database with the three addons"):
            databases.fresh(odoo, database, databases.addons())
    command = [paths.PYTHON, "-m", "bench", "--database", database, "--scale", options.scale]
    command += [options.name] if options.name else ["--list"]
    if options.name in COMPARED_WITHOUT_US:
        with step("A database without them"):
            databases.copy(odoo, databases.core_template(odoo), WITHOUT)
        command += ["--without", WITHOUT]
    if options.json:
        command += ["--json", os.path.abspath(options.json)]
    done = subprocess.run([str(p) for p in command], env=odoo.environment(), cwd=paths.ROOT)
    if options.name and not options.keep:
        databases.drop(odoo, database)
        databases.drop(odoo, WITHOUT)
    return done.returncode


def command_stop(options) -> int:
    stopped = demo.stop()
    if postgres.stop():
        stopped.append("postgres")
    say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")
    return 0


def command_clean(options) -> int:
    """Forget everything that was set up; the next command starts from nothing."""
    command_stop(options)
    shutil.rmtree(paths.DEV, ignore_errors=True)
    say("Removed .dev/.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    shared = _database_options()
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(name, function, text):
        command = commands.add_parser(name, help=text, description=text, parents=[shared])
        command.set_defaults(command=function)
        return command

    add("demo", command_demo, "a running server with the three addons in a demo company")
    test = add("test", command_test, "every test, or one part of them")
    test.add_argument("part", nargs="?", choices=SUITES, help="only this part")
    test.add_argument("addon", nargs="?", help="after `odoo`: this addon alone")
    test.add_argument("-k", metavar="EXPR", help="only tests that match, as in pytest")
    add("lint", command_lint, "ruff and pylint-odoo").set_defaults(k=None)
    add("serve", command_serve, "the demo in the foreground, reloading changed code")
    shell = add("shell", command_shell, "Odoo's Python shell on a database")
    shell.add_argument("database", nargs="?", help="default: demo")
    bench = add("bench", command_bench, "benchmarks against a hand-written SQL floor")
    bench.add_argument("name", nargs="?", help="which one; without a name they are listed")
    bench.add_argument("--scale", type=float, default=0.01, help="1 is a million customers")
    bench.add_argument("--json", metavar="FILE", help="write the rows there too")
    bench.add_argument("--keep", action="store_true", help="keep the database `bench`")
    add("stop", command_stop, "stop the server, the mail catcher and PostgreSQL")
    add("clean", command_clean, "stop, and remove .dev/ with everything in it")
    return parser


def _database_options() -> argparse.ArgumentParser:
    shared = argparse.ArgumentParser(add_help=False)
    group = shared.add_argument_group("a PostgreSQL server of your own")
    for name in ("host", "port", "user", "password"):
        group.add_argument(f"--db-{name}", metavar=name.upper())
    return shared
