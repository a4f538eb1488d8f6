"""First contact resolution as it is defined, case by case."""
from ast import literal_eval
from datetime import datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time
from odoo import Command
from odoo.addons.customer_care.engine import fcr
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_case import CaseCommon

START = datetime(2026, 3, 2, 9, 0)


def day(days, hours=0):
    return START + timedelta(days=days, hours=hours)


@tagged("post_install", "-at_install")
class TestCaseFcr(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({
            "care_fcr_days": 7, "care_autoclose_days": 7, "care_reopen_days": 14,
            "care_fcr_handover": False})
        cls.late, cls.broken = cls.env["care.category"].sudo().create(
            [{"name": "Late parcel"}, {"name": "Broken part"}])
        cls.house = cls._create_customer("Coffee House", email="house@example.com")
        cls.anna, cls.bert = cls.env["res.partner"].create([
            {"name": name, "email": f"{name}@house.example.com", "parent_id": cls.house.id}
            for name in ("anna", "bert")])

    def _case(self, when=START, partner=None, resolve=True, **values):
        """A case opened at a moment, and resolved an hour later."""
        with freeze_time(when):
            case = self._open_case(partner or self.anna, **{
                "category_id": self.broken.id, "channel": "email", **values})
        if resolve:
            with freeze_time(when + timedelta(hours=1)):
                case.with_user(self.agent).action_resolve()
        return case

    def _writes(self, case, when, text, partner=None):
        with freeze_time(when):
            return case.with_user(self.env.ref("base.user_root")).message_post(
                body=text, message_type="email", subtype_xmlid="mail.mt_comment",
                author_id=(partner or case.partner_id).id)

    def _tell(self, when):
        """The night of that moment."""
        with freeze_time(when):
            self.env["care.night"]._run_steps(self.company, when, "fcr")
        self.env.invalidate_all()

    def assertFcr(self, case, state, reason=False):
        self.assertEqual((case.fcr_state, case.fcr_reason), (state, reason))

    def test_the_cases_as_they_are_defined(self):  # CC-6
        # "Thanks" after the resolution neither opens the case again nor breaks it.
        thanked = self._case(partner=self._create_customer("Thankful"))
        self._writes(thanked, day(0, 2), "Thanks a lot, it works now!")
        # A second mail before the resolution: one contact was not enough.
        twice = self._case(partner=self._create_customer("Twice"), resolve=False)
        self._writes(twice, day(0, 1), "And the lid is broken, too.")
        with freeze_time(day(0, 2)):
            twice.action_resolve()
        # The same issue, by phone, from a colleague, on the sixth day.
        again = self._case(partner=self.anna)
        self._case(day(6), self.bert, channel="phone")
        # Another issue on the sixth day is another matter.
        other_house = self._create_customer("Tea House")
        other = self._case(partner=other_house)
        self._case(day(6), other_house, category_id=self.late.id, channel="phone")
        # A duplicate that was merged counts nowhere, and the survivor knows of both contacts.
        merging = self._create_customer("Merging")
        survivor = self._case(partner=merging, resolve=False)
        merged = self._case(day(0, 1), merging, resolve=False)
        with freeze_time(day(0, 2)):
            merged.with_user(self.agent)._merge_into(survivor)
            survivor.action_resolve()
        # Opened by an agent: the customer has not asked.
        ours = self._case(partner=self._create_customer("Called"), is_proactive=True)
        self._tell(day(8))
        # Resolved yesterday: the window still runs.
        yesterday = self._case(day(7), self._create_customer("Fresh"))
        self._tell(day(8))

        self.assertFcr(thanked, "yes", "one_contact")
        self.assertEqual((thanked.stage_kind, thanked.reopen_count), ("resolved", 0))
        self.assertFcr(twice, "no", "contacts")
        self.assertFcr(again, "no", "again")
        self.assertFcr(other, "yes", "one_contact")
        self.assertFcr(merged, "excluded", "merged")
        self.assertFcr(survivor, "no", "contacts")
        self.assertFcr(ours, "excluded", "proactive")
        self.assertFcr(yesterday, "pending")
        self.assertEqual(yesterday.fcr_matures_on, day(14, 1))

        told = thanked | twice | again | other | merged | survivor | ours | yesterday
        report = self.env["care.fcr.report"].with_user(self.agent).with_context(
            allowed_company_ids=self.company.ids)
        row = report._read_group(
            [("case_id", "in", told.ids)], [],
            ["share:avg", "matured:sum", "first_contact:sum", "pending:sum", "excluded:sum"])[0]
        self.assertEqual(row, (40.0, 5, 2, 1, 2))

    def test_a_table_tells_no_rate_of_a_few(self):  # CC-6
        """An agent with three cases has no 100 %: his cell is empty, the counts say why."""
        second = self._create_user("case_second", "customer_care.group_customer_care_user")
        few = self.cases.browse()
        for number in range(4):
            few |= self._case(partner=self._create_customer(f"Asks {number}"), resolve=False)
        with freeze_time(day(0, 1)):
            few[0].with_user(second).action_resolve()
            few[1:].with_user(self.agent).action_resolve()
        self._tell(day(8))
        report = self.env["care.fcr.report"].with_user(self.agent).with_context(
            allowed_company_ids=self.company.ids)
        domain, figures = [("case_id", "in", few.ids)], ["share:avg", "pending:sum"]
        with patch.object(fcr, "ENOUGH", 3):
            (total,), by_agent = report.formatted_read_grouping_sets(
                domain, [[], ["resolver_id"]], figures)
            shown = report.formatted_read_group(domain, ["resolver_id"], ["share:avg"])
        self.assertEqual((total["share:avg"], total["matured:sum"]), (100, 4))
        self.assertEqual({row["resolver_id"][0]: (row["share:avg"], row["matured:sum"])
                          for row in by_agent},
                         {second.id: (False, 1), self.agent.id: (100, 3)})
        self.assertEqual([row["resolver_id"][0] for row in shown], [self.agent.id],
                         "a graph would draw the empty one as 0")
        (total,) = report.formatted_read_group(domain, [], figures)
        self.assertFalse(total["share:avg"], "of four cases")

    def test_the_answer_is_final_after_the_last_moment_of_the_window(self):  # CC-6
        case = self._case(partner=self._create_customer("Patient"))
        self._tell(day(7, 1))
        self.assertFcr(case, "pending")
        self._tell(day(7, 1) + timedelta(seconds=1))
        self.assertFcr(case, "yes", "one_contact")

    def test_the_same_product_is_the_same_issue(self):  # CC-6
        case = self._case(product_id=self.product_a.id)
        self._case(day(3), self.bert, category_id=False, product_id=self.product_a.id)
        self._tell(day(8))
        self.assertFcr(case, "no", "again")

    def test_cases_without_category_are_never_the_same(self):  # CC-6
        case = self._case(category_id=False)
        self._case(day(3), self.bert, category_id=False)
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")

    def test_spam_is_no_word_of_the_customer(self):  # CC-6
        case = self._case()
        spam = self._case(day(3), resolve=False)
        self.assertFcr(case, "pending", "again")
        with freeze_time(day(4)):
            spam._close("spam")
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")
        self.assertFcr(spam, "excluded", "spam")

    def test_a_later_word_turns_the_answer(self):  # CC-6
        """What was final changes when what it rests on does."""
        case = self._case()
        late = self._case(day(6), self.bert, category_id=self.late.id)
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")
        with freeze_time(day(9)):
            late.category_id = self.broken
        self.assertFcr(case, "no", "again")
        with freeze_time(day(9)):
            late.category_id = self.late
        self.assertFcr(case, "yes", "one_contact")

    def test_opened_again_is_not_resolved_with_the_first_contact(self):  # CC-6, CC-7
        case = self._case()
        self._writes(case, day(2), "It leaks again.")
        self.assertEqual(case.stage_kind, "open")
        with freeze_time(day(3)):
            case.action_resolve()
        self.assertEqual(case.resolved_at, day(0, 1))
        self._tell(day(8))
        self.assertFcr(case, "no", "reopened")

    def test_an_agent_takes_a_word_for_thanks(self):  # CC-6, CC-7
        case = self._case()
        self._writes(case, day(2), "Wonderful people you are, merci.")
        self.assertEqual((case.stage_kind, case.reopen_count), ("open", 1))
        with freeze_time(day(2, 1)):
            word = case.contact_ids.filtered("did_reopen")
            word.with_user(self.agent).action_needs_no_answer()
        self.assertEqual((case.stage_kind, case.reopen_count), ("resolved", 0))
        self.assertEqual(case.last_resolved_at, day(0, 1))
        self.assertIn("Needs no answer", case.message_ids.mapped("preview")[0] + "".join(
            case.message_ids.mapped("body")))
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")
        with freeze_time(day(9)):
            word.with_user(self.agent).action_needs_answer()
        self.assertEqual((case.stage_kind, case.reopen_count), ("open", 1))
        self.assertFcr(case, "no", "reopened")

    def test_a_wrong_click_opens_nothing(self):  # CC-6, CC-7
        """Taken back by whoever clicked, soon, and while nobody has spoken."""
        case = self._case()
        colleague = self._create_user("case_second", "customer_care.group_customer_care_user")
        with freeze_time(day(1)):
            case.with_user(self.agent).action_reopen()
            self.assertFcr(case, "pending", "reopened")
            with self.assertRaises(UserError):
                case.with_user(colleague).action_undo_reopen()
        with freeze_time(day(1) + timedelta(minutes=6)), self.assertRaises(UserError):
            case.with_user(self.agent).action_undo_reopen()
        with freeze_time(day(1) + timedelta(minutes=4)):
            case.with_user(self.agent).action_undo_reopen()
        self.assertEqual((case.stage_kind, case.reopen_count, case.last_resolved_at),
                         ("resolved", 0, day(0, 1)))
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")
        with freeze_time(day(9)):
            case.with_user(self.agent).action_reopen()
            self.assertTrue(case.with_user(self.agent).may_undo_reopen)
            case._add_contact("out", "email", day(9), user=self.agent)
            with self.assertRaises(UserError):
                case.with_user(self.agent).action_undo_reopen()
        self.assertEqual(case.reopen_count, 1)

    def test_a_wrong_click_that_is_found_later(self):  # CC-6, CC-7
        """The agent resolved it again at once: the case would count as opened again for ever. An
        administrator takes it back, and the case tells who did what."""
        case = self._case()
        lead = self._create_user("case_lead", "customer_care.group_customer_care_manager")
        with freeze_time(day(1)):
            case.with_user(self.agent).action_reopen()
            case.with_user(self.agent).action_resolve()
        again = case.last_resolved_at
        with freeze_time(day(3)):
            self.assertFalse(case.with_user(self.agent).may_undo_reopen)
            case.with_user(lead).action_undo_reopen()
            self.assertFalse(case.with_user(lead).may_undo_reopen, "once")
        self.assertEqual((case.stage_kind, case.reopen_count, case.last_resolved_at),
                         ("resolved", 0, again))
        trace = case.message_ids[0]
        self.assertIn(f"by mistake by {self.agent.name}", trace.body)
        self.assertEqual(trace.author_id, lead.partner_id)
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")

    def test_a_case_that_stands_open_by_mistake(self):  # CC-7
        case = self._case()
        lead = self._create_user("case_lead", "customer_care.group_customer_care_manager")
        with freeze_time(day(1)):
            case.with_user(self.agent).action_reopen()
        with freeze_time(day(3)):
            case.with_user(lead).action_undo_reopen()
        self.assertEqual((case.stage_kind, case.reopen_count, case.last_resolved_at),
                         ("resolved", 0, day(0, 1)))

    def test_a_hand_over_breaks_it_where_the_company_says_so(self):  # CC-6
        colleague = self._create_user("case_second", "customer_care.group_customer_care_user")

        def handed_over(when):
            case = self._case(when, self._create_customer("Handed over"), resolve=False,
                              user_id=self.agent.id)
            with freeze_time(when + timedelta(hours=1)):
                case.user_id = colleague
                case.action_resolve()
            return case
        before = handed_over(START)
        self.company.care_fcr_handover = True
        after = handed_over(day(1))
        self._tell(day(9))
        self.assertFcr(before, "yes", "one_contact")
        self.assertFcr(after, "no", "handed_over")

    def test_another_window_counts_for_what_is_resolved_from_then_on(self):  # CC-6
        """A month that was told stays told, whatever the settings say later."""
        early, again = self._case(), self._create_customer("Tea House")
        self._case(day(5), self.bert)
        later = self._case(partner=again)
        self._case(day(10), again)
        ours = self._case(partner=self._create_customer("Called"), is_proactive=True)
        self._tell(day(8))
        self.assertFcr(early, "no", "again")
        self.assertFcr(later, "yes", "one_contact")
        for days in (3, 30):
            self.company.care_fcr_days = days
            with freeze_time(day(20)):
                self.env["care.night"]._run_steps(self.company, day(20), "fcr", "fcr_again")
                ours.is_proactive = False
            self.env.invalidate_all()
            self.assertFcr(early, "no", "again")
            self.assertFcr(later, "yes", "one_contact")
            self.assertEqual((early.fcr_days, later.fcr_matures_on), (7, day(7, 1)))
            self.assertFcr(ours, "excluded", "no_contact")
            self.assertEqual(ours.fcr_days, 7)
        fresh = self._case(day(21), self._create_customer("Fresh"))
        self.assertEqual((fresh.fcr_days, fresh.fcr_matures_on), (30, day(51, 1)))
        self.assertFalse(self._case(resolve=False).fcr_days)

    def test_closed_without_an_answer(self):  # CC-6
        never = self._case(resolve=False)
        with freeze_time(day(1)):
            never._close("no_answer")
        self.assertFcr(never, "excluded", "no_answer")
        self.assertFalse(never.resolved_at)

    def test_two_merged_customers_are_one(self):  # CC-6
        other = self._create_customer("Coffee House Ltd", email="other@example.com")
        case = self._case(partner=self.house)
        self._case(day(3), other)
        self._tell(day(8))
        self.assertFcr(case, "yes", "one_contact")
        with freeze_time(day(9)):
            self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
                [other.id, self.house.id], self.house)
        self.assertFcr(case, "no", "again")

    def test_many_cases_are_told_with_few_queries(self):  # CC-6
        def count(number):
            for position in range(number):
                self._case(START + timedelta(minutes=position), self.writer)
            cases = self.cases.search([("partner_id", "=", self.writer.id)])
            self.env.cr.execute("UPDATE care_case SET fcr_state = NULL WHERE id = ANY(%s)",
                                (cases.ids,))
            self.env.invalidate_all()
            self.env.flush_all()
            before = self.cr.sql_log_count
            cases._refresh_fcr(day(30))
            return self.cr.sql_log_count - before
        few, many = count(3), count(20)
        self.assertLessEqual(many, few + 1)

    def test_another_company_sees_nothing(self):  # CC-6
        case = self._case()
        stranger = self._create_user("case_stranger", "customer_care.group_customer_care_user")
        house = self.env["res.company"].sudo().create({"name": "Elsewhere"})
        stranger.write({"company_ids": [Command.set(house.ids)], "company_id": house.id})
        report = self.env["care.fcr.report"].with_user(stranger).with_company(house)
        self.assertFalse(report.search([("case_id", "=", case.id)]))

    def test_the_tile_says_on_how_much_it_rests(self):  # CC-6, CC-22
        dashboard = self.env["care.dashboard"].with_user(self.agent)
        company = self.company
        scope = dashboard._get_scope("last_12")._replace(
            first=START.date(), last=day(30).date(), company=company)
        for position in range(2):
            self._case(START + timedelta(hours=3 * position), self._create_customer(f"T{position}"))
        with freeze_time(day(20)):
            self.cases.search([("company_id", "=", company.id)])._refresh_fcr()
        self.assertIn("2 cases counted, 30 are needed", dashboard._dashboard_fcr(scope)["few"])
        for position in range(28):
            self._case(START + timedelta(hours=3 * position), self._create_customer(f"U{position}"))
        with freeze_time(day(20)):
            self.cases.search([("company_id", "=", company.id)])._refresh_fcr()
        tile = dashboard._dashboard_fcr(scope)
        self.assertEqual(tile["figure"], "100.0 %")
        self.assertIn("30 of 30 cases", tile["note"])
        self.assertIn("89 to 100", tile["note"])
        self.assertEqual(self.cases.search_count(tile["action"]["domain"]), 30)

    def test_the_digest_tells_the_cases_of_the_tile(self):  # CC-6, CC-22
        digest = self.env["digest.digest"].sudo().create({
            "name": "Daily", "company_id": self.company.id, "periodicity": "daily",
            "kpi_care_fcr": True})
        for position in range(30):
            self._case(START + timedelta(minutes=position), self._create_customer(f"D{position}"))
        self._case(START - timedelta(days=80), self._create_customer("Long ago"))
        self.cases.search([("partner_id.name", "=", "D0")]).reopen_count = 1
        with freeze_time(day(19)):
            self.cases.search([("company_id", "=", self.company.id)])._refresh_fcr()
            self._case(day(18), self._create_customer("Of yesterday"))

        def lines(when):
            with freeze_time(when):
                self.env.invalidate_all()
                return {kpi["kpi_name"]: kpi
                        for kpi in digest._compute_kpis(self.company, self.agent)}
        told = lines(day(19))["kpi_care_fcr"]
        self.assertEqual(told["kpi_col1"]["value"], "96.70")
        self.assertIn("29 of 30 cases", told["kpi_col1"]["col_subtitle"])
        self.assertEqual((told["kpi_col2"], told["kpi_col3"]), ({}, {}))
        action = self.env.ref(told["kpi_action"].split("?")[0])
        with freeze_time(day(19)):
            self.assertEqual(self.env["care.fcr.report"].with_user(self.agent).search_count(
                [*literal_eval(action.domain), ("matured", "=", 1),
                 ("company_id", "=", self.company.id)]), 30)
        self.assertNotIn("kpi_care_fcr", lines(day(100)))
