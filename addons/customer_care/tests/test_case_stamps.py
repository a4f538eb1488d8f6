from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common_sla import SlaCommon, june

FORGED = {
    "fcr_state": "yes", "first_response_at": june(1, 9), "resolved_at": june(1, 9),
    "reply_result": "met", "reopen_count": 0, "opened_at": june(1, 16), "close_reason": "spam",
    "deadline_at": june(30), "sla_id": False}


@tagged("post_install", "-at_install")
class TestCaseStamps(SlaCommon):
    """What the figures are made of is noted, and not written by those whom they measure."""

    def test_nobody_writes_when_he_answered(self):  # CC-5, CC-6, ALL-4
        case = self._open_at(june(1, 9))
        for person in (self.agent, self.leader):
            for name, value in FORGED.items():
                with self.subTest(name, person=person.login), self.assertRaises(AccessError):
                    case.with_user(person).write({name: value})

    def test_a_case_is_not_opened_with_stamps(self):  # CC-5, ALL-4
        with self.assertRaises(AccessError):
            self._open_case(resolved_at=june(1, 9))
        case = self.cases.with_user(self.agent).with_context(
            default_reply_result="met", default_severity="4").create(
                {"name": "The grinder stopped", "team_id": self.team.id})
        self.assertEqual((case.reply_result, case.severity), (False, "4"), "nor by a default")

    def test_a_case_of_yesterday_began_yesterday(self):  # CC-3
        with freeze_time(june(2, 9)):
            self.assertEqual(self._open_case(opened_at=june(1, 9)).opened_at, june(1, 9))
            with self.assertRaises(UserError):
                self._open_case(opened_at=june(3, 9))

    def test_an_import_names_what_it_may_not_set(self):  # CC-5, ALL-4
        found = self.cases.with_user(self.leader).load(
            ["name", "team_id/.id", "first_response_at"],
            [["The grinder stopped", str(self.team.id), "2026-06-01 09:00:00"]])
        self.assertFalse(found["ids"])
        self.assertIn("First reply", found["messages"][0]["message"])

    def test_the_agent_s_own_work_is_noted(self):  # CC-5
        case = self._open_at(june(1, 9))
        self._answer(june(1, 10), case)
        self._resolve(june(1, 11), case)
        self.assertEqual((case.first_response_at, case.resolved_at, case.resolver_id),
                         (june(1, 10), june(1, 11), self.agent))
        self._at(june(1, 12), case, "action_reopen")
        self._at(june(1, 12), case, "action_close_as", "cancelled")
        self.assertEqual((case.reopen_count, case.close_reason), (1, "cancelled"))
