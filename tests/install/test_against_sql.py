"""Figures that somebody else worked out too: hand-written SQL, and a file of real purchases."""
import json
import subprocess

import pytest

from devkit import paths

CDNOW = """
from bench import cdnow
report = cdnow.check(env)
print(report)
print('RESULT', len(report.differences), report.purchases, report.care_revenue)
"""


@pytest.mark.template("core")
def test_real_purchases_to_the_cent(company):  # CC-9
    """6,919 purchases of 2,357 customers, as posted invoices: revenue, purchases and dates."""
    company.install(["customer_care"], "cdnow")
    assert company.run_script(CDNOW) == "0 6919 244091.94"


@pytest.mark.template("core")
def test_figures_and_scores_equal_plain_sql(company, tmp_path):  # LN-19, P-1, P-7
    """What a thousand invented people and customers get, the floors of the benchmarks get too."""
    company.install(["lead_nurture", "customer_care"], "figures")
    file = tmp_path / "rows.json"
    subprocess.run(
        [paths.PYTHON, "-m", "bench", "customers", "score", "--database", company.name,
         "--scale", "0.001", "--repeat", "1", "--json", file],
        env=company.odoo.environment(), cwd=paths.ROOT,
    )  # fmt: skip
    compared = {
        row["name"]: row["differences"]
        for row in json.loads(file.read_text()) if "differences" in row
    }
    assert len(compared) == 3 and not any(compared.values()), compared
