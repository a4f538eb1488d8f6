from datetime import timedelta
from unittest.mock import patch

from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_scenario import ScenarioCase


@tagged("post_install", "-at_install")
class TestTextAndCoupon(ScenarioCase):
    """Steps that need a module which may be missing: text messages and coupons."""

    def test_what_needs_a_missing_module_is_not_offered(self):  # LN-33
        offered = dict(self.env["nurture.node"]._selection_kind())
        self.assertEqual("sms" in offered, "sms.sms" in self.env)
        self.assertEqual("coupon" in offered, "loyalty.card" in self.env)
        for kind, model, vals in (
            ("sms", "sms.sms", {"sms_body": "Hi"}), ("coupon", "loyalty.card", {}),
        ):  # fmt: skip
            if model not in self.env:
                with self.assertRaisesRegex(UserError, "needs Odoo's module"):
                    self._act(kind, **vals)

    def test_a_text_message_is_queued_once_with_its_ledger_row(self):  # LN-33
        if "sms.sms" not in self.env:
            return
        self.env.company.country_id = self.env.ref("base.be")
        ann = self._create_lead(phone="+32 455 00 11 22")
        bob = self._create_lead("Bob", "bob@pumps.test", phone="+32 455 00 11 33")
        cid = self._create_lead("Cid", "cid@pumps.test")
        self.env["phone.blacklist"].create({"number": "+32455001133"})
        self._travel(
            self._act("sms", sms_body="Hello {{ object.contact_name }}!",
                      mail_category="transactional")
        )
        [send] = self._sends_of(ann)
        text = self.env["sms.sms"].search([("uuid", "=", send.message_id)])
        self.assertEqual((text.body, text.number), ("Hello Ann!", "+32455001122"))
        self.assertEqual((send.channel, send.address), ("sms", "+32455001122"))
        self.assertFalse(self._sends_of(bob) | self._sends_of(cid))
        for lead, result in (
            (ann, "queued"), (bob, "no text messages wanted"), (cid, "no phone number"),
        ):  # fmt: skip
            log = self._enrolment_of(lead).log_ids.sorted("visit")[0]
            self.assertEqual((log.label, log.result), ("next", result))
        text.state = "pending"
        self._settle()
        self.assertEqual(send.state, "sent")

    def test_a_text_message_keeps_quiet_hours(self):  # LN-35
        if "sms.sms" not in self.env:
            return
        self.env.company.country_id = self.env.ref("base.be")
        lead = self._create_lead(phone="+32 455 00 11 22")
        node_class = type(self.env["nurture.node"])
        held = {}

        def hold(node, reachable, now):
            held.update(dict.fromkeys(reachable))
            wait = self._later(hours=8)
            return {one: Outcome.wait(wait) for one in reachable}

        with patch.object(node_class, "_hold_back", hold):
            self._travel(self._act("sms", sms_body="Hi"))
        self.assertStands(lead, "act", "waiting")
        self.assertFalse(self._sends_of(lead))
        with patch.object(node_class, "_hold_back", lambda *args: {}):
            self._advance(self._later(hours=9))
        self.assertStands(lead, "rest")
        self.assertEqual(len(self._sends_of(lead)), 1)

    def test_each_person_gets_a_coupon_that_the_next_mail_can_name(self):  # LN-33
        if "loyalty.card" not in self.env:
            return
        program = self.env["loyalty.program"].create(
            {"name": "Ten off", "program_type": "coupons", "company_id": self.pumps.id}
        )
        ann, bob = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._travel(self._act("coupon", coupon_program=str(program.id), coupon_days=10))
        codes = ann.nurture_coupon, bob.nurture_coupon
        self.assertEqual(len(set(codes)), 2)
        cards = self.env["loyalty.card"].search([("code", "in", codes)])
        self.assertEqual(cards.program_id, program)
        self.assertEqual(
            set(cards.mapped("expiration_date")), {(self._later() + timedelta(days=10)).date()}
        )
        program.company_id = self.filters
        with self.assertRaisesRegex(UserError, "another company"):
            self._act("coupon", coupon_program=str(program.id))
