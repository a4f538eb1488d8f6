from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common_gate import NEW_YORK, TOKYO, GateCase


@tagged("post_install", "-at_install")
class TestGate(GateCase):
    """May we write to this person for this purpose, and when?"""

    def _abroad(self):
        japan, states = self.env.ref("base.jp"), self.env.ref("base.us")
        ken = self._create_lead("Ken", "ken@pumps.test", country_id=japan.id)
        nora = self._create_lead(
            "Nora", "nora@pumps.test", country_id=states.id,
            state_id=self.env.ref("base.state_us_27").id,
        )  # fmt: skip
        return ken, nora

    # ------------------------------------------------------------
    # QUIET HOURS
    # ------------------------------------------------------------

    def test_each_gets_the_mail_in_his_own_morning(self):  # LN-31, LN-35
        self.pumps.write({"nurture_quiet_from": 20, "nurture_quiet_to": 8})
        ken, nora = self._abroad()
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        for lead, zone in ((ken, TOKYO), (nora, NEW_YORK)):
            enrolment = self._stands_at(lead)
            self.assertStands(lead, "welcome", "waiting")
            self.assertFalse(self._sends_of(lead))
            at = self._local(enrolment.run_at, zone)
            self.assertEqual((at.hour, at.minute), (8, 0))
            self.assertIn("8:00", enrolment.mail_hold_text)
            self.assertIn(zone.key, enrolment.mail_hold_text)
        first, second = self._stands_at(nora).run_at, self._stands_at(ken).run_at
        self.assertLess(first, second, "the sun is up in New York before it is in Tokyo again")
        self._advance(first)
        self.assertEqual((self._mails(nora), self._mails(ken)), (1, 0))
        self._advance(second)
        self.assertEqual((self._mails(nora), self._mails(ken)), (1, 1))
        self.assertLeft(ken, "finished")
        self.assertFalse(self._stands_at(ken).mail_hold, "nothing holds him any more")

    def test_the_log_says_what_held_it(self):  # LN-35
        self.pumps.write({"nurture_quiet_from": 20, "nurture_quiet_to": 8})
        ken, _nora = self._abroad()
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        log = self._stands_at(ken).log_ids
        self.assertEqual((log.result, log.label, log.left_at), ("quiet hours", False, False))
        self._advance(self._stands_at(ken).run_at)
        self.assertEqual((log.result, log.label), ("queued", "next"), "one step, logged once")

    def test_weekends_and_holidays(self):  # LN-31
        ref = self.env.ref
        ken, nora = self._abroad()
        self.pumps.nurture_weekday_ids = ref("lead_nurture.nurture_weekday_1") | ref(
            "lead_nurture.nurture_weekday_2"
        )
        tuesday = (self.monday + timedelta(days=1)).date()
        self.pumps.nurture_skip_holidays = True
        self.env["nurture.holiday"].create(
            {"name": "Day of the pump", "date": tuesday,
             "country_id": ref("base.jp").id}
        )  # fmt: skip
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        at = self._local(self._stands_at(nora).run_at, NEW_YORK)
        self.assertEqual((at.date(), at.hour), (tuesday, 0))
        at = self._local(self._stands_at(ken).run_at, TOKYO)
        self.assertEqual((at.date(), at.hour), (tuesday + timedelta(days=1), 0))

    def test_a_policy_without_a_minute_is_refused(self):  # LN-35
        with self.assertRaisesRegex(ValidationError, "no minute"):
            self.pumps.write({"nurture_quiet_from": 0, "nurture_quiet_to": 24})
        for wrong in ({"nurture_quiet_from": 25}, {"nurture_quiet_to": -1},
                      {"nurture_cap_mails": -1}, {"nurture_cap_days": 0}):  # fmt: skip
            with self.assertRaises(ValidationError, msg=wrong):
                self.pumps.write(wrong)

    def _quiet_now(self):
        hour = fields.Datetime.now().hour
        self.pumps.write({"nurture_quiet_from": hour, "nurture_quiet_to": (hour + 3) % 24})

    def test_the_sender_keeps_quiet_too(self):  # LN-35, RELIABILITY
        """The queue stood still until the evening."""
        ann = self._create_lead()
        self._let_in(self._create_scenario(self._sends()))
        self._advance()
        self._quiet_now()
        self.assertFalse(self._deliver())
        mail = self.env["mail.mail"].search([("nurture_send_id", "=", self._sends_of(ann).id)])
        self.assertEqual(mail.state, "outgoing")
        self.assertGreater(mail.scheduled_date, fields.Datetime.now())
        self._lift_limits()
        mail.scheduled_date = False
        self.assertEqual(len(self._deliver()), 1)

    def test_what_was_asked_for_leaves_in_quiet_hours(self):  # LN-35
        self._create_lead()
        self._quiet_now()
        self._let_in(self._create_scenario(self._sends(mail_category="transactional")))
        self._advance()
        self.assertEqual(len(self._deliver()), 1)

    def test_who_was_parked_before_the_mail_is_tried_again(self):  # LN-43
        """The step had begun and held him: he is not begun anew, he is asked for again."""
        self.pumps.write({"nurture_quiet_from": 20, "nurture_quiet_to": 8})
        ken, _nora = self._abroad()
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        enrolment = self._stands_at(ken)
        enrolment._set_parked("the server of the database was full")
        self._lift_limits()
        enrolment.with_user(self.mira).action_retry()
        self._advance()
        self.assertLeft(ken, "finished")
        self.assertEqual(self._mails(ken), 1)

    # ------------------------------------------------------------
    # LIMIT PER PERSON
    # ------------------------------------------------------------

    def test_two_mails_a_week_over_two_scenarios(self):  # LN-35
        self.pumps.write({"nurture_cap_mails": 2, "nurture_cap_days": 7})
        ann = self._create_lead()
        steps = {**self._sends("one"), **self._sends("two")}
        steps["one"] = (*steps["one"][:2], {"next": "two"})
        self._let_in(self._create_scenario(steps))
        self._advance(self.monday)
        self.assertEqual(self._mails(ann), 2)
        self._let_in(self._create_scenario(self._sends("three")))
        self._advance(self.monday + timedelta(hours=1))
        self.assertStands(ann, "three", "waiting")
        enrolment = self._stands_at(ann)
        self.assertEqual(enrolment.run_at, self.monday + timedelta(days=7))
        self.assertIn("as many mails as are allowed", enrolment.mail_hold_text)
        self._let_in(
            self._create_scenario(self._sends("asked", mail_category="transactional"))
        )
        self._advance(self.monday + timedelta(hours=2))
        self.assertLeft(ann, "finished")
        self.assertEqual(self._mails(ann), 3, "what he asked for came at once")
        self._advance(self.monday + timedelta(days=7))
        self.assertEqual(self._mails(ann), 4, "and did not count")

    def test_a_mail_that_did_not_leave_does_not_count(self):  # LN-35
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 7})
        ann = self._create_lead()
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        self._sends_of(ann)._write_rows(state="failed")
        self._let_in(self._create_scenario(self._sends("again")))
        self._advance(self.monday)
        self.assertLeft(ann, "finished")

    def test_another_company_has_its_own_limit(self):  # LN-35
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 7})
        self.assertFalse(self.filters.nurture_cap_mails)
        ann = self._create_lead()
        scenario = self._create_scenario(self._sends())
        self._let_in(scenario)
        self._advance(self.monday)
        self._sends_of(ann)._write_rows(company_id=self.filters.id)
        self._let_in(self._create_scenario(self._sends("again")))
        self._advance(self.monday)
        self.assertEqual(self._mails(ann), 2)

    def test_a_cap_stops_a_forced_loop(self):  # LN-35
        """Mail, wait a minute, mail, ... for ever."""
        self.pumps.write({"nurture_cap_mails": 2, "nurture_cap_days": 7})
        ann = self._create_lead()
        steps = {
            "again": ("mail", {"max_late_days": 0}, {"next": "pause"}),
            "pause": ("wait", {"delay_count": 1, "delay_unit": "minutes"}, {"next": "ask"}),
            "ask": ("branch", {"condition": "domain", "domain": "[('name', '=', 'nobody')]"},
                    {"yes": "end", "no": "again"}),
            "end": ("exit", {}, {}),
        }  # fmt: skip
        self._let_in(self._create_scenario(steps))
        for minute in range(0, 60, 5):
            self._advance(self.monday + timedelta(minutes=minute))
        self.assertEqual(self._mails(ann), 2)
        self.assertStands(ann, "again", "waiting")
        self.assertEqual(self._stands_at(ann).mail_hold, "cap")

    # ------------------------------------------------------------
    # TOO LATE
    # ------------------------------------------------------------

    def test_a_mail_that_comes_too_late_is_left_out(self):  # LN-35, RELIABILITY
        """No lane ran for five days."""
        ann = self._create_lead()
        steps = self._sends(max_late_days=3)
        self._let_in(self._create_scenario(steps))
        self._advance(self._later(days=5))
        self.assertLeft(ann, "finished")
        self.assertFalse(self._sends_of(ann))
        log = self._stands_at(ann).log_ids.filtered(lambda log: log.node_id.name == "welcome")
        self.assertEqual((log.result, log.label), ("too late", "next"))

    def test_the_wait_before_it_counts_from_its_end(self):  # LN-35
        """A wait of ten days is not lateness; what comes after its end is."""
        ann, bob = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        steps = {
            "pause": ("wait", {"delay_count": 10, "delay_unit": "days"}, {"next": "welcome"}),
            **self._sends(max_late_days=3),
        }
        self._let_in(self._create_scenario(steps))
        self._advance()
        self._stands_at(bob)._write_rows(run_at=self._later(days=7))
        self._advance(self._later(days=12))
        self.assertEqual((self._mails(ann), self._mails(bob)), (1, 0))

    def test_a_limit_that_frees_too_late_does_not_hold(self):  # LN-35
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 7})
        ann = self._create_lead()
        steps = {**self._sends("one"), **self._sends("two", max_late_days=3)}
        steps["one"] = (*steps["one"][:2], {"next": "two"})
        self._let_in(self._create_scenario(steps))
        self._advance()
        self.assertLeft(ann, "finished")
        self.assertEqual(self._mails(ann), 1)
        self.assertIn("too late: limit per person", self._stands_at(ann).log_ids.mapped("result"))

    def test_a_pause_is_not_lateness(self):  # LN-35, LN-39
        """Held until the morning, shifted by a pause of ten days, sent all the same."""
        self.pumps.write({"nurture_quiet_from": 20, "nurture_quiet_to": 8})
        ken, _nora = self._abroad()
        self._let_in(self._create_scenario(self._sends(max_late_days=1)))
        now = self._later()
        start = now.replace(hour=12, minute=0) + timedelta(days=now.hour >= 12)  # 21:00 there
        enrolment = self._stands_at(ken)
        enrolment._write_rows(run_at=start)
        self._advance(start)
        self.assertStands(ken, "welcome", "waiting")
        enrolment._write_rows(run_at=enrolment.run_at + timedelta(days=10))
        self._advance(enrolment.run_at)
        self.assertEqual(self._mails(ken), 1)

    # ------------------------------------------------------------
    # WITHOUT LIMITS
    # ------------------------------------------------------------

    def test_no_address_is_not_held(self):  # LN-35
        self.pumps.write({"nurture_quiet_from": 0, "nurture_quiet_to": 23.9})
        lead = self._create_lead(
            "Phone", False, phone="+32 470 12 34 56", country_id=self.env.ref("base.be").id
        )
        scenario = self._create_scenario(self._sends(), trigger_domain="[]")
        self._let_in(scenario)
        self._advance()
        self.assertLeft(lead, "finished")

    def test_budget_of_the_gate(self):  # P-4
        """All limits on: as many statements for 40 people as for 4."""
        self.pumps.write(
            {"nurture_quiet_from": 20, "nurture_quiet_to": 8, "nurture_cap_mails": 2,
             "nurture_skip_holidays": True, "nurture_mail_rate": 1000}
        )  # fmt: skip
        self._create_people(44)
        self._let_in(self._create_scenario(self._sends()))
        enrolments = self.env["nurture.enrolment"].search([("state", "=", "active")], limit=44)
        node = enrolments.node_id
        gate = self.env["nurture.send"]._gate
        gate(enrolments[:1], node, self.monday)
        counts = []
        for part in (enrolments[:4], enrolments[4:]):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(gate(part, node, self.monday)), len(part))
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
