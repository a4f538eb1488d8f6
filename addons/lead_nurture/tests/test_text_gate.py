from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common_gate import GateCase

SENDER = "odoo.addons.sms.tools.sms_api.SmsApi._send_sms_batch"


@tagged("post_install", "-at_install")
class TestTextGate(GateCase):
    """Text messages as they leave core's queue: who opted out meanwhile, who must wait."""

    def setUp(self):
        super().setUp()
        self.pumps.country_id = self.env.company.country_id = self.env.ref("base.be")

    def _queue(self, number=1, **vals):
        """People with a text in the queue → (scenario, ledger rows)."""
        for index in range(number):
            self._create_lead(f"P{index}", f"p{index}@pumps.test", phone=f"+32 455 00 11 2{index}")
        scenario = self._create_scenario(
            {"text": ("sms", {"sms_body": "Hi {{ object.contact_name }}", **vals},
                      {"next": "rest"}),
             "rest": ("wait", {"delay_count": 9, "delay_unit": "days"}, {"next": "end"}),
             "end": ("exit", {}, {})}
        )  # fmt: skip
        self._let_in(scenario)
        self._advance()
        return scenario, self.env["nurture.send"].search([("scenario_id", "=", scenario.id)])

    def _deliver_texts(self):
        """Core's queue sends → the numbers that got a text."""
        got = []

        def send(api, messages, **options):
            numbers = [number for message in messages for number in message["numbers"]]
            got.extend(number["number"] for number in numbers)
            return [{"uuid": n["uuid"], "state": "success", "credit": 0} for n in numbers]

        self.env.flush_all()
        with patch(SENDER, send), self.enter_registry_test_mode():
            self.env.ref("sms.ir_cron_sms_scheduler_action").method_direct_trigger()
        self.env.invalidate_all()
        return sorted(got)

    def _text_of(self, send):
        return self.env["sms.sms"].search([("uuid", "in", send.mapped("message_id"))])

    def test_who_opts_out_meanwhile_gets_no_text(self):  # RELIABILITY 0, LN-33
        if "sms.sms" not in self.env:
            return
        _scenario, sends = self._queue(4)
        by_number = sends.grouped("address")
        self.env["phone.blacklist"].create({"number": "+32455001120"})
        self.env["mail.blacklist"]._add("p1@pumps.test")
        by_number["+32455001122"].enrolment_id._write_rows(
            ended_at=self._later(), exit_reason="goal"
        )
        self.assertEqual(self._deliver_texts(), ["+32455001123"])
        self._settle()
        self.assertEqual(
            {number: (send.state, send.failure_type) for number, send in by_number.items()},
            {
                "+32455001120": ("cancel", "sms_blacklist"),
                "+32455001121": ("cancel", "mail_bl"),
                "+32455001122": ("cancel", "nurture_left"),
                "+32455001123": ("sent", False),
            },
        )

    def test_a_text_in_the_queue_keeps_quiet_hours_and_pauses(self):  # LN-35, LN-39
        if "sms.sms" not in self.env:
            return
        scenario, send = self._queue()
        hour = fields.Datetime.now().hour
        self.pumps.write({"nurture_quiet_from": hour, "nurture_quiet_to": (hour + 3) % 24})
        self.assertFalse(self._deliver_texts())
        self.assertEqual((send.state, self._text_of(send).state), ("retry", "canceled"))
        self._settle()
        self.assertEqual((send.state, self._text_of(send).state), ("retry", "canceled"))
        self._lift_limits()
        scenario.action_pause()
        self._settle(send.held_until)
        self.assertEqual((send.state, self._text_of(send).state), ("queued", "outgoing"))
        self.assertFalse(self._deliver_texts(), "the scenario is paused")
        scenario._set_running()
        self._settle(send.held_until)
        self.assertEqual(self._deliver_texts(), ["+32455001120"])
        self._settle()
        self.assertEqual(send.state, "sent")

    def test_texts_of_others_leave_as_ever(self):  # LN-33
        if "sms.sms" not in self.env:
            return
        self.env["sms.sms"].create({"number": "+32455009900", "body": "See you at nine"})
        _scenario, send = self._queue()
        send.scenario_id.action_pause()
        self.assertEqual(self._deliver_texts(), ["+32455009900"])

    def test_the_limit_per_person_counts_what_left(self):  # LN-35
        if "sms.sms" not in self.env:
            return
        _scenario, first = self._queue(max_late_days=0)
        _other, second = self._queue(0, max_late_days=0)
        (first | second)._write_rows(planned_at=self._later(days=-9))
        self.pumps.write({"nurture_cap_mails": 1, "nurture_cap_days": 7})
        self.assertEqual(len(self._deliver_texts()), 1)
        held = (first | second).filtered("held_until")
        self.assertEqual(len(held), 1)
        self._settle(held.held_until)
        self.assertFalse(self._deliver_texts())
        self.assertGreater(held.held_until, self._later(days=6))
