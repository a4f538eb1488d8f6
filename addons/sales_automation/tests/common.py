"""The cast of the Sales Desk's stories, and a clock that the stories set."""

import gc
from contextlib import contextmanager
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, freeze_time, new_test_user

MONDAY = "2026-03-02"  # office hours 08-12 and 13-17, UTC


class SalesDeskCase(TransactionCase):
    """An inside team, a field team with its own stage, a leader, and a second company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A playbook of the database would hold the cast's deals.
        cls.env["sales.playbook"].search([]).active = False
        cls.env.company.resource_calendar_id = cls.env["resource.calendar"].create({
            "name": "Office", "tz": "UTC",
            "attendance_ids": [
                fields.Command.create({
                    "name": f"{day} {start}", "dayofweek": str(day), "hour_from": start,
                    "hour_to": start + 4, "day_period": "morning" if start < 12 else "afternoon",
                }) for day in range(5) for start in (8, 13)
            ],
        })
        cls.ines = cls._create_user("ines", "sales_team.group_sale_salesman")
        cls.finn = cls._create_user("finn", "sales_team.group_sale_salesman")
        cls.fay = cls._create_user("fay", "sales_team.group_sale_salesman")
        cls.lea = cls._create_user("lea", "sales_team.group_sale_salesman_all_leads")
        cls.max = cls._create_user("max", "sales_team.group_sale_manager")
        cls.team_inside = cls._create_team("Inside", cls.lea, cls.ines)
        cls.team_field = cls._create_team("Field", cls.lea, cls.finn | cls.fay)
        stages = cls.env["crm.stage"]
        cls.stage_new = stages.create({"name": "Fresh", "sequence": 1})
        cls.stage_offer = stages.create({"name": "Offer", "sequence": 40})
        cls.stage_inside = stages.create({
            "name": "Inside only", "sequence": 50,
            "team_ids": [fields.Command.link(cls.team_inside.id)]})
        cls.stage_won = stages.create({"name": "Sold", "sequence": 900, "is_won": True})
        cls.not_now = cls.env.ref("sales_automation.lost_reason_not_now")
        cls.too_dear = cls.env["crm.lost.reason"].create({"name": "Too expensive"})
        cls.reject_reason = cls.env.ref("sales_automation.handoff_reason_incomplete")

    def setUp(self):
        super().setUp()
        # A user's environment reads his time zone and companies once and keeps them while it
        # lives. Between two calls only its own cycle of references holds it, so the collector,
        # run at a chance moment, would make a counted query of what was warm.
        gc.disable()
        self.addCleanup(gc.enable)

    @classmethod
    def _create_user(cls, login, groups, **kw):
        return new_test_user(cls.env, f"sa_{login}", groups=groups, name=login.title(), **kw)

    @classmethod
    def _create_team(cls, name, leader, members):
        return cls.env["crm.team"].create({
            "name": name, "user_id": leader.id, "use_opportunities": True,
            "crm_team_member_ids": [
                fields.Command.create({"user_id": member.id}) for member in members]})

    def _create_deal(self, **kw):
        return self._create_deals(1, **kw)

    def _create_deals(self, count, **kw):
        vals = {
            "name": "Grinder for two plants", "type": "opportunity", "user_id": self.ines.id,
            "team_id": self.team_inside.id, "stage_id": self.stage_new.id, "probability": 20,
            "expected_revenue": 1000.0, **kw}
        if vals["stage_id"] == self.stage_won.id:
            vals["probability"] = 100  # core demands it
        return self.env["crm.lead"].create([dict(vals) for _each in range(count)])

    def _hand_off(self, deal, user=None, team=None, sender=None):
        wizard = self.env["sales.handoff.request"].with_user(sender or self.ines).create({
            "lead_id": deal.id, "receiver": "person" if user else "team",
            "to_user_id": user and user.id, "team_id": team and team.id,
            "need": "New grinder", "authority": "Plant manager", "budget": "40,000",
            "timing": "This quarter"})
        wizard.action_send()
        return deal.handoff_ids.filtered(lambda row: row.state == "requested")

    def _put_off(self, deal, wake_date, note=None, user=None):
        self.env["sales.recycle.plan"].with_user(user or self.ines).create({
            "lead_ids": [fields.Command.set(deal.ids)], "reason_id": self.not_now.id,
            "wake_date": wake_date, "note": note}).action_apply()

    @contextmanager
    def at(self, moment):
        """Set the clock of Python and the transaction's clock that core reads."""
        now = fields.Datetime.to_datetime(moment)
        with freeze_time(now), patch.object(self.env.cr, "now", lambda: now):
            yield
            self._flush_tracking()

    def _stay_at(self, moment):
        """Set both clocks until the test is over."""
        clock = self.at(moment)
        clock.__enter__()
        self.addCleanup(clock.__exit__, None, None, None)

    def _flush_tracking(self):
        self.env.flush_all()
        self.env.cr.precommit.run()

    def _run_cron(self, xmlid):
        with self.enter_registry_test_mode():
            self.env.ref(f"sales_automation.{xmlid}").method_direct_trigger()
        self.env.invalidate_all()

    def _tell(self, deal):
        """The stays of a deal in order, in a form that reads like its story."""
        stays = self.env["sales.stage.history"].search(
            [("lead_id", "=", deal.id)], order="entered_at, id")
        return [
            (stay.stage_id.name, stay.direction, stay.entered_at, stay.left_at, stay.outcome)
            for stay in stays]

    def assertStory(self, deal, *rows):
        self.assertEqual(self._tell(deal), [
            (stage, direction, fields.Datetime.to_datetime(entered),
             left and fields.Datetime.to_datetime(left), outcome)
            for stage, direction, entered, left, outcome in rows])
