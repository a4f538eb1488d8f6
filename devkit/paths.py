"""Where things are. Everything that `./dev` makes lies under `.dev/`."""
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDONS = ROOT / "addons"
DEV = ROOT / ".dev"
VENV = DEV / "venv"
PYTHON = VENV / "bin" / "python"
ODOO_TREE = DEV / "odoo"
POSTGRES = DEV / "postgres"
MAIL = DEV / "mail"
LOGS = DEV / "log"
RUN = DEV / "run"
REPORTS = DEV / "reports"
ODOO_CONF = DEV / "odoo.conf"
DATA_DIR = DEV / "data"

OUR_ADDONS = ("lead_nurture", "sales_automation", "customer_care")
