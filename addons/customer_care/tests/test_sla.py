from unittest.mock import patch

from odoo import Command
from odoo.addons.customer_care.models import care_case_sla, care_night_sla
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time, tagged

from .common_sla import SlaCommon, june


@tagged("post_install", "-at_install")
class TestSla(SlaCommon):
    """What is promised, when it is due, and what became of it."""

    def test_deadlines_run_in_working_hours(self):  # CC-5
        self._promise(reply=2, resolve=8)
        case = self._open_at(june(5, 16))  # Friday, one hour before the end
        self.assertEqual(case.reply_deadline, june(8, 9))
        self.assertEqual(case.deadline_at, june(8, 16))
        self.assertEqual(case.due_at, june(8, 9))
        self.assertState(june(7, 12), case, "ok", "ok")  # Sunday
        self.assertState(june(8, 8.75), case, "at_risk", "ok")
        self.assertState(june(8, 9), case, "breached", "ok")
        self.assertState(june(8, 14.5), case, resolution="at_risk")

    def test_leaves_and_time_zone_of_the_team_count(self):  # CC-5
        self._promise(reply=2, resolve=8)
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Whit Monday", "calendar_id": self.calendar.id, "company_id": self.company.id,
            "date_from": june(8, 0), "date_to": june(8, 23)})
        self.assertEqual(self._open_at(june(5, 16)).reply_deadline, june(9, 9))
        self.team.resource_calendar_id = self._create_calendar("Sydney", "Australia/Sydney")
        # 16:00 UTC of Thursday is Friday 2:00 there; its 8:00 is 22:00 UTC
        self.assertEqual(self._open_at(june(11, 16)).reply_deadline, june(12, 0))

    def test_time_off_of_one_person_moves_no_deadline(self):  # CC-5
        """The team is there: what one of them is off for is no time of the promise."""
        self._promise(reply=2)
        resource = self.env["resource.resource"].sudo().create({
            "name": "Agent", "user_id": self.agent.id, "calendar_id": self.calendar.id,
            "company_id": self.company.id, "tz": "UTC"})
        self.env["resource.calendar.leaves"].sudo().create({
            "name": "Holiday", "calendar_id": self.calendar.id, "company_id": self.company.id,
            "resource_id": resource.id, "date_from": june(8, 0), "date_to": june(12, 23)})
        case = self._open_at(june(5, 16), user_id=self.agent.id)
        self.assertEqual(case.reply_deadline, june(8, 9))

    def test_a_day_off_of_the_whole_company_stops_the_clock(self):  # CC-5
        """A public holiday is entered without a calendar: it holds for all teams of the company."""
        self._promise(reply=2)
        leave = self.env["resource.calendar.leaves"].sudo().with_company(self.company).create({
            "name": "National Day", "calendar_id": False, "company_id": self.company.id,
            "date_from": june(8, 0), "date_to": june(8, 23)})
        self.assertFalse(leave.calendar_id or leave.resource_id)
        self.assertEqual(self._open_at(june(5, 16)).reply_deadline, june(9, 9))
        leave.time_type = "other"  # a training: people are there
        self.assertEqual(self._open_at(june(5, 16)).reply_deadline, june(8, 9))

    def test_leaves_of_another_company_are_none_of_ours(self):  # CC-5, ALL-4
        self._promise(reply=2)
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        leave = self.env["resource.calendar.leaves"].sudo().with_company(other).create({
            "name": "Their day", "calendar_id": False,
            "date_from": june(8, 0), "date_to": june(8, 23)})
        self.assertEqual((leave.company_id, leave.calendar_id.id), (other, False))
        self.assertEqual(self._open_at(june(5, 16)).reply_deadline, june(8, 9))

    def test_reply_and_resolution_are_judged_when_they_happen(self):  # CC-5
        self._promise(reply=2, resolve=8)
        case = self._open_at(june(1, 9))
        self._answer(june(1, 11), case)
        self.assertEqual((case.reply_hours, case.reply_result), (2.0, "met"))
        self.assertEqual(case.due_at, case.deadline_at)
        self._resolve(june(2, 9.5), case)
        self.assertEqual((case.resolution_hours, case.resolution_result), (8.5, "missed"))
        self.assertFalse(case.due_at)
        self.assertState(june(3), case, "met", "missed")

    def test_waiting_for_the_customer_pauses(self):  # CC-5
        self._promise(reply=0, resolve=4)
        case = self._open_at(june(1, 9))
        self._wait(june(1, 10), case)  # one hour used
        self.assertState(june(1, 16), case, resolution="paused")
        self.assertFalse(case.due_at)
        self._go_on(june(2, 10), case)  # eight hours later
        self.assertEqual((case.deadline_at, case.paused_hours), (june(2, 14), 8.0))
        self._resolve(june(2, 14), case)
        self.assertEqual((case.resolution_hours, case.resolution_result), (4.0, "met"))

    def test_who_was_late_before_the_pause_stays_late(self):  # CC-5
        self._promise(reply=0, resolve=1)
        case = self._open_at(june(1, 9))
        self._wait(june(1, 11), case)
        self.assertState(june(1, 12), case, resolution="breached")
        self._go_on(june(2, 9), case)
        self.assertEqual(case.deadline_at, june(1, 10))

    def test_a_policy_without_pauses_runs_on(self):  # CC-5
        self._promise(reply=0, resolve=4, pause_waiting=False)
        case = self._open_at(june(1, 9))
        self._wait(june(1, 10), case)
        self.assertState(june(1, 15), case, resolution="breached")
        self.assertEqual(case.deadline_at, june(1, 14))

    def test_a_reopened_case_has_the_hours_it_had_left(self):  # CC-5, CC-7
        self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 9))
        self._resolve(june(1, 11), case)
        self._at(june(3, 9), case, "action_reopen")
        self.assertEqual(case.deadline_at, june(3, 16))  # 6 hours left
        self.assertState(june(3, 16.5), case, resolution="breached")
        self._resolve(june(4, 9), case)
        self.assertEqual((case.resolution_hours, case.resolution_result), (2.0, "met"))
        self.assertState(june(5), case, resolution="met")

    def test_calls_and_what_we_began_owe_no_first_reply(self):  # CC-5
        self._promise(reply=1, resolve=8)
        with freeze_time(june(1, 9)):
            call = self._open_case(channel="phone").sudo()
            ours = self._open_case(channel="email", is_proactive=True).sudo()
        self.assertEqual((call.reply_hours, call.reply_result), (0.0, False))
        self.assertIs(ours.reply_hours, False)
        for case in (call, ours):
            self.assertState(june(3), case, "none", "breached")

    def test_a_duplicate_that_is_closed_owes_nothing(self):  # CC-5
        self._promise()
        case = self._open_at(june(1, 9))
        self._at(june(4), case, "_close", "duplicate")
        self.assertState(june(5), case, "none", "none")
        self.assertFalse(case.due_at or case.escalate_at)

    def test_the_most_specific_policy_wins(self):  # CC-5
        tag = self.env["res.partner.category"].sudo().create({"name": "Key customer"})
        parent = self.env["care.category"].sudo().create({"name": "Machines"})
        child = self.env["care.category"].sudo().create({"name": "Pump", "parent_id": parent.id})
        general = self._promise(sequence=1)
        severe = self._promise(severity_ids=self._choices("3"), sequence=2)
        pumps = self._promise(
            severity_ids=self._choices("3"), category_ids=[Command.set(parent.ids)])
        key = self._promise(
            severity_ids=self._choices("3"), tag_ids=[Command.set(tag.ids)],
            kind_ids=self._choices("defect"))
        self.assertEqual(self._open_at(june(1)).sla_id, general)
        case = self._open_at(june(1), severity="3")
        self.assertEqual(case.sla_id, severe)
        self._at(june(1, 10), case, "write", {"category_id": child.id})
        self.assertEqual(case.sla_id, pumps)
        self.writer.category_id = tag
        self._at(june(1, 11), case, "write", {"kind": "defect"})
        self.assertEqual(case.sla_id, key)
        self.assertEqual(self._open_at(june(1), partner=self._create_customer("Nobody"),
                                       severity="3", kind="defect").sla_id, severe)

    def test_another_company_has_its_own_promises(self):  # CC-5, ALL-4
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        self._promise(company_id=other.id)
        case = self._open_at(june(1))
        self.assertFalse(case.sla_id or case.deadline_at)
        self.assertState(june(9), case, "none", "none")
        self._resolve(june(1, 11), case)
        self.assertEqual(case.resolution_hours, 2.0)  # told without a promise, too

    def test_a_changed_promise_holds_for_open_cases_only(self):  # CC-5
        policy = self._promise(reply=0, resolve=8)
        done, running = self._open_at(june(1, 9)), self._open_at(june(1, 9))
        self._resolve(june(1, 14), done)
        with freeze_time(june(1, 15)):
            policy.resolve_within = 2
        self.env.invalidate_all()
        self.assertEqual((done.resolution_result, done.sla_id), ("met", policy))
        self.assertEqual(running.deadline_at, june(1, 11))

    def test_a_team_with_other_hours_tells_the_deadline_anew(self):  # CC-5
        self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 9))
        self._wait(june(1, 10), case)
        self._go_on(june(1, 12), case)
        nights = self._create_calendar("Mornings", "UTC")
        nights.attendance_ids.filtered(lambda one: one.day_period == "afternoon").unlink()
        other = self.team.copy({"resource_calendar_id": nights.id, "alias_name": False})
        self._at(june(1, 13), case, "write", {"team_id": other.id})
        # 3 hours of Monday, 2 of them paused: 1 used; 4 each on Tuesday, 3 on Wednesday
        self.assertEqual(case.deadline_at, june(3, 11))

    def test_what_is_done_is_never_judged_again(self):  # CC-5
        """Whatever is edited later, on the case or in the service level."""
        policy = self._promise(reply=2, resolve=8, severity_ids=self._choices("2"))
        self._promise(reply=0.25, resolve=1, severity_ids=self._choices("4"))
        case = self._open_at(june(1, 9))
        self._answer(june(1, 10), case)
        self._at(june(1, 10.25), case, "write", {"severity": "4"})
        # the reply was judged by what held then; the resolution is owed by what holds now
        self.assertEqual((case.reply_result, case.reply_deadline), ("met", june(1, 11)))
        self.assertEqual(case.deadline_at, june(1, 10))
        self._at(june(1, 10.5), case, "write", {"severity": "2"})
        self._resolve(june(1, 11), case)
        kept = ("sla_id", "reply_sla_id", "allowed_hours", "reply_deadline", "deadline_at",
                "reply_hours", "reply_result", "resolution_hours", "resolution_result",
                "paused_hours")
        before = [case[name] for name in kept]
        self.assertEqual(before[:3], [policy, policy, 8.0])
        self.assertEqual(before[6:9], ["met", 2.0, "met"])
        nights = self._create_calendar("Nothing", "UTC")
        nights.attendance_ids.filtered(lambda one: one.day_period == "morning").unlink()
        other = self.team.copy({"resource_calendar_id": nights.id, "alias_name": False})
        self._at(june(2), case, "write", {"severity": "4", "kind": "defect"})
        self._at(june(2), case, "write", {"team_id": other.id})
        with freeze_time(june(2, 9)):
            policy.write({"resolve_within": 1, "severity_ids": self._choices("1")})
        self._at(june(3), case, "_close", "solved")
        case._set_deadlines(june(4), chosen_again=True)
        self.assertEqual([case[name] for name in kept], before)
        self.assertFalse(case.due_at or case.escalate_at)

    def test_a_case_resolved_again_keeps_the_first_judgement(self):  # CC-5, CC-7
        policy = self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 9))
        self._resolve(june(1, 11), case)
        self._at(june(2, 9), case, "action_reopen")
        self._promise(reply=0, resolve=1, severity_ids=self._choices("4"))
        with freeze_time(june(2, 9)):
            policy.resolve_within = 1
        self._at(june(2, 10), case, "write", {"severity": "4"})
        self.assertEqual(case.deadline_at, june(2, 16))  # 6 of the 8 hours were left
        self._resolve(june(5), case)
        self.assertEqual((case.sla_id, case.resolution_hours, case.resolution_result),
                         (policy, 2.0, "met"))

    def test_a_manager_has_it_judged_again(self):  # CC-5, ALL-4
        self._promise(reply=0, resolve=8, severity_ids=self._choices("2"), name="Normal")
        strict = self._promise(reply=0, resolve=1, severity_ids=self._choices("4"), name="Critical")
        case = self._open_at(june(1, 9))
        self._resolve(june(1, 11), case)
        self._at(june(2), case, "write", {"severity": "4"})
        with self.assertRaises(AccessError):
            case.with_user(self.agent).action_judge_again()
        case.with_user(self.leader).action_judge_again()
        self.assertEqual((case.sla_id, case.allowed_hours, case.resolution_hours), (strict, 1, 2))
        self.assertEqual(case.resolution_result, "missed")
        said = case.message_ids[0]
        self.assertEqual(said.author_id, self.leader.partner_id)
        self.assertIn("Before: Normal; first reply not judged; resolution met.", said.body)
        self.assertIn("Now: Critical; first reply not judged; resolution missed.", said.body)

    def test_a_corrected_stamp_is_judged_by_the_new_one(self):  # CC-3, CC-5
        """A call of yesterday becomes part of today's case: its customer waits since then."""
        self._promise(reply=2, resolve=8)
        early, late = self._open_at(june(1, 9)), self._open_at(june(1, 16))
        self._answer(june(1, 17), late)
        self.assertEqual(late.reply_result, "met")
        with freeze_time(june(1, 17)):
            early.with_user(self.agent)._merge_into(late)
        late.invalidate_recordset()
        self.assertEqual((late.reply_hours, late.reply_result), (7.0, "missed"))

    def test_the_report_names_who_judged(self):  # CC-5
        policy = self._promise(reply=2, resolve=8, severity_ids=self._choices("2"))
        strict = self._promise(reply=1, resolve=1, severity_ids=self._choices("4"))
        case = self._open_at(june(1, 9))
        self._answer(june(1, 10), case)
        self._at(june(1, 11), case, "write", {"severity": "4"})
        self.env.flush_all()
        with freeze_time(june(1, 12)):
            rows = self.env["care.sla.report"].sudo().search([("case_id", "=", case.id)])
            self.assertEqual({row.promise: (row.sla_id, row.result) for row in rows},
                             {"reply": (policy, "met"), "resolution": (strict, "overdue")})
        with self.assertRaises(UserError):
            policy.unlink()

    def test_many_cases_wait_for_no_manager(self):  # CC-5, P
        """Whoever changes a service level touches no case of a busy desk; the night's step does,
        at once, a chunk at a time, and goes on where it was."""
        policy = self._promise(reply=0, resolve=8)
        cases = self.cases.browse()
        for _number in range(5):
            cases |= self._open_at(june(1, 9))
        nights = self.env["care.night"].sudo()
        nights.search([("company_id", "=", self.company.id)]).unlink()
        with patch.object(care_case_sla, "CHUNK", 4), patch.object(care_night_sla, "CHUNK", 2):
            with freeze_time(june(1, 10)):
                policy.resolve_within = 2
            self.assertEqual(set(cases.mapped("deadline_at")), {june(2, 9)})
            night = nights.search([("company_id", "=", self.company.id), ("state", "=", "waiting")])
            self.assertEqual(night.step, "deadlines")
            with freeze_time(june(1, 10)):
                night._run_chunk()
            self.assertEqual(cases.mapped("deadline_at"), [june(1, 11)] * 2 + [june(2, 9)] * 3)
            for _chunk in range(2):
                night._run_chunk()
        self.assertEqual((night.state, night.chunks), ("done", 3))
        self.assertEqual(set(cases.mapped("deadline_at")), {june(1, 11)})

    def test_a_day_off_entered_later_moves_deadlines_at_once(self):  # CC-5
        self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 16))
        leave = self.env["resource.calendar.leaves"].sudo().create({
            "name": "Closed", "calendar_id": self.calendar.id, "company_id": self.company.id,
            "date_from": june(2, 0), "date_to": june(2, 23)})
        self.assertEqual(case.deadline_at, june(3, 16))
        leave.write({"date_from": june(3, 0), "date_to": june(3, 23)})
        self.assertEqual(case.deadline_at, june(2, 16))
        leave.unlink()
        self.assertEqual(case.deadline_at, june(2, 16))

    def test_changed_working_hours_move_deadlines_at_once(self):  # CC-5
        """An edited week is many lines; the cases are told once, when all of it is written."""
        self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 16))
        afternoons = self.calendar.attendance_ids.filtered(
            lambda one: one.day_period == "afternoon")
        planner = self._create_user("hours_planner", "base.group_user", "base.group_system")
        planned = self.calendar.with_user(planner).sudo(False)
        with patch.object(type(case), "_set_deadlines_due", autospec=True,
                          side_effect=type(case)._set_deadlines_due) as told:
            planned.attendance_ids = [
                *(Command.delete(line.id) for line in afternoons[1:]),
                Command.update(afternoons[0].id, {"hour_to": 14})]
            self.env.cr.precommit.run()
            self.assertEqual(case.deadline_at, june(3, 12))  # nothing on Monday, 4 and 4
            told.assert_called_once()
            planned.tz = "Europe/Athens"  # three hours earlier by UTC
            self.env.cr.precommit.run()
        self.assertEqual(case.deadline_at, june(3, 9))

    def test_a_team_that_gets_other_hours_moves_its_deadlines(self):  # CC-5
        self._promise(reply=0, resolve=8)
        case = self._open_at(june(1, 16))
        mornings = self._create_calendar("Mornings", "UTC")
        mornings.attendance_ids.filtered(lambda one: one.day_period == "afternoon").unlink()
        self.env.cr.precommit.run()
        self.assertEqual(case.deadline_at, june(2, 16))  # not its hours yet
        self.team.sudo().resource_calendar_id = mornings
        self.env.cr.precommit.run()
        self.assertEqual(case.deadline_at, june(3, 12))

    def test_flexible_hours_move_deadlines_too(self):  # CC-5
        """So many hours a day around noon, and no lines."""
        for name, value in (("schedule_type", "flexible"), ("hours_per_day", 6),
                            ("full_time_required_hours", 20)):
            with self.subTest(name), patch.object(
                    type(self.cases), "_set_deadlines_due") as told:
                self.calendar.write({name: value})
                self.env.cr.precommit.run()
                told.assert_called_once()

    def test_the_preset_and_who_may_use_it(self):  # CC-5, ALL-4
        policies = self.env["care.sla"].with_company(self.company)
        with self.assertRaises(AccessError):
            policies.with_user(self.agent).action_create_preset()
        policies.with_user(self.leader).action_create_preset()
        made = self.policies.search([("company_id", "=", self.company.id)])
        self.assertEqual(
            {one.severity_ids.value: (one.reply_within, one.resolve_within) for one in made},
            {"4": (1, 8), "3": (4, 16), "2": (8, 40), "1": (16, 80)})
        case = self._open_at(june(1))
        with self.assertRaises(UserError):
            case.sla_id.unlink()

    def test_one_cannot_see_another_companys_promise(self):  # ALL-4
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        theirs = self._promise(company_id=other.id)
        found = self.env["care.sla"].with_user(self.leader).search([])
        self.assertNotIn(theirs, found)

    def test_queries_do_not_grow_with_the_cases(self):  # CC-5, P
        self._promise()
        cases = self.cases.browse()
        for _number in range(40):
            cases |= self._open_at(june(1, 9))

        def spent(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            some._set_deadlines(june(1, 12), chosen_again=True)
            self.env.flush_all()
            return self.cr.sql_log_count - before

        spent(cases[:2])
        self.assertLessEqual(spent(cases), spent(cases[:4]) + 2)
