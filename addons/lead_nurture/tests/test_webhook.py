import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from unittest.mock import patch

from odoo.addons.lead_nurture.engine import webhook as engine
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common_scenario import ScenarioCase

HOSTS = "lead_nurture.webhook_hosts"


class Receiver(BaseHTTPRequestHandler):
    """Another system: keeps what it got and answers what it is told to."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.got.append((self.path, dict(self.headers), body))
        status, location = self.server.answers.pop(0) if self.server.answers else (200, None)
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        for _drop in range(self.server.drops):
            self.wfile.write(b"X")
            self.wfile.flush()
            if self.server.tired.wait(0.1):
                return
        self.end_headers()
        self.wfile.write(b"thanks")

    def log_message(self, *args):
        pass


@tagged("post_install", "-at_install")
class TestWebhook(ScenarioCase):
    """A step calls another system; the call waits in the outbox and holds nobody up."""

    def setUp(self):
        super().setUp()
        self.server = HTTPServer(("127.0.0.1", 0), Receiver)
        self.server.got, self.server.answers = [], []
        self.server.drops, self.server.tired = 0, threading.Event()
        self.addCleanup(self.server.tired.set)
        thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 5)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.url = f"http://127.0.0.1:{self.server.server_port}/in?key=1"
        self._allow("http://127.0.0.1")

    def _allow(self, hosts):
        self.env["ir.config_parameter"].set_param(HOSTS, hosts)

    def _call_scenario(self, url=None, **vals):
        return self._create_scenario(
            {
                "call": ("webhook", {"webhook_url": url or self.url, **vals}, {"next": "rest"}),
                "rest": ("wait", {}, {"next": "end"}),
                "end": ("exit", {}, {}),
            }
        )

    def _travel(self, scenario):
        self._let_in(scenario)
        self._advance()
        return self.env["nurture.webhook"].search([("scenario_id", "=", scenario.id)])

    def _deliver(self):
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_deliver_webhooks").method_direct_trigger()
        self.env.invalidate_all()

    def test_a_call_is_owed_at_once_and_delivered_later(self):  # LN-33
        lead = self._create_lead(city="Bern")
        call = self._travel(self._call_scenario(webhook_extra="City, expected_revenue"))
        self.assertStands(lead, "rest", "waiting")
        self.assertEqual((call.state, call.host), ("queued", "127.0.0.1"))
        self.assertFalse(self.server.got, "nothing is called while the lane works")
        self._deliver()
        self.assertEqual((call.state, call.status_code), ("done", 200), call.last_error)
        [(path, headers, body)] = self.server.got
        self.assertEqual(path, "/in?key=1")
        told = json.loads(body)
        self.assertEqual(told["lead"]["city"], "Bern")
        self.assertEqual(told["person"]["email"], "ann@pumps.test")
        self.assertEqual(headers["X-Nurture-Delivery"], told["delivery"])
        signature = engine.sign(
            self.env["nurture.webhook"]._secret(), int(headers["X-Nurture-Timestamp"]), body
        )
        self.assertEqual(headers["X-Nurture-Signature"], signature)
        self._deliver()
        self.assertEqual(len(self.server.got), 1, "delivered once")

    def test_an_outage_is_bridged_and_a_refusal_is_final(self):  # RELIABILITY 2
        self._create_lead()
        self.server.answers = [(503, None), (200, None)]
        call = self._travel(self._call_scenario())
        self._deliver()
        self.assertEqual((call.state, call.attempts, call.status_code), ("retry", 1, 503))
        self.assertGreater(call.run_at, self._later(minutes=4))
        call.with_user(self.mira).action_retry()
        self._deliver()
        self.assertEqual(call.state, "done")
        self.server.answers = [(404, None)]
        self._create_lead("Bob", "bob@pumps.test")
        refused = self._travel(call.scenario_id) - call
        self._deliver()
        self.assertEqual((refused.state, refused.last_error), ("failed", "404: thanks"))
        with self.assertRaises(AccessError):
            refused.with_user(self.sven).action_retry()

    def test_a_redirect_is_not_followed(self):  # RELIABILITY 2
        self._create_lead()
        self.server.answers = [(302, self.url.replace("/in", "/secret"))]
        call = self._travel(self._call_scenario())
        self._deliver()
        self.assertEqual(len(self.server.got), 1)
        self.assertEqual(call.state, "failed")
        self.assertIn("Redirects are not followed", call.last_error)

    def test_nobody_answers(self):  # RELIABILITY 2
        for name in ("Ann", "Bob", "Cid"):
            self._create_lead(name, f"{name.lower()}@pumps.test")
        calls = self._travel(self._call_scenario("http://127.0.0.1:9/"))
        self._deliver()
        self.assertEqual(sorted(calls.mapped("attempts")), [0, 0, 1], "the silent host is spared")
        self.assertEqual(set(calls.mapped("state")), {"queued", "retry"})

    def test_a_receiver_that_drips_holds_nobody_up(self):  # RELIABILITY 2
        self._create_lead()
        self.server.drops = 50
        call = self._travel(self._call_scenario())
        with patch("odoo.addons.lead_nurture.models.nurture_webhook_call.DEADLINE", 0.5):
            self._deliver()
        self.assertEqual((call.state, call.attempts), ("retry", 1))

    def test_a_worker_that_dies_calls_again_with_the_same_key(self):  # RELIABILITY 1
        self._create_lead()
        call = self._travel(self._call_scenario())
        calls = self.env["nurture.webhook"]
        self.assertEqual(calls._claim(self._later()), call)
        call._post(self._later())
        self.assertFalse(calls._claim(self._later()), "who took it keeps it for a while")
        self.assertEqual(calls._claim(self._later(minutes=20)), call)
        call._post(self._later())
        keys = {headers["X-Nurture-Delivery"] for _path, headers, _body in self.server.got}
        self.assertEqual((len(self.server.got), len(keys)), (2, 1))

    def test_only_listed_hosts_are_called(self):  # RELIABILITY 2
        with self.assertRaisesRegex(UserError, "is not among the hosts"):
            self._call_scenario("https://evil.example/")
        with self.assertRaisesRegex(UserError, "is no address to call"):
            self._call_scenario("ftp://127.0.0.1/")
        self._allow("127.0.0.1")
        with self.assertRaisesRegex(UserError, "by https only"):
            self._call_scenario()
        self._allow("http://127.0.0.1")
        self._create_lead()
        call = self._travel(self._call_scenario())
        self._allow("")
        self._deliver()
        self.assertEqual(call.state, "failed")
        self.assertFalse(self.server.got, "what is taken off the list is called no more")

    def test_a_star_does_not_open_the_own_network(self):  # RELIABILITY 2
        self._allow("*.example.com")
        self._create_lead()
        call = self._travel(self._call_scenario("https://inside.example.com/"))
        found = [(2, 1, 6, "", ("10.0.0.8", 443))]
        with patch("socket.getaddrinfo", lambda *args, **kw: found):
            answer = call._post(self._later())
        self.assertFalse(answer.passing)
        self.assertIn("inside this network", answer.text)

    def test_settings_name_the_wrong_line(self):  # RELIABILITY 3
        settings = self.env["res.config.settings"].create({})
        with self.assertRaisesRegex(ValidationError, "“no way” is no host"):
            settings.nurture_webhook_hosts = "hooks.example.com\nno way"
        settings.nurture_webhook_hosts = "hooks.example.com"
        settings.execute()
        self.assertEqual(self.env["ir.config_parameter"].get_param(HOSTS), "hooks.example.com")

    def test_a_field_that_is_none_is_named(self):  # RELIABILITY 3
        with self.assertRaisesRegex(ValidationError, "no field “Shoe size”"):
            self._call_scenario(webhook_extra="City, Shoe size")

    def test_another_company_sees_no_calls_and_users_no_addresses(self):  # LN-33
        self._create_lead()
        call = self._travel(self._call_scenario())
        self.assertFalse(self.env["nurture.webhook"].with_user(self.finn).search([]) & call)
        with self.assertRaises(AccessError):
            call.with_user(self.mira).read(["url"])
        self.assertEqual(call.with_user(self.mira).host, "127.0.0.1")
