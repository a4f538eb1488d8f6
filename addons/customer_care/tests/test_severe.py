"""While a severe complaint is open nothing is sold to the customer."""
from datetime import timedelta

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_care.models.care_purchases import Scope
from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from .common import NOW, TODAY
from .common_case import CaseCommon
from .common_reminder import ReminderCommon


class SevereCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.env.ref("customer_care.partner_category_complaint")
        cls.colleague = cls._create_customer(
            "Writer's colleague", parent_id=cls.writer.id, email="colleague@example.com")

    def _complain(self, partner=None, **values):
        return self._open_case(partner, **{"kind": "complaint", "severity": "3", **values})


@tagged("post_install", "-at_install")
class TestSevere(SevereCommon):

    def test_the_tag_comes_and_goes_at_once(self):  # CC-18
        case = self._complain()
        self.assertIn(self.tag, self.writer.category_id)
        self.assertIn(self.tag, self.colleague.category_id, "mails go to people")
        case.action_resolve()
        self.assertFalse((self.writer | self.colleague).category_id & self.tag)
        case.action_reopen()
        self.assertIn(self.tag, self.writer.category_id)
        case.severity = "2"
        self.assertNotIn(self.tag, self.writer.category_id)
        case.severity = "4"
        case.active = False
        self.assertNotIn(self.tag, self.writer.category_id)

    def test_only_severe_complaints_and_defects(self):  # CC-18
        self._open_case(kind="question", severity="4")
        self._open_case(kind="complaint", severity="2")
        self.assertFalse(self.writer.care_open_complaint)
        self._open_case(kind="defect", severity="4")
        self.assertIn(self.tag, self.writer.category_id)

    def test_the_last_one_takes_the_tag_away(self):  # CC-18
        first, second = self._complain(), self._complain(self.colleague)
        first.action_resolve()
        self.assertIn(self.tag, self.writer.category_id, "a colleague's is still open")
        second.action_resolve()
        self.assertNotIn(self.tag, self.writer.category_id)

    def test_a_tag_set_by_hand_stays(self):  # CC-18
        self.writer.category_id = [Command.link(self.tag.id)]
        self._complain().action_resolve()
        self.assertIn(self.tag, self.writer.category_id)

    def test_another_company_keeps_the_tag(self):  # CC-18, ALL-4
        second = self.setup_other_company(name="Second House")["company"]
        team = self.env["care.team"].sudo().create({"name": "There", "company_id": second.id})
        here = self._complain()
        there = self.cases.with_company(second).create({
            "name": "There too", "partner_id": self.writer.id, "team_id": team.id,
            "company_id": second.id, "kind": "complaint", "severity": "4"})
        here.action_resolve()
        self.assertIn(self.tag, self.writer.category_id)
        there.action_resolve()
        self.assertNotIn(self.tag, self.writer.category_id)

    def test_marketing_finds_them_by_a_domain(self):  # CC-18, CC-21
        partners = self.env["res.partner"].with_company(self.company)
        people = self.writer | self.colleague
        domain = [("id", "in", people.ids)]
        self._complain(self.colleague)
        self.assertEqual(
            partners.search([*domain, ("care_open_complaint", "=", True)]), people)
        self.assertFalse(partners.search([*domain, ("care_open_complaint", "=", False)]))
        self.assertFalse(partners.search([*domain, ("care_open_complaint", "!=", True)]))
        self.assertEqual(partners.search([*domain, ("category_id", "=", self.tag.id)]), people)

    def test_the_night_agrees(self):  # CC-18
        """A contact who comes later is tagged by the night, and the night takes nothing away."""
        self._complain()
        late = self._create_customer("Late", parent_id=self.writer.id)
        self.env["care.tag"].sudo()._keep_in_step(self.company, NOW)
        self.assertIn(self.tag, late.category_id)
        self.assertIn(self.tag, self.writer.category_id)

    def test_no_win_back_and_the_advice_says_why(self):  # CC-18, CC-1
        other = self._create_customer("Other")
        for partner in (self.writer, other):
            self._buy(partner, 300)
        self._count(self.writer, other)
        case = self._complain()
        both = self._care(self.writer) | self._care(other)
        answer = both.with_user(self.agent).action_win_back()
        tag = self.env.ref("customer_care.partner_category_win_back")
        self.assertNotIn(tag, self.writer.category_id)
        self.assertIn(tag, other.category_id)
        self.assertIn("Writer", answer["params"]["message"])
        care = self._care(self.writer)
        self.assertEqual(care.severe_case_id, case)
        self.assertEqual(care.advice, f"Settle the complaint first: {case.display_name}.")

    def test_upset_are_not_proposed_to(self):  # CC-18, CC-16
        self._complain()
        found = self.env["care.case"].sudo()._get_severe_partners(
            self.company, [self.writer.id, self.colleague.id])
        self.assertEqual(found, {self.writer.id})
        ratings = self.env["care.ratings"].sudo()
        scope = Scope(ids=(self.writer.id,))
        rows = self.env.execute_query(ratings._query_upset(self.company, scope, TODAY))
        self.assertEqual(rows, [(self.writer.id,)])

    def test_health_loses_points_and_gets_them_back(self):  # CC-13, CC-18
        self._buy(self.writer, 90, 60, 30)
        self._count(self.writer)
        healths = self.env["care.health"].sudo()
        self.assertEqual(
            healths._facts_of(self.company, self.writer)["open_cases"], 0)
        case = self._complain()
        self._complain(self.colleague)
        self.assertEqual(
            healths._facts_of(self.company, self.writer)["open_cases"], 2)
        case.action_resolve()
        self.assertEqual(
            healths._facts_of(self.company, self.writer)["open_cases"], 1)

    def test_the_case_marks_its_customer(self):  # CC-18: his health follows in minutes
        self.env.cr.execute("DELETE FROM care_dirty")
        self._open_case()
        self.assertFalse(self.dirty.search([("partner_ref", "=", self.writer.id)]))
        self._complain()
        self.assertTrue(self.dirty.search([("partner_ref", "=", self.writer.id)]))

    def test_the_story_tells_of_cases(self):  # CC-1
        self._buy(self.writer, 30)
        self._count(self.writer)
        case = self._complain()
        case.action_resolve()
        care = self._care(self.writer).with_user(self.agent)
        timeline = self.env["care.timeline"].with_user(self.agent)
        told = {
            key: timeline._get_page(care, {}, key)["entries"] for key in ("cases", "settled")}
        self.assertIn(case.number, told["cases"][0]["title"])
        self.assertIn(self.agent.name, told["settled"][0]["detail"])
        self.assertEqual((care.case_count, care.open_case_count), (1, 0))

    def test_a_list_of_customers_asks_once(self):  # P-8
        partners = [self._create_customer(f"P{i}") for i in range(6)]
        for partner in partners:
            self._buy(partner, 30)
            self._complain(partner)
        self._count(*partners)
        cares = self.customers.search([("partner_id", "in", [p.id for p in partners])])

        def cost(records):
            self.env.invalidate_all()
            records.mapped("company_id.name")
            before = self.env.cr.sql_log_count
            records.mapped("open_case_count")
            return self.env.cr.sql_log_count - before
        cost(cares)
        self.assertEqual(cost(cares[:2]), cost(cares))


@tagged("post_install", "-at_install")
class TestSevereSelling(SevereCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls._create_user("case_seller", "sales_team.group_sale_salesman")
        cls.stranger = cls._create_user("case_stranger", "sales_team.group_sale_salesman")
        cls.writer.user_id = cls.seller

    def test_the_salesperson_sees_it_on_the_quotation(self):  # CC-18
        order = self.env["sale.order"].create({
            "partner_id": self.colleague.id, "company_id": self.company.id})
        order.user_id = self.seller
        self.assertFalse(order.care_warning)
        first = self._complain()
        order.invalidate_recordset()
        seen = order.sudo(False).with_user(self.seller)
        self.assertIn(first.number, seen.care_warning)
        worst = self._complain(severity="4")
        order.invalidate_recordset()
        self.assertIn(worst.number, seen.care_warning)
        self.assertIn("2 severe", seen.care_warning)

    def test_the_deal_carries_a_warning_until_it_is_settled(self):  # CC-18
        if "crm.lead" not in self.env:
            return
        leads = self.env["crm.lead"].sudo()
        deal = leads.create({
            "name": "More machines", "type": "opportunity", "partner_id": self.colleague.id,
            "company_id": self.company.id, "user_id": self.seller.id})
        other = leads.create({
            "name": "Elsewhere", "type": "opportunity", "company_id": self.company.id,
            "partner_id": self._create_customer("Other").id, "user_id": self.seller.id})
        case = self._complain()
        self.assertEqual(deal.activity_ids.user_id, self.seller)
        self.assertEqual(deal.activity_exception_decoration, "warning")
        self.assertIn(case.number, deal.activity_ids.note)
        self.assertFalse(other.activity_ids)
        worse = self._complain(severity="4")
        self.assertEqual(len(deal.activity_ids), 1, "one warning, however many complaints")
        case.action_resolve()
        self.assertTrue(deal.activity_ids)
        worse.action_resolve()
        self.assertFalse(deal.activity_ids)

    def test_own_customers_cases_only(self):  # ALL-4
        case = self._complain()
        mine = self.env["care.case"].with_user(self.seller)
        theirs = self.env["care.case"].with_user(self.stranger)
        self.assertEqual(mine.search([("id", "=", case.id)]), case)
        self.assertFalse(theirs.search([("id", "=", case.id)]))

    def test_neither_case_nor_word_of_another_company(self):  # ALL-4
        self._complain()
        second = self.setup_other_company(name="Second House")["company"]
        there = new_test_user(
            self.env(su=True), "test_there", groups="customer_care.group_customer_care_manager",
            company_id=second.id, company_ids=[(6, 0, second.ids)])
        self.assertFalse(self.env["care.case"].with_user(there).search([]))
        self.assertFalse(self.writer.with_user(there).care_open_complaint)


@tagged("post_install", "-at_install")
class TestSevereReminders(ReminderCommon, SevereCommon):

    def test_held_back_and_resumed(self):  # CC-14, CC-18
        self._create_rule()
        drinker, other = self._create_drinker(), self._create_drinker("Other")
        case = self._complain(drinker)
        self._night()
        self.assertHeld(drinker, "complaint")
        self.assertEqual(self._of(other).state, "sent")
        with freeze_time(NOW + timedelta(days=1)):
            case.action_resolve()
        self.assertEqual(self._of(drinker).state, "planned")
        self._night(NOW + timedelta(days=1))
        self.assertEqual(self._of(drinker).state, "sent")

    def test_too_late_is_not_resumed(self):  # CC-14
        rule = self._create_rule()
        drinker = self._create_drinker()
        case = self._complain(drinker)
        self._night()
        with freeze_time(NOW + timedelta(days=rule.late_days + 2)):
            case.action_resolve()
        self.assertHeld(drinker, "complaint")

    def test_the_queued_mail_stays(self):  # CC-14, CC-18
        """The customer complains between the night and the moment when his mail leaves."""
        self._create_rule()
        drinker, other = self._create_drinker(), self._create_drinker("Other")
        self._night()
        self.assertEqual(self._of(drinker).state, "sent")
        self._complain(drinker)
        mails = (self._of(drinker) | self._of(other)).mail_id
        with freeze_time(NOW):
            mails._send()
        reminder = self._of(drinker)
        self.assertEqual((reminder.state, reminder.reason), ("suppressed", "complaint"))
        self.assertEqual(reminder.mail_id.state, "cancel")
        self.assertEqual(self._of(other).mail_id.state, "outgoing")

    def test_an_open_proposal_waits(self):  # CC-16, CC-18
        drinker = self._create_drinker()
        proposal = self.env["care.proposal"].sudo().create({
            "company_id": self.company.id, "partner_id": drinker.id,
            "product_tmpl_id": self.beans.product_tmpl_id.id, "kind": "cross",
            "proposed_on": TODAY, "expires_on": TODAY + timedelta(days=30), "state": "proposed",
            "origin": "chosen"})
        case = self._complain(drinker)
        with self.assertRaises(UserError):
            proposal.action_accept()
        case.action_resolve()
        proposal.action_accept()
        self.assertEqual(proposal.state, "accepted")
