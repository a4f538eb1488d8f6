from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

import psycopg2.errors
from freezegun import freeze_time
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NOW, CareCommon

LOGGER = "odoo.addons.customer_care.models.care_night"


@tagged("post_install", "-at_install")
class TestNight(CareCommon):
    """What the night does survives kills and failures, and is done once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nights = cls.env["care.night"].sudo()
        cls.nights.search([]).unlink()
        cls.env["care.build"].sudo().search([("state", "=", "running")]).state = "done"

    @contextmanager
    def _steps(self, **bodies):
        """Only these steps, each `body(position) -> next position or None`."""
        night = type(self.nights)
        steps = {key: {"label": key, "sequence": n} for n, key in enumerate(bodies)}
        with patch.object(night, "_night_steps", lambda self: steps):
            for key, body in bodies.items():
                setattr(night, f"_night_{key}",
                        lambda self, company, now, position, body=body: body(company, position))
            try:
                yield steps
            finally:
                for key in bodies:
                    delattr(night, f"_night_{key}")

    def _begin(self, now=NOW):
        self.nights._begin(self.company, now)
        return self.nights.search([("company_id", "=", self.company.id)], order="day, sequence")

    def _work(self, night):
        night.attempts += 1
        night._run_chunk()

    def test_a_night_has_its_steps_once(self):  # CC-10
        with self._steps(first=lambda c, p: None, second=lambda c, p: None):
            rows = self._begin()
            self.assertEqual(rows.mapped("step"), ["first", "second"])
            self._begin()
            for row in rows:
                self._work(row)
            self.assertEqual(self._begin(), rows, "the day is done")
            self.assertEqual(len(self._begin(NOW + timedelta(days=1))), 4)

    def test_a_weekly_step_is_due_after_a_week(self):  # CC-9
        with self._steps(often=lambda c, p: None, weekly=lambda c, p: None) as steps:
            steps["weekly"]["every"] = 7
            for day in range(8):
                for row in self._begin(NOW + timedelta(days=day)):
                    row._set_done()
            done = self._begin(NOW + timedelta(days=8)).mapped("step")
        self.assertEqual((done.count("often"), done.count("weekly")), (9, 2))

    def test_it_goes_on_at_its_place_with_its_moment(self):  # P-7
        seen = []

        def body(company, position):
            seen.append(position)
            return position + 10 if position < 20 else None

        with self._steps(chunked=body):
            night = self._begin()
            self._work(night)
            self.assertEqual((night.position, night.chunks, night.state), (10, 1, "waiting"))
            self.assertEqual(self._begin(NOW + timedelta(days=1)), night, "ended first")
            self._work(night)
            self._work(night)
        self.assertEqual((seen, night.state, night.moment), ([0, 10, 20], "done", NOW))

    @mute_logger(LOGGER)
    def test_a_failure_stays_on_its_row_and_can_be_tried_again(self):  # CC-10
        broken = [True]

        def body(company, position):
            if broken:
                self.env["res.partner"].create({"name": "Half done"})
                raise ValueError("no such figure")

        with self._steps(bad=body, good=lambda c, p: None):
            bad, good = self._begin()
            self._work(bad)
            self._work(good)
            self.assertEqual((bad.state, bad.error), ("failed", "no such figure"))
            self.assertFalse(self.env["res.partner"].search([("name", "=", "Half done")]))
            self.assertEqual(good.state, "done")
            broken.clear()
            bad.action_retry()
            self._work(bad)
        self.assertEqual((bad.state, bad.error), ("done", False))

    def test_a_chunk_that_kills_its_process_is_given_up(self):  # RELIABILITY 1
        with self._steps(deadly=lambda c, p: None):
            night = self._begin()
            night.attempts = 3  # begun and committed three times, never ended
            self._work(night)
        self.assertEqual(night.state, "failed")
        self.assertIn("3", night.error)

    def test_what_is_never_free_is_given_up(self):  # RELIABILITY 1
        def body(company, position):
            raise psycopg2.errors.UniqueViolation("key is doubled")

        with self._steps(doubled=body, good=lambda c, p: None):
            doubled, good = self._begin()
            with patch.object(type(self.env["ir.cron"]), "_commit_progress", return_value=1), \
                    patch.object(type(self.nights), "_is_build_running", lambda self: False), \
                    patch.object(type(self.nights), "_begin", lambda self, company, now: None), \
                    patch.object(type(self.env["care.customer"]), "_come_back") as again:
                self.nights._cron_run_night()
                self.assertEqual((doubled.state, doubled.waits), ("waiting", 1))
                self.assertEqual(again.call_count, 1, "in a minute, not at once")
                for _minute in range(9):
                    self.nights._cron_run_night()
        self.assertEqual((doubled.state, doubled.error), ("failed", "key is doubled"))
        self.assertEqual(good.state, "done")

    def test_asked_for_again_it_starts_over(self):  # CC-12
        with self._steps(one=lambda c, p: None, two=lambda c, p: None):
            one, two = self._begin()
            (one | two)._set_done()
            with freeze_time(NOW):
                self.nights._wake("two", company=self.company)
            self.assertEqual((one.state, two.state, two.position), ("done", "waiting", 0))

    def test_a_days_customers_are_looked_at_when_counted(self):  # P-7
        buyer = self._create_customer()
        self._buy(buyer, 3)
        seen = []
        with self._steps(one=lambda c, p: None) as steps:
            steps["one"]["fresh"] = True
            night = type(self.nights)
            with patch.object(night, "_fresh_one", create=True, new=lambda self, company, scope,
                              now: seen.append(scope.ids)):
                self.customers.sudo()._refresh_wholly(self.company, buyer.ids)
        self.assertEqual(seen, [tuple(buyer.ids)])
