from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_care.models.care_case_plan import CasePlan
from odoo.tests import freeze_time, tagged
from psycopg2.errors import SerializationFailure

from .common_sla import SlaCommon, june

LOG = "odoo.addons.customer_care.models.care_case_escalation"
SAFELY = "odoo.addons.customer_care.models.care_case_safely"


@tagged("post_install", "-at_install")
class TestSlaEscalation(SlaCommon):
    """Whoever can still do something is told, once, before it is too late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cases.search([]).escalate_at = False  # cases of other people are no matter of ours
        cls.policy = cls._promise(reply=4, resolve=0, level_ids=[
            Command.create({"clock": "reply", "amount": 75, "reach": "agent"}),
            Command.create({"clock": "reply", "amount": 1, "unit": "before", "reach": "leader"}),
            Command.create({"clock": "both", "amount": 150, "reach": "leader"})])

    def _cron(self, moment):
        with freeze_time(moment):
            self._run("_cron_escalate", model="care.case.escalation")

    def _told(self, case):
        return [(row.level_id.amount, row.promise, row.user_id.login, row.state)
                for row in self.escalations.search([("case_id", "=", case.id)], order="id")]

    def _open_todo(self, case):
        return self.env["mail.activity"].sudo().search([
            ("res_model", "=", "care.case"), ("res_id", "=", case.id)])

    def test_each_level_is_told_once(self):  # CC-5
        case = self._open_at(june(1, 9), user_id=self.agent.id)
        self.assertEqual(case.escalate_at, june(1, 12))
        self._cron(june(1, 11.75))
        self.assertEqual(self._told(case), [])
        for _again in range(3):
            self._cron(june(1, 12))
        self.assertEqual(self._told(case), [
            (75.0, "reply", "case_agent", "told"), (1.0, "reply", "case_leader", "told")])
        todo = self._open_todo(case)
        self.assertEqual(set(todo.user_id.mapped("login")), {"case_agent", "case_leader"})
        self.assertRegex(todo[0].summary, r"is due Mon, Jun 1, [12]:00\sPM$")
        self._cron(june(1, 16))  # 6 hours used: 150 %
        self.assertEqual(self._told(case)[-1], (150.0, "reply", "case_leader", "told"))
        self.assertFalse(case.escalate_at)

    def test_the_answer_ends_the_alarm(self):  # CC-5
        case = self._open_at(june(1, 9))
        self._cron(june(1, 12))
        self.assertTrue(self._open_todo(case))
        self._answer(june(1, 13), case)
        self.assertFalse(self._open_todo(case))
        self._cron(june(3))
        self.assertEqual(len(self._told(case)), 2)

    def test_nobody_is_told_while_the_customer_is_waited_for(self):  # CC-5
        case = self._open_at(june(1, 9))
        self._wait(june(1, 10), case)
        self._cron(june(2, 12))
        self.assertEqual(self._told(case), [])
        self._go_on(june(2, 12), case)
        self.assertEqual(case.escalate_at, june(2, 15))  # 1 of 3 hours was used

    def test_the_cron_that_was_off_tells_a_person_once(self):  # CC-5, RELIABILITY 1
        case = self._open_at(june(1, 9))
        self._cron(june(5, 16))
        self.assertEqual(len(self._told(case)), 3)
        self.assertEqual(len(self._open_todo(case)), 1)  # all three are for the leader

    def test_without_agent_and_leader_the_failure_stays_visible(self):  # CC-5, RELIABILITY 1
        self.team.leader_id = False
        case = self._open_at(june(1, 9))
        self._cron(june(1, 12))
        row = self.escalations.search([("case_id", "=", case.id)], limit=1)
        self.assertEqual((row.state, row.attempts), ("failed", 1))
        self.assertTrue(row.error)
        self.assertEqual(case.escalate_at, june(1, 12 + 5 / 60))
        self.team.leader_id = self.leader
        self._cron(june(1, 12.5))
        self.assertEqual(row.state, "told")

    def test_an_error_of_one_stops_no_other(self):  # CC-5, RELIABILITY 1
        bad, good = self._open_at(june(1, 9)), self._open_at(june(1, 9))
        activities, create = type(self.env["mail.activity"]), self.env["mail.activity"].create

        def poisoned(records, vals_list):
            vals_list = [vals_list] if isinstance(vals_list, dict) else vals_list
            if any(vals.get("res_id") == bad.id for vals in vals_list):
                raise ValueError("poison")
            return create.__func__(records, vals_list)

        with patch.object(activities, "create", poisoned), self.assertLogs(LOG, "WARNING"):
            self._cron(june(1, 12))
        self.assertEqual({row[3] for row in self._told(good)}, {"told"})
        self.assertEqual({row[3] for row in self._told(bad)}, {"failed"})
        self.assertIn("poison", self.escalations.search([("case_id", "=", bad.id)])[0].error)
        for moment in (june(1, 12.25), june(1, 15), june(2, 9), june(5, 9), june(8, 9)):
            with patch.object(activities, "create", poisoned), self.assertLogs(LOG, "WARNING"):
                self._cron(moment)
        self.assertIn("given_up", {row[3] for row in self._told(bad)})

    def test_a_case_without_words_stops_no_other(self):  # CC-5, RELIABILITY 1
        """What is to be said of one raises: it keeps the error, the others are told."""
        bad, good = self._open_at(june(1, 9)), self._open_at(june(1, 9))
        escalations = type(self.escalations)
        tell = escalations._tell_promise

        def poisoned(rows, case, promise, person):
            if case == bad:
                raise ValueError("no such time zone")
            return tell(rows, case, promise, person)

        with patch.object(escalations, "_tell_promise", poisoned), self.assertLogs(LOG, "WARNING"):
            self._cron(june(1, 12))
        self.assertEqual({row[3] for row in self._told(good)}, {"told"})
        rows = self.escalations.search([("case_id", "=", bad.id)])
        self.assertEqual(set(rows.mapped("state")), {"failed"})
        self.assertIn("no such time zone", rows[0].error)
        self._cron(june(1, 12.25))
        self.assertEqual({row[3] for row in self._told(bad)}, {"told"})

    def _poison(self, bad):
        """Nothing can be told of this case."""
        prepare = CasePlan.prepare_vals

        def poisoned(plan, now):
            if plan.case.id == bad.id:
                raise ValueError("poison")
            return prepare(plan, now)
        return patch.object(CasePlan, "prepare_vals", poisoned)

    def test_a_case_that_cannot_be_told_stops_no_other(self):  # CC-5, RELIABILITY 1
        cases = [self._open_at(june(1, 9)) for _number in range(5)]
        bad = cases.pop(1)
        with self._poison(bad), self.assertLogs(SAFELY, "WARNING"):
            self._cron(june(1, 12))
        for case in cases:
            self.assertEqual({row[3] for row in self._told(case)}, {"told"})
        trouble = self.escalations.search([("case_id", "=", bad.id)])
        self.assertEqual((trouble.state, trouble.attempts, trouble.level_id.id),
                         ("failed", 1, False))
        self.assertIn("poison", trouble.error)
        self.assertEqual(bad.escalate_at, june(1, 12 + 5 / 60))
        for moment in (june(1, 12.25), june(1, 15), june(2, 9), june(5, 9)):
            with self._poison(bad), self.assertLogs(SAFELY, "WARNING"):
                self._cron(moment)
        self.assertEqual((trouble.state, trouble.attempts), ("given_up", 5))
        self.assertFalse(bad.escalate_at)
        # the night tries once more; what works again is told, and no trouble is left
        self.env["care.night"].sudo()._run_steps(self.company, june(6, 1), "deadlines")
        self.assertFalse(trouble.exists())
        self._cron(june(8, 9))
        self.assertEqual({row[3] for row in self._told(bad)}, {"told"})

    def test_a_night_with_a_case_that_cannot_be_told(self):  # CC-5, RELIABILITY 1
        bad, good = self._open_at(june(1, 9)), self._open_at(june(1, 9))
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Closed", "calendar_id": self.calendar.id, "company_id": self.company.id,
            "date_from": june(1, 10), "date_to": june(1, 12)})
        with self._poison(bad), self.assertLogs(SAFELY, "WARNING"):
            self.env["care.night"].sudo()._run_steps(self.company, june(1, 9.5), "deadlines")
        self.assertEqual(good.reply_deadline, june(1, 16))
        self.assertIn("poison", self.escalations.search([("case_id", "=", bad.id)]).error)

    def test_the_activity_stands_when_the_mail_fails(self):  # CC-5, RELIABILITY 1
        other = self._create_user("case_other", "customer_care.group_customer_care_manager")
        second = self.team.copy({"leader_id": other.id, "alias_name": False})
        bad, good = self._open_at(june(1, 9)), self._open_at(june(1, 9), team_id=second.id)
        escalations, mail = type(self.escalations), type(self.escalations)._mail_person

        def poisoned(rows, person, told):
            if person == self.leader:
                raise ValueError("no layout")
            return mail(rows, person, told)

        with patch.object(escalations, "_mail_person", poisoned), self.assertLogs(LOG, "WARNING"):
            self._cron(june(1, 12))
        for case in (bad, good):
            self.assertTrue(self._open_todo(case))
        errors = self.escalations.search([("case_id", "in", (bad | good).ids)])
        self.assertEqual(set(errors.filtered("error").case_id.ids), {bad.id})

    def test_whoever_is_overtaken_comes_again(self):  # CC-5, RELIABILITY 1
        """Somebody wrote the same rows: that is no failure of a case or of a person."""
        case = self._open_at(june(1, 9))
        for name in ("_mail_person", "_prepare_activity"):
            with patch.object(type(self.escalations), name, side_effect=SerializationFailure), \
                    self.assertRaises(SerializationFailure), freeze_time(june(1, 12)):
                self.escalations._escalate(case)

    def test_a_person_gets_one_mail_about_all_his_cases(self):  # CC-5
        for _number in range(3):
            self._open_at(june(1, 9))
        domain = [("partner_ids", "in", self.leader.partner_id.ids)]
        before = self.env["mail.message"].sudo().search(domain)
        self._cron(june(1, 12))
        found = self.env["mail.message"].sudo().search(domain) - before
        self.assertEqual(found.mapped("subject"), ["3 cases need you"])

    def test_queries_do_not_grow_with_the_cases(self):  # CC-5, P
        def spent(number):
            for _number in range(number):
                self._open_at(june(1, 9))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._cron(june(1, 12))
            return self.cr.sql_log_count - before

        spent(2)
        few, many = spent(10), spent(100)
        # core looks up the type of each activity by its key; nothing else is per case
        self.assertLess((many - few) / 90, 1.2, f"{few} queries for 10 cases, {many} for 100")
