from datetime import datetime, timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import NurtureCase

BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


@tagged("post_install", "-at_install")
class TestEvent(NurtureCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["nurture.inbox"].search([]).unlink()
        cls.lead = cls._create_lead()
        cls.ann = cls._person_of(cls.lead)
        cls.events = cls.env["nurture.event"]

    def _log(self, *events, user=None):
        return self.events.with_user(user or self.mira).log(list(events))

    def _events_of(self, person, kind=None):
        domain = [("person_id", "=", person.id)]
        return self.events.search(domain + ([("kind", "=", kind)] if kind else []))

    # ------------------------------------------------------------
    # Log over RPC
    # ------------------------------------------------------------

    def test_a_repeat_is_harmless_and_tells_the_first(self):  # LN-2
        event = {"email": "ann@pumps.test", "kind": "page_view", "key": "v1", "url": "/x?mail=a@b"}
        ids = self._log(event, event) + self._log(event)
        self.assertEqual(len(set(ids)), 1)
        recorded = self.events.browse(ids[0])
        self.assertEqual((recorded.person_id, recorded.url), (self.ann, "/x"))
        self.assertEqual(recorded.company_id, self.pumps)

    def test_events_are_kept_in_the_order_given(self):  # LN-2
        """However the database joins them to their people."""
        self.env.cr.execute("SET LOCAL enable_nestloop = off")
        keys = ["z", "a", "z", "m", "a", "k"]
        ids = self._log(
            *({"email": "ann@pumps.test", "kind": "call", "key": key, "topic": f"{key}{number}"}
              for number, key in enumerate(keys))
        )  # fmt: skip
        told = self.events.browse(sorted(set(ids)))
        self.assertEqual(told.mapped("topic"), ["z0", "a1", "m3", "k5"])

    def test_everything_that_names_a_person_works(self):  # LN-2
        contact = self.env["res.partner"].create(
            {"name": "Ann", "email": "ann@pumps.test", "company_id": self.pumps.id}
        )
        self._sync()
        yesterday = fields.Datetime.now() - timedelta(days=1)
        ids = self._log(
            {"kind": "call", "person_id": self.ann.id},
            {"kind": "call", "lead_id": self.lead.id},
            {"kind": "call", "partner_id": contact.id},
            {"kind": "call", "email": "Ann <ANN@pumps.test>"},
            {"kind": "call", "email": "new@pumps.test", "occurred_at": str(yesterday)},
        )
        persons = self.events.browse(ids).mapped("person_id")
        self.assertEqual(persons[0], self.ann)
        self.assertEqual(persons[1].email_normalized, "new@pumps.test")
        self.assertEqual(len(persons), 2)

    def test_wrong_input_is_named_and_nothing_is_recorded(self):  # LN-2
        good = {"kind": "call", "lead_id": self.lead.id, "key": "good"}
        wrong = {
            "no kind": {"kind": "dance", "lead_id": self.lead.id},
            "no derived kind": {"kind": "band_up", "lead_id": self.lead.id},
            "nor that of a segment": {"kind": "segment_enter", "lead_id": self.lead.id},
            "kind of a wrong type": {"kind": ["call"], "lead_id": self.lead.id},
            "number too large": {"kind": "call", "lead_id": 2**40},
            "number too small": {"kind": "call", "lead_id": -1},
            "nobody": {"kind": "call"},
            "unknown": {"kind": "call", "lead_id": 2**30},
            "address": {"kind": "call", "email": "nonsense"},
            "moment": {"kind": "call", "lead_id": self.lead.id, "occurred_at": "yesterday"},
            "future": {"kind": "call", "lead_id": self.lead.id, "occurred_at": "2999-01-01"},
            "too long": {"kind": "call", "lead_id": self.lead.id, "topic": "x" * 201},
            "no text": {"kind": "call", "lead_id": self.lead.id, "url": {"a": 1}},
            "nul": {"kind": "call", "lead_id": self.lead.id, "url": "a\x00b"},
            "nan": {"kind": "call", "lead_id": self.lead.id, "qty": float("nan")},
            "company": {"kind": "call", "email": "a@b.test", "company_id": self.filters.id},
        }
        before = self.events.search_count([])
        for name, event in wrong.items():
            with self.subTest(name), self.assertRaisesRegex(ValidationError, "Event 2"):
                self._log(good, event)
        with self.assertRaises(ValidationError):
            self.events.with_user(self.mira).log({"kind": "call"})
        with self.assertRaisesRegex(ValidationError, "1000"):
            self._log(*[good] * 1001)
        self.assertEqual(self.events.search_count([]), before)

    def test_only_users_of_nurture_may_log(self):  # LN-2
        with self.assertRaises(AccessError):
            self._log({"kind": "call", "lead_id": self.lead.id}, user=self.sven)

    def test_nobody_logs_for_a_lead_that_he_may_not_see(self):  # LN-2
        for name, record in (("lead_id", self.lead), ("person_id", self.ann)):
            with self.assertRaisesRegex(ValidationError, "not yours"):
                self._log({"kind": "call", name: record.id}, user=self.finn)

    def test_the_same_key_in_two_companies_is_two_events(self):  # LN-2
        one = self._log({"kind": "call", "email": "ann@pumps.test", "key": "k"})
        two = self._log({"kind": "call", "email": "ann@pumps.test", "key": "k"}, user=self.finn)
        self.assertNotEqual(one, two)

    def test_events_stay_as_they_are(self):  # LN-2
        event = self._record(self.ann)
        for attempt in (
            lambda: event.write({"kind": "call"}),
            lambda: event.unlink(),
            lambda: self.events.create({"kind": "call", "person_id": self.ann.id}),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_old_events_go_young_ones_stay(self):  # LN-2: retention
        old, young = self._record(self.ann, days_ago=380), self._record(self.ann, days_ago=350)
        self.env["ir.config_parameter"].set_param("lead_nurture.event_days", "365")
        self.events._gc_events()
        self.assertEqual((old | young).exists(), young)

    def test_how_many_there_were_outlives_the_events(self):  # LN-2: retention
        moments = [datetime(2021, 5, 31, 23, 59, second) for second in (1, 2, 3)]
        self._age_out(*moments, datetime(2021, 6, 1))
        self._age_out(datetime(2021, 6, 2), actor="machine")
        self._age_out(datetime(2021, 5, 2))  # of a month that is counted already
        counts = self.env["nurture.event.month"].with_user(self.mira).search(
            [("month", "in", ("2021-05-01", "2021-06-01"))], order="month, actor"
        )
        self.assertEqual(
            [(str(c.month), c.kind, c.actor, c.company_id, c.event_count) for c in counts],
            [
                ("2021-05-01", "page_view", "human", self.pumps, 4),
                ("2021-06-01", "page_view", "human", self.pumps, 1),
                ("2021-06-01", "page_view", "machine", self.pumps, 1),
            ],
        )
        self.assertFalse(counts.with_user(self.finn).search([("id", "in", counts.ids)]))

    def _age_out(self, *moments, **kw):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("lead_nurture.event_days", "0")
        for moment in moments:
            self._record(self.ann, at=moment, **kw)
        parameters.set_param("lead_nurture.event_days", "365")
        self.events._gc_events()

    def test_events_leave_with_their_person(self):  # LN-2: erasure
        event = self._record(self.ann)
        self.ann.unlink()
        self.assertFalse(event.exists())

    # ------------------------------------------------------------
    # From core
    # ------------------------------------------------------------

    def test_a_lead_with_a_source_came_by_an_enquiry(self):  # LN-2
        source = self.env["utm.source"].create({"name": "Trade fair"})
        lead = self._create_lead(name="Bob", email="bob@pumps.test", source_id=source.id)
        event = self._events_of(self._person_of(lead), "form")
        self.assertEqual((event.source, event.res_id), ("Trade fair", lead.id))
        self.assertFalse(self._events_of(self.ann, "form"), "hers names none")

    def test_calls_and_meetings_done_are_read_once(self):  # LN-2
        call = self.lead.activity_schedule("mail.mail_activity_data_call", summary="Pump 3")
        self.lead.activity_schedule("mail.mail_activity_data_todo").action_feedback()
        still_open = self.lead.activity_schedule("mail.mail_activity_data_meeting")
        call.action_feedback()
        while self.events._pull_batch("activity"):
            pass
        event = self._events_of(self.ann)
        self.assertEqual((event.kind, event.topic), ("call", "Pump 3"))
        still_open.action_feedback()
        self.env["nurture.watermark"]._move_back(datetime(2000, 1, 1))
        while self.events._pull_batch("activity"):
            pass
        self.assertEqual(sorted(self._events_of(self.ann).mapped("kind")), ["call", "meeting"])

    def test_a_night_reads_two_days_again_and_no_history(self):  # LN-2
        old, young = (
            self.lead.activity_schedule("mail.mail_activity_data_call", summary=summary)
            for summary in ("Old", "Young")
        )
        (old | young).action_feedback()
        self.env.flush_all()
        self._backdate(old, 5)
        self._backdate(young, 1)
        while self.events._pull_batch("activity"):
            pass
        self.assertEqual(sorted(self._events_of(self.ann).mapped("topic")), ["Old", "Young"])
        self.env.cr.execute(
            "DELETE FROM nurture_event WHERE person_id = %s", [self.ann.id]
        )
        self.env["nurture.change"]._cron_reconcile_persons()
        while self.events._pull_batch("activity"):
            pass
        self.events.invalidate_model()
        self.assertEqual(self._events_of(self.ann).mapped("topic"), ["Young"])

    def test_what_retention_deleted_stays_deleted(self):  # LN-2: retention
        call = self.lead.activity_schedule("mail.mail_activity_data_call", summary="Old")
        call.action_feedback()
        self.env.flush_all()
        self._backdate(call, 400)
        self.env["nurture.watermark"].search([]).unlink()
        while self.events._pull_batch("activity"):
            pass
        self.assertFalse(self._events_of(self.ann))
        # written again lately, though it happened long ago
        self.env.cr.execute("UPDATE mail_activity SET write_date = now() WHERE id = %s", [call.id])
        self.env["nurture.change"]._cron_reconcile_persons()
        while self.events._pull_batch("activity"):
            pass
        self.assertFalse(self._events_of(self.ann))
        self.assertFalse(self._record(self.ann, days_ago=400), "by no other way either")
        self.env["ir.config_parameter"].set_param("lead_nurture.event_days", "0")
        self.assertTrue(self._record(self.ann, days_ago=400), "0 keeps all")

    def test_history_waits_for_the_people(self):  # LN-2
        call = self.lead.activity_schedule("mail.mail_activity_data_call", summary="Early")
        call.action_feedback()
        self.env["nurture.watermark"].search([]).unlink()
        self.env["nurture.change"].create({"kind": "lead", "res_id": self.lead.id, "silent": True})
        self.assertFalse(self.events._may_pull(), "who was there already is not joined yet")
        self._sync()
        self.assertTrue(self.events._may_pull())

    def test_log_takes_whole_numbers_of_records_of_ones_companies(self):  # LN-2
        log = self.events.with_user(self.mira).log
        good = {"kind": "call", "person_id": self.ann.id}
        for name in ("person_id", "lead_id", "partner_id", "company_id"):
            for wrong in (True, 1.5, "1", [1]):
                with self.assertRaisesRegex(ValidationError, f"Event 2: .*{name}"):
                    log([good, {"kind": "call", "email": "x@pumps.test", name: wrong}])
        with self.assertRaisesRegex(ValidationError, "Event 2: you do not work"):
            log([good, {**good, "company_id": self.filters.id}])
        self.assertFalse(self._events_of(self.ann))

    def test_log_names_what_is_too_old(self):  # LN-2
        with self.assertRaisesRegex(ValidationError, "Event 1: .*older"):
            self.events.with_user(self.mira).log(
                [{"kind": "call", "person_id": self.ann.id, "occurred_at": "2001-01-01 00:00:00"}]
            )

    def test_a_repeat_uses_up_no_id(self):  # LN-2
        self._record(self.ann, key="once")
        before = self._last_id()
        self.assertFalse(self._record(self.ann, key="once"))
        self.assertEqual(self._last_id(), before)

    def _last_id(self):
        self.env.cr.execute("SELECT last_value FROM nurture_event_id_seq")
        return self.env.cr.fetchone()[0]

    def _backdate(self, activity, days):
        self.env.cr.execute(
            """UPDATE mail_activity SET date_done = date_done - %(days)s,
                      write_date = write_date - make_interval(days => %(days)s)
                WHERE id = %(id)s""",
            {"days": days, "id": activity.id},
        )

    def test_a_confirmed_order_is_a_purchase(self):  # LN-2
        if "sale.order" not in self.env:
            self.assertNotIn("purchase", self.events._pull_sources())
            return
        contact = self.env["res.partner"].create({"name": "Ann", "email": "ann@pumps.test"})
        self._sync()
        shared = self._person_of(contact)
        self.assertNotEqual(shared, self.ann)
        product = self.env["product.product"].create({"name": "Pump", "list_price": 120})
        order = self.env["sale.order"].create(
            {"partner_id": contact.id, "order_line": [(0, 0, {"product_id": product.id})]}
        )
        while self.events._pull_batch("purchase"):
            pass
        self.assertFalse(self._events_of(self.ann, "purchase"), "a quotation is none")
        order.action_confirm()
        while self.events._pull_batch("purchase"):
            pass
        event = self._events_of(self.ann, "purchase")
        self.assertEqual((event.qty, event.topic), (order.amount_untaxed, order.name))
        self.assertFalse(self._events_of(shared, "purchase"), "it is of the order's company")

    # ------------------------------------------------------------
    # Inbox
    # ------------------------------------------------------------

    def _hit(self, key="h", payload=None, **info):
        info = {"user_agent": BROWSER, "ip": "203.0.113.9", **info}
        self.env["nurture.inbox"]._push(
            "page_view", key, payload or {"person_id": self.ann.id, "url": "/pumps"}, info
        )
        return self.env["nurture.inbox"].search([], limit=1)

    def _ingest(self):
        return self.env["nurture.inbox"]._ingest_batch(500)

    def test_a_hit_becomes_an_event_once(self):  # LN-2
        hit = self._hit()
        self.assertEqual(hit.ip, "203.0.113.0/24")
        self._hit()
        self._ingest()
        self.assertEqual(len(self._events_of(self.ann)), 1)
        self._hit()
        self._ingest()
        self.assertEqual(len(self._events_of(self.ann)), 1)
        self.assertFalse(self.env["nurture.inbox"].search_count([("key", "=", "h")]))

    def test_machines_are_kept_and_classed(self):  # LN-3
        self._hit("human")
        self._hit("head", method="HEAD")
        self._hit("robot", user_agent="Mimecast scanner")
        self._hit("odd", user_agent="")
        self._ingest()
        found = {e.dedup_key.split(":")[1]: e for e in self._events_of(self.ann)}
        self.assertEqual(
            {key: (event.actor, event.actor_reason) for key, event in found.items()},
            {
                "human": ("human", False),
                "head": ("machine", "head"),
                "robot": ("machine", "agent"),
                "odd": ("suspect", "no_agent"),
            },
        )

    @mute_logger("odoo.addons.lead_nurture.models.nurture_inbox", "odoo.sql_db")
    def test_a_poisoned_hit_harms_no_other_and_can_be_retried(self):  # LN-43
        self._hit("good")
        poison = self._hit("bad", payload={"person_id": "nobody", "url": "/x"})
        self._hit("also good")
        self.assertEqual(self._ingest(), 3)
        self.assertEqual(len(self._events_of(self.ann)), 2)
        self.assertEqual((poison.state, poison.attempts), ("new", 1))
        self.assertIn("ValueError", poison.error)
        self.assertEqual(self._ingest(), 0, "not due yet")
        for _attempt in range(4):
            poison.retry_at = fields.Datetime.now() - timedelta(minutes=1)
            self._ingest()
        self.assertEqual(poison.state, "parked")
        poison.payload = {"person_id": self.ann.id, "url": "/x"}
        poison.action_retry()
        self._ingest()
        self.assertFalse(poison.exists())
        self.assertEqual(len(self._events_of(self.ann)), 3)

    def test_what_is_too_large_or_unknown_is_refused(self):  # LN-2
        with self.assertRaises(ValueError):
            self._hit(payload={"x": "y" * 20_000})
        with self.assertRaises(ValueError):
            self.env["nurture.inbox"]._push("dance", "k", {})

    def test_unreadable_hits_leave_by_age(self):  # LN-2: retention
        hit = self._hit()
        hit.write({"state": "parked", "occurred_at": fields.Datetime.now() - timedelta(days=31)})
        self.env["nurture.inbox"]._gc_parked()
        self.assertFalse(hit.exists())

    # ------------------------------------------------------------
    # Hook and cost
    # ------------------------------------------------------------

    def test_only_really_new_events_wake_others(self):  # LN-2
        seen = []
        self.patch(type(self.events), "_after_insert", lambda self, events: seen.append(events))
        event = self._record(self.ann, key="once", at=fields.Datetime.now())
        self._record(self.ann, key="once", at=fields.Datetime.now())
        self.assertEqual(seen, [event])

    def test_ten_or_a_hundred_events_cost_the_same(self):  # LN-2
        counts = []
        for number in (10, 100):
            vals = [
                {"person_id": self.ann.id, "kind": "page_view", "dedup_key": f"q{number}-{i}",
                 "occurred_at": fields.Datetime.now()}
                for i in range(number)
            ]  # fmt: skip
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.events._insert_events(vals)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])
