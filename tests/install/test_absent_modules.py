"""What customer_care adds to modules of Odoo that it does not depend on, where they are."""
import subprocess

import pytest

from devkit import paths

MODULES = ["im_livechat", "google_recaptcha", "website_cf_turnstile"]
STORIES = ["test_case_bot.py", "test_captcha.py"]


@pytest.mark.template("core")
def test_live_chat_and_captchas(company):  # CC-3
    """A bot opens a case; the captchas themselves refuse robots and let people through."""
    company.odoo.install(company.name, ["customer_care", *MODULES], "absent-modules")
    tests = paths.ADDONS / "customer_care" / "tests"
    done = subprocess.run(
        [str(part) for part in (
            paths.PYTHON, "-m", "pytest", "-q", *(tests / name for name in STORIES),
            f"--odoo-config={company.odoo.conf}", f"--odoo-database={company.name}",
            "--odoo-http")],
        cwd=paths.ROOT, env=company.odoo.environment() | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""},
        capture_output=True, text=True,
    )  # fmt: skip
    assert not done.returncode, done.stdout
    assert "deselected" not in done.stdout and "skipped" not in done.stdout
