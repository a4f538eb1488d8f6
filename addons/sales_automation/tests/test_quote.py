from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import MONDAY, SalesDeskCase


class QuoteCase(SalesDeskCase):
    """A customer, a product, and the quotations that Ines sends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls.env["res.partner"].create({
            "name": "Cora", "email": "cora@customer.example"})
        cls.product = cls.env["product.product"].create({
            "name": "Grinder", "type": "consu", "list_price": 900})
        cls.env.company.write({
            "sales_quote_draft_days": 2, "sales_quote_answer_days": 5,
            "sales_quote_expiry_days": 3, "sales_quote_extend_days": 14})

    def _create_quote(self, deal=None, **kw):
        return self.env["sale.order"].create({
            "partner_id": self.customer.id, "opportunity_id": deal and deal.id,
            "user_id": self.ines.id, "validity_date": "2026-04-30",
            "order_line": [fields.Command.create({
                "product_id": self.product.id, "product_uom_qty": 2})], **kw})

    def _send(self, quote, moment):
        with self.at(moment):
            quote.with_user(quote.user_id).with_context(mark_so_as_sent=True).message_post(
                body="Here it is", message_type="comment", subtype_xmlid="mail.mt_comment")

    def _look(self, quote, moment):
        """What core does when the customer opens the portal page."""
        with self.at(moment):
            quote.message_post(
                body="Viewed", message_type="notification", subtype_xmlid="sale.mt_order_viewed")

    def assertFollowup(self, moment, quote, followup, text=None):
        with self.at(moment):
            quote.invalidate_recordset()
            self.assertEqual(quote.sales_followup, followup, quote.sales_followup_text)
            found = self.env["sale.order"].search(
                [("id", "=", quote.id), ("sales_followup", "=", followup)])
            self.assertEqual(found, quote, "the filter finds what the form shows")
            if text:
                self.assertEqual(quote.sales_followup_text, text)


@tagged("post_install", "-at_install")
class TestQuote(QuoteCase):
    """A quotation is written, sent, seen, answered or forgotten; the next step is always named."""

    def test_the_life_of_a_quotation(self):  # SA-19
        quote = self._create_quote()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = %s WHERE id = %s",
            (f"{MONDAY} 09:00:00", quote.id))
        self.assertFollowup(f"{MONDAY} 12:00:00", quote, "draft")
        self.assertFollowup("2026-03-04 10:00:00", quote, "unsent")
        self._send(quote, "2026-03-04 11:00:00")
        self.assertEqual(str(quote.sales_sent_at), "2026-03-04 11:00:00")
        self.assertFollowup(
            "2026-03-04 12:00:00", quote, "sent", "Sent today, valid until Apr 30")
        self._look(quote, "2026-03-05 08:00:00")
        self.assertFollowup(
            "2026-03-06 12:00:00", quote, "seen",
            "Sent 2 days ago, seen yesterday, valid until Apr 30")
        self.assertFollowup("2026-03-09 10:59:00", quote, "seen")
        self.assertFollowup("2026-03-09 11:00:00", quote, "unanswered")
        self.assertFollowup("2026-04-27 08:00:00", quote, "expiring")
        self.assertFollowup("2026-05-01 08:00:00", quote, "expired")
        with self.at("2026-05-01 08:00:00"):
            quote.action_sales_extend()
        self.assertEqual(str(quote.validity_date), "2026-05-15")

    def test_an_answer_on_the_deal_counts(self):  # SA-19
        deal = self._create_deal()
        quote = self._create_quote(deal)
        self._send(quote, f"{MONDAY} 09:00:00")
        with self.at("2026-03-03 09:00:00"):
            deal.message_post(
                body="Could you do 5 % less?", message_type="email",
                author_id=self.customer.id, subtype_xmlid="mail.mt_comment")
        self.assertFollowup("2026-03-10 09:00:00", quote, "answered")
        with self.at("2026-03-10 10:00:00"):
            deal.with_user(self.ines).message_post(
                body="3 % we can", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertFollowup("2026-03-11 09:00:00", quote, "sent")
        self.assertFollowup("2026-03-15 10:00:00", quote, "unanswered")

    def test_an_internal_note_is_no_answer(self):  # SA-19
        quote = self._create_quote()
        self._send(quote, f"{MONDAY} 09:00:00")
        with self.at("2026-03-06 09:00:00"):
            quote.message_post(body="He will never buy", subtype_xmlid="mail.mt_note")
        self.assertFollowup("2026-03-07 09:00:00", quote, "unanswered")

    def test_delivery_is_promised_and_late(self):  # SA-19
        quote = self._create_quote(commitment_date="2026-03-10 08:00:00")
        with self.at(f"{MONDAY} 09:00:00"):
            quote.action_confirm()
        self.assertFollowup(
            "2026-03-09 08:00:00", quote, "confirmed",
            "Confirmed, delivery promised for Mar 10")
        self.assertFollowup("2026-03-11 08:00:00", quote, "late")
        quote.order_line.qty_delivered = 2
        self.assertFollowup("2026-03-11 08:00:00", quote, "confirmed")

    def test_reminder_and_rights(self):  # SA-19
        deal = self._create_deal()
        quote = self._create_quote(deal)
        other = self._create_quote(self._create_deal())
        self._send(quote, f"{MONDAY} 09:00:00")
        action = deal.with_user(self.ines).action_quote_remind(quote.id)
        composer = self.env["mail.compose.message"].with_user(self.ines).with_context(
            **action["context"]).create({})
        self.assertIn(quote.name, composer.subject)
        self.assertIn("Cora", composer.body)
        with self.assertRaises(AccessError):
            deal.with_user(self.finn).action_quote_remind(quote.id)
        with self.assertRaises(AccessError):
            quote.with_user(self.finn).action_sales_extend()
        with self.assertRaisesRegex(UserError, "no such quotation"):
            deal.with_user(self.ines).action_quote_remind(other.id)
        quote.action_confirm()
        with self.assertRaisesRegex(UserError, "Only an open quotation"):
            quote.action_sales_remind()

    def test_a_customers_word_is_due_the_day_it_came(self):  # SA-18, SA-19
        quote = self._create_quote()
        self._send(quote, "2026-03-02 12:00:00")
        with self.at("2026-03-04 12:00:00"):
            quote.message_post(
                body="Why so dear?", message_type="email", author_id=self.customer.id,
                subtype_xmlid="mail.mt_comment")
        with self.at("2026-03-05 12:00:00"):
            self.env.invalidate_all()
            [line] = self.env["sales.day"].with_user(self.ines)._day_lines_quotes(
                self.ines, fields.Datetime.now())
        self.assertIn("Customer Wrote", line["reason"])
        self.assertEqual(str(line["due"]), "2026-03-04")

    def test_my_day_and_the_panel(self):  # SA-18, SA-19
        deal = self._create_deal()
        late, fresh = self._create_quote(deal), self._create_quote(deal)
        his = self._create_quote(user_id=self.finn.id)
        for quote in (late, his):
            self._send(quote, f"{MONDAY} 09:00:00")
        self._send(fresh, "2026-03-09 09:00:00")
        with self.at("2026-03-09 10:00:00"):
            now = fields.Datetime.now()
            lines = self.env["sales.day"].with_user(self.ines)._day_lines_quotes(self.ines, now)
            section = deal.with_user(self.ines)._deal_panel_quotes(now)
            hidden = self._create_deal().with_user(self.ines)._deal_panel_quotes(now)
        self.assertEqual([line["res_id"] for line in lines], late.ids)
        self.assertEqual(lines[0]["lead_id"], deal.id)
        self.assertIn("Unanswered. Sent 7 days ago", lines[0]["reason"])
        self.assertIn("Unanswered", section["lines"][0]["text"], "the most pressing first")
        self.assertEqual(section["buttons"][0]["args"], late.ids)
        self.assertFalse(hidden)

    def test_older_quotations_know_when_they_were_sent(self):  # SA-19
        deal = self._create_deal()
        quote = self._create_quote(deal)
        self._send(quote, f"{MONDAY} 09:00:00")
        quote.sales_sent_at = False
        self.env.flush_all()
        self.env["crm.lead"]._backfill_quotes(deal.ids)
        self.assertEqual(str(quote.sales_sent_at), f"{MONDAY} 09:00:00")

    def test_the_list_asks_once(self):  # SA-19, P-8
        def count(amount):
            quotes = self.env["sale.order"].browse(
                [self._create_quote().id for _each in range(amount)])
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            quotes.mapped("sales_followup_text")
            return self.env.cr.sql_log_count - before
        count(1)
        self.assertEqual(count(3), count(20))


@tagged("post_install", "-at_install")
class TestQuoteSeen(QuoteCase, HttpCase):
    """The customer opens the link in his mail: that is what "seen" rests on."""

    def test_the_portal_page_marks_it_seen(self):  # SA-19
        quote = self._create_quote(validity_date=False)
        quote.with_user(self.ines).with_context(mark_so_as_sent=True).message_post(
            body="Here it is", message_type="comment", subtype_xmlid="mail.mt_comment")
        self.assertEqual(quote.sales_followup, "sent")
        link = quote.get_portal_url()
        self.env.flush_all()
        self.assertEqual(self.url_open(link).status_code, 200)
        self.env.invalidate_all()
        self.assertEqual(quote.sales_followup, "seen")
        self.assertTrue(quote.sales_seen_at)
