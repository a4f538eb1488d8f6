"""The queue, the crons and the full count: whoever counts, the result is the same."""
from unittest.mock import patch

import psycopg2
import psycopg2.errors
from odoo import fields
from odoo.addons.customer_care.models import care_build
from odoo.addons.customer_care.models.care_figures import Scope
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.profiler import Profiler

from .common import NOW, CareCommon, days_ago


@tagged("post_install", "-at_install")
class TestMarks(CareCommon):

    def _marks(self):
        return {(mark.partner_ref, mark.company_ref) for mark in self.dirty.search([])}

    def test_every_way_in_and_out_marks_the_customer(self):  # CC-9
        buyer = self._create_customer()
        key = {(buyer.id, self.company.id)}
        invoice = self._create_invoice_one_line(
            price_unit=10, name="Beans", tax_ids=[], partner_id=buyer.id)
        self.assertFalse(self._marks(), "a draft changes nothing")
        steps = (invoice.action_post, lambda: self._credit(invoice, days_ago(0)),
                 invoice.button_draft, invoice.action_post, invoice.button_draft)
        for step in steps:
            self.dirty.search([]).unlink()
            step()
            self.assertEqual(self._marks(), key)
        self.dirty.search([]).unlink()
        invoice.button_cancel()
        self.assertFalse(self._marks(), "it did not count any more")

    def test_what_is_no_figure_marks_nobody(self):  # P-8
        buyer = self._create_customer()
        invoice = self._create_posted(buyer, days_ago(1))
        self.dirty.search([]).unlink()
        invoice.narration = "Thank you"
        self._create_posted(buyer, days_ago(1), move_type="in_invoice")
        self.assertFalse(self._marks())

    def test_posting_costs_one_query_and_touches_no_figures(self):  # P-8
        buyer = self._create_customer()
        invoices = [
            self._create_invoice_one_line(
                price_unit=10, name="Beans", tax_ids=[], partner_id=buyer.id)
            for _ in range(3)
        ]
        invoices[0].action_post()  # warm caches
        marking = type(self.env["care.dirty"])
        with patch.object(marking, "_mark", lambda self, keys: None):
            without = self._queries_of(invoices[1])
        with_us = self._queries_of(invoices[2])
        ours = [query for query in with_us if "care_" in query]
        self.assertEqual(len(ours), 1)
        self.assertLessEqual(len(with_us), len(without) + 2)
        self.assertFalse([query for query in ours if "care_customer" in query.replace(
            "account_move_care_customer_idx", "")])

    def _queries_of(self, invoice):
        """As in a request of its own: nothing is known yet, so core reads its rows."""
        self.env.flush_all()
        self.env.invalidate_all()
        with Profiler(collectors=["sql"], db=None) as profiler:
            invoice.action_post()
            self.env.flush_all()
        return [entry["query"] for entry in profiler.collectors[0].entries]

    def test_the_page_of_a_record_has_room_for_its_next_versions(self):  # P-7
        """Figures, forecast, scores and health are written one after the other."""
        [options] = self.env.execute_query(SQL(
            "SELECT reloptions FROM pg_class WHERE oid = 'care_customer'::regclass"))
        self.assertEqual(options[0], ["fillfactor=80"])

    def test_a_busy_hour_wakes_the_cron_once(self):  # P-8
        cron = self.env.ref("customer_care.ir_cron_refresh_customers")
        triggers = self.env["ir.cron.trigger"].sudo()
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        for ago in (3, 2, 1):
            self._create_posted(self._create_customer(), days_ago(ago))
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), 1)
        self.assertEqual(len(self._marks()), 3)

    def test_the_cron_counts_and_empties_the_queue(self):  # CC-9
        buyers = [self._create_customer() for _ in range(5)]
        for buyer in buyers:
            self._create_posted(buyer, days_ago(5), 10)
        self._run("_cron_refresh_customers", 2)  # in batches of two
        self.assertFalse(self._marks())
        for buyer in buyers:
            self.assertFigures(buyer, revenue_net=10, purchase_days=1)

    def test_one_bad_customer_keeps_no_other_back(self):  # P-7
        buyers = [self._create_customer(f"Buyer {n}") for n in range(4)]
        for buyer in buyers:
            self._create_posted(buyer, days_ago(5), 10)
        bad, figures = buyers[2], type(self.env["care.figures"])
        refresh = figures._refresh

        def refresh_but_bad(self, company, scope, now=None):
            if bad.id in scope.ids:
                raise psycopg2.DataError("out of range")
            return refresh(self, company, scope, now)

        with patch.object(figures, "_refresh", refresh_but_bad), self.assertLogs(
            "odoo.addons.customer_care.models.care_customer", "WARNING"
        ):
            self._run("_cron_refresh_customers")
        for buyer in buyers:
            self.assertEqual(len(self._care(buyer)), 0 if buyer == bad else 1)
        mark = self.dirty.search([])
        self.assertEqual((mark.partner_id, mark.error), (bad, "out of range"))
        # Nobody tries again by himself; a retry counts him and forgets the failure.
        self._run("_cron_refresh_customers")
        self.assertTrue(self.dirty.search([]).error)
        self.dirty.search([]).action_retry()
        self._run("_cron_refresh_customers")
        self.assertFigures(bad, revenue_net=10)
        self.assertFalse(self.dirty.search([]))

    def test_a_customer_never_free_is_found_and_set_aside(self):  # RELIABILITY 1
        buyers = [self._create_customer(f"Buyer {n}") for n in range(4)]
        for buyer in buyers:
            self._create_posted(buyer, days_ago(5), 10)
        bad, figures = buyers[2], type(self.env["care.figures"])
        refresh = figures._refresh

        def refresh_but_bad(self, company, scope, now=None):
            if bad.id in scope.ids:
                raise psycopg2.errors.UniqueViolation("key is doubled")
            return refresh(self, company, scope, now)

        with patch.object(figures, "_refresh", refresh_but_bad), mute_logger(
            "odoo.addons.customer_care.models.care_customer"
        ):
            for _run in range(11):
                self._run("_cron_refresh_customers")
        mark = self.dirty.search([("error", "!=", False)])
        self.assertEqual((mark.partner_id, mark.error), (bad, "key is doubled"))
        self.assertFigures(buyers[0], revenue_net=10)


@tagged("post_install", "-at_install")
class TestFullCount(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stories = []
        for number in range(8):
            buyer = cls._create_customer(f"Buyer {number}", is_company=True)
            cls._buy(buyer, *range(20 + number, 400, 40 + 10 * number), amount=10 + number)
            cls.stories.append(buyer)
        invoice = cls._create_posted(cls.stories[0], days_ago(1), 77)
        cls._credit(invoice, days_ago(1))
        cls._credit(cls._create_posted(cls.stories[1], days_ago(1), 77), days_ago(1), 7)
        cls._create_sale_order_one_line(
            product_id=cls.product_a.id, partner_id=cls._create_customer("Orders only").id)

    def _rebuild(self):
        self._run_build()
        return self._rows()

    def test_delta_full_and_single_agree(self):  # CC-9, P-7
        self._run("_cron_refresh_customers")
        delta = self._rows()
        self.assertEqual(len(delta), 9)
        self.customers.search([("company_id", "=", self.company.id)]).unlink()
        for buyer in self.stories:
            self._count(buyer, now=None)
        self._run("_cron_refresh_customers")
        self.assertEqual(self._rows(), delta)
        self.customers.search([("company_id", "=", self.company.id)]).unlink()
        self.company.care_pool_gap = 0
        full = self._rebuild()
        # The full count measures the typical gap; the delta did not know it yet.
        self.company.care_pool_gap = 0
        self.figures._restate(self.company)
        self.assertEqual(self._rows(), delta)
        self.assertEqual(
            {p: {**row, "status": ""} for p, row in full.items()},
            {p: {**row, "status": ""} for p, row in delta.items()})

    def test_a_second_count_writes_nothing(self):  # P-7
        self._rebuild()
        before = {c.id: c.computed_at for c in self.customers.search([])}
        self.assertEqual(self._run_build().changed, 0)
        self.assertEqual({c.id: c.computed_at for c in self.customers.search([])}, before)

    def _run_build(self):
        self.env["care.build"].sudo()._start()
        self._run("_cron_build_customers", model="care.build")
        return self.env["care.build"].sudo().search([], limit=1)

    def test_a_first_count_is_no_change_of_status(self):  # CC-12
        self._rebuild()
        self.assertTrue(self.company.care_pool_gap)
        self.assertFalse(self.changes.search([("company_id", "=", self.company.id)]))

    def test_killed_count_goes_on(self):  # P-7
        self._run("_cron_refresh_customers")
        expected = self._rows()
        self.customers.search([("company_id", "=", self.company.id)]).unlink()
        figures = type(self.env["care.figures"])
        refresh, seen = figures._refresh, []

        def refresh_until_killed(self, company, scope, now=None):
            seen.append(scope)
            if len(seen) > 3:
                raise KeyboardInterrupt
            return refresh(self, company, scope, now)

        build = self.env["care.build"].sudo()._start()
        half = build._query_partner_count() // 2 + 1
        with patch.object(care_build, "CHUNK", half):
            with self.assertRaises(KeyboardInterrupt), patch.object(
                figures, "_refresh", refresh_until_killed
            ):
                # Two companies at least: killed in the second chunk.
                self._run("_cron_build_customers", model="care.build")
            build.invalidate_recordset()
            self.assertEqual(build.state, "running")
            self._run("_cron_build_customers", model="care.build")
        build.invalidate_recordset()
        self.assertEqual((build.state, build.done), ("done", build.total))
        self.company.care_pool_gap = 0
        self.figures._restate(self.company)
        self.assertEqual(self._rows(), expected)

    def test_failed_count_keeps_its_reason_and_goes_on(self):  # P-7
        figures = type(self.env["care.figures"])

        def fail(self, company, scope, now=None):
            raise psycopg2.DataError("disk is sad")

        build = self.env["care.build"].sudo()._start()
        with patch.object(figures, "_refresh", fail), self.assertLogs(
            "odoo.addons.customer_care.models.care_build", "ERROR"
        ):
            self._run("_cron_build_customers", model="care.build")
        self.assertEqual((build.state, build.error), ("failed", "disk is sad"))
        build.action_retry()
        self._run("_cron_build_customers", model="care.build")
        self.assertEqual((build.state, build.error, build.progress), ("done", False, 100))

    def test_small_database_is_counted_at_once(self):  # CC-1
        action = self.customers.action_build_now()
        build = self.env["care.build"].sudo().browse(action["res_id"])
        self.assertEqual(build.state, "done")
        self.assertEqual(len(self._rows()), 9)

    def test_only_one_count_runs(self):  # P-7
        builds = self.env["care.build"].sudo()
        self.assertEqual(builds._start(), builds._start())

    def test_another_counter_holds_the_figures(self):  # P-7
        """The cron leaves the queue as it is and comes back."""
        waiting = self.dirty.search_count([])
        self.assertTrue(waiting)
        with patch.object(type(self.env["care.customer"]), "_query_lock", lambda self: False):
            self._run("_cron_refresh_customers")
        self.assertEqual(self.dirty.search_count([]), waiting)
        self.assertFalse(self._rows())

    def test_waiting_for_another_counter_is_not_a_loop(self):  # P-7
        """Nothing is said to remain, and the cron is asked for again later."""
        build = self.env["care.build"].sudo()._start()
        triggers = self.env["ir.cron.trigger"].sudo()
        for name, model in (("build_customers", "care.build"), ("run_night", "care.night")):
            cron = self.env.ref(f"customer_care.ir_cron_{name}")
            triggers.search([("cron_id", "=", cron.id)]).unlink()
            with patch.object(
                type(self.env["care.customer"]), "_query_lock", lambda self: False
            ), patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=1
            ) as progress:
                self._run(f"_cron_{name}", model=model)
            build.state = "done"  # a night waits for the count
            said = [call.kwargs.get("remaining") for call in progress.call_args_list]
            self.assertEqual(said[-1], 0, name)
            again = triggers.search([("cron_id", "=", cron.id)])
            self.assertEqual(len(again), 1, name)
            self.assertGreater(again.call_at, fields.Datetime.now(), name)


@tagged("post_install", "-at_install")
class TestMergeAndCompanies(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.setup_other_company(name="Second House")
        cls.second = cls.other["company"]

    def _sell_in_second(self, partner, on, amount):
        invoice = self.env["account.move"].with_company(self.second).create({
            "move_type": "out_invoice", "partner_id": partner.id, "invoice_date": on,
            "company_id": self.second.id,
            "journal_id": self.other["default_journal_sale"].id,
            "invoice_line_ids": [(0, 0, {
                "name": "Beans", "price_unit": amount, "tax_ids": False,
                "account_id": self.other["default_account_revenue"].id})],
        })
        invoice.action_post()
        return invoice

    def _merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source | target).ids, target)
        self.env.invalidate_all()

    def test_each_company_has_its_own_record(self):  # ALL-4
        buyer = self._create_customer()
        self._create_posted(buyer, days_ago(5), 10)
        self._sell_in_second(buyer, days_ago(6), 20)
        self._run("_cron_refresh_customers")
        self.assertEqual(self._care(buyer).revenue_net, 10)
        self.assertEqual(self._care(buyer, self.second).revenue_net, 20)
        self.assertEqual(self._care(buyer, self.second).last_purchase, days_ago(6))

    def test_merged_partners_become_one_customer(self):  # CC-9
        source, target = self._create_customer("Source"), self._create_customer("Target")
        self._create_posted(source, days_ago(5), 10)
        self._create_posted(target, days_ago(7), 5)
        self._sell_in_second(source, days_ago(6), 20)
        self._run("_cron_refresh_customers")
        self._care(source).activity_schedule("mail.mail_activity_data_todo", summary="Call")
        self._care(source).message_post(body="He likes dark roast")
        second = self._care(source, self.second)
        self.changes.create({
            "partner_id": source.id, "company_id": self.company.id, "from_status": "new",
            "to_status": "active", "changed_on": days_ago(3), "changed_at": NOW})
        self._merge(source, target)
        self._run("_cron_refresh_customers")
        self.assertFigures(target, revenue_net=15, purchase_days=2)
        self.assertEqual(self._care(target, self.second), second, "moved, not deleted")
        self.assertEqual(second.revenue_net, 20)
        care = self._care(target)
        self.assertEqual(care.activity_ids.summary, "Call")
        self.assertIn("dark roast", "".join(care.message_ids.mapped("body")))
        self.assertEqual(care.change_ids.changed_on, days_ago(3))

    def test_merge_of_two_into_a_partner_without_record(self):  # CC-9
        first, second = self._create_customer("First"), self._create_customer("Second")
        self._create_posted(first, days_ago(5), 10)
        self._create_posted(second, days_ago(7), 5)
        self._run("_cron_refresh_customers")
        target = self._create_customer("Target")
        self._merge(first | second, target)
        self._run("_cron_refresh_customers")
        self.assertFigures(target, revenue_net=15, purchase_days=2)

    def test_count_of_one_company_leaves_the_other_alone(self):  # ALL-4
        buyer = self._create_customer()
        self._sell_in_second(buyer, days_ago(6), 20)
        self.figures._refresh(self.company, Scope(ids=tuple(buyer.ids)), NOW)
        self.assertFalse(self._care(buyer))
        self.assertFalse(self._care(buyer, self.second))
