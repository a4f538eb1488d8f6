from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger
from psycopg2 import IntegrityError

from .common import NurtureCase

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
SCANNER = "Mozilla/5.0 AcmeGuard/3"
NETWORK = "198.51.100.0/24"


@tagged("post_install", "-at_install")
class TestActor(NurtureCase):
    """Human or machine: the table that administrators edit, and what follows from it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann = cls._person_of(cls._create_lead())
        cls._entrust(cls.adam)
        cls.robots = cls.env["nurture.robot"].with_user(cls.adam)
        cls.now = fields.Datetime.now()
        cls._class_again()

    @classmethod
    def _class_again(cls):
        while cls.env["nurture.caller"]._class_batch(2):
            pass
        cls.env.invalidate_all()

    def _visit(self, key, agent=BROWSER, network="203.0.113.9", **kw):
        inbox = self.env["nurture.inbox"]
        inbox._push(
            "page_view", key, {"person_id": self.ann.id, "url": "/pumps"},
            {"user_agent": agent, "ip": network, "occurred_at": self.now, **kw},
        )  # fmt: skip
        inbox._ingest_batch(500)
        return self.env["nurture.event"].search([("dedup_key", "=", f"page_view:{key}")])

    def _verdict(self, event):
        event.invalidate_recordset(flush=False)
        return event.actor, event.actor_reason

    def test_a_new_line_makes_machines_of_what_is_stored_and_back(self):  # LN-3
        model = self._create_model([{"points": 10, "event_kind": "page_view"}])
        scanned, read = self._visit("a", SCANNER), self._visit("b")
        self._drain()
        self.assertScore(self.ann, 20, model=model)
        line = self.robots.create({"pattern": " AcmeGuard "})
        self.assertEqual(line.pattern, "acmeguard")
        self._class_again()
        self.assertEqual(self._verdict(scanned), ("machine", "agent"))
        self.assertEqual(self._verdict(read), ("human", False))
        self._drain()
        self.assertScore(self.ann, 10, model=model)
        line.active = False
        self._class_again()
        self.assertEqual(self._verdict(scanned), ("human", False))
        self._drain()
        self.assertScore(self.ann, 20, model=model)

    def test_what_is_classed_again_makes_no_news_of_the_past(self):  # LN-3, LN-16
        model = self._create_model([{"points": 100, "event_kind": "page_view"}])
        line = self.robots.create({"pattern": "acmeguard"})
        scanned, fetched = self._visit("a", SCANNER), self._visit("b", "curl/8.9")
        self._drain()
        self.assertScore(self.ann, 0, "cold", model=model)
        told = [("person_id", "=", self.ann.id), ("kind", "in", ("band_up", "band_down"))]
        before = self.env["nurture.event"].search(told)
        line.actor = "human"
        self._class_again()
        self._drain()
        self.assertScore(self.ann, 100, "hot", model=model)
        fetched.with_user(self.adam).action_class_human()
        scanned.with_user(self.adam).action_class_machine()
        self._drain()
        self.assertScore(self.ann, 100, "hot", model=model)
        scanned.with_user(self.adam).action_class_human()
        self._drain()
        self.assertScore(self.ann, 200, "hot", model=model)
        self.assertEqual(self.env["nurture.event"].search(told), before)

    def test_new_hits_are_classed_by_the_table_as_it_is(self):  # LN-3
        self.robots.create({"pattern": "acmeguard", "actor": "suspect"})
        self.assertEqual(self._verdict(self._visit("a", SCANNER)), ("suspect", "agent"))

    def test_a_network_and_an_exception_from_it(self):  # LN-3
        event = self._visit("a", network="198.51.100.77")
        self.assertEqual(event.network, NETWORK, "never in full")
        wide = self.robots.create({"kind": "network", "pattern": "198.51.0.0/16"})
        self._class_again()
        self.assertEqual(self._verdict(event), ("machine", "network"))
        self.robots.create({"kind": "network", "pattern": NETWORK, "actor": "human"})
        self._class_again()
        self.assertEqual(self._verdict(event), ("human", False))
        wide.unlink()
        self._class_again()
        self.assertEqual(self._verdict(event), ("human", False))

    def test_a_picture_proxy_says_nothing_about_clicks(self):  # LN-3
        events = self.env["nurture.event"]._insert_events(
            [
                {"person_id": self.ann.id, "kind": kind, "occurred_at": self.now,
                 "dedup_key": kind, "agent": SCANNER, "network": NETWORK}
                for kind in ("mail_open", "mail_click")
            ]
        ).sorted("kind", reverse=True)  # fmt: skip
        self.robots.create({"pattern": "acmeguard", "actor": "suspect", "opens_only": True})
        self._class_again()
        self.assertEqual(events.mapped("actor"), ["suspect", "human"])
        self.assertEqual(events[0].actor_reason, "proxy")

    def test_how_it_was_asked_stays_whatever_the_table_says(self):  # LN-3
        event = self._visit("a", SCANNER, method="HEAD")
        self.robots.create({"pattern": "acmeguard", "actor": "human"})
        self._class_again()
        self.assertEqual(self._verdict(event), ("machine", "head"))

    def test_wrong_lines_are_named_and_change_nothing(self):  # LN-3
        wrong = {
            "too short": {"pattern": "ab"},
            "too long": {"pattern": "x" * 101},
            "every browser": {"pattern": "Mozilla/5.0"},
            "telephones": {"pattern": "iPhone", "actor": "suspect"},
            "no network": {"kind": "network", "pattern": "office"},
            "half the world": {"kind": "network", "pattern": "0.0.0.0/1"},
            "nothing": {"pattern": "   "},
        }
        for name, vals in wrong.items():
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "Name or network"):
                self.robots.create(vals)
        line = self.robots.create({"pattern": "acmeguard"})
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.robots.create({"pattern": "ACMEGUARD"})
        with self.assertRaisesRegex(ValidationError, "no network"):
            line.kind = "network"

    def test_text_that_would_be_slow_as_an_expression_is_only_text(self):  # LN-3
        self.robots.create({"pattern": "(a+)+$"})
        event = self._visit("a", "a" * 290 + "!")
        self.assertEqual(self._verdict(event), ("human", False))

    def test_who_may_change_the_table(self):  # LN-3
        self.assertTrue(self.env["nurture.robot"].with_user(self.mira).search_count([]))
        with self.assertRaises(AccessError):
            self.env["nurture.robot"].with_user(self.mira).create({"pattern": "acmeguard"})

    def test_a_manager_classes_by_hand_and_it_sticks(self):  # LN-3
        model = self._create_model([{"points": 10, "event_kind": "page_view"}])
        event = self._visit("a", "curl/8.9")
        self._drain()
        self.assertEqual(self._verdict(event), ("machine", "agent"))
        with self.assertRaises(AccessError):
            event.with_user(self.mira).action_class_human()
        event.with_user(self.adam).action_class_human()
        self.assertEqual(self._verdict(event), ("human", "hand"))
        self.env["nurture.event"]._set_actor(event.ids, "machine", "burst")
        self.robots.create({"pattern": "curl/8"})
        self._class_again()
        self.assertEqual(self._verdict(event), ("human", "hand"))
        self._drain()
        self.assertScore(self.ann, 10, model=model)
        event.with_user(self.adam).action_class_machine()
        self._drain()
        self.assertScore(self.ann, 0, model=model)

    def test_nobody_classes_events_of_a_company_that_is_not_his(self):  # LN-3
        event = self._visit("a")
        self.finn.group_ids |= self.env.ref("lead_nurture.group_lead_nurture_manager")
        with self.assertRaises(AccessError):
            event.with_user(self.finn).action_class_machine()
        self.assertEqual(self._verdict(event), ("human", False))

    def test_programs_and_networks_are_forgotten_the_class_stays(self):  # LN-3, retention
        old = self._visit("old", "curl/8.9", occurred_at=self.now - timedelta(days=130))
        young = self._visit("young", "curl/8.9")
        self.env["nurture.caller"]._gc_callers()
        self.env.invalidate_all()
        self.assertFalse(old.caller_id)
        self.assertEqual(self._verdict(old), ("machine", "agent"))
        self.assertEqual(young.caller_id.agent, "curl/8.9")

    def test_the_same_program_is_one_row_a_month(self):  # LN-3
        events = self._visit("a") | self._visit("b")
        self.assertEqual(len(events.caller_id), 1)
        nameless = self._visit("c", "")
        self.assertNotEqual(nameless.caller_id, events.caller_id)
        self.assertEqual(self._verdict(nameless), ("suspect", "no_agent"))
        self.env["nurture.caller"]._request_pass()
        self._class_again()
        self.assertEqual(self._verdict(nameless), ("suspect", "no_agent"), "a pass changes nothing")

    def test_the_pass_is_asked_for_once_and_ends(self):  # LN-3
        marks = self.env["nurture.watermark"]
        self.assertIsNone(marks._read_mark("callers")[0], "at rest")
        self.robots.create({"pattern": "acmeguard"})
        self.assertTrue(marks._read_mark("callers")[0])
        self._class_again()
        self.assertIsNone(marks._read_mark("callers")[0])
