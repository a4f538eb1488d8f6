from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SalesDeskCase


@tagged("post_install", "-at_install")
class TestVoice(SalesDeskCase):
    """Ines hears a customer; Max's people take it up."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({"name": "Acme Foods"})
        cls.defect = cls.env.ref("sales_automation.sales_voice_type_defect")

    def _hear(self, user=None, **kw):
        return self.env["sales.voice"].with_user(user or self.ines).create({
            "text": "The guard comes loose.", "type_id": self.defect.id,
            "partner_id": self.customer.id, **kw})

    def _get_notes(self):
        return self.customer.message_ids.filtered(
            lambda note: note.subtype_id == self.env.ref("sales_automation.mt_sales_voice"))

    def test_noted_once_on_the_customer(self):  # SA-15
        with self.at("2026-03-02 17:00:00"):
            action = self.env["sales.daily.report"].with_user(self.ines).action_open_mine()
            report = self.env["sales.daily.report"].with_user(self.ines).browse(action["res_id"])
            context = report.action_add_voice()["context"]
            voice = self.env["sales.voice"].with_user(self.ines).with_context(**context).create({
                "text": "The guard comes loose.", "type_id": self.defect.id, "is_safety": True,
                "partner_id": self.customer.id})
            report.action_submit()
            report.action_reopen()
            report.action_redraft()
            report.action_submit()
        self.assertEqual(report.voice_ids, voice)
        self.assertEqual(len(self._get_notes()), 1)
        self.assertIn("SAFETY, Defect: The guard comes loose.", self._get_notes().body)
        self.assertTrue(self._get_notes().subtype_id.internal)

    def test_the_deal_brings_its_customer(self):  # SA-15
        deal = self._create_deal(partner_id=self.customer.id)
        context = deal.with_user(self.ines).action_add_voice()["context"]
        voice = self.env["sales.voice"].with_user(self.ines).with_context(**context).create({
            "text": "Too loud", "type_id": self.defect.id})
        self.assertEqual((voice.lead_id, voice.partner_id), (deal, self.customer))
        lines = deal.with_user(self.ines)._deal_panel_voice(fields.Datetime.now())["lines"]
        self.assertEqual([line["text"] for line in lines], ["Defect: Too loud"])
        with self.assertRaises(AccessError):
            self._hear(self.finn, lead_id=deal.id)

    def test_whoever_takes_it_answers_and_the_hearer_is_told(self):  # SA-15
        voice = self._hear()
        with self.assertRaisesRegex(UserError, "Write the answer first"):
            voice.with_user(self.max).action_answer()
        voice.with_user(self.max).action_take()
        with self.assertRaisesRegex(UserError, "Max has already taken"):
            voice.with_user(self.lea).action_take()
        voice.with_user(self.max).answer = "A new guard is on its way."
        with self.assertRaisesRegex(UserError, "Max has taken this"):
            voice.with_user(self.lea).action_answer()
        voice.with_user(self.max).action_answer()
        told = self.env["mail.message"].search([
            ("model", "=", "sales.voice"), ("res_id", "=", voice.id),
            ("message_type", "=", "user_notification")])
        self.assertEqual(told.notified_partner_ids, self.ines.partner_id)
        self.assertIn("A new guard", told.body)
        with self.assertRaises(AccessError):
            voice.write({"state": "new"})
        with self.assertRaisesRegex(AccessError, "changes his words"):
            voice.with_user(self.lea).text = "All is well"

    def test_danger_is_told_at_once(self):  # SA-15
        voice = self._hear()
        domain = [("model", "=", "sales.voice"), ("res_id", "=", voice.id),
                  ("message_type", "=", "user_notification")]
        self.assertFalse(self.env["mail.message"].search(domain))
        voice.is_safety = True
        voice.is_safety = True
        self.assertEqual(
            self.env["mail.message"].search(domain).notified_partner_ids, self.lea.partner_id)

    def test_a_customer_that_is_named_later(self):  # SA-15
        voice = self._hear(partner_id=False)
        self.assertFalse(self._get_notes())
        voice.partner_id = self.customer
        voice.partner_id = self.customer
        self.assertEqual(len(self._get_notes()), 1)

    def test_a_leader_without_all_documents(self):  # ALL-4
        self.team_inside.user_id = self.fay
        self.assertTrue(self._hear().with_user(self.fay).has_access("read"))
        self.assertFalse(self._hear(self.finn).with_user(self.fay).has_access("read"))

    def test_product_people_read_every_voice_and_no_deal(self):  # SA-15, ALL-4
        pia = self._create_user("pia", "sales_automation.group_sales_automation_voice")
        deal = self._create_deal(partner_id=self.customer.id)
        voice = self._hear(lead_id=deal.id).with_user(pia)
        self.assertFalse(voice.has_access("read") and deal.with_user(pia).has_access("read"))
        self.assertTrue(voice.text)
        voice.action_take()
        voice.answer = "It comes in spring"
        voice.action_answer()
        self.assertEqual((voice.state, voice.taken_by_id), ("answered", pia))
        with self.assertRaises(AccessError):
            voice.text = "All is well"

    def test_rights(self):  # ALL-4
        voice = self._hear()
        for user, allowed in ((self.ines, True), (self.lea, True), (self.max, True),
                              (self.fay, False)):
            self.assertEqual(voice.with_user(user).has_access("read"), allowed, user.name)
        company = self.env["res.company"].create({"name": "Elsewhere"})
        boss = self._create_user(
            "bo", "sales_team.group_sale_manager", company_id=company.id,
            company_ids=[fields.Command.set(company.ids)])
        self.assertFalse(voice.with_user(boss).has_access("read"))

    def test_nobody_puts_words_into_a_colleagues_mouth(self):  # ALL-4, SA-15
        deal = self._create_deal(user_id=self.finn.id, partner_id=self.customer.id)
        voice = self._hear(lead_id=self._create_deal(partner_id=self.customer.id).id)
        voice.lead_id = deal  # so that Finn may write it
        theirs = voice.with_user(self.finn)
        report = self.env["sales.daily.report"].with_user(self.finn).action_open_mine()["res_id"]
        for vals in ({"user_id": self.finn.id}, {"report_id": report}, {"text": "forged"},
                     {"user_id": self.finn.id, "text": "forged"}):
            with self.assertRaises(AccessError):
                theirs.write(vals)
        self.assertEqual(
            (voice.user_id, voice.text), (self.ines, "The guard comes loose."))
        with self.assertRaises(AccessError):
            self._hear(self.finn, user_id=self.ines.id)
        self.assertTrue(self._hear(self.finn, user_id=self.finn.id))

    def test_a_merged_deal_hands_its_voices_over(self):  # SA-15
        head, tail = self._create_deals(2, partner_id=self.customer.id)
        head.probability = 80
        voice = self._hear(lead_id=tail.id)
        survivor = (head | tail).merge_opportunity()
        self.assertEqual(voice.sudo().lead_id, survivor)
