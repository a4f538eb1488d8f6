from datetime import timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import NOW, days_ago
from .common_survey import SurveyCommon

DELIVERY = "odoo.addons.customer_care.models.care_survey_invitation_delivery"


@tagged("post_install", "-at_install")
class TestSurvey(SurveyCommon):
    """Whom a programme asks, and whom not and why."""

    def test_a_day_after_the_case_one_mail_waits_in_the_queue(self):  # CC-8
        program = self._create_program()
        soon = self._create_asked("Soon")
        self._settle_case(self.writer, days=1.1)
        self._settle_case(soon, days=0.9)
        self._ask(program)
        invitation = self._of(self.writer)
        self.assertEqual((invitation.state, invitation.sent_at), ("sent", NOW))
        self.assertEqual(invitation.resolver_id, self.agent)
        self.assertEqual(invitation.expires_at, NOW + timedelta(days=30))
        self.assertRegex(invitation.token, r"^[0-9a-f]{32}$")
        mail = invitation.mail_id
        self.assertEqual((mail.state, mail.recipient_ids), ("outgoing", self.writer))
        self.assertEqual((mail.model, mail.res_id), ("care.case", invitation.case_id.id))
        for value in range(1, 8):
            self.assertIn(f"/care/ask/{invitation.token}?v={value}\"", mail.body_html)
        self.assertNotIn("?v=0", mail.body_html)
        self.assertEqual(mail.body_html.count(invitation.stop_url), 1)
        self.assertIn("List-Unsubscribe=One-Click", mail.headers)
        self.assertIn(f"care-survey-{invitation.id}-1-", mail.message_id)
        self.assertNotIn(invitation.token, mail.body, "no colleague answers for him")
        self.assertFalse(self._of(soon), "not a day has passed")
        self._ask(program)
        self.assertEqual(len(self._of(self.writer)), 1, "once")

    def test_switched_on_asks_nobody_about_the_past(self):  # CC-8
        program = self._create_program(on_since=NOW - timedelta(days=3))
        self._settle_case(self.writer, days=4)
        self._ask(program)
        self.assertFalse(self._of(self.writer))
        program.action_switch_off()
        self._settle_case(self.writer, days=2)
        self._run("_cron_ask_customers", model="care.survey.invitation")
        self.assertFalse(self._of(self.writer))

    def test_each_reason_is_kept(self):  # CC-8: "why not asked" is visible
        program = self._create_program(tenure_days=60)
        company, other = self.company, self._create_asked
        house = other("House", parent_id=company.partner_id.id, type="contact")
        cast = {
            "internal": [self.agent.partner_id, house, other("Emp", employee=True)],
            "archived": [other("Gone")],
            "no_address": [self._create_customer("Mute")],
            "blacklisted": [other("Black")],
            "opted_out": [other("Silent")],
            "tenure": [other("New")],
        }
        for people in cast.values():
            for partner in people:
                self._settle_case(partner)
        cast["archived"][0].active = False
        self.env["mail.blacklist"].sudo()._add("black@example.com")
        self.env["care.survey.stop"].sudo()._add("Silent <SILENT@example.com>", company)
        self._ask(program)
        for reason, people in cast.items():
            for partner in people:
                self.assertSkipped(partner, reason)

    def test_who_bought_long_ago_may_be_asked(self):  # CC-8: tenure
        program = self._create_program(tenure_days=60)
        old, new = self._create_asked("Old"), self._create_asked("Fresh")
        self._buy(old, 61)
        self._buy(new, 59)
        self._count(old, new)
        self._settle_case(old)
        self._settle_case(new)
        self._ask(program)
        self.assertEqual(self._of(old).state, "sent")
        self.assertSkipped(new, "tenure")

    def test_ninety_days_rest_over_all_programmes(self):  # KPI.md §2
        first = self._create_program()
        second = self._create_program(metric="csat", trigger="order_confirmed", delay_hours=0)
        self._settle_case(self.writer)
        self._ask(first)
        order = self.env["sale.order"].sudo().create({
            "partner_id": self.writer.id, "company_id": self.company.id})
        order.action_confirm()
        order.date_order = NOW + timedelta(days=89)
        self._ask(second, NOW + timedelta(days=89, minutes=1))
        asked, skipped = self._of(self.writer)
        self.assertEqual((asked.state, skipped.state, skipped.reason),
                         ("sent", "skipped", "cooling"))
        later = order.copy()
        later.action_confirm()
        later.date_order = NOW + timedelta(days=90)
        self._ask(second, NOW + timedelta(days=90, minutes=1))
        self.assertEqual(self._of(self.writer)[-1].state, "sent")

    def test_two_cases_of_one_person_are_one_question(self):  # CC-8
        program = self._create_program()
        twin = self._create_customer("Twin", email="Writer@Example.com")
        self._settle_case(self.writer, days=3)
        self._settle_case(self.writer, days=2)
        self._settle_case(twin, days=2)
        self._ask(program)
        self.assertEqual(self._of(self.writer).mapped("state"), ["sent", "skipped"])
        self.assertSkipped(twin, "cooling")

    def test_two_contacts_that_became_one_are_one_question(self):  # CC-8: merged partner
        program = self._create_program()
        double = self._create_asked("Double")
        self._settle_case(self.writer, days=3)
        self._settle_case(double, days=2)
        self.env["base.partner.merge.automatic.wizard"].sudo()._merge(
            (double | self.writer).ids, self.writer)
        self._ask(program)
        self.assertEqual(self._of(self.writer).mapped("reason"), [False, "cooling"])
        self.assertEqual(self._of(self.writer).mapped("state"), ["sent", "skipped"])

    def test_a_case_opened_again_is_not_asked_about(self):  # CC-7, CC-8
        program = self._create_program()
        case = self._settle_case(self.writer)
        self._plan(program)
        case.action_reopen()
        self.invitations._send_due(self.company, NOW)
        self.assertSkipped(self.writer, "reopened")
        case.action_resolve()
        case.sudo().last_resolved_at = NOW + timedelta(days=1)
        self._ask(program, NOW + timedelta(days=3))
        self.assertEqual(self._of(self.writer).mapped("state"), ["skipped", "sent"])

    def test_a_merged_case_is_not_asked_about(self):  # CC-8
        program = self._create_program()
        case = self._settle_case(self.writer)
        case._close("merged")
        self._ask(program)
        self.assertSkipped(self.writer, "void")

    def test_filters_of_cases(self):  # CC-8
        category = self.env["care.category"].sudo().create({"name": "Delivery"})
        late = category.create({"name": "Late", "parent_id": category.id})
        program = self._create_program(
            case_kind="request", category_ids=[Command.set(category.ids)],
            team_ids=[Command.set(self.team.ids)])
        wanted, other = self._create_asked("Wanted"), self._create_asked("Other")
        self._settle_case(wanted, kind="request", category_id=late.id)
        self._settle_case(other, kind="request")
        self._settle_case(self.writer, kind="question", category_id=late.id)
        self._ask(program)
        self.assertEqual(self._of(wanted).state, "sent")
        self.assertFalse(self._of(other) | self._of(self.writer))

    def test_the_draw_is_the_same_whoever_looks(self):  # CC-8: sampling without chance
        people = [self._create_asked(f"Person{number}") for number in range(60)]
        for partner in people:
            self._settle_case(partner)
        program = self._create_program(sample_percent=50)
        preview, _people = program._look_ahead(NOW)
        self._ask(program)
        states = [self._of(partner).state for partner in people]
        drawn = states.count("sent")
        self.assertEqual(preview, {"free": drawn, "held": {"sample": 60 - drawn}})
        self.assertTrue(12 < drawn < 48, drawn)
        self.assertEqual(
            program._look_ahead(NOW)[0], preview, "its own questions do not change it")

    def test_the_month_asks_some_customers_each_on_his_day(self):  # CC-8: relational NPS
        people = [self._create_asked(f"Buyer{number}") for number in range(30)]
        for partner in people:
            self._buy(partner, 100)
        self._count(*people)
        program = self._create_program(
            metric="nps", trigger="relational", sample_percent=100, delay_hours=0,
            tenure_days=60, on_since=NOW - timedelta(days=29, hours=9))
        self._settle_case(people[0], days=0)
        upset = self._open_case(people[1], kind="complaint", severity="3")
        self._ask(program)
        rows = self.invitations.search([("program_id", "=", program.id)])
        self.assertEqual(len(rows), 30, "each once in June")
        self.assertGreater(len(set(rows.mapped("event_at"))), 8)
        self.assertSkipped(upset.partner_id, "complaint")
        skipped = rows.filtered(lambda i: i.state == "skipped")
        self.assertEqual(set(skipped.mapped("reason")), {"complaint", "late"})
        self._plan(program)
        self.assertEqual(self.invitations.search_count([("program_id", "=", program.id)]), 30)

    def test_a_firm_without_an_address_is_asked_through_its_people(self):  # CC-8
        program = self._create_program()
        firm = self._create_customer("Firm", is_company=True)
        person = self._create_asked("Person", parent_id=firm.id)
        self._settle_case(firm)
        self._ask(program)
        self.assertEqual(self._of(person).state, "sent")

    def test_invoice_return_first_purchase_registration_renewal(self):  # CC-8
        self.company.care_survey_cooling_days = 0
        cast = {}
        for trigger in ("invoice", "return", "first_purchase", "registration", "renewal"):
            cast[trigger] = self._create_asked(trigger.title())
        self._buy(cast["invoice"], 2)
        self._credit(self._create_posted(cast["return"], days_ago(40)), days_ago(2))
        self._buy(cast["first_purchase"], 2)
        self._count(cast["first_purchase"])
        user = self.env["res.users"].sudo().with_context(no_reset_password=True).create({
            "name": "Portal", "login": "survey_portal", "partner_id": cast["registration"].id,
            "company_id": self.company.id, "company_ids": [Command.set(self.company.ids)],
            "group_ids": [Command.set(self.env.ref("base.group_portal").ids)]})
        self.env.cr.execute(
            "UPDATE res_users SET create_date = %s WHERE id = %s",
            (NOW - timedelta(days=2), user.id))
        kind = self.env["care.agreement.type"].sudo().search([], limit=1)
        old = self.env["care.agreement"].sudo().create({
            "partner_id": cast["renewal"].id, "company_id": self.company.id, "type_id": kind.id,
            "name": "Old", "date_start": days_ago(400), "date_end": days_ago(3)})
        new = old.copy({"name": "New", "predecessor_id": old.id, "date_start": days_ago(2),
                        "date_end": False})
        new._write_by_code({"state": "running"})
        for trigger, partner in cast.items():
            program = self._create_program(metric="csat", trigger=trigger, delay_hours=24)
            self._ask(program)
            self.assertEqual(self._of(partner, program).state, "sent", trigger)

    def test_goods_were_delivered(self):  # CC-8: with stock; without it nobody can choose it
        self.assertEqual("delivery" in self.programs._survey_triggers(),
                         "stock.picking" in self.env)
        if "stock.picking" not in self.env:
            return
        kind = self.env["stock.picking.type"].sudo().search([
            ("code", "=", "outgoing"), ("company_id", "=", self.company.id)], limit=1)
        picking = self.env["stock.picking"].sudo().create({
            "partner_id": self.writer.id, "picking_type_id": kind.id,
            "location_id": kind.default_location_src_id.id,
            "location_dest_id": self.env.ref("stock.stock_location_customers").id,
            "move_ids": [Command.create({
                "product_id": self.product_a.id, "product_uom_qty": 1,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id})]})
        picking.move_ids.write({"quantity": 1, "picked": True})
        picking._action_done()
        picking.date_done = NOW - timedelta(days=2)
        program = self._create_program(metric="csat", trigger="delivery", delay_hours=24)
        self._ask(program)
        self.assertEqual(self._of(self.writer).state, "sent")

    def test_old_rows_of_people_not_asked_go(self):  # P: a year of events stays
        program = self._create_program(on_since=NOW - timedelta(days=900))
        self._settle_case(self._create_customer("Mute"))
        self._settle_case(self.writer)
        self._ask(program)
        rows = self.invitations.search([("program_id", "=", program.id)])
        rows.event_at = NOW - timedelta(days=366)
        self.env.flush_all()
        self.invitations._query_forget(NOW - timedelta(days=365))
        self.assertEqual(rows.exists(), self._of(self.writer))

    def test_presets_are_looked_at_first(self):  # CC-8
        self.programs.search([("company_id", "=", self.company.id)]).unlink()
        programs = self.programs.with_company(self.company)
        programs.action_create_presets()
        programs.action_create_presets()
        made = programs.search([("company_id", "=", self.company.id)])
        self.assertEqual(sorted(made.mapped("metric")), ["ces", "csat", "nps"])
        self.assertFalse(any(made.mapped("is_on")))
        by_metric = {program.metric: program for program in made}
        self.assertFalse(by_metric["csat"].survey_id)
        for metric, low, high in (("nps", 0, 10), ("ces", 1, 7)):
            question = by_metric[metric].question_id
            self.assertEqual((question.scale_min, question.scale_max), (low, high))
            self.assertEqual(question.title, by_metric[metric].question)
        by_metric["nps"].question = "Would you tell your friends?"
        self.assertEqual(by_metric["nps"].question_id.title, "Would you tell your friends?")

    def test_hours_at_which_nobody_is_woken(self):  # CC-8
        self.company.resource_calendar_id.tz = "Asia/Tokyo"
        self.company.write({"care_survey_hour_from": 8, "care_survey_hour_until": 17})
        program = self._create_program()
        self._settle_case(self.writer)
        self._ask(program)  # 18:00 in Tokyo
        mail = self._of(self.writer).mail_id
        self.assertEqual(str(mail.scheduled_date)[:16], "2026-06-30 23:00")

    def test_one_reminder_and_then_silence(self):  # CC-8
        program = self._create_program(reminder_days=5, expiry_days=10)
        answering, blocked = self._create_asked("Quick"), self._create_asked("Blocked")
        for partner in (self.writer, answering, blocked):
            self._settle_case(partner)
        self._ask(program)
        self._leave(self._of(self.writer) | self._of(answering) | self._of(blocked))
        self._of(answering)._answer(7, NOW)
        self.env["mail.blacklist"].sudo()._add(blocked.email)
        self._ask(program, NOW + timedelta(days=4, hours=23))
        self.assertEqual(self._of(self.writer).state, "sent")
        self._ask(program, NOW + timedelta(days=5))
        self._ask(program, NOW + timedelta(days=6))
        invitation = self._of(self.writer)
        self.assertEqual(invitation.state, "reminded")
        told = self.env["mail.message"].sudo().search([
            ("message_id", "like", f"<care-survey-{invitation.id}-")])
        self.assertEqual(len(told), 2)
        self.assertIn("Reminder: ", invitation.mail_id.subject)
        self.assertEqual(self._of(answering).state, "answered")
        self.assertEqual(self._of(blocked).state, "sent", "no second mail")
        self.invitations._query_expire(self.company, NOW + timedelta(days=10))
        self.assertEqual(invitation.state, "expired")
        self.assertEqual(self._of(answering).state, "answered")

    @mute_logger(DELIVERY)
    def test_a_mail_that_cannot_be_made_keeps_no_other_back(self):  # RELIABILITY §1
        program = self._create_program()
        good, bad = self._create_asked("Good"), self._create_asked("Bad")
        self._settle_case(good)
        self._settle_case(bad)
        self._plan(program)
        real = type(self.invitations)._prepare_mail_vals

        def broken(invitation, mail, again):
            if invitation.partner_id == bad:
                raise ValueError("poison")
            return real(invitation, mail, again)

        with patch.object(type(self.invitations), "_prepare_mail_vals", broken):
            self.invitations._send_due(self.company, NOW)
        self.assertEqual((self._of(good).state, self._of(bad).state), ("sent", "failed"))
        self.assertEqual((self._of(bad).error, self._of(bad).why), ("poison", "poison"))
        self.invitations._send_due(self.company, NOW + timedelta(minutes=30))
        self.assertEqual(self._of(bad).state, "failed", "an hour has not passed")
        self.invitations._send_due(self.company, NOW + timedelta(hours=1))
        self.assertEqual(self._of(bad).state, "sent")

    def test_what_the_queue_could_not_send_was_not_asked(self):  # RELIABILITY §1
        program = self._create_program()
        self._settle_case(self.writer)
        self._ask(program)
        invitation = self._of(self.writer)
        old = invitation.mail_id
        name = old.message_id
        old.write({"state": "exception", "failure_reason": "no such host"})
        self.invitations._take_back_unsent(self.company, NOW)
        self.assertEqual((invitation.state, invitation.error), ("failed", "no such host"))
        self.invitations._send_due(self.company, NOW + timedelta(hours=1))
        self.assertEqual(invitation.state, "sent")
        self.assertFalse(old.exists(), "it holds the customer's key")
        self.assertEqual(invitation.mail_id.state, "outgoing")
        self.assertEqual(name, invitation.mail_id.message_id, "one Message-Id")

    @mute_logger(DELIVERY, "odoo.sql_db")
    def test_a_programme_that_cannot_look_says_so(self):  # RELIABILITY §1
        broken, whole = self._create_program(), self._create_program(metric="nps")
        self._settle_case(self.writer)
        with patch.object(type(broken), "_query_due_case_resolved", side_effect=ValueError("x")):
            self.invitations._plan_safely(broken, NOW)
        self.assertEqual(broken.error, "x")
        self.invitations._plan_safely(whole, NOW)
        self.assertEqual((len(self._of(self.writer)), whole.error), (1, False))

    def test_asked_by_hand(self):  # CC-8: manual
        program = self._create_program(trigger="manual")
        case = self._settle_case(self.writer, days=0)
        case.with_user(self.agent).action_ask_customer()
        invitation = self._of(self.writer)
        self.assertEqual((invitation.state, invitation.case_id), ("planned", case))
        with self.assertRaises(UserError):
            case.with_user(self.agent).action_ask_customer()
        self.env["mail.blacklist"].sudo()._add("black@example.com")
        black = self._open_case(self._create_asked("Black"))
        with self.assertRaises(UserError) as told:
            black.action_ask_customer()
        self.assertIn("wants no mails", str(told.exception))
        self.assertEqual(self.invitations.search_count([("program_id", "=", program.id)]), 1)

    def test_who_may_what(self):  # RELIABILITY §3
        program = self._create_program()
        self._settle_case(self.writer)
        self._ask(program)
        invitation = self._of(self.writer)
        agent = invitation.with_user(self.agent)
        self.assertEqual(agent.state, "sent")
        for refused in (
            lambda: agent.write({"state": "planned"}), lambda: agent.unlink(),
            lambda: agent.read(["token"]), lambda: program.with_user(self.agent).action_switch_on(),
            lambda: program.with_user(self.agent).action_test(),
            lambda: program.with_user(self.agent).read(["token"]),
        ):
            with self.assertRaises(AccessError):
                refused()
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        outsider = new_test_user(
            self.env, "survey_outsider", groups="customer_care.group_customer_care_manager",
            company_id=other.id, company_ids=[Command.set(other.ids)])
        self.assertFalse(
            self.invitations.with_user(outsider).sudo(False).search([("id", "=", invitation.id)]))
        self.assertFalse(
            self.programs.with_user(outsider).sudo(False).search([("id", "=", program.id)]))

    def test_numbers_of_a_programme(self):  # CC-8: too few say so
        program = self._create_program(min_n=3)
        people = [self._create_asked(f"Counted{number}") for number in range(4)]
        for partner in people[:2]:
            self._settle_case(partner)
        self._ask(program)
        self._of(people[0])._answer(6, NOW)
        self.assertEqual((program.asked_count, program.answered_count), (2, 1))
        self.assertEqual(program.rate, "1 of 2: too few for a share")
        for partner in people[2:]:
            self._settle_case(partner)
        self._ask(program)
        program.invalidate_recordset()
        self.assertEqual(program.rate, "25 % (1 of 4)")

    def test_planning_costs_the_same_for_many(self):  # P: set-based
        program = self._create_program()
        for number in range(5):
            self._settle_case(self._create_asked(f"Few{number}"))
        self.env.flush_all()
        with self.assertQueryCount(12):
            self._plan(program)
        for number in range(30):
            self._settle_case(self._create_asked(f"Many{number}"))
        self.env.flush_all()
        with self.assertQueryCount(12):
            self._plan(program)
        self.assertEqual(
            self.invitations.search_count([("program_id", "=", program.id)]), 35)
