import json
import random

from odoo.addons.lead_nurture.controllers import webhook
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged

from .common_scenario import ScenarioCase

END = {"end": ("exit", {}, {})}


@tagged("post_install", "-at_install")
class TestWebhook(HttpCase, ScenarioCase):
    """Another system names people who enter."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.scenario = cls._create_scenario(
            END, trigger_kind="webhook", trigger_domain="[]", reentry_policy="always"
        )

    def setUp(self):
        super().setUp()
        webhook.GATE._hits.clear()
        self.env["nurture.inbox"].search([]).unlink()

    def _post(self, body, token=None, **kw):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        path = f"/n/w/{token or self.scenario.webhook_token}"
        return self.url_open(path, data=data, headers={"Content-Type": "application/json"}, **kw)

    def _hits(self):
        self.env.invalidate_all()
        return self.env["nurture.inbox"].search([])

    def test_named_and_in(self):  # LN-30
        answer = self._post({"email": "Ann@Pumps.test", "key": "4711", "topic": "Trial", "x": [1]})
        self.assertEqual((answer.status_code, answer.json()), (202, {"status": "kept"}))
        self.assertEqual(self._hits().kind, "webhook")
        self._ingest()
        event = self.env["nurture.event"].search([("source", "=", "webhook")])
        self.assertEqual((event.topic, event.person_id), ("Trial", self._person_of(self.lead)))
        self.assertEqual(self._let_in(self.scenario), 1)
        self.assertEqual(self.scenario.enrolment_ids.lead_id, self.lead)

    def test_a_repeat_is_harmless(self):  # LN-30
        for _time in range(3):
            self._post({"email": "ann@pumps.test", "key": 4711})
        self._ingest()
        self.assertEqual(self.env["nurture.event"].search_count([("source", "=", "webhook")]), 1)

    def test_unknown_people_are_refused(self):  # LN-30
        self._post({"email": "new@pumps.test"})
        self._post({"email": "ann@pumps.test"})
        self._ingest()
        hit = self._hits()
        self.assertIn("new@pumps.test", hit.error)
        self.assertFalse(self.env["crm.lead"].search([("email_from", "=", "new@pumps.test")]))
        self.assertEqual(self._let_in(self.scenario), 1, "the others enter")

    def test_unknown_people_become_leads(self):  # LN-30
        self.scenario.webhook_unknown = "create"
        for _time in range(2):
            self._post({"email": "New@pumps.test", "name": "Nora", "company": "Nord", "key": "1"})
        self._ingest()
        self.assertFalse(self._hits())
        lead = self.env["crm.lead"].search([("email_normalized", "=", "new@pumps.test")])
        self.assertEqual(len(lead), 1)
        self.assertEqual((lead.contact_name, lead.partner_name), ("Nora", "Nord"))
        self.assertEqual(lead.company_id, self.pumps)
        self.assertFalse(lead.user_id)
        self.assertEqual(self._let_in(self.scenario), 1)

    def test_wrong_doors_look_alike(self):  # RELIABILITY 3
        draft = self._create_scenario(END, trigger_kind="webhook", start=False)
        for token in ("0" * 32, "x", "é" * 32, draft.webhook_token, "a" * 5000):
            self.assertEqual(self._post({"email": "a@b.test"}, token).status_code, 404, token[:40])
        self.assertFalse(self._hits())

    def test_bodies_that_cannot_be_meant(self):  # RELIABILITY 3
        for body in (b"{", b"[]", b"null", b"\xff\xfe", b'{"email": "a"}', b'{"email": 5}',
                     b'{"email": "a@b.test", "key": "\\u0000"}', b'{"email": ["a@b.test"]}',
                     b'{"email": "a@b.test", "deep": [[[[[[[]]]]]]]}', b"[" * 9_000,
                     b'{"email": "a@b.test", "topic": "' + b"x" * 300 + b'"}',
                     b'{"email": "a@b.test", "name": "\\ud800"}'):
            with self.subTest(body=body[:40]):
                self.assertEqual(self._post(body).status_code, 400)
        self.assertFalse(self._hits())

    def test_too_large_and_too_often(self):  # RELIABILITY 3
        self.assertEqual(self._post(b'{"x": "' + b"x" * 17_000 + b'"}').status_code, 413)
        answers = [self._post({"email": "a@b.test"}).status_code for _time in range(62)]
        self.assertEqual(set(answers[:55]), {202})
        self.assertEqual(answers[-1], 429)

    def test_only_by_post(self):  # RELIABILITY 3
        path = f"/n/w/{self.scenario.webhook_token}"
        for method in ("GET", "HEAD", "PUT", "DELETE"):
            self.assertEqual(self.opener.request(method, self.base_url() + path).status_code, 405)
        self.assertFalse(self._hits())

    def test_nonsense_never_breaks_the_door(self):  # RELIABILITY 3
        draw = random.Random(4)
        for _time in range(50):
            body = bytes(draw.randrange(256) for _byte in range(draw.randrange(1, 200)))
            self.assertEqual(self._post(body).status_code, 400)

    def test_a_renewed_address(self):  # LN-30
        former = self.scenario.webhook_token
        self.assertRegex(former, "^[0-9a-f]{32}$")
        self.scenario.with_user(self.adam).action_renew_webhook_token()
        self.assertEqual(self._post({"email": "a@b.test"}, former).status_code, 404)
        self.assertEqual(self._post({"email": "a@b.test"}).status_code, 202)
        self.assertNotEqual(self.scenario.copy().webhook_token, self.scenario.webhook_token)

    def test_the_address_is_for_administrators(self):  # LN-30
        self.assertIn(self.scenario.webhook_token, self.scenario.with_user(self.adam).webhook_url)
        with self.assertRaises(AccessError):
            self.scenario.with_user(self.mira).read(["webhook_url"])
        with self.assertRaises(AccessError):
            self.scenario.with_user(self.mira).action_renew_webhook_token()


@tagged("post_install", "-at_install")
class TestEnrolByRpc(ScenarioCase):
    """`nurture_enrol`, for integrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.scenario = cls._create_scenario(END, trigger_kind="manual", rpc_key="trial-started")

    def _enrol(self, user=None, **kw):
        scenarios = self.env["nurture.scenario"].with_user(user or self.mira)
        return scenarios.nurture_enrol(kw.pop("scenario", "trial-started"), **kw)

    def test_by_lead_and_by_address(self):  # LN-30
        other = self._create_lead("Bob", "bob@pumps.test", sync=False)
        self.assertEqual(self._enrol(lead_id=self.lead.id)["status"], "entered")
        self.assertEqual(self._enrol(email="Bob@pumps.test")["status"], "entered")
        self.assertEqual(self.scenario.enrolment_ids.lead_id, self.lead | other)

    def test_why_not(self):  # LN-30
        out = self._create_lead("Out", "out@pumps.test")
        self.env["mail.blacklist"]._add("out@pumps.test")
        unfit = self._create_lead("Eve", "eve@elsewhere.test")
        first = self._enrol(lead_id=self.lead.id)
        self.assertEqual(self._enrol(lead_id=self.lead.id), {**first, "status": "inside"})
        self.scenario.enrolment_ids._set_exited("manual")
        self.assertEqual(self._enrol(lead_id=self.lead.id)["status"], "before")
        self.assertEqual(self._enrol(lead_id=out.id)["status"], "opted_out")
        self.assertEqual(self._enrol(lead_id=unfit.id)["status"], "unfit")

    def test_a_repeated_key(self):  # LN-30
        self.scenario.reentry_policy = "always"
        first = self._enrol(lead_id=self.lead.id, dedup_key="order-1")
        self.scenario.enrolment_ids._set_exited("manual")
        again = self._enrol(lead_id=self.lead.id, dedup_key="order-1")
        self.assertEqual(again, {"status": "known", "enrolment_id": first["enrolment_id"]})
        other = self._enrol(lead_id=self.lead.id, dedup_key="order-2")
        self.assertEqual(other["status"], "entered")

    def test_clear_sentences(self):  # LN-30
        for kw in ({"scenario": "no-such"}, {"lead_id": 2**31 - 1}, {"email": "no@pumps.test"}, {}):
            with self.assertRaises(ValidationError):
                self._enrol(**{"lead_id": None, **kw})
        self.scenario.action_pause()
        with self.assertRaises(UserError):
            self._enrol(lead_id=self.lead.id)

    def test_rights_hold(self):  # LN-30
        with self.assertRaises(AccessError):
            self._enrol(self.sven, lead_id=self.lead.id)
        with self.assertRaises(ValidationError):
            self._enrol(self.finn, lead_id=self.lead.id)
