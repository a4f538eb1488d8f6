from collections import Counter
from datetime import timedelta

from odoo import fields
from odoo.sql_db import db_connect
from odoo.tests import Form, tagged
from psycopg2 import errors

from .common_gate import GateCase


@tagged("post_install", "-at_install")
class TestSendRate(GateCase):
    """How much a mail server takes in an hour, and in a day while it warms up."""

    def _server(self, **vals):
        return self.env["ir.mail_server"].create(
            {"name": "New relay", "smtp_host": "relay.pumps.test", **vals}
        )

    def test_warm_up_spreads_a_hundred_people_over_days(self):  # LN-35
        self._server(nurture_warm_since=self.monday.date(), nurture_warm_first=10)
        leads = self._create_people(100)
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        enrolments = self._enrolments(leads)
        self.assertEqual(len(self.env["nurture.send"].search([("lead_id", "in", leads.ids)])), 10)
        held = enrolments.filtered(lambda e: e.state == "waiting")
        days = Counter((e.run_at.date() - self.monday.date()).days for e in held)
        self.assertEqual(days, {1: 20, 2: 40, 3: 30})
        self.assertEqual(set(held.mapped("mail_hold")), {"rate"})
        self._advance(min(held.mapped("run_at")))
        self.assertEqual(len(self.env["nurture.send"].search([("lead_id", "in", leads.ids)])), 30)

    def test_a_rate_is_kept_hour_by_hour(self):  # LN-35
        self._server(nurture_rate=4)
        leads = self._create_people(10)
        self._let_in(self._create_scenario(self._sends()))
        hour = self.monday.replace(minute=0)
        for minute in range(0, 181):
            self._advance(hour + timedelta(minutes=minute))
        sends = self.env["nurture.send"].search([("lead_id", "in", leads.ids)])
        self.assertEqual(len(sends), 10)
        hours = Counter(send.planned_at.hour for send in sends)
        self.assertEqual([hours[hour.hour + n] for n in range(3)], [4, 4, 2])
        self.assertEqual(len(set(sends.mapped("planned_at"))), 10, "evenly, not in a burst")

    def test_a_place_that_was_missed_is_not_used_later(self):  # LN-35
        """No lane ran over night: the places of the night are gone, there is no blast."""
        self._server(nurture_rate=4)
        leads = self._create_people(10)
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday.replace(minute=0))
        self._advance(self.monday.replace(minute=0) + timedelta(hours=12))
        sends = self.env["nurture.send"].search([("lead_id", "in", leads.ids)])
        self.assertEqual(len(sends), 2, "one in each of the two runs")

    def test_servers_do_not_share_a_rate(self):  # LN-35
        self._server(nurture_rate=1)
        fast = self._server(nurture_rate=1000, sequence=20)
        ann = self._create_lead()
        bob = self._create_lead("Bob", "bob@filters.test")
        scenario = self._create_scenario(self._sends())
        other = self._create_scenario(
            self._sends("other"), start=False,
            trigger_domain="[('email_normalized', '=', 'bob@filters.test')]",
        )  # fmt: skip
        other.draft_id.node_ids.mailing_id.mail_server_id = fast
        other.action_start()
        other.enrol_since = self.now - timedelta(hours=1)
        self._let_in(scenario)
        self._let_in(other)
        self._advance(self.monday)
        self.assertEqual((self._mails(ann), self._mails(bob)), (1, 1))
        slots = self.env["nurture.send.slot"].search([])
        self.assertEqual(sorted(slots.mapped("taken")), [1, 1])
        self.assertEqual(len(slots.mail_server_id), 2)

    def test_the_company_has_a_rate_for_servers_without_one(self):  # LN-35
        self.pumps.nurture_mail_rate = 1
        self._server()
        leads = self._create_people(2)
        self._let_in(self._create_scenario(self._sends()))
        self._advance(self.monday)
        self.assertEqual(sum(self._mails(lead) for lead in leads), 1)
        self.assertEqual(self.env["nurture.send.slot"].search([]).company_id, self.pumps)

    def test_what_people_asked_for_keeps_to_the_rate_too(self):  # LN-35
        self._server(nurture_rate=1)
        leads = self._create_people(2)
        self._let_in(self._create_scenario(self._sends(mail_category="transactional")))
        self._advance(self.monday)
        self.assertEqual(sum(self._mails(lead) for lead in leads), 1)

    def test_the_form_shows_the_plan(self):  # LN-35
        with Form(self.env["ir.mail_server"]) as form:
            form.name, form.smtp_host = "Relay", "relay.pumps.test"
            form.nurture_warm_since = fields.Date.today()
            form.nurture_warm_full = 300
            self.assertEqual(form.nurture_warm_plan, "50 → 100 → 200 → no limit")

    def test_old_hours_are_forgotten(self):
        slots = self.env["nurture.send.slot"]
        now = fields.Datetime.now().replace(minute=0, second=0)
        for hours in (1, 100):
            slots.create({"company_id": self.pumps.id, "hour": now - timedelta(hours=hours),
                          "taken": 1})  # fmt: skip
        slots._gc_slots()
        self.assertEqual(len(slots.search([])), 1)

    def _enrolments(self, leads):
        return self.env["nurture.enrolment"].search([("lead_id", "in", leads.ids)])

    # ------------------------------------------------------------
    # TWO LANES
    # ------------------------------------------------------------

    def test_two_lanes_never_give_one_place_twice(self):  # RELIABILITY 1
        """Real connections: the second finds the lock taken; one that began earlier and gets the
        lock later is refused by the counter, so that it starts over."""
        slots, none = self.env["nurture.send.slot"], self.env["ir.mail_server"]
        hour = fields.Datetime.to_datetime("2099-01-01 10:00:00")
        lock = slots._query_lock(-self.pumps.id)
        add = slots._query_add(none, self.pumps, {hour: 3})
        with db_connect(self.env.cr.dbname).cursor() as clean:
            try:
                with db_connect(self.env.cr.dbname).cursor() as one:
                    with db_connect(self.env.cr.dbname).cursor() as two:
                        self._assert_one_lane_gives(one, two, lock, add)
            finally:
                clean.execute("DELETE FROM nurture_send_slot WHERE hour = %s", [hour])
                clean.commit()

    def _assert_one_lane_gives(self, one, two, lock, add):
        two.execute("SELECT 1")  # its snapshot is older than what the other will do
        one.execute(lock)
        self.assertTrue(one.fetchone()[0])
        two.execute(lock)
        self.assertFalse(two.fetchone()[0])
        one.execute(add)
        one.commit()
        two.execute(lock)
        self.assertTrue(two.fetchone()[0], "free again")
        with self.assertRaises(errors.SerializationFailure):
            two.execute(add, log_exceptions=False)
        two.rollback()

    def test_two_lanes_never_write_to_one_person_at_once(self):  # RELIABILITY 1
        turns = self.env["nurture.send.turn"]
        with db_connect(self.env.cr.dbname).cursor() as clean:
            clean.execute(
                "INSERT INTO nurture_person (name, active) VALUES ('lock', TRUE) RETURNING id"
            )
            person = self.env["nurture.person"].browse(clean.fetchone()[0])
            clean.commit()
            try:
                with db_connect(self.env.cr.dbname).cursor() as one:
                    with db_connect(self.env.cr.dbname).cursor() as two:
                        self._assert_one_lane_writes(one, two, turns, person)
            finally:
                clean.execute("DELETE FROM nurture_person WHERE id = %s", [person.id])
                clean.commit()

    def _assert_one_lane_writes(self, one, two, turns, person):
        two.execute("SELECT 1")
        one.execute(turns._query_lock(person))
        self.assertEqual(one.fetchall(), [(person.id,)])
        two.execute(turns._query_lock(person))
        self.assertFalse(two.fetchall(), "in the hands of the other lane")
        one.execute(turns._query_count(person))
        one.commit()
        two.execute(turns._query_lock(person))
        with self.assertRaises(errors.SerializationFailure):
            two.execute(turns._query_count(person), log_exceptions=False)
        two.rollback()
