from datetime import date, timedelta

from odoo import Command, fields
from odoo.tests import tagged

from .common import NOW
from .common_sla import SlaCommon, june

MOMENT = june(1, 9)


@tagged("post_install", "-at_install")
class TestServiceLeaver(SlaCommon):
    """Somebody leaves the house: no customer waits for him."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls._create_user("case_second", "customer_care.group_customer_care_user")
        cls.team.member_ids = [Command.link(cls.second.id)]

    def _rated(self, case):
        """The customer was not content: somebody calls back."""
        return self.env["care.feedback"].sudo()._record({
            "metric": "csat", "value": 1, "partner_id": self.writer.id, "case_id": case.id,
            "company_id": self.company.id, "team_id": self.team.id,
            "responded_at": fields.Datetime.now()})

    def _todo(self, record):
        return self.env["mail.activity"].sudo().search([
            ("res_model", "=", record._name), ("res_id", "=", record.id)])

    def _told(self, user, before):
        return self.env["mail.message"].sudo().search([
            ("id", ">", before), ("message_type", "=", "user_notification"),
            ("partner_ids", "in", user.partner_id.ids)])

    def _last_message(self):
        return self.env["mail.message"].sudo().search([], order="id desc", limit=1).id

    def test_his_open_cases_wait_for_somebody_and_the_leader_knows(self):  # CC-3, CC-5
        cases = [self._open_at(MOMENT, user_id=self.agent.id) for _number in range(3)]
        self._wait(june(1, 10), cases[1])
        self._resolve(june(1, 10), cases[2])
        before = self._last_message()
        self.agent.active = False
        self.assertEqual([case.user_id for case in cases], [
            self.cases.user_id, self.cases.user_id, self.agent])
        self.assertEqual(cases[0].transfer_count, 0)
        told = self._told(self.leader, before)
        self.assertEqual(len(told), 1)
        self.assertIn(cases[0].number, told.body)
        self.assertIn(cases[1].number, told.body)

    def test_a_member_knows_when_it_is_the_leader_who_left(self):  # CC-3
        self.team.member_ids = self.second
        case = self._open_at(MOMENT, user_id=self.leader.id)
        before = self._last_message()
        self.leader.active = False
        self.assertFalse(case.user_id)
        [told] = self._told(self.second, before)
        self.assertIn(case.number, told.body)

    def test_a_team_that_gives_out_gives_them_out(self):  # CC-3
        self.team.assign_mode = "least_open"
        case = self._open_case(user_id=self.agent.id)
        worktime = type(self.env["care.worktime"])
        self.patch(worktime, "_is_worktime", lambda *args: True)
        self.agent.action_archive()
        self.assertEqual(case.user_id, self.second)

    def test_what_is_opened_again_does_not_wait_for_him(self):  # CC-3, CC-7
        case = self._open_at(MOMENT, user_id=self.agent.id)
        self._resolve(june(1, 10), case)
        self.agent.active = False
        case.with_user(self.second).action_reopen()
        self.assertEqual(case.user_id, self.agent)
        self._run("_cron_escalate", model="care.case.escalation")
        self.assertFalse(case.user_id)

    def test_who_called_back_is_gone_and_somebody_calls(self):  # CC-8
        case = self._open_case()
        for archive in ("action_archive", "call"):
            with self.subTest(archive):
                caller = self._create_user(
                    f"caller_{archive}", "customer_care.group_customer_care_user")
                self.team.leader_id = caller
                answer = self._rated(case)
                answer._set_follow_open()
                self.assertEqual(answer.follow_user_id, caller)
                self.team.leader_id = self.leader
                if archive == "call":
                    caller.write({"active": False})
                else:
                    caller.action_archive()
                self.assertEqual(answer.follow_state, "open")
                # another addon that hands over activities may have been faster
                heir = answer.follow_user_id
                self.assertTrue(heir.active and heir != caller)
                self.assertEqual(answer.follow_activity_id.user_id, heir)
                self.assertEqual(answer.follow_activity_id.date_deadline, answer.follow_due)

    def test_the_leader_calls_instead(self):  # CC-8
        answer = self._rated(self._open_case())
        answer.follow_user_id = self.second
        answer.follow_activity_id.unlink()
        self.second.active = False
        self.assertEqual(answer.follow_user_id, self.leader)
        self.assertEqual(answer.follow_activity_id.user_id, self.leader)

    def test_a_corrective_action_goes_to_the_leader(self):  # CC-4
        case = self._open_case(
            kind="complaint", corrective_action="New gasket", corrective_user_id=self.agent.id,
            corrective_due=date(2026, 9, 1))
        self.agent.action_archive()
        self.assertEqual(case.sudo().corrective_user_id, self.leader)
        self.assertIn(self.leader, self._todo(case).user_id)

    def test_an_alert_gets_another_owner(self):  # CC-17
        machine = self.env["product.product"].create(
            {"name": "Machine", "type": "consu", "care_owner_id": self.agent.id})
        self.company.care_alert_owner_id = self.second
        self.env["care.voice"].sudo().create({
            "product_id": machine.id, "kind": "defect", "is_safety": True, "text": "It burns",
            "company_id": self.company.id, "said_on": self.company._care_today()})
        alert = self.env["care.alert"].sudo().search([("product_id", "=", machine.id)])
        self.assertEqual(alert.owner_id, self.agent)
        self.agent.action_archive()
        self.assertEqual(alert.owner_id, self.second)
        self.assertEqual(self._todo(alert).user_id, self.second)

    def test_a_level_tells_whoever_is_there(self):  # CC-5
        """Agent, leader or the named person: one who has left is no reason to tell nobody."""
        case = self._open_at(MOMENT, user_id=self.agent.id)
        levels = self._promise(reply=4, resolve=0, level_ids=[
            Command.create({"clock": "reply", "amount": amount, "reach": reach,
                            "user_id": reach == "user" and self.second.id})
            for amount, reach in ((50, "leader"), (75, "agent"), (100, "user"))]).level_ids
        self.leader.active = self.second.active = False
        self.assertEqual({level._get_person(case) for level in levels}, {self.agent})
        self.leader.active = True
        case.user_id = self.second
        self.assertEqual({level._get_person(case) for level in levels}, {self.leader})

    def test_a_customer_s_word_finds_somebody(self):  # CC-4, CC-20
        case = self._open_case(kind="complaint", user_id=self.agent.id).sudo()
        self.team.member_ids = self.agent | self.second
        self.leader.active = self.agent.active = False
        case.user_id = self.agent
        case._ask_for_file()
        self.assertIn(self.second, self._todo(case).user_id)
        self.assertNotIn(self.agent, self._todo(case).user_id)

    def test_no_deal_begins_with_somebody_who_has_left(self):  # CC-16
        proposal = self.env["care.proposal"].new({"user_id": self.second.id})
        loop = self.env["care.loop"]
        self.assertEqual(loop._get_seller(proposal), self.second)
        self.second.active = False
        self.assertNotEqual(loop._get_seller(proposal), self.second)

    def test_nobody_who_left_is_told_that_a_call_is_late(self):  # CC-8
        answer = self._rated(self._open_case())
        answer.follow_user_id = self.second
        self.leader.active = False
        self.assertFalse(answer._choose_follow_boss())
        answer.follow_due = NOW.date() - timedelta(days=9)
        answer._escalate(NOW)
        self.assertNotIn(self.leader, self._todo(answer.case_id).user_id)
