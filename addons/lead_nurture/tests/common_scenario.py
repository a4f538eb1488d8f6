from datetime import timedelta

from odoo import fields
from odoo.addons.mail.tests.common import MockEmail

from .common import NurtureCase

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BODY = """<p>Hello <t t-out="object.contact_name">there</t></p>
<p><a href="https://pumps.test/guide?step=1&amp;x=2">Guide</a>
   <a href="https://pumps.test/prices">Prices</a></p>
<p><a href="/unsubscribe_from_list">Unsubscribe</a></p>"""


class ScenarioCase(NurtureCase, MockEmail):
    """Journeys told as stories: who enters, what he gets, what he does, where he ends."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.now = fields.Datetime.now()
        cls._lift_limits()
        cls.team = cls.env["crm.team"].create(
            {"name": "Pump sales", "company_id": cls.pumps.id, "user_id": cls.sven.id}
        )

    @classmethod
    def _lift_limits(cls):
        """Mails leave at once, whatever the database was set to."""
        cls.env["ir.mail_server"].search([]).active = False
        cls.env["nurture.holiday"].search([]).unlink()
        cls.pumps.write(
            {
                "nurture_quiet_from": 0,
                "nurture_quiet_to": 0,
                "nurture_weekday_ids": [(5,)],
                "nurture_skip_holidays": False,
                "nurture_cap_mails": 0,
                "nurture_mail_rate": 0,
            }
        )

    # ------------------------------------------------------------
    # Factories
    # ------------------------------------------------------------

    @classmethod
    def _create_scenario(cls, steps, start=True, **kw):
        """A scenario of `steps`: {name: (kind, vals, {label: name})}, entered at the first."""
        scenario = cls.env["nurture.scenario"].create(
            {
                "name": "Story",
                "user_id": cls.mira.id,
                "company_id": cls.pumps.id,
                "trigger_kind": "lead",
                "trigger_domain": "[('email_normalized', 'like', 'pumps.test')]",
                **kw,
            }
        )
        nodes = {}
        for position, (name, (kind, vals, _exits)) in enumerate(steps.items()):
            nodes[name] = cls.env["nurture.node"].create(
                {
                    "version_id": scenario.draft_id.id,
                    "name": name,
                    "kind": kind,
                    "sequence": position,
                    **vals,
                }
            )
            if kind == "mail":
                nodes[name].mailing_id.write({"subject": f"About {name}", "body_html": BODY})
        for name, (_kind, _vals, exits) in steps.items():
            for label, target in exits.items():
                nodes[name]._set_exit_to(label, nodes[target])
        scenario.env.flush_all()
        if start:
            scenario.action_start()
            scenario.enrol_since = cls.now - timedelta(hours=1)
        return scenario

    def _act(self, kind, start=True, **vals):
        """A scenario of one action and a wait behind it."""
        return self._create_scenario(
            {
                "act": (kind, vals, {"next": "rest"}),
                "rest": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            },
            start=start,
        )

    def _travel(self, scenario):
        self._let_in(scenario)
        self._advance()

    @classmethod
    def _welcome_steps(cls, **handover):
        """The journey of the preset: mail, wait for a click, hand over or remind."""
        return {
            "welcome": ("mail", {}, {"next": "click"}),
            "click": (
                "wait_event",
                {"event_kind": "mail_click", "delay_count": 3, "delay_unit": "days"},
                {"yes": "sales", "timeout": "remind"},
            ),
            "sales": ("handover", {"team_id": cls.team.id, **handover}, {"next": "end"}),
            "remind": ("mail", {}, {"next": "end"}),
            "end": ("exit", {}, {}),
        }

    # ------------------------------------------------------------
    # Running the phases
    # ------------------------------------------------------------

    @classmethod
    def _let_in(cls, scenario):
        entered = sum(scenario._enrol_in_pieces())
        cls.env.invalidate_all()
        return entered

    def _advance(self, now=None):
        """One lane until nothing is due at `now`; leads that came with it are seen."""
        self.env.flush_all()
        self.env["nurture.enrolment"]._tend_safely()
        done = self.env["nurture.enrolment"]._advance_batch(now or self._later())
        self.env.invalidate_all()
        return done

    def _later(self, **delta):
        return fields.Datetime.now() + timedelta(**delta)

    def _deliver(self):
        """Core's queue sends; returns the mails that left, as core's mail mock keeps them."""
        with self.mock_mail_gateway():
            self.env["mail.mail"].process_email_queue()
            sent = list(self._mails)
        self.env.invalidate_all()
        return sent

    def _settle(self, now=None):
        self.env.flush_all()
        pending = self.env["nurture.send"]._claim_pending(0)
        pending._settle(now or fields.Datetime.now())
        self.env.invalidate_all()

    def _age_mails(self, seconds=60):
        """The mails left a minute ago, so that a click now can be a human's."""
        for trace in self.env["mailing.trace"].search([("sent_datetime", "!=", False)]):
            trace.sent_datetime -= timedelta(seconds=seconds)

    def _click(self, send, link=0, agent=BROWSER, method="GET", at=None):
        links = self.env["nurture.link"].search(
            [("mailing_id", "=", send.node_id.mailing_id.id)], order="id"
        )
        self._hit("mail_click", {"send_id": send.id, "link_id": links[link].id}, agent, method, at)

    def _open(self, send, agent=BROWSER, at=None):
        self._hit("mail_open", {"send_id": send.id}, agent, "GET", at)

    def _hit(self, kind, payload, agent, method, at):
        self.env["nurture.inbox"]._push(
            kind,
            str(payload),
            payload,
            {"ip": "203.0.113.7", "user_agent": agent, "method": method, "occurred_at": at},
        )

    def _ingest(self):
        self.env.flush_all()
        while self.env["nurture.inbox"]._ingest_batch(500):
            pass
        self.env.invalidate_all()

    def _sends_of(self, lead):
        return self.env["nurture.send"].search([("lead_id", "=", lead.id)], order="id")

    def _enrolment_of(self, lead):
        return self.env["nurture.enrolment"].search([("lead_id", "=", lead.id)], order="id")

    # ------------------------------------------------------------
    # Asserts
    # ------------------------------------------------------------

    def assertStands(self, lead, step, state=None):
        """The lead is inside and stands at this step."""
        enrolment = self._enrolment_of(lead)[-1:]
        self.assertTrue(enrolment.is_open, "still inside")
        self.assertEqual(enrolment.node_id.name, step, enrolment.last_error)
        if state:
            self.assertEqual(enrolment.state, state, enrolment.last_error)

    def assertLeft(self, lead, reason):
        enrolment = self._enrolment_of(lead)[-1:]
        self.assertFalse(enrolment.is_open, enrolment.last_error)
        self.assertEqual(enrolment.exit_reason, reason)

    def assertSteps(self, lead, expected):
        """The steps that the lead took, in order, each with the exit it left by."""
        logs = self._enrolment_of(lead).log_ids.sorted("visit")
        self.assertEqual([(log.node_id.name, log.label) for log in logs], expected)
