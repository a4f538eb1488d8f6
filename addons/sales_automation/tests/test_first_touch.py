from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SalesDeskCase


@tagged("post_install", "-at_install")
class TestFirstTouch(SalesDeskCase):
    """A customer was seen before he became a lead: the moment is kept on the lead."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailing = cls.env["mailing.mailing"].create({
            "subject": "Guide", "mailing_model_id": cls.env.ref("crm.model_crm_lead").id,
            "body_html": "<p>Guide</p>"})
        cls.customer = cls.env["res.partner"].create({"name": "Ann", "email": "ann@x.example"})

    def _click(self, record, moment):
        self.env["mailing.trace"].create({
            "model": record._name, "res_id": record.id, "mass_mailing_id": self.mailing.id,
            "email": "ann@x.example", "links_click_datetime": moment})

    def _pull(self):
        self._run_cron("ir_cron_pull_first_touch")

    def _touch(self, deal):
        return deal.first_touch_origin, deal.first_touch_at and str(deal.first_touch_at)

    def test_a_click_before_the_lead(self):  # SA-3
        deal, other = self._create_deals(2, partner_id=self.customer.id)
        self._click(deal, "2026-01-05 10:00:00")
        self._click(self.customer, "2026-01-07 10:00:00")
        self._pull()
        self.assertEqual(self._touch(deal), ("click", "2026-01-05 10:00:00"))
        self.assertEqual(self._touch(other), ("click", "2026-01-07 10:00:00"), "of the contact")

    def test_it_only_moves_back(self):  # SA-3
        deal = self._create_deal()
        written = deal.write_date
        self._click(deal, "2026-01-05 10:00:00")
        self._pull()
        self._click(deal, "2026-01-04 10:00:00")
        self._click(deal, "2026-01-09 10:00:00")
        self._pull()
        self.assertEqual(self._touch(deal), ("click", "2026-01-04 10:00:00"))
        self.assertEqual(deal.write_date, written, "nobody edited the deal")

    def test_what_comes_after_the_lead_is_no_first_touch(self):  # SA-3
        deal = self._create_deal()
        self._click(deal, fields.Datetime.add(fields.Datetime.now(), hours=1))
        self._pull()
        self.assertEqual(self._touch(deal), (False, False))

    def test_old_leads_by_the_backfill(self):  # SA-3
        deal = self._create_deal()
        self._click(deal, "2026-01-05 10:00:00")
        job = self.env["sales.backfill"].search([("subject", "=", "first_touch")])
        job._set_waiting()
        self.env["sales.backfill"]._start()
        self.assertEqual(self._touch(deal), ("click", "2026-01-05 10:00:00"))

    def test_merge_keeps_the_earliest(self):  # SA-3
        deal, other = self._create_deals(2)
        self._click(other, "2026-01-05 10:00:00")
        self._pull()
        kept = (deal | other).with_user(self.lea).merge_opportunity()
        self.assertEqual(self._touch(kept), ("click", "2026-01-05 10:00:00"))

    def test_nobody_writes_it_by_hand(self):  # SA-3
        deal = self._create_deal()
        with self.assertRaises(AccessError):
            deal.with_user(self.ines).first_touch_at = "2020-01-01 00:00:00"
