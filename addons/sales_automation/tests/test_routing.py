from odoo import fields
from odoo.tests import tagged

from .common import MONDAY, SalesDeskCase


@tagged("post_install", "-at_install")
class TestRouting(SalesDeskCase):
    """A lead that somebody else or an automation converted waits for its salesperson's yes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param(
            "sales_automation.routing_since", "2026-02-01 00:00:00")

    def _convert(self, lead, by, to):
        lead.with_user(by).sudo().convert_opportunity(False, user_ids=to.ids)
        self._flush_tracking()

    def _route(self):
        self._run_cron("ir_cron_route_opportunities")

    def test_pulled_once(self):  # SA-8
        marketer = self._create_user("mia", "base.group_user")
        with self.at(f"{MONDAY} 09:00:00"):
            lead = self._create_deal(type="lead", user_id=False)
            self._convert(lead, marketer, self.finn)
            self._route()
        handoff = lead.handoff_ids
        self.assertEqual(
            (handoff.origin, handoff.to_user_id, handoff.from_user_id, handoff.state),
            ("routed", self.finn, marketer, "requested"))
        self.assertEqual(str(handoff.deadline_at), f"{MONDAY} 14:00:00")
        self.assertTrue(lead.with_user(self.finn).handoff_can_answer)
        with self.at(f"{MONDAY} 10:00:00"):
            self._route()
            self.assertEqual(lead.handoff_ids, handoff, "pulled once")
            lead.with_user(self.finn).action_accept_handoff()
            self._route()
        self.assertEqual((lead.handoff_ids, handoff.state), (handoff, "accepted"))
        self.assertEqual(lead.user_id, self.finn)
        self.assertFalse(lead.inside_user_id, "the marketer is not in sales")

    def test_conversion_wakes_the_job(self):  # SA-8
        cron = self.env.ref("sales_automation.ir_cron_route_opportunities")
        triggers = self.env["ir.cron.trigger"]
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self._convert(self._create_deal(type="lead"), self.ines, self.finn)
        self.assertGreater(triggers.search_count([("cron_id", "=", cron.id)]), before)

    def test_what_is_not_pulled(self):  # SA-8
        with self.at(f"{MONDAY} 09:00:00"):
            own, early, unassigned, closed, elsewhere = leads = self._create_deals(5, type="lead")
            self._convert(own, self.finn, self.finn)
            for lead in leads - own:
                self._convert(lead, self.ines, self.finn)
            never = self._create_deal()
            early.date_conversion = "2026-01-31 09:00:00"
            unassigned.user_id = False
            closed.action_set_lost(lost_reason_id=self.too_dear.id)
            company = self.env["res.company"].create(
                {"name": "Unasked", "sales_handoff_routing": False})
            self.finn.company_ids += company
            elsewhere.write({"company_id": company.id, "team_id": False})
            self._route()
        self.assertFalse((leads | never).handoff_ids)

    def test_rejected_by_the_receiver(self):  # SA-8: back to a sender who sells, else the leader
        marketer = self._create_user("mia", "base.group_user")
        with self.at(f"{MONDAY} 09:00:00"):
            from_inside, from_marketing = leads = self._create_deals(2, type="lead", user_id=False)
            self._convert(from_inside, self.ines, self.finn)
            self._convert(from_marketing, marketer, self.finn)
            self._route()
        for lead in leads:
            self.env["sales.handoff.reject"].with_user(self.finn).create({
                "handoff_id": lead.handoff_id.id, "reason_id": self.reject_reason.id,
            }).action_reject()
        self.assertEqual((from_inside.user_id, from_marketing.user_id), (self.ines, self.lea))
        self._route()
        self.assertEqual(len(leads.handoff_ids), 2)

    def test_a_broken_one_does_not_stop_the_others(self):  # SA-8
        with self.at(f"{MONDAY} 09:00:00"):
            leads = self._create_deals(3, type="lead")
            for lead in leads:
                self._convert(lead, self.ines, self.finn)
            broken = leads[1]
            original = self.env.registry["sales.handoff"]._tell_receivers

            def explode(handoffs):
                if broken in handoffs.lead_id:
                    raise ValueError("The sky fell")
                return original(handoffs)

            self.patch(self.env.registry["sales.handoff"], "_tell_receivers", explode)
            self._route()
            self._route()
        self.assertEqual([lead.handoff_ids.state for lead in leads],
                         ["requested", "cancelled", "requested"])
        self.assertEqual(broken.handoff_ids.failure, "The sky fell")

    def test_more_than_one_batch(self):  # SA-8
        with self.at(f"{MONDAY} 09:00:00"):
            leads = self._create_deals(120, type="lead", user_id=self.finn.id)
            leads.write({"type": "opportunity", "date_conversion": fields.Datetime.now()})
            self._route()
        self.assertEqual(len(leads.handoff_ids), 120)
