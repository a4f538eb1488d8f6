"""The survey case: each answer once, the figure exact, one call-back (CC-8)."""
from datetime import timedelta

import psycopg2.errors
from odoo.tools import mute_logger

from .test_feedback import FeedbackCommon


class TestFeedbackProgram(FeedbackCommon):

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("survey.group_survey_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls._create_user("survey_owner", "customer_care.group_customer_care_manager")
        cls.program = cls.env["care.survey.program"].sudo().create({
            "name": "Beans every month", "metric": "nps", "trigger": "manual",
            "company_id": cls.company.id, "user_id": False, "followup_owner": "owner"})
        cls.program.user_id = cls.owner

    def _ask(self, partner, **values):
        return self.env["care.survey.invitation"].sudo().create({
            "program_id": self.program.id, "company_id": self.company.id, "metric": "nps",
            "partner_id": partner.id, "email": partner.email_normalized, "state": "sent",
            "sent_at": self.now, "expires_at": self.now + timedelta(days=30), **values})

    def _rows_of(self, *invitations):
        return self.answers.search(
            [("invitation_id", "in", [one.id for one in invitations])], order="id")

    def _score(self):
        return self.answers._measure(
            self.company, "nps", domain=[("program_id", "=", self.program.id)])

    def test_the_survey_case(self):  # CC-8
        people = [self._create_customer(f"Person {index}", email=f"p{index}@example.com")
                  for index in range(10)]
        asked = [self._ask(person) for person in people]
        for invitation, value in zip(asked, (10, 10, 9, 9, 9, 8, 7, 7, 6, 0), strict=True):
            invitation._answer(value, self.now)
            invitation._answer(10, self.now)       # a double post, or a forwarded mail
        colleague = self._ask(self.agent.partner_id)
        colleague._answer(0, self.now)
        test = self._ask(people[0], is_test=True)
        test._answer(0, self.now)
        rows = self._rows_of(*asked)
        self.assertEqual(rows.mapped("value"), [10, 10, 9, 9, 9, 8, 7, 7, 6, 0])
        self.assertEqual(
            self._rows_of(colleague, test).mapped("excluded_reason"), ["internal", "test"])
        score = self._score()
        self.assertEqual((score.good, score.neutral, score.bad, score.n), (5, 3, 2, 10))
        self.assertEqual(score.figure, 30.0)
        # ±1.96 √((0.5 + 0.2 - 0.09) / 10)
        self.assertAlmostEqual(score.margin, 48.41, places=2)
        followed = self.answers.search([
            ("program_id", "=", self.program.id), ("follow_state", "=", "open")])
        self.assertEqual(followed.partner_id, people[8] | people[9])
        self.assertEqual(followed.follow_user_id, self.owner)

    def test_merged_people_count_once_with_their_last_word(self):  # CC-8
        kept, double = self._create_customer("Kept"), self._create_customer("Double")
        self._ask(kept)._answer(10, self.now)
        self._respond(0, double, ago=1, program_id=self.program.id)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            [kept.id, double.id], kept)
        self.assertEqual((self._score().n, self._score().figure), (1, 100.0))

    def test_a_blacklisted_address_that_answers_is_heard(self):  # CC-8
        self.env["mail.blacklist"].sudo()._add("writer@example.com")
        invitation = self._ask(self.writer)
        invitation._answer(9, self.now)
        self.assertFalse(self._rows_of(invitation).excluded_reason)

    def test_the_reason_comes_later(self):  # CC-8
        invitation = self._ask(self.writer)
        invitation._answer(2, self.now)
        invitation._comment("Nobody called back.")
        row = self._rows_of(invitation)
        self.assertEqual((row.value, row.comment), (2, "Nobody called back."))
        self.assertEqual(self.answers.search_count([
            ("program_id", "=", self.program.id), ("follow_state", "=", "open")]), 1)

    def test_changed_answers_keep_one_row(self):  # CC-8
        invitation = self._ask(self.writer)
        invitation._answer(2, self.now)
        invitation._answer(9, self.now, change=True)
        row = self._rows_of(invitation)
        self.assertEqual((row.value, row.band, row.follow_state), (9, "promoter", "done"))

    def test_who_answered_by_mail_and_again_on_the_page(self):  # CC-8
        self._ask(self.writer)._answer(9, self.now)
        entry = self.env["survey.user_input"].sudo().create({
            "survey_id": self.program.survey_id.id, "partner_id": self.writer.id})
        entry._save_lines(self.program.question_id, "0")
        entry._mark_done()
        self.assertEqual(self._rows(entry).excluded_reason, "duplicate")
        self.assertEqual(self._score().figure, 100.0)

    def test_the_limit_of_the_programme(self):  # CC-8
        self.program.followup_below = 7
        invitation = self._ask(self.writer)
        invitation._answer(7, self.now)
        self.assertEqual(self._rows_of(invitation).follow_state, "open")

    def test_who_had_resolved_when_the_customer_was_asked(self):  # CC-8
        case = self._open_case()
        case.with_user(self.agent).action_resolve()
        invitation = self._ask(self.writer, case_id=case.id, resolver_id=self.agent.id)
        case.with_user(self.leader).action_reopen()
        case.with_user(self.leader).action_resolve()
        invitation._answer(9, self.now)
        row = self._rows_of(invitation)
        self.assertEqual((row.user_id, row.case_id, row.team_id), (self.agent, case, self.team))

    def test_the_programme_tells_its_result(self):  # CC-8
        self.assertIn("nobody has answered", self.program.result)
        for index in range(9):
            self._ask(self._create_customer(f"P{index}"))._answer(10, self.now)
        self.program.invalidate_recordset(["result"])
        self.assertIn("9 answers, 10 are needed", self.program.result)
        self._ask(self._create_customer("P9"))._answer(0, self.now)
        self.program.invalidate_recordset(["result"])
        self.assertIn("+80.0", self.program.result)

    def test_two_answers_of_one_person_are_one_respondent(self):  # CC-8
        customer = self._create_customer()
        self._respond(0, customer, ago=40, program_id=self.program.id)
        self._respond(9, customer, ago=2, program_id=self.program.id)
        self.assertEqual((self._score().n, self._score().figure), (1, 100.0))
        before = self.answers._measure(
            self.company, "nps", until=self.now - timedelta(days=10),
            domain=[("program_id", "=", self.program.id)])
        self.assertEqual((before.n, before.figure), (1, -100.0))

    def _type(self, value, email, **values):
        """An answer on the survey's own page, with an address that somebody typed."""
        return self._respond(
            value, program_id=self.program.id, email=email,
            user_input_id=self.env["survey.user_input"].sudo().create({
                "survey_id": self.program.survey_id.id, "email": email}).id, **values)

    def test_a_typed_address_is_the_contact_who_answered_at_it(self):  # CC-8
        self._respond(0, self.writer, ago=40, program_id=self.program.id)
        typed = self._type(9, " Writer@Example.COM ", ago=2)
        self.assertEqual((typed.email, typed.partner_id.id), ("writer@example.com", False))
        self.assertEqual((self._score().n, self._score().figure), (1, 100.0))
        self._type(0, "nobody@example.com", ago=1)
        self._type(0, "NoBody@example.com")
        self.assertEqual((self._score().n, self._score().figure), (2, 0.0))
        [row] = self.env["care.feedback.report"].sudo().with_company(self.company)._read_group(
            [("program_id", "=", self.program.id)], [], ["nps:avg", "nps_count:sum"])
        self.assertEqual(row, (0.0, 2), "the table counts the same people")

    def _last_answers(self):
        """(people, NPS) of the figure, which the table of the report counts, too."""
        score = self._score()
        [row] = self.env["care.feedback.report"].sudo().with_company(self.company)._read_group(
            [("program_id", "=", self.program.id)], [], ["nps:avg", "nps_count:sum"])
        figure = round(score.figure, 1)
        self.assertEqual((row[1], round(row[0], 1)), (score.n, figure))
        return score.n, figure

    def test_colleagues_of_one_address_keep_their_answers(self):  # CC-8: several contacts
        """Whoever types the shared address is none of them: the customer's own word, once."""
        house = self._create_customer("Blue Bay", is_company=True)
        anna, bob = (self._create_customer(name, parent_id=house.id, email="info@bay.example")
                     for name in ("Anna", "Bob"))
        self._respond(10, anna, ago=40, program_id=self.program.id)
        typed = self._type(10, "info@bay.example", ago=30)
        self.assertIn("Anna: nobody else", typed.counted_as)
        self.assertEqual(self._last_answers(), (1, 100.0))
        self._respond(9, bob, ago=20, program_id=self.program.id)
        again = self._type(0, "Info@Bay.example", ago=1)
        self.env.invalidate_all()
        for answer in (typed, again):
            self.assertEqual((answer.partner_id.id, answer.commercial_partner_id.id),
                             (False, False), "an address proves nobody")
            self.assertEqual(
                answer.counted_as, "Blue Bay: several of its contacts share this address")
        self.assertEqual(self._last_answers(), (3, 33.3), "Anna, Bob and their house")

    def test_an_address_of_several_customers_is_nobodys(self):  # CC-8: several contacts
        for name in ("Anna", "Bob"):
            self._respond(10, self._create_customer(name, email="fair@example.com"), ago=9,
                          program_id=self.program.id)
        typed = [self._type(0, "fair@example.com", ago=ago) for ago in (3, 2)]
        self.assertEqual(self._last_answers(), (3, 33.3))
        self.assertEqual(set(one.counted_as for one in typed),
                         {"The address itself: several customers share it"})

    def test_what_the_row_says_of_who_answered(self):  # CC-8
        known = self._respond(9, self.writer, program_id=self.program.id)
        typed = self._type(9, "nobody@example.com")
        nobody = self._respond(9, program_id=self.program.id)
        self.assertEqual([one.counted_as for one in (known, typed, nobody)], [
            False, "The address itself: no contact has answered at it",
            "Somebody: nobody knows who"])
        rows = known | typed | nobody
        rows.invalidate_recordset()
        rows.mapped("partner_id")
        with self.assertQueryCount(1):
            rows.mapped("counted_as")

    def test_answered_by_mail_and_typed_is_one_answer(self):  # CC-8, either way round
        self._ask(self.writer)._answer(9, self.now)
        self.assertEqual(self._type(0, "WRITER@example.com").excluded_reason, "duplicate")
        other = self._create_customer("Other", email="other@example.com")
        invitation = self._ask(other)
        before, typed = self._type(0, "Other@example.com", ago=3), self._type(2, other.email)
        invitation._answer(8, self.now)
        self.assertEqual(typed.excluded_reason, "duplicate")
        self.assertFalse(before.excluded_reason, "he had not been asked yet")
        self.assertFalse(self._rows_of(invitation).excluded_reason)

    def test_two_nobodies_are_two(self):  # CC-8
        for value in (9, 0):
            self._respond(value, program_id=self.program.id)
        self.assertEqual(self._score().n, 2)

    def test_a_survey_belongs_to_one_programme(self):  # CC-8: whose answer an open link brings
        with self.assertRaises(psycopg2.errors.UniqueViolation), mute_logger("odoo.sql_db"), \
                self.env.cr.savepoint():
            self.program.copy({"survey_id": self.program.survey_id.id})
