"""What is promised under faults, with real servers, real connections and a real mail server that
counts: the benchmarks at a small size, each of which says itself whether its promise holds."""
import subprocess

import pytest

from devkit import databases, paths


@pytest.fixture(scope="module")
def template(odoo):
    """Of each addon one database, made when the first test asks for it."""
    made: dict[str, str] = {}

    def of(addon: str) -> str:
        if addon not in made:
            made[addon] = f"e2e_promises_{addon}"
            databases.fresh(odoo, made[addon], [addon])
        return made[addon]

    yield of
    for database in made.values():
        databases.drop(odoo, database)


@pytest.fixture
def promise(odoo, template):
    """Run a benchmark in a database of its own; what it says when the promise is broken."""

    def run(name: str, scale: float, addon: str = "lead_nurture") -> str:
        database = f"e2e_{name}"
        databases.copy(odoo, template(addon), database)
        command = [paths.PYTHON, "-m", "bench", name, "--database", database, "--scale", scale]
        done = subprocess.run(
            [str(part) for part in command],
            cwd=paths.ROOT,
            env=odoo.environment(),
            capture_output=True,
            text=True,
        )
        databases.drop(odoo, database)
        print(done.stdout)
        return f"{done.stdout}\n{done.stderr[-2000:]}" if done.returncode else ""

    return run


def test_nothing_is_lost_nor_doubled_when_servers_die(promise):  # RELIABILITY 1, LN-43
    """SIGKILLs hit servers in the middle of lanes and of sending."""
    assert not promise("kill", 0.03)


def test_a_gateway_that_reads_first_gets_one_mail_each(promise):  # RELIABILITY 1
    """A thousand mails: it fetches the pixel and every link before it takes each; nobody human
    opened one."""
    assert not promise("gateway", 1)


def test_event_and_clock_agree_on_one_outcome(promise):  # RELIABILITY 1
    """Ten thousand people whose event comes when their time is up."""
    assert not promise("race", 1)


def test_steps_change_under_way_and_nobody_is_lost(promise):  # LN-38
    """Three versions are published while lanes, moves, folding and goals run beside each other."""
    assert not promise("edit", 0.3)


def test_a_bad_mail_server_loses_no_mail(promise):  # RELIABILITY 1, LN-43
    """It refuses for now, for good, and breaks off in the middle."""
    assert not promise("faults", 0.1)


def test_strangers_at_the_doors_break_and_write_nothing(promise):  # RELIABILITY 3, CC-3, CC-8
    """Some hundred odd requests to questions, ways out, cases and the public form."""
    assert not promise("fuzz", 0.04, "customer_care")
