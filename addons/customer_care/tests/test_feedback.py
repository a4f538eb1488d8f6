"""Answers of customers: written once, counted truly, followed once (CC-8)."""
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError

from .common_case import CaseCommon


class FeedbackCommon(CaseCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.answers = cls.env["care.feedback"].sudo()
        cls.leader = cls._create_user("case_leader", "customer_care.group_customer_care_user")
        cls.team.leader_id = cls.leader
        cls.now = fields.Datetime.now()
        cls.survey = cls.env["survey.survey"].sudo().create({
            "title": "Would you recommend our beans?", "access_mode": "public",
            "user_id": False,
            "question_and_page_ids": [
                Command.create({
                    "title": "How likely?", "question_type": "scale", "scale_min": 0,
                    "scale_max": 10, "care_metric": "nps", "sequence": 1}),
                Command.create({"title": "Why?", "question_type": "text_box", "sequence": 2}),
            ]})
        cls.scale, cls.why = cls.survey.question_ids.sorted("sequence")

    def _answer(self, value, partner=None, why=None, done=True, **values):
        """Somebody fills in the survey; None: the question was skipped."""
        entry = self.env["survey.user_input"].sudo().create({
            "survey_id": self.survey.id, "partner_id": partner and partner.id, **values})
        entry._save_lines(self.scale, value)
        if why:
            entry._save_lines(self.why, why)
        if done:
            entry._mark_done()
        return entry

    def _rows(self, entry):
        return self.answers.search([("user_input_id", "=", entry.id)])

    def _respond(self, value, partner=None, metric="nps", ago=0, **values):
        return self.answers._record({
            "metric": metric, "value": value, "partner_id": partner and partner.id,
            "company_id": self.company.id, "responded_at": self.now - timedelta(days=ago),
            **values})

    def _rate(self, record, partner, value, feedback=None):
        token = record.sudo()._rating_get_access_token(partner)
        return record.sudo().rating_apply(value, token=token, feedback=feedback)


class TestFeedback(FeedbackCommon):

    def test_zero_is_an_answer_and_skipped_is_none(self):  # CC-8
        zero, skipped = self._answer("0", self.writer), self._answer("", self._create_customer())
        self.assertEqual(self._rows(zero).mapped(lambda r: (r.value, r.band, r.points)),
                         [(0, "detractor", -100)])
        self.assertFalse(self._rows(skipped))

    def test_the_reason_comes_with_the_answer(self):  # CC-8
        row = self._rows(self._answer("9", self.writer, why="  You called back. "))
        self.assertEqual((row.comment, row.band), ("You called back.", "promoter"))
        self.assertEqual(self._respond(9, comment="Fine\x00.").comment, "Fine.")

    def test_a_double_post_is_one_answer(self):  # CC-8
        entry = self._answer("3", self.writer)
        entry._mark_done()
        entry._mark_done()
        self.assertEqual(len(self._rows(entry)), 1)

    def test_a_changed_answer_stays_one(self):  # CC-8
        entry = self._answer("3", self.writer)
        entry._save_lines(self.scale, "9")
        entry._mark_done()
        self.assertEqual(self._rows(entry).mapped(lambda r: (r.value, r.band, r.points)),
                         [(9, "promoter", 100)])

    def test_tests_and_colleagues_count_nowhere(self):  # CC-8
        test = self._rows(self._answer("0", self.writer, test_entry=True))
        colleague = self._rows(self._answer("0", self.agent.partner_id))
        self.assertEqual((test | colleague).mapped("excluded_reason"), ["test", "internal"])
        self.assertEqual((test | colleague).mapped("follow_state"), ["none", "none"])
        self.assertFalse(any(row.points for row in test | colleague))

    def test_who_did_the_work_does_not_rate_it(self):  # CC-8
        case = self._open_case(self.agent.partner_id)
        case.action_resolve()
        self._rate(case, self.agent.partner_id, 5)
        self.assertEqual(
            self.answers.search([("case_id", "=", case.id)]).excluded_reason, "agent")

    def test_an_unmarked_survey_says_nothing(self):  # CC-8
        self.scale.care_metric = False
        self.assertFalse(self._rows(self._answer("0", self.writer)))

    def test_a_rating_is_of_who_resolved(self):  # CC-8
        other = self._create_user("late_owner", "customer_care.group_customer_care_user")
        case = self._open_case()
        case.with_user(self.agent).action_resolve()
        case.user_id = other
        self._rate(case, self.writer, 4, "Well done")
        row = self.answers.search([("case_id", "=", case.id)])
        self.assertEqual(
            (row.metric, row.value, row.band, row.user_id, row.company_id, row.comment),
            ("csat", 4, "good", self.agent, self.company, "Well done"))

    def test_a_rating_taken_back_and_given_again(self):  # CC-8
        case = self._open_case()
        rating = self._rate(case, self.writer, 5)
        row = self.answers.search([("rating_id", "=", rating.id)])
        rating.reset()
        self.assertEqual((row.excluded_reason, row.points), ("withdrawn", False))
        rating.write({"rating": 2, "consumed": True})
        self.assertEqual((row.excluded_reason, row.value, row.band), (False, 2, "bad"))
        self.assertEqual(self.answers.search_count([("rating_id", "=", rating.id)]), 1)

    def test_an_opened_rating_mail_is_no_answer(self):  # CC-8
        case = self._open_case()
        case.sudo()._rating_get_access_token(self.writer)
        self.assertFalse(self.answers.search_count([("case_id", "=", case.id)]))

    def test_merged_people_are_one(self):  # CC-8
        customer, double = self._create_customer("Kept"), self._create_customer("Double")
        self._respond(10, customer, ago=2)
        self._respond(0, double, ago=1)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            [customer.id, double.id], customer)
        rows = self.answers.search([("partner_id", "=", customer.id)])
        self.assertEqual(len(rows), 2)
        self.assertEqual(rows.commercial_partner_id, customer)
        score = self.answers._measure(
            self.company, "nps", None, None, [("partner_id", "=", customer.id)])
        self.assertEqual((score.n, score.figure), (1, -100.0))

    def test_answers_from_before_are_met_in_the_night(self):  # CC-8
        case = self._open_case()
        rating = self._rate(case, self.writer, 5)
        entry = self._answer("8", self.writer)
        self.answers.search([]).filtered(
            lambda row: row.rating_id == rating or row.user_input_id == entry).unlink()
        night = self.env["care.night"].sudo()
        for _again in range(2):
            night._run_steps(self.company, self.now, "feedback_ratings", "feedback_answers")
        self.assertEqual(self._rows(entry).value, 8)
        self.assertEqual(self.answers.search_count([("rating_id", "=", rating.id)]), 1)

    def test_agents_read_and_nobody_edits(self):  # CC-8
        row = self._respond(3, self.writer)
        manager = self._create_user("care_manager", "customer_care.group_customer_care_manager")
        for user in (self.agent, manager):
            self.assertEqual(row.with_user(user).value, 3)
            with self.assertRaises(AccessError):
                row.with_user(user).write({"value": 10})
            with self.assertRaises(AccessError):
                row.with_user(user).unlink()
        with self.assertRaises(AccessError):
            row.with_user(self.agent).action_exclude()
        row.with_user(manager).action_exclude()
        self.assertEqual((row.excluded_reason, row.points), ("manual", False))
        row.with_user(manager).action_include()
        self.assertEqual((row.excluded_reason, row.points), (False, -100))

    def test_a_salesperson_reads_his_own_customers(self):  # CC-8
        seller = self._create_user("seller", "sales_team.group_sale_salesman")
        other = self._create_user("seller_two", "sales_team.group_sale_salesman")
        mine = self._create_customer("Mine", user_id=seller.id)
        theirs = self._create_customer("Theirs", user_id=other.id)
        rows = self._respond(9, mine) | self._respond(9, theirs)
        seen = self.answers.with_user(seller).sudo(False).search([("id", "in", rows.ids)])
        self.assertEqual(seen.partner_id, mine)

    def test_another_company_sees_nothing(self):  # CC-8
        row = self._respond(9, self.writer)
        house = self.env["res.company"].sudo().create({"name": "Far House"})
        stranger = self._create_user("far", "customer_care.group_customer_care_manager")
        stranger.write({"company_id": house.id, "company_ids": [Command.set(house.ids)]})
        self.assertFalse(self.answers.with_user(stranger).sudo(False).search(
            [("id", "=", row.id)]))

    def test_a_comment_is_no_formula(self):  # RELIABILITY 3
        row = self._respond(9, self.writer, comment="=cmd|' /C calc'!A0")
        self.assertEqual(row.export_data(["comment"])["datas"], [["'=cmd|' /C calc'!A0"]])


class TestFollowUp(FeedbackCommon):

    def test_exactly_one_call_back(self):  # CC-8
        first = self._rows(self._answer("2", self.writer))
        again = self._rows(self._answer("1", self.writer))
        self.assertEqual((first.follow_state, again.follow_state), ("open", "none"))
        self.assertEqual(again.follow_of_id, first)
        self.company.care_follow_rest_days = 0
        later = self._rows(self._answer("0", self.writer))
        self.assertEqual(later.follow_state, "open")

    def test_a_good_answer_has_none(self):  # CC-8
        self.assertEqual(self._rows(self._answer("7", self.writer)).follow_state, "none")

    def test_nobody_is_called_of_whom_nothing_is_known(self):  # CC-8
        self.assertEqual(self._rows(self._answer("0")).follow_state, "none")

    def test_an_old_answer_is_counted_and_not_called(self):  # CC-8
        self.assertEqual(self._respond(0, self.writer, ago=30).follow_state, "none")

    def test_the_leader_calls_on_the_case(self):  # CC-8
        case = self._open_case()
        case.with_user(self.agent).action_resolve()
        self._rate(case, self.writer, 1, "Nobody <a href='https://x.test'>listened</a>")
        row = self.answers.search([("case_id", "=", case.id)])
        self.assertEqual((row.follow_state, row.follow_user_id), ("open", self.leader))
        activity = row.follow_activity_id
        self.assertEqual((activity.res_model, activity.res_id, activity.user_id),
                         ("care.case", case.id, self.leader))
        self.assertEqual(activity.date_deadline, row.follow_due)
        self.assertNotIn("<a", activity.note)       # a customer's words are words

    def test_working_days_until_the_call(self):  # CC-8
        calendar = self.env["resource.calendar"].sudo().create({
            "name": "Mondays to Fridays", "tz": "UTC", "company_id": self.company.id})
        self.company.resource_calendar_id = self.team.resource_calendar_id = calendar
        row = self._respond(0, self.writer)
        dues = []
        for day in ("2026-06-26 10:00:00", "2026-06-27 10:00:00", "2026-06-29 10:00:00"):
            moment = fields.Datetime.to_datetime(day)
            with self._at(moment):
                dues.append(str(row._get_follow_due()))
        self.assertEqual(dues, ["2026-06-30", "2026-06-30", "2026-07-01"])

    def test_who_is_away_is_not_chosen(self):  # CC-8
        seller = self._create_user("home_seller", "sales_team.group_sale_salesman")
        self.env["resource.resource"].sudo().create({
            "name": "Leader", "user_id": self.leader.id, "company_id": self.company.id,
            "calendar_id": self.team.resource_calendar_id.id})
        resource = self.env["resource.resource"].sudo().search([
            ("user_id", "=", self.leader.id)], limit=1)
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Holiday", "resource_id": resource.id, "company_id": self.company.id,
            "calendar_id": resource.calendar_id.id,
            "date_from": self.now - timedelta(days=1), "date_to": self.now + timedelta(days=1)})
        self.writer.user_id = seller
        case = self._open_case()
        self._rate(case, self.writer, 1)
        row = self.answers.search([("case_id", "=", case.id)])
        self.assertEqual(row.follow_user_id, seller)

    def test_called_back(self):  # CC-8
        case = self._open_case()
        self._rate(case, self.writer, 2)
        row = self.answers.search([("case_id", "=", case.id)])
        activity = row.follow_activity_id
        wizard = self.env["care.feedback.done"].with_user(self.leader).create({
            "feedback_ids": [Command.set(row.ids)], "outcome": "A new grinder is sent.",
            "is_reached": True})
        wizard.action_apply()
        self.assertEqual(
            (row.follow_state, row.follow_outcome, row.follow_reached, row.follow_done_by_id),
            ("done", "A new grinder is sent.", True, self.leader))
        self.assertFalse(activity.active)

    def test_done_where_he_works_is_done(self):  # CC-8
        case = self._open_case()
        self._rate(case, self.writer, 2)
        row = self.answers.search([("case_id", "=", case.id)])
        row.follow_activity_id.with_user(self.leader).action_feedback(feedback="He is content.")
        self.assertEqual((row.follow_state, row.follow_outcome), ("done", "He is content."))

    def test_given_to_another_where_he_works(self):  # CC-8
        case = self._open_case()
        self._rate(case, self.writer, 2)
        row = self.answers.search([("case_id", "=", case.id)])
        row.follow_activity_id.with_user(self.leader).user_id = self.agent
        self.assertEqual(row.follow_user_id, self.agent)
        row.with_user(self.leader).action_follow_take()
        self.assertEqual(row.follow_activity_id.user_id, self.leader)

    def test_a_stranger_cannot_end_it(self):  # CC-8
        seller = self._create_user("no_business", "sales_team.group_sale_salesman")
        self.writer.user_id = seller
        case = self._open_case()
        self._rate(case, self.writer, 2)
        row = self.answers.search([("case_id", "=", case.id)])
        with self.assertRaises(AccessError):
            row.with_user(seller).action_follow_take()

    def test_an_answer_changed_for_the_better_needs_no_call(self):  # CC-8
        entry = self._answer("3", self.writer)
        entry._save_lines(self.scale, "10")
        entry._mark_done()
        self.assertEqual(self._rows(entry).follow_state, "done")

    def test_overdue_is_told_to_the_leader_once(self):  # CC-8
        seller = self._create_user("slow_seller", "customer_care.group_customer_care_user")
        case = self._open_case()
        self._rate(case, self.writer, 2)
        row = self.answers.search([("case_id", "=", case.id)])
        row.write({"follow_user_id": seller.id,
                   "follow_due": fields.Date.subtract(
                       self.company._care_today(self.now), days=1)})
        self.assertTrue(row.follow_is_overdue)
        self.assertIn(row, self.answers.with_company(self.company).search(
            [("follow_is_overdue", "=", True)]))
        told = [("res_model", "=", "care.case"), ("res_id", "=", case.id),
                ("user_id", "=", self.leader.id), ("summary", "ilike", "Overdue")]
        for _night in range(2):
            self.env["care.night"].sudo()._run_steps(self.company, self.now, "feedback_follow")
        self.assertEqual(self.env["mail.activity"].sudo().search_count(told), 1)

    def _at(self, moment):
        return patch.object(fields.Datetime, "now", lambda *args: moment)
