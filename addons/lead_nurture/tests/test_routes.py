import random
from datetime import timedelta

from odoo.addons.lead_nurture.controllers import tracking
from odoo.tests import HttpCase, tagged

from .common_scenario import BROWSER, ScenarioCase

AGENT = {"User-Agent": BROWSER}


@tagged("post_install", "-at_install")
class TestRoutes(HttpCase, ScenarioCase):
    """The two public doors: pixel and click. They keep hits and tell nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        scenario = cls._create_scenario(cls._welcome_steps())
        cls._let_in(scenario)
        cls.env.flush_all()
        cls.env["nurture.enrolment"]._advance_batch(cls.now + timedelta(minutes=5))
        cls.env.invalidate_all()
        cls.send = cls.env["nurture.send"].search([("lead_id", "=", cls.lead.id)], limit=1)
        cls.link = cls.env["nurture.link"].search(
            [("mailing_id", "=", cls.send.node_id.mailing_id.id)], order="id", limit=1
        )
        cls.click = cls.send._click_url("", cls.link.id)
        cls.pixel = cls.send._pixel_url("")

    def setUp(self):
        super().setUp()
        tracking.GATE._hits.clear()
        self.env["nurture.inbox"].search([]).unlink()

    def _hits(self):
        self.env.invalidate_all()
        return self.env["nurture.inbox"].search([])

    def _get(self, path, **kw):
        return self.url_open(path, headers=AGENT, allow_redirects=False, **kw)

    def test_click_goes_to_the_stored_address(self):
        answer = self._get(self.click)
        self.assertEqual(answer.status_code, 302)
        self.assertEqual(answer.headers["Location"], self.link.url)
        self.assertEqual(answer.headers["Referrer-Policy"], "no-referrer")
        self.assertIn("no-store", answer.headers["Cache-Control"])
        hit = self._hits()
        self.assertEqual((hit.kind, hit.method), ("mail_click", "GET"))
        self.assertEqual(hit.payload, {"send_id": self.send.id, "link_id": self.link.id})
        self.assertTrue(hit.ip.endswith("/24") or hit.ip.endswith("/48"), "never in full")

    def test_pixel_is_always_a_picture(self):
        forged = self.pixel.replace("/n/o/", "/n/o/1")
        for path in (self.pixel, "/n/o/nonsense.gif", forged):
            answer = self._get(path)
            self.assertEqual(answer.status_code, 200)
            self.assertEqual(answer.headers["Content-Type"], "image/gif")
        self.assertEqual(len(self._hits()), 1, "only the true one is kept")

    def test_head_never_counts(self):  # LN-3
        for path, status in ((self.click, 302), (self.pixel, 200)):
            answer = self.opener.head(self.base_url() + path, allow_redirects=False)
            self.assertEqual(answer.status_code, status)
        self.assertFalse(self._hits())

    def test_forged_tokens_are_refused(self):  # RELIABILITY 3
        ids, signature = self.click.rsplit("-", 1)
        forged = [
            f"{ids}-{'0' * 32}",
            f"{ids}-{signature[:-1]}",
            f"{ids}-{signature.upper()}x",
            f"/n/c/{self.send.id}-{self.link.id + 1}-{signature}",
            f"/n/c/{self.send.id}-{signature}",
            self.pixel.replace("/o/", "/c/").removesuffix(".gif"),
            f"/n/c/{'9' * 30}-1-{signature}",
            "/n/c/%00",
            "/n/c/é-é-é",
            f"/n/c/{'a' * 3000}",
        ]
        for path in forged:
            self.assertEqual(self._get(path).status_code, 404, path)
        self.assertFalse(self._hits())

    def test_a_pixel_token_opens_no_other_door(self):
        sends = self.env["nurture.send"]
        token = self.pixel.rsplit("/", 1)[1].removesuffix(".gif")
        self.assertEqual(sends._read_token("open", token, 1), (self.send.id,))
        self.assertIsNone(sends._read_token("click", token, 1), "one purpose, one signature")

    def test_no_open_redirect(self):
        answer = self._get(self.click + "?url=https://evil.test&redirect=//evil.test")
        self.assertEqual(answer.headers["Location"], self.link.url)

    def test_other_methods_are_not_served(self):
        for path in (self.click, self.pixel):
            answer = self.opener.post(self.base_url() + path, data={}, allow_redirects=False)
            self.assertIn(answer.status_code, (400, 404, 405))
        self.assertFalse(self._hits())

    def test_hammering_is_refused_without_work(self):
        self.patch(tracking.GATE, "window", 3_600)  # a slow machine hammers slowly
        statuses = [self._get(self.click).status_code for _hit in range(62)]
        self.assertEqual(statuses[:60], [302] * 60)
        self.assertEqual(statuses[60:], [429] * 2)
        self.assertEqual(self._get(self.pixel).status_code, 200, "a picture stays a picture")
        self.assertEqual(len(self._hits()), 60)

    def test_nothing_that_knocks_makes_an_error(self):  # RELIABILITY 3
        """Hundreds of malformed requests, the same each time: no answer is an error of ours, and
        nothing but true tokens is kept."""
        rng = random.Random(19)
        pieces = [
            "%00", "%ff%fe", "é", "😀", "../", "..%2f", "'", '"', "<script>", "--", ";", "{{7*7}}",
            "9" * 40, "-1", "0", "1-1-" + "f" * 32, "%", "a" * 500, "\u202e", "?x=%00", "#",
        ]  # fmt: skip
        agents = [BROWSER, "", "\x7f" * 20, "x" * 5_000, "é".encode(), "${jndi:ldap://x}"]
        methods = ["GET", "GET", "GET", "HEAD", "POST", "PUT", "OPTIONS"]
        worst = set()
        for _number in range(300):
            tracking.GATE._hits.clear()
            door = rng.choice([self.click, self.pixel])
            at = rng.randrange(len("/n/c/"), len(door))
            noise = "".join(rng.choices(pieces, k=rng.randint(1, 3)))
            path = rng.choice([door[:at] + noise + door[at:], door[:5] + noise, door[:at] + noise])
            headers = {"User-Agent": rng.choice(agents), "X-Forwarded-For": rng.choice(pieces[4:])}
            headers["X-Forwarded-For"] = headers["X-Forwarded-For"].encode()
            answer = self.opener.request(
                rng.choice(methods), self.base_url() + path, headers=headers,
                allow_redirects=False, timeout=20,
            )  # fmt: skip
            if answer.status_code >= 500:
                worst.add((answer.status_code, path))
        self.assertFalse(worst)
        true = {"send_id": self.send.id, "link_id": self.link.id}
        for hit in self._hits():
            self.assertLessEqual(hit.payload.items(), true.items())

    def test_no_session_is_made(self):
        answer = self._get(self.click)
        self.assertNotIn("session_id", answer.cookies)
