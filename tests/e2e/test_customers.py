"""Customers counted by processes that die: nothing is lost, nothing is counted twice."""
import subprocess

from devkit import databases, paths

DATABASE = "e2e_customers"


def test_a_killed_count_goes_on_and_ends_with_the_same_figures(odoo):  # P-7, RELIABILITY 1
    """SIGKILL hits the full count and the night twice each, in the middle; every table of
    customers' figures then equals that of an undisturbed run."""
    databases.fresh(odoo, DATABASE, ["customer_care"])
    command = [paths.PYTHON, "-m", "bench", "resume", "--database", DATABASE, "--scale", "0.01"]
    done = subprocess.run(
        [str(part) for part in command], env=odoo.environment(), cwd=paths.ROOT,
        capture_output=True, text=True,
    )  # fmt: skip
    databases.drop(odoo, DATABASE)
    print(done.stdout)
    assert not done.returncode, f"{done.stdout}\n{done.stderr[-2000:]}"
