"""A process that counts customers and can be killed: `python -m bench.counter DATABASE WORK SIZE`.

WORK is `build` (the full count, SIZE partners a chunk) or `night` (its steps)."""

import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

#: so long it rests after each commit, for whoever takes aim at it
REST_S = 0.02


def main(database: str, work: str, size: str) -> None:
    config.parse_config(["--database", database, "--no-http", "--log-level", "error"])
    with Registry(database).cursor() as cr:
        from odoo.addons.customer_care.models import care_build  # found since the registry loaded

        care_build.CHUNK = int(size)
        cr.commit = _then_rest(cr.commit)
        env = Environment(cr, SUPERUSER_ID, {})
        if work == "build":
            env["care.build"]._cron_build_customers()
        else:
            env["care.night"]._cron_run_night()


def _then_rest(commit):
    def commit_and_rest() -> None:
        commit()
        time.sleep(REST_S)

    return commit_and_rest


if __name__ == "__main__":
    main(*sys.argv[1:])
