"""One mailbox rests between two questions, whoever it belongs to and whoever asks."""
from datetime import timedelta

from odoo.tests import tagged

from .common import NOW
from .common_survey import SurveyCommon


@tagged("post_install", "-at_install")
class TestSurveyRest(SurveyCommon):

    def test_two_programmes_ask_one_mailbox_once(self):  # KPI.md §2
        first, second = self._create_program(), self._create_program()
        self._settle_case(self.writer, days=2)
        twin = self._create_customer("Twin", email="Writer@Example.com")
        second.team_ids = self.team.copy({"name": "Beans Returns", "alias_name": False})
        case = self._settle_case(twin, days=2, team_id=second.team_ids.id)
        first.team_ids = self.team
        self._plan(first)
        self._plan(second)
        self._ask(second)
        self.assertEqual(self._of(self.writer).state, "sent")
        self.assertEqual(self._of(twin).case_id, case)
        self.assertSkipped(twin, "cooling")

    def test_who_got_the_address_of_another_meanwhile_rests_too(self):  # KPI.md §2
        first, second = self._create_program(), self._create_program(metric="csat")
        double = self._create_asked("Double")
        self._settle_case(self.writer, days=2)
        first.team_ids = self.team
        second.team_ids = self.team.copy({"name": "Beans Returns", "alias_name": False})
        self._settle_case(double, days=2, team_id=second.team_ids.id)
        self._plan(first)
        self._plan(second)
        double.email = self.writer.email
        self._ask(first)
        self.assertEqual(
            (self._of(self.writer) | self._of(double)).sorted("id").mapped("reason"),
            [False, "cooling"])

    def test_who_rated_his_case_himself_was_asked(self):  # CC-8, CC-20
        program = self._create_program(metric="csat")
        case = self._settle_case(self.writer)
        case.sudo()._rate_by_customer(self.writer, 4, "Fine")
        rated = self.env["care.feedback"].sudo().search([("case_id", "=", case.id)])
        rated.responded_at = NOW - timedelta(days=1)
        other = self._create_asked("Other")
        self._settle_case(other)
        self._ask(program)
        self.assertSkipped(self.writer, "rated")
        self.assertEqual(self._of(other).state, "sent", "who said nothing is asked")

    def test_who_rated_is_asked_under_no_other_name(self):  # CC-8, CC-20
        """Anna rates her case; the order of her café carries the café's contact, with her mail."""
        program = self._create_program()
        self._settle_case(self.writer).sudo()._rate_by_customer(self.writer, 4, "")
        self.env["care.feedback"].sudo().search(
            [("partner_id", "=", self.writer.id)]).responded_at = NOW - timedelta(days=1)
        cafe = self._create_customer("Her café", email="Writer@Example.com")
        self._settle_case(cafe)
        self._ask(program)
        self.assertSkipped(cafe, "rated")

    def test_the_answer_to_a_survey_reaches_somebody(self):  # CC-8
        """Also where the house has a catchall address; where its mail names another, there."""
        self.company.alias_domain_id = self.env["mail.alias.domain"].sudo().create({
            "name": "beans.example.org", "bounce_alias": "bounce-beans",
            "catchall_alias": "catchall-beans", "default_from": "notifications-beans"})
        program = self._create_program(
            metric="csat", trigger="order_confirmed", delay_hours=0)
        template = program._get_template()
        template.email_from = "quality@beans.example.org"
        for number, named in enumerate((False, "panel@beans.example.org")):
            with self.subTest(named):
                template.reply_to = named
                buyer = self._create_asked(f"Buyer{number}")
                order = self.env["sale.order"].sudo().create({
                    "partner_id": buyer.id, "company_id": self.company.id})
                order.action_confirm()
                order.date_order = NOW
                self._ask(program, NOW + timedelta(minutes=1))
                mail = self._of(buyer).mail_id
                self.assertIn(named or "quality@beans.example.org", mail.reply_to)

    def test_a_rating_of_long_ago_holds_back_about_its_own_case_only(self):  # CC-8
        program = self._create_program()
        case = self._settle_case(self.writer)
        case.sudo()._rate_by_customer(self.writer, 4, "")
        rated = self.env["care.feedback"].sudo().search([("case_id", "=", case.id)])
        rated.responded_at = NOW - timedelta(days=91)
        again = self._settle_case(self.writer, days=2.5)
        self._ask(program)
        found = self._of(self.writer)
        self.assertEqual(found.filtered(lambda i: i.case_id == case).reason, "rated")
        self.assertEqual(found.filtered(lambda i: i.case_id == again).state, "sent")

    def test_a_merged_contact_keeps_his_wish(self):  # CC-8: merged partner
        program = self._create_program()
        double = self._create_asked("Double")
        self.env["care.survey.stop"].sudo()._add(double.email, self.company)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (double | self.writer).ids, self.writer)
        self._settle_case(self.writer)
        self._ask(program)
        self.assertSkipped(self.writer, "opted_out")
