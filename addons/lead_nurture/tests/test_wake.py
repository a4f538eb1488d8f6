from unittest.mock import patch

from odoo.addons.lead_nurture.models import ir_cron
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from .common import NurtureCase

SYNC = "lead_nurture.ir_cron_sync_persons"


@tagged("post_install", "-at_install")
class TestWake(NurtureCase):
    """Who saves a lead leaves his work in one statement and sees to it that a cron comes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.triggers = cls.env["ir.cron.trigger"]
        cls.changes = cls.env["nurture.change"]
        cls.cron = cls.env.ref(SYNC)

    def setUp(self):
        super().setUp()
        self.triggers.search([]).unlink()
        self.changes.search([]).unlink()
        self.told = self.startPatcher(patch.object(ir_cron, "Thread"))
        self.env.cr.postcommit.clear()
        self.addCleanup(self.env.cr.postcommit.clear)

    def _save(self, at, name, committed=True):
        """Save the lead at this moment; the queries of our own that it took."""
        self.env.flush_all()
        asked = []
        execute = type(self.env.cr).execute

        def listen(cr, query, params=None, log_exceptions=True):
            asked.append(str(getattr(query, "code", query)))
            return execute(cr, query, params, log_exceptions)

        with freeze_time(at), patch.object(type(self.env.cr), "execute", listen):
            self.lead.contact_name = name
            self.env.flush_all()
        if committed:
            self.env.cr.postcommit.run()
        self.env.cr.postcommit.clear()
        return [query for query in asked if "nurture_" in query or "ir_cron" in query]

    def _called_at(self):
        found = self.triggers.search([("cron_id", "=", self.cron.id)], order="call_at")
        return [f"{moment:%H:%M:%S}" for moment in found.mapped("call_at")]

    def test_a_busy_second_asks_once(self):  # P-8
        for name in ("Ann", "Anna", "Anne"):
            self.assertEqual(len(self._save("2026-03-02 09:00:00", name)), 1, "one statement")
        self.assertEqual(self._called_at(), ["09:00:00"])
        self.assertEqual(self.told.call_count, 1)
        self.assertEqual(self.changes.search_count([("res_id", "=", self.lead.id)]), 3)

    def test_a_run_that_has_begun_is_followed_by_another(self):  # P-8
        self._save("2026-03-02 09:00:00", "Ann")
        self.triggers.search([]).unlink()  # as a run does when it begins
        self._save("2026-03-02 09:00:00", "Anna")
        self.assertEqual(self._called_at(), ["09:00:00"])
        self.assertEqual(self.told.call_count, 2)

    def test_a_quiet_hour_asks_each_time(self):  # P-8
        self._save("2026-03-02 09:00:00", "Ann")
        self._save("2026-03-02 09:00:07", "Anna")
        self._save("2026-03-02 08:59:00", "Anne")  # the clock was set back
        self.assertEqual(self._called_at(), ["08:59:00", "09:00:00", "09:00:07"])
        self.assertEqual(self.told.call_count, 3)

    def test_what_was_rolled_back_woke_nobody(self):  # P-8
        with mute_logger("odoo.sql_db"), self.assertRaises(ZeroDivisionError), \
                self.env.cr.savepoint():  # fmt: skip
            self._save("2026-03-02 09:00:00", "Ann", committed=False)
            raise ZeroDivisionError
        self.assertFalse(self._called_at())
        self._save("2026-03-02 09:00:00", "Anna")
        self.assertEqual(self._called_at(), ["09:00:00"])
