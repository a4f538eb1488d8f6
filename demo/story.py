"""What every chapter shares: the environment, today, the seed and the demo's own xmlids."""
import math
import random
from contextlib import contextmanager, nullcontext
from datetime import date, datetime, time, timedelta
from unittest import mock

import pytz
from odoo import fields

SEED = "mekong"
MODULE = "demo_company"  # namespace of the demo's external ids
MONTHS = 18
TIMEZONE = "Asia/Ho_Chi_Minh"

# Nothing here may send a mail, subscribe anybody or log a creation.
QUIET = {
    "tracking_disable": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_auto_subscribe_no_notify": True,
    "no_reset_password": True,
    "dont_notify": True,
    "no_mail_to_attendees": True,
}


class Story:
    """One load: ``env`` is quiet, ``today`` is the day of the first start, ``rng`` is seeded
    anew for each chapter, so that a chapter told again is told the same."""

    def __init__(self, env):
        self.env = env(context=dict(env.context, **QUIET))
        self.company = env.ref("base.main_company")
        self.rng = random.Random(SEED)
        params = self.env["ir.config_parameter"].sudo()
        told = params.get_param("demo.today")
        self.today = date.fromisoformat(told) if told else date.today()
        if not told:
            params.set_param("demo.today", self.today.isoformat())
        self.start = self.today - timedelta(days=round(MONTHS * 30.44))

    def has_addon(self, name):
        """Whether an addon is installed in this database."""
        return bool(self.env["ir.module.module"].sudo().search_count(
            [("name", "=", name), ("state", "=", "installed")]))

    def is_told(self, name):
        return bool(self.env["ir.config_parameter"].sudo().get_param(f"demo.chapter.{name}"))

    def open_chapter(self, name):
        self.rng = random.Random(f"{SEED}:{name}")
        return self

    def close_chapter(self, name):
        self.env["ir.config_parameter"].sudo().set_param(
            f"demo.chapter.{name}", datetime.now().isoformat(timespec="seconds"))
        self.env.cr.commit()

    def run_job(self, model, method, moment=None):
        """Run a scheduled job as the scheduler would, but inside the chapter's transaction; with
        a ``moment`` the job takes that for the present."""
        self.env.flush_all()
        unbounded = mock.patch.object(
            self.env.registry["ir.cron"], "_commit_progress", lambda *_args, **_kw: math.inf)
        with unbounded, self.at(moment) if moment else nullcontext():
            getattr(self.env(context={})[model], method)()
            self.env.flush_all()
        self.env.invalidate_all()

    @contextmanager
    def at(self, moment):
        """What is done inside takes this moment for the present."""
        with mock.patch.object(fields.Datetime, "now", staticmethod(lambda *_args: moment)):
            yield

    # ------------------------------------------------------------------ names

    def ref(self, name):
        """The demo's own record ``name``."""
        return self.env.ref(f"{MODULE}.{name}")

    def name_records(self, records, names):
        """Give records an external id, in one statement: later chapters find them by it."""
        self.env["ir.model.data"].sudo().create([
            {"module": MODULE, "name": name, "model": records._name, "res_id": record.id,
             "noupdate": True}
            for record, name in zip(records, names, strict=True)])
        return records

    def named(self, model, prefix):
        """All demo records of a model whose external id starts with ``prefix``: {name: record}."""
        rows = self.env["ir.model.data"].sudo().search_read(
            [("module", "=", MODULE), ("model", "=", model), ("name", "=like", f"{prefix}%")],
            ["name", "res_id"], order="id")
        return {row["name"]: self.env[model].browse(row["res_id"]) for row in rows}

    # ------------------------------------------------------------------- time

    def local_time(self, day, hour):
        """That hour of the day at the house, as naive UTC."""
        local = datetime.combine(day, time(hour))
        return pytz.timezone(TIMEZONE).localize(local).astimezone(pytz.utc).replace(tzinfo=None)

    def moment(self, day, first_hour=8, last_hour=18):
        """A moment of a day's working hours, as naive UTC, before this transaction began."""
        hour, share = self.rng.randrange(first_hour, last_hour), self.rng.random()
        drawn = self.local_time(day, hour) + timedelta(seconds=int(3600 * share))
        latest = self.env.cr.now().replace(microsecond=0) - timedelta(minutes=5)
        # of a day that is not over yet, a moment of the last four hours
        return drawn if drawn <= latest else latest - timedelta(seconds=int(4 * 3600 * share))

    def workday(self, day):
        """The day itself, or the Monday after a Sunday; never after today."""
        return min(day + timedelta(days=day.weekday() == 6), self.today)
