from datetime import timedelta
from unittest.mock import patch

import psycopg2
from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .affinity_common import AffinityCommon
from .common import NOW, TODAY, days_ago


@tagged("post_install", "-at_install")
class TestProposal(AffinityCommon):
    """What is proposed to whom, and what becomes of it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._draw_cast()
        cls.nights._run_steps(cls.company, NOW, "products", "affinity")

    def _again(self, days=0):
        self._night("products", "proposals", now=NOW + timedelta(days=days))

    # ---- made -----------------------------------------------------------------------------------

    def test_with_its_reason_and_value(self):  # CC-16
        self._again()
        proposal = self._proposed()
        self.assertEqual(proposal.product_tmpl_id, self.filter.product_tmpl_id)
        self.assertEqual((proposal.kind, proposal.state), ("cross", "proposed"))
        self.assertEqual((proposal.price, proposal.expected_value), (30, 20))
        self.assertEqual(proposal.because_on, days_ago(20))
        self.assertEqual(proposal.expires_on, days_ago(20) + timedelta(days=180))
        for words in ("8 of 13 who bought Machine also bought Filter", "Jun 10",
                      "never Filter", "8 of 12 other customers of"):
            self.assertIn(words, proposal.reason)

    def test_only_to_who_bought_it_lately_and_does_not_have_it(self):  # CC-16
        """Followers have one; the others bought their machine 300 days ago: nobody was measured."""
        self._again()
        mine = self.proposals.search([("company_id", "=", self.company.id)])
        self.assertEqual(mine.partner_id, self.target)

    def test_a_second_night_proposes_nothing_anew(self):  # CC-16, RELIABILITY 1
        self._again()
        proposal = self._proposed()
        self._again()
        self._again(days=1)
        self.assertEqual(self._proposed(), proposal)

    def test_never_what_is_not_for_sale(self):  # CC-16
        template = self.filter.product_tmpl_id
        for name, value in (("sale_ok", False), ("care_not_proposed", True), ("active", False)):
            before = template[name]
            template[name] = value
            self._again()
            self.assertFalse(self._proposed(), name)
            template[name] = before
        self._again()
        self.assertTrue(self._proposed())

    def test_never_what_is_quoted_or_on_order(self):  # CC-16
        contact = self._create_customer("Buyer of the target", parent_id=self.target.id)
        order = self._create_sale_order_one_line(
            product_id=self.filter.id, partner_id=contact.id, date_order=NOW)
        self._again()
        self.assertFalse(self._proposed())
        order._action_cancel()
        self._again()
        self.assertTrue(self._proposed())

    def test_not_to_who_is_leaving(self):  # CC-16
        self._again()
        proposal = self._proposed()
        self._care(self.target).status = "churned"
        self._again(days=1)
        self.assertEqual((proposal.state, proposal.close_reason), ("expired", "left"))
        self.assertFalse(self._proposed())

    def test_not_to_who_complained(self):  # CC-16
        rating = self.env["rating.rating"].create({
            "res_model_id": self.env["ir.model"]._get_id("res.partner"), "res_id": self.target.id,
            "partner_id": self.target.id, "rating": 1, "consumed": True})
        self._again()
        self.assertFalse(self._proposed())
        rating.rating = 5
        self._again()
        self.assertTrue(self._proposed())

    def test_at_most_so_many_and_the_best_first(self):  # CC-16
        """By the lists of the machine: the filter (20) is known, two others are not."""
        others = self.env["product.product"].create(
            [{"name": f"Part {n}", "list_price": 1000} for n in range(4)])
        self.machine.product_tmpl_id.optional_product_ids = others.product_tmpl_id
        self.company.care_proposals_each = 2
        self._night("affinity")
        self._again()
        found = self._proposed()
        self.assertEqual(len(found), 2)
        self.assertEqual(found[0].product_tmpl_id, self.filter.product_tmpl_id)
        self.assertEqual((found[1].origin, found[1].expected_value), ("chosen", 0))
        self.assertIn("is set as going with Machine", found[1].reason)
        self._again(days=1)
        self.assertEqual(self._proposed(), found)

    def test_switched_off_nothing_new_comes(self):  # CC-16
        self.company.care_proposals = False
        self._again()
        self.assertFalse(self._proposed())

    def test_what_nobody_followed_is_not_proposed(self):  # CC-16
        """Of twelve tea drinkers none bought the optional machine later: the list is wrong."""
        self.tea.product_tmpl_id.optional_product_ids = self.machine.product_tmpl_id
        self._basket(self.drinkers[0], 5, self.tea)
        self._night("affinity")
        self._again()
        self.assertFalse(self._proposed(self.drinkers[0]))

    # ---- taken up -------------------------------------------------------------------------------

    def test_one_click_makes_an_opportunity(self):  # CC-16
        self._again()
        proposal = self._proposed()
        action = proposal.action_accept()
        self.assertEqual(proposal.state, "accepted")
        document = self.env[proposal.document_model].browse(proposal.document_id)
        self.assertEqual((action["res_model"], action["res_id"]), (document._name, document.id))
        self.assertEqual(document._name, "crm.lead" if "crm.lead" in self.env else "sale.order")
        self.assertEqual((document.partner_id, document.company_id), (self.target, self.company))
        self.assertEqual(document.source_id, self.env.ref("customer_care.utm_source_care"))
        self.assertEqual(document.medium_id, self.env.ref("customer_care.utm_medium_proposal"))
        if document._name == "crm.lead":
            self.assertEqual((document.type, document.expected_revenue), ("opportunity", 30))
            self.assertIn("Filter", document.name)
            self.assertIn("8 of 13", document.description)
            self.assertEqual(document.tag_ids, self.env.ref("customer_care.crm_tag_cross"))

    def test_without_opportunities_a_quotation(self):  # CC-16
        self._again()
        loop = self.env["care.loop"]
        order = loop._open_quotation(self._proposed())
        self.assertEqual((order.state, order.partner_id), ("draft", self.target))
        self.assertEqual(order.order_line.product_id, self.filter)
        self.assertEqual(order.medium_id, self.env.ref("customer_care.utm_medium_proposal"))

    def test_a_second_click_makes_no_second_one(self):  # CC-16
        self._again()
        proposal = self._proposed()
        proposal.action_accept()
        document = proposal.document_id
        proposal.action_accept()
        self.assertEqual(proposal.document_id, document)
        made = self.env[proposal.document_model].search_count(
            [("partner_id", "=", self.target.id)])
        self.assertEqual(made, 1)

    def test_an_open_quotation_of_it_serves(self):  # CC-16
        self._again()
        order = self._create_sale_order_one_line(
            product_id=self.filter.id, partner_id=self.target.id)
        proposal = self._proposed()
        proposal.action_accept()
        self.assertEqual(
            (proposal.document_model, proposal.document_id), ("sale.order", order.id))

    def test_what_is_ordered_since_is_in_sales(self):  # CC-16
        """Not on the board of what could be sold, and no merit of whoever proposed it."""
        self._again()
        proposal = self._proposed()
        order = self._create_sale_order_one_line(
            product_id=self.filter.id, partner_id=self.target.id, date_order=NOW)
        self._again(days=1)
        self.assertEqual((proposal.state, proposal.document_id), ("accepted", order.id))
        self.assertFalse(proposal.taken_up)
        order._action_cancel()
        self._again(days=2)
        self.assertEqual((proposal.state, proposal.close_reason), ("dismissed", "lost"))

    def test_two_open_ones_are_refused_by_the_database(self):  # CC-16
        self._again()
        values = self._proposed().copy_data()[0]
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), \
                self.env.cr.savepoint():
            self.proposals.create(values)
        self._proposed().action_accept()
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), \
                self.env.cr.savepoint():
            self.proposals.create(values | {"state": "proposed"})

    # ---- ended ----------------------------------------------------------------------------------

    def test_bought_is_won_with_its_value(self):  # CC-16
        self._again()
        proposal = self._proposed()
        proposal.action_accept()
        self._basket(self.target, -5, self.filter, price=44)
        self._again(days=6)
        self.assertEqual((proposal.state, proposal.won_value), ("won", 44))
        self.assertEqual(proposal.closed_on, days_ago(-5))
        self.assertTrue(proposal.taken_up)

    def test_how_far_proposals_came(self):  # CC-16
        """Of those taken up and ended, not of all: what is open is in no share."""
        self._again()
        proposal = self._proposed()

        def told():
            self.env.flush_all()
            row = self.env["care.proposal.report"].sudo().search([("id", "=", proposal.id)])
            row.invalidate_recordset()
            shares = self.env["care.proposal.report"].sudo()._read_group(
                [("id", "=", proposal.id)], [], ["taken_share:avg", "bought_share:avg"])[0]
            return (row.taken, row.bought, row.unaided, row.waiting, row.won_value,
                    *("n/a" if share is False else share for share in shares))

        self.assertEqual(told(), (0, 0, 0, 1, 0, "n/a", "n/a"))
        proposal.action_accept()
        self.assertEqual(told(), (1, 0, 0, 1, 0, 100, "n/a"))
        self._basket(self.target, -5, self.filter, price=44)
        self._again(days=6)
        self.assertEqual(told(), (1, 1, 0, 0, 44, 100, 100))
        proposal.sudo().accepted_on = False
        self.assertEqual(told(), (0, 0, 1, 0, 0, 0, "n/a"), "bought by himself")

    def test_a_purchase_is_seen_by_day(self):  # CC-16
        self._again()
        proposal = self._proposed()
        self._basket(self.target, -1, self.filter)
        self._run("_cron_refresh_customers")
        self.assertEqual(proposal.state, "won")
        self.assertFalse(proposal.taken_up)

    def test_bought_before_is_no_success(self):  # CC-16
        self._again()
        proposal = self._proposed()
        self._basket(self.target, 3, self.filter)
        self._again(days=1)
        self.assertEqual((proposal.state, proposal.close_reason), ("expired", "owned"))
        self.assertFalse(proposal.won_value)

    def test_after_its_days_it_expires_and_stays_quiet(self):  # CC-16
        self._again()
        proposal = self._proposed()
        self._again(days=159)
        self.assertEqual(proposal.state, "proposed")
        self._again(days=160)
        self.assertEqual((proposal.state, proposal.close_reason), ("expired", "time"))

    def test_dismissed_with_a_reason_and_not_again_for_its_days(self):  # CC-16
        self._again()
        proposal = self._proposed()
        wizard = self.env["care.proposal.dismiss"].create({
            "proposal_ids": proposal.ids, "reason": "price", "note": "Too dear by half"})
        wizard.action_dismiss()
        self.assertEqual((proposal.state, proposal.close_reason, proposal.close_note),
                         ("dismissed", "price", "Too dear by half"))
        self.company.care_proposals_quiet_days = 30
        proposal.closed_on = TODAY
        self._again(days=29)
        self.assertFalse(self._proposed())
        self._again(days=30)
        self.assertTrue(self._proposed())
        with self.assertRaises(UserError):  # the old one would be a second one
            proposal.action_restore()

    def test_dismissed_by_mistake_is_proposed_again(self):  # CC-16
        self._again()
        proposal = self._proposed()
        proposal._set_dismissed("other", "oops")
        proposal.action_restore()
        self.assertEqual((proposal.state, proposal.close_reason), ("proposed", False))

    def test_it_ends_with_its_document(self):  # CC-16
        self._again()
        proposal = self._proposed()
        proposal.action_accept()
        document = self.env[proposal.document_model].browse(proposal.document_id)
        if document._name == "crm.lead":
            document.action_set_lost()
        else:
            document._action_cancel()
        self._again(days=1)
        self.assertEqual((proposal.state, proposal.close_reason), ("dismissed", "lost"))
        again = proposal.copy({"state": "proposed", "closed_on": False})
        again.action_accept()
        self.env[again.document_model].browse(again.document_id).sudo().unlink()
        self._again(days=1)
        self.assertEqual((again.state, again.close_reason), ("dismissed", "gone"))

    def test_merged_contacts_keep_one(self):  # CC-16
        self._again()
        twin = self._create_customer("Twin")
        copied = self._proposed().copy({"partner_id": twin.id})
        self._proposed().action_accept()
        self.env["base.partner.merge.automatic.wizard"].create({})._merge(
            (self.target | twin).ids, twin)
        self.assertEqual(copied.state, "expired")
        self.assertEqual(self._proposed(twin).state, "accepted")

    # ---- who sees and does what -----------------------------------------------------------------

    def _user(self, login, groups):
        return new_test_user(
            self.env(su=True), login, groups=groups, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)])

    def test_salespeople_see_their_customers(self):  # CC-16, ALL-4
        mine, other = (self._user(login, "sales_team.group_sale_salesman")
                       for login in ("seller_one", "seller_two"))
        care = self._user("care_one", "customer_care.group_customer_care_user")
        self._again()
        proposal = self._proposed()
        self.target.user_id = mine
        self._again(days=1)
        self.assertEqual(proposal.user_id, mine, "it follows the customer")
        for user, seen in ((mine, True), (other, False), (care, True)):
            found = self.env["care.proposal"].with_user(user).sudo(False).search(
                [("id", "=", proposal.id)])
            self.assertEqual(bool(found), seen, user.login)
        theirs = proposal.with_user(other).sudo(False)
        with self.assertRaises(AccessError):
            theirs.action_accept()
        with self.assertRaises(AccessError):
            proposal.with_user(mine).sudo(False).state = "won"
        proposal.with_user(mine).sudo(False).action_accept()
        self.assertEqual(proposal.state, "accepted")
        document = self.env[proposal.document_model].browse(proposal.document_id)
        self.assertEqual(document.user_id, mine)

    def test_care_may_take_up_without_rights_on_deals(self):  # CC-16, ALL-4
        care = self._user("care_two", "customer_care.group_customer_care_user")
        self._again()
        proposal = self._proposed().with_user(care).sudo(False)
        proposal.action_accept()
        self.assertEqual(proposal.state, "accepted")
        document = self.env[proposal.document_model].sudo().browse(proposal.document_id)
        self.assertFalse(document.user_id, "nobody sells to this customer yet")

    def test_a_colleague_may_not(self):  # ALL-4
        colleague = self._user("colleague_one", "base.group_user")
        self._again()
        proposal = self._proposed().with_user(colleague).sudo(False)
        for action in (proposal.action_accept, proposal.action_dismiss, proposal.action_restore):
            with self.assertRaises(AccessError):
                action()

    def test_another_company_is_invisible(self):  # ALL-4
        other = self.setup_other_company(name="Second House")["company"]
        stranger = new_test_user(
            self.env(su=True), "proposal_stranger", company_id=other.id,
            company_ids=[Command.set(other.ids)],
            groups="customer_care.group_customer_care_manager")
        self._again()
        theirs = self._proposed().with_user(stranger).sudo(False)
        self.assertFalse(theirs.search([]))
        with self.assertRaises(AccessError):
            theirs.action_accept()

    # ---- where it shows -------------------------------------------------------------------------

    def test_the_record_advises_it(self):  # CC-1, CC-16
        self._again()
        care = self._care(self.target)
        self.assertEqual(care.proposal_ids, self._proposed())
        rules = self.env["care.status.rule"]._rules_of(self.company)
        advice = dict(care._advice_candidates(rules))
        self.assertIn("Propose Filter", advice[60])

    def test_a_list_of_records_costs_the_same_for_few_and_many(self):  # P-7
        self._again()
        cares = self.customers.search([("company_id", "=", self.company.id)])
        counts = []
        for some in (self._care(self.target), cares):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("proposal_count")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_the_story_tells_what_people_did(self):  # CC-1, CC-16
        self._again()
        care = self._care(self.target)
        timeline = self.env["care.timeline"]
        self.assertFalse(timeline._timeline_proposals(care, 0, 10))
        self._proposed().action_accept()
        self.assertIn("Filter", timeline._timeline_proposals(care, 0, 10)[0]["title"])

    def test_the_dashboard_keeps_work_and_luck_apart(self):  # CC-22
        """Two were bought, one of them without anybody's work; what was taken up won 1 of 1."""
        self._again()
        proposal = self._proposed()
        twin = proposal.copy({"partner_id": self.others[0].id})
        proposal.action_accept()
        for buyer in (self.target, self.others[0]):
            self._basket(buyer, -1, self.filter, price=50)
        self._again(days=2)
        self.assertEqual((proposal | twin).mapped("state"), ["won", "won"])
        dashboard = self.env["care.dashboard"].with_company(self.company)
        with patch.object(type(self.company), "_care_today", lambda company, now=None: TODAY):
            scope = dashboard._get_scope("year")
            tile = dashboard._dashboard_proposals(scope)
        self.assertEqual(tile["figure"], "0")
        texts = [[cell["text"] for cell in row] for row in tile["table"]["rows"]]
        self.assertEqual([row[1] for row in texts], ["1 of 1", "1 of 1"])
        self.assertIn("50", texts[0][2])
