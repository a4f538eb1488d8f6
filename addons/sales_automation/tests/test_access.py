from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SalesDeskCase

MODELS = ["sales.stage.history", "sales.handoff", "sales.recycle", "sales.stage.report",
          "sales.outcome.report"]


@tagged("post_install", "-at_install")
class TestAccess(SalesDeskCase):
    """Each role sees what its leads allow; nobody rewrites history; companies stay apart."""

    def _populate(self, **kw):
        """A deal of Ines with a row in every model."""
        deal = self._create_deal(**kw)
        self._hand_off(deal, self.finn).with_user(self.ines).action_cancel()
        self._put_off(deal, fields.Date.add(fields.Date.today(), days=5))
        return deal

    def _visible(self, user, deal, companies=None):
        env = self.env(user=user, su=False)
        if companies:
            env = env(context={"allowed_company_ids": companies.ids})
        self.env.invalidate_all()
        return [
            bool(env[model].with_context(active_test=False).search_count(
                [("lead_id", "=", deal.id)])) for model in MODELS]

    def test_roles(self):  # ALL-4
        deal = self._populate()
        for user in (self.ines, self.lea, self.max):
            self.assertEqual(self._visible(user, deal), [True] * 5, user.name)
        self.assertEqual(self._visible(self.fay, deal), [False] * 5)
        # Finn was asked once: he knows of the request, no more.
        self.assertEqual(self._visible(self.finn, deal), [False, True, False, False, False])
        clerk = self._create_user("carl", "base.group_user")
        for model in MODELS:
            with self.assertRaises(AccessError):
                self.env[model].with_user(clerk).search_count([])

    def test_asked_team_reads_what_led_here(self):  # SA-8, ALL-4: as the deal itself
        deal = self._populate()
        deal.action_restore()
        handoff = self._hand_off(deal, team=self.team_field)
        self.assertEqual(self._visible(self.fay, deal), [True] * 5)
        handoff.with_user(self.ines).action_cancel()
        self.assertEqual(self._visible(self.fay, deal), [False, True, False, False, False])

    def test_nobody_rewrites_history(self):  # ALL-4
        deal = self._populate()
        for user in (self.ines, self.max):
            for name in ("sales.stage.history", "sales.handoff", "sales.recycle"):
                rows = self.env[name].with_user(user).search([("lead_id", "=", deal.id)])
                self.assertTrue(rows)
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(rows.has_access(operation), (user.name, name, operation))

    def test_reasons_belong_to_managers(self):  # ALL-4
        reasons = self.env["sales.handoff.reason"]
        self.assertTrue(reasons.with_user(self.ines).search([]))
        with self.assertRaises(AccessError):
            reasons.with_user(self.ines).create({"name": "No mood"})
        mood = reasons.with_user(self.max).create({"name": "No mood"})
        self._hand_off(self._create_deal(), self.finn).with_user(self.finn)._claim(
            "can_answer")._set_rejected(mood, "", fields.Datetime.now())
        with self.assertRaisesRegex(UserError, "Archive a reason that was used"):
            mood.unlink()

    def test_salespeople_have_it_without_setup(self):  # ALL-4
        self.assertTrue(self.ines.has_group("sales_automation.group_sales_automation_user"))
        self.assertFalse(self.ines.has_group("sales_automation.group_sales_automation_manager"))
        self.assertTrue(self.max.has_group("sales_automation.group_sales_automation_manager"))

    def test_a_customer_reads_no_field_of_ours(self):  # ALL-4
        leads = self.env["crm.lead"]
        ours = leads._fields["forecast_category"]
        guest = self._create_user("gus", "base.group_portal")
        self.assertFalse(leads.with_user(guest)._has_field_access(ours, "read"))
        self.assertTrue(leads.with_user(self.ines)._has_field_access(ours, "write"))
        kept = leads._fields["lost_reason_id"]
        self.assertTrue(leads.with_user(guest)._has_field_access(kept, "read"))

    def test_another_company_sees_nothing(self):  # ALL-4
        company = self.env["res.company"].create({"name": "Elsewhere"})
        boss = self._create_user(
            "bo", "sales_team.group_sale_manager", company_id=company.id,
            company_ids=[fields.Command.set(company.ids)])
        deal = self._populate(company_id=self.env.company.id)
        self.assertEqual(self._visible(boss, deal, company), [False] * 5)
        self.assertEqual(self._visible(self.max, deal, self.env.company), [True] * 5)

    def test_forms_open_for_a_salesperson(self):  # ALL-4: no field that he may not read
        deal = self._create_deal()
        handoff = self._hand_off(deal, self.finn)
        self.assertTrue(Form(deal.with_user(self.ines)).name)
        self.assertTrue(Form(handoff.with_user(self.finn)).lead_id)
        self.assertTrue(deal.with_user(self.ines).action_open_stage_history())
        form = Form(self.env["crm.lead"].with_user(self.ines).with_context(
            default_type="opportunity"))
        form.name = "By hand"
        self.assertEqual(form.save().stage_history_ids.direction, "first")
