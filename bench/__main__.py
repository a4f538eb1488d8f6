"""Run benchmarks: `python -m bench NAME... --scale S --database DB [--json FILE]`.

The configuration of Odoo is taken from ODOO_RC. A benchmark fills the database that it is given
and cleans nothing: give it a fresh one with the measured addon installed, and drop it afterwards.
"""

import argparse
import sys
from contextlib import ExitStack

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import config

from . import cdnow, report
from .benchmarks import (
    advance,
    backfill,
    branch,
    cases,
    customers,
    edit,
    enrol,
    faults,
    fit,
    fuzz,
    gateway,
    kill,
    lanes,
    lead_save,
    lists,
    race,
    resume,
    score,
    segments,
    send,
)
from .harness import Bench

#: name: (what is run, what it measures)
BENCHMARKS = {
    "customers": (customers.run, "customer figures from invoices (scale 1: 1M and 3M)"),
    "cases": (cases.run, "boards, lists and reports of cases (scale 1: 200k, 600k contacts)"),
    "score": (score.run, "lead scores from rules and events (scale 1: 1M people, 10M events)"),
    "segments": (segments.run, "a segment kept by difference (scale 1: 1M people, 10M events)"),
    "advance": (advance.run, "a step that sends, beside core's mass mailing (scale 1: 10k people)"),
    "send": (send.run, "core's queue with our guard (scale 1: 10k mails)"),
    "lanes": (lanes.run, "four servers beside one (scale 1: 50k people)"),
    "gateway": (gateway.run, "a gateway that reads mails first (scale 1: 1,000 people)"),
    "kill": (kill.run, "servers killed while they work (scale 1: 50k people, 20 kills)"),
    "resume": (resume.run, "a count and a night, killed (scale 1: 200k customers)"),
    "faults": (faults.run, "mail servers that refuse, cut and are slow (scale 1: 1,000 mails)"),
    "race": (race.run, "an event against the clock (scale 1: 10,000 trials)"),
    "edit": (edit.run, "versions published while people travel (scale 1: 1,000 people)"),
    "enrol": (enrol.run, "people who enter a scenario, by trigger and by hand (scale 1: 300k)"),
    "branch": (branch.run, "people at a branch and at a switch (scale 1: 5,000)"),
    "backfill": (backfill.run, "the past of deals, rebuilt (scale 1: 100k deals, 500k moves)"),
    "lead_save": (lead_save.run, "saving a lead, with and without us (scale 1: 100k leads)"),
    "lists": (lists.run, "leads by score, first page (scale 1: 1M leads)"),
    "fit": (fit.run, "how customers buy, learnt from 1M of them (scale 1)"),
    "fuzz": (fuzz.run, "strangers at the customers' doors (scale 1: 10,000 requests)"),
    "cdnow": (cdnow.run, "real purchases: figures equal to the cent (knows no scale)"),
}


def main(argv: list[str] | None = None) -> int:
    options = _parse(argv)
    if options.list or not options.names:
        print("\n".join(f"{name:<10} {text}" for name, (_run, text) in BENCHMARKS.items()))
        return 0
    config.parse_config(
        ["--database", options.database, "--no-http", "--log-level", "warn"], setup_logging=True
    )
    rows = []
    with ExitStack() as cursors:
        env = _open(cursors, options.database)
        without = _open(cursors, options.without) if options.without else None
        cr = env.cr
        for name in options.names:
            bench = Bench(env, options.scale, options.repeat, without)
            run, _text = BENCHMARKS[name]
            run(bench)
            cr.commit()
            rows += bench.rows
    print(report.table(rows))
    if options.json:
        report.write_json(rows, options.json)
    return 1 if any(row.ok is False for row in rows) else 0


def _open(cursors: ExitStack, database: str) -> Environment:
    cr = cursors.enter_context(Registry(database).cursor())
    return Environment(cr, SUPERUSER_ID, {"tracking_disable": True, "mail_create_nolog": True})


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description="Measure our work against hand-written SQL on the same tables."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(BENCHMARKS))
    parser.add_argument("--list", action="store_true", help="say which benchmarks there are")
    parser.add_argument("--database", help="a fresh database; it is filled up")
    parser.add_argument("--without", metavar="DATABASE", help="one without our addons, to compare")
    parser.add_argument("--scale", type=float, default=0.01, help="1 is what the targets name")
    parser.add_argument("--repeat", type=int, default=3, help="rounds whose median counts")
    parser.add_argument("--json", metavar="FILE", help="write the rows as JSON as well")
    options = parser.parse_args(argv)
    unknown = set(options.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there is {', '.join(BENCHMARKS)}")
    if options.names and not options.database:
        parser.error("--database is needed")
    return options


if __name__ == "__main__":
    sys.exit(main())
