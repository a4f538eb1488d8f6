from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import MONDAY, SalesDeskCase
from .common_handover import HandoverCase


class BriefCase(SalesDeskCase):
    """A deal of Ines with a customer, a past and a future."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cora = cls.env["res.partner"].create({
            "name": "Cora", "email": "cora@plant.example", "phone": "+1 555 0100"})

    def _give(self, deal, owner, by=None):
        deal.with_user(by or self.max).write({"user_id": owner.id})
        return deal.brief_ids.filtered(lambda row: row.state == "waiting")

    def _live(self, deal):
        """Give the deal a past: a role, mails, a call, a note, a quotation, a next step."""
        self.env["sales.deal.contact"].create({
            "lead_id": deal.id, "partner_id": self.cora.id, "stance": "for",
            "role_id": self.env.ref("sales_automation.contact_role_decision_maker").id,
            "note": "Reach her before eight"})
        with self.at(f"{MONDAY} 09:00:00"):
            deal.with_user(self.ines).message_post(
                body="Our machine fits your hall", message_type="comment",
                subtype_xmlid="mail.mt_comment", partner_ids=self.cora.ids)
        with self.at("2026-03-03 09:00:00"):
            deal.message_post(
                body="Can you deliver in May?", message_type="email", author_id=self.cora.id,
                subtype_xmlid="mail.mt_comment")
            deal.with_user(self.ines).message_post(
                body="Competitor is cheaper but late", subtype_xmlid="mail.mt_note",
                message_type="comment")
        with self.at("2026-03-04 09:00:00"):
            self.env["sale.order"].create({
                "partner_id": self.cora.id, "opportunity_id": deal.id, "name": "Q-77",
                "user_id": self.ines.id, "state": "sent", "validity_date": "2026-03-31"})
            deal.activity_schedule(
                "mail.mail_activity_data_todo", user_id=self.ines.id,
                summary="Send the drawing", date_deadline="2026-03-09")


@tagged("post_install", "-at_install")
class TestBrief(BriefCase):
    """Whoever gets a deal reads how it stands, and says so."""

    def test_given_when_a_deal_changes_hands(self):  # SA-9
        deal = self._create_deal()
        with self.at(f"{MONDAY} 15:00:00"):
            brief = self._give(deal, self.finn)
        self.assertEqual(
            (brief.user_id, brief.from_user_id, brief.given_by_id, brief.reason),
            (self.finn, self.ines, self.max, "reassigned"))
        self.assertEqual(str(brief.deadline_at), "2026-03-03 15:00:00", "8 working hours later")

    def test_no_brief_without_need(self):  # SA-9
        deals = self._create_deals(5)
        mine, fresh, lost, quiet, lead = deals
        mine.with_user(self.max).user_id = self.max  # took it himself
        fresh.write({"user_id": False})
        fresh.with_user(self.max).user_id = self.finn  # nobody held it
        lost.action_set_lost()
        lost.with_user(self.max).user_id = self.finn
        lead.type = "lead"
        lead.with_user(self.max).user_id = self.finn
        self.env.company.sales_brief_reassigned = False
        quiet.with_user(self.max).user_id = self.finn
        self.assertFalse(deals.brief_ids)

    def test_accepted_hand_off_brings_one(self):  # SA-8, SA-9
        deal = self._create_deal()
        self.env.company.sales_brief_reassigned = False
        self._hand_off(deal, self.finn).with_user(self.finn).action_accept()
        self.assertEqual(
            [(row.user_id, row.from_user_id, row.reason) for row in deal.brief_ids],
            [(self.finn, self.ines, "handoff")])

    def test_acknowledged_by_the_owner_only(self):  # SA-9
        deal = self._create_deal()
        brief = self._give(deal, self.finn)
        with self.assertRaises(AccessError):
            brief.with_user(self.max).action_acknowledge()
        with self.assertRaises(AccessError):
            brief.with_user(self.fay).read(["state"])
        with self.assertRaises(AccessError):
            brief.with_user(self.finn).write({"state": "read"})
        with self.at(f"{MONDAY} 10:00:00"):
            deal.with_user(self.finn).action_acknowledge_brief()
        self.assertEqual((brief.state, str(brief.read_at)), ("read", f"{MONDAY} 10:00:00"))

    def test_goes_on_before_it_is_read(self):  # SA-9
        deal = self._create_deal()
        first = self._give(deal, self.finn)
        second = self._give(deal, self.fay)
        self.assertEqual((first.state, second.state), ("dropped", "waiting"))
        self.assertEqual(second.from_user_id, self.finn)
        deal.action_set_won()
        self.assertEqual(second.state, "dropped")

    def test_leader_is_told_once(self):  # SA-9
        deal = self._create_deal()
        with self.at(f"{MONDAY} 09:00:00"):
            brief = self._give(deal, self.finn)
            deal.team_id = self.team_field
        with self.at("2026-03-03 08:59:00"):
            self._run_cron("ir_cron_escalate_briefs")
            self.assertFalse(brief.escalated_at)
        with self.at("2026-03-03 10:00:00"):
            self._run_cron("ir_cron_escalate_briefs")
            self._run_cron("ir_cron_escalate_briefs")
            told = deal.activity_ids.filtered(lambda row: row.user_id == self.lea)
            self.assertEqual(told.mapped("summary"), ["Finn has not read the brief of this deal"])
            self.assertEqual(brief.escalated_to_id, self.lea)
            brief.with_user(self.finn).action_acknowledge()
        self.assertFalse(deal.activity_ids, "read: nothing left to tell")

    def test_my_day_and_the_panel(self):  # SA-9, SA-18
        deal = self._create_deal()
        with self.at(f"{MONDAY} 09:00:00"):
            brief = self._give(deal, self.finn)
            self.env.invalidate_all()
            now = fields.Datetime.now()
            [line] = self.env["sales.day"].with_user(self.finn)._day_lines_briefs(self.finn, now)
            section = deal.with_user(self.finn)._deal_panel_brief(now)
            self.assertEqual((line["res_id"], line["lead_id"]), (brief.id, deal.id))
            self.assertIn("from Ines", line["reason"])
            self.assertEqual(section["buttons"][0]["method"], "action_open_brief")
            self.assertFalse(deal.with_user(self.max)._deal_panel_brief(now), "not his to read")
            action = deal.with_user(self.finn).action_open_brief()
            self.assertEqual((action["res_model"], action["res_id"]), ("sales.brief", brief.id))
            brief.with_user(self.finn).action_acknowledge()
            self.assertFalse(
                self.env["sales.day"].with_user(self.finn)._day_lines_briefs(self.finn, now))
            action = deal.with_user(self.finn).action_open_brief()
            self.assertEqual(action["type"], "ir.actions.report", "any time, not only when new")

    def test_what_the_brief_says(self):  # SA-9
        deal = self._create_deal(partner_id=self.cora.id)
        self._live(deal)
        with self.at("2026-03-10 09:00:00"):
            self._give(deal, self.finn)
            self.env.invalidate_all()
            brief = deal.with_user(self.finn)._get_brief(fields.Datetime.now())
        told = {section["title"]: [
            (line["text"], line.get("detail")) for line in section["lines"]]
            for section in brief["sections"]}
        self.assertEqual((brief["title"], brief["customer"]), ("Grinder for two plants", "Cora"))
        person, detail = told["People"][0]
        self.assertEqual(person, "Cora · Decision maker · For Us")
        for part in ("+1 555 0100", "wrote to us 7 days ago", "Reach her before eight"):
            self.assertIn(part, detail)
        self.assertEqual(told["Last contacts"], [
            ("Mar 3 · Cora", "Can you deliver in May?"),
            ("Mar 2 · Ines", "Our machine fits your hall")])
        self.assertEqual(
            told["Promised and planned"],
            [("Mar 9 · Send the drawing", "Ines · overdue")])
        [(quote, _state)] = told["Quotations and deliveries"]
        self.assertIn("Q-77", quote)
        self.assertEqual(
            told["Last notes"], [("Mar 3 · Ines", "Competitor is cheaper but late")])
        self.assertEqual([text for text, _when in told["Way through the stages"]], ["Fresh"])

    def test_stages_of_one_moment_keep_their_order(self):  # SA-9
        with self.at(f"{MONDAY} 09:00:00"):
            deal = self._create_deal()
            deal.stage_id = self.stage_offer
            told = deal._brief_stages()
        self.assertEqual([line["text"] for line in told], ["Fresh", "Offer"])

    def test_owner_changes_are_told(self):  # SA-9
        with self.at(f"{MONDAY} 09:00:00"):
            deal = self._create_deal()
        with self.at("2026-03-05 09:00:00"):
            self._give(deal, self.finn)
        with self.at("2026-03-06 09:00:00"):
            told = deal.with_user(self.finn)._brief_owners()
        self.assertEqual([line["text"] for line in told][-1:], ["Mar 5 · Ines → Finn"])

    def test_no_content_without_the_deal(self):  # SA-9
        deal = self._create_deal(partner_id=self.cora.id)
        self._live(deal)
        brief = self._give(deal, self.finn)
        self.assertIn("Q-77", brief.with_user(self.finn).body)
        self.env.invalidate_all()
        self.assertFalse(  # held it once, reads it no more: not even the names
            self.env["sales.brief"].with_user(self.ines).search([("id", "=", brief.id)]))
        self.assertTrue(brief.with_user(self.finn).has_access("read"))
        with self.assertRaises(AccessError):
            deal.with_user(self.fay)._get_brief(fields.Datetime.now())
        with self.assertRaises(AccessError):
            deal.with_user(self.fay).action_print_brief()

    def test_in_the_readers_language(self):  # SA-9
        self.env["res.lang"]._activate_lang("fr_FR")
        self.finn.lang = "fr_FR"
        deal = self._create_deal(partner_id=self.cora.id)
        self._live(deal)
        brief = self._give(deal, self.finn)
        body = brief.with_user(self.finn).with_context(lang="fr_FR").body
        self.assertIn("31 mars", body, "dates as the reader writes them")

    def test_companies_are_apart(self):  # SA-9
        other = self.env["res.company"].create({"name": "Other"})
        self.lea.write({"company_ids": [fields.Command.link(other.id)]})
        deal = self._create_deal(company_id=self.env.company.id)
        brief = self._give(deal, self.finn)
        briefs = self.env["sales.brief"].with_user(self.lea)
        self.assertIn(brief, briefs.search([]))
        self.assertNotIn(
            brief, briefs.with_context(allowed_company_ids=other.ids).search([]))

    def test_merge_drops_the_question(self):  # SA-9
        deal, double = self._create_deals(2)
        brief = self._give(double, self.finn)
        kept = (deal | double).merge_opportunity()
        self.assertEqual((brief.lead_id, brief.state), (kept, "dropped"))

    def test_many_deals_at_once(self):  # SA-9, P-8
        def count(amount):
            deals = self._create_deals(amount)
            self._flush_tracking()
            before = self.env.cr.sql_log_count
            self.env["sales.brief"]._give(
                deals, dict.fromkeys(deals.ids, self.ines.id), "handover",
                fields.Datetime.now() + timedelta(days=1))
            self.env.flush_all()
            return self.env.cr.sql_log_count - before
        count(2)
        self.assertLessEqual(count(100), count(10) + 2)


@tagged("post_install", "-at_install")
class TestBriefReport(BriefCase, HttpCase):
    """The printed brief: one page per deal, and a cover page in front of several."""

    def test_pages(self):  # SA-9
        one, two = self._create_deals(2, partner_id=self.cora.id)
        self._live(one)
        report = self.env["ir.actions.report"].with_user(self.max)
        html = str(report._render_qweb_html("sales_automation.report_brief", one.ids)[0])
        self.assertIn("Send the drawing", html)
        self.assertNotIn("Continuity brief:", html)
        html = str(report._render_qweb_html("sales_automation.report_brief", (one | two).ids)[0])
        self.assertIn("Continuity brief:", html)
        self.assertEqual(html.count("o_sales_brief"), 2)
        action = (one | two).with_user(self.max).action_print_brief()
        self.assertEqual(action["report_type"], "qweb-pdf")


@tagged("post_install", "-at_install")
class TestBriefHandover(HandoverCase):
    """A leaver's deals come with their briefs; deals that come back do not."""

    def test_one_brief_per_deal(self):  # SA-9
        self._fill_desk()
        handover = self._prepare(distribution="one", to_user_id=self.finn.id)
        since = self._get_last_message()
        handover.action_run()
        self._run_handovers()
        self.assertEqual(handover.state, "done")
        briefs = self.deals.brief_ids
        self.assertEqual(len(briefs), 37)
        self.assertEqual(
            (set(briefs.mapped("reason")), briefs.user_id, briefs.from_user_id),
            ({"handover"}, self.finn, self.lena))
        self.assertFalse((self.won | self.lost).brief_ids)
        self.assertLessEqual(self._count_notices(self.finn, since), 1)
        action = handover.with_user(self.max).action_print_briefs()
        self.assertEqual(set(action["context"]["active_ids"]), set(self.deals.ids))
        handover.action_undo()
        self._run_handovers()
        self.assertEqual(set(self.deals.brief_ids.mapped("state")), {"dropped"})
