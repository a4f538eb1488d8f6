from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import ValidationError
from odoo.tests import new_test_user, tagged
from odoo.tools import SQL

from .common import SALES
from .common_lifecycle import LifecycleCase


@tagged("post_install", "-at_install")
class TestAlert(LifecycleCase):
    """Sales is told at once, once, and only what it may see."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.model = cls._create_model(
            [
                {"name": "Talked to us", "event_kind": "meeting", "points": 50},
                {"name": "Looked around", "event_kind": "page_view", "points": 20},
                {"name": "Wrote", "event_kind": "mail_reply", "points": 5},
                {"name": "Clicked", "event_kind": "mail_click", "points": 1},
            ]
        )
        cls.crossings = cls.env["nurture.crossing"]
        cls.alerts = cls.env["nurture.alert"]

    def setUp(self):
        super().setUp()
        self._act()

    def _act(self, now=None):
        self._drain()
        self.env.flush_all()
        while self.crossings._act_batch():
            pass
        while self.alerts._send_batch(now or fields.Datetime.now()):
            pass
        self.env.invalidate_all()

    def _heat(self, *leads, **kw):
        """They do enough to become hot."""
        for lead in leads:
            person = self._person_of(lead)
            self._record(person, "meeting", **kw)
            self._record(person, "page_view", topic="Prices", **kw)

    def _cool(self, lead):
        person = self._person_of(lead)
        self.env.cr.execute("DELETE FROM nurture_event WHERE person_id = %s", [person.id])
        self.env["nurture.dirty"]._push(person.ids)

    def _alerts_of(self, lead):
        return self.alerts.search([("lead_id", "in", lead.ids)], order="id")

    def test_the_owner_is_told_with_the_reasons(self):  # LN-23
        lead = self._create_lead(user_id=self.sven.id)
        self._heat(lead)
        person = self._person_of(lead)
        self._record(person, "mail_reply")
        self._record(person, "mail_click")
        messages = self.env["mail.message"].search([], order="id desc", limit=1)
        self._act()
        alert = self._alerts_of(lead)
        self.assertEqual((alert.state, alert.user_id), ("sent", self.sven), alert.last_error)
        activity = lead.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline),
                         (self.sven, fields.Date.today()))  # fmt: skip
        self.assertEqual(activity, alert.activity_id)
        note = self.env["mail.message"].search(
            [("id", ">", messages.id), ("message_type", "=", "user_notification")]
        )
        self.assertEqual(note.partner_ids, self.sven.partner_id)
        score = self._score_of(person)
        for text in (str(activity.note), str(note.body)):
            for part in (f"<strong>{score.total}</strong>", "Hot", "+50", "Talked to us", "+20",
                         "+5", "Prices"):
                self.assertIn(part, text)
            self.assertNotIn("Clicked", text, "the three biggest only")

    def _archived(self, user):
        """Somebody who has left. Leads are given to him afterwards: what is done with those that
        a leaver still holds is not decided here."""
        user.active = False
        return user

    def test_told_once(self):  # LN-23
        lead = self._create_lead(user_id=self.sven.id)
        self._heat(lead)
        self._act()
        self._cool(lead)
        self._act()
        self._heat(lead, days_ago=0.01)
        self._act()
        self.assertEqual(len(self._alerts_of(lead)), 1, "the activity is still open")
        lead.activity_ids.action_feedback("Called")
        self._cool(lead)
        self._act()
        self._heat(lead, days_ago=0.02)
        self._act()
        self.assertEqual(len(self._alerts_of(lead)), 1, "not within seven days")
        self._age(self._alerts_of(lead), "occurred_at", days=8)
        self._cool(lead)
        self._act()
        self._heat(lead, days_ago=0.03)
        self._act()
        self.assertEqual(self._alerts_of(lead).mapped("state"), ["sent", "sent"])

    def _several(self, number, user):
        """Open leads of one person, oldest first."""
        leads = self.env["crm.lead"]
        for _index in range(number):
            leads |= self._create_lead(user_id=user.id)
        return leads

    def test_one_person_with_three_leads_is_told_once(self):  # LN-23
        leads = self._several(3, self.sven)
        self._heat(leads[0])
        self._act()
        for number in range(3):  # somebody else's crossing has the last events read again
            other = self._create_lead(f"O{number}", f"o{number}@pumps.test", user_id=self.sven.id)
            self._heat(other)
            self._act()
        self.assertEqual(self._alerts_of(leads).lead_id, leads[2], "the newest, and only it")

    def test_not_again_means_the_person(self):  # LN-23
        leads = self._several(2, self.sven)
        self._heat(leads[0])
        self._act()
        leads.activity_ids.action_feedback("Called")
        self._cool(leads[0])
        self._act()
        self._heat(leads[0], days_ago=0.01)
        self._act()
        self.assertEqual(len(self._alerts_of(leads)), 1)

    def test_an_old_crossing_is_not_told_after_a_later_one(self):  # LN-23
        self.model.crossing_ids.again_days = 0
        lead = self._create_lead(user_id=self.sven.id)
        self._heat(lead)
        self._drain()
        self._cool(lead)
        self._drain()
        self._heat(lead, days_ago=0.01)
        self._act()
        lead.activity_ids.action_feedback("Called")
        other = self._create_lead("Bob", "bob@pumps.test", user_id=self.sven.id)
        self._heat(other)
        self._act()
        self.assertEqual(len(self._alerts_of(lead)), 1)

    def test_each_salesperson_of_a_person_is_told(self):  # LN-23
        leads = self._several(2, self.sven) | self._several(2, self.adam)
        self._heat(leads[0])
        self._act()
        self.assertEqual(self._alerts_of(leads).user_id, self.sven | self.adam)
        self.assertEqual(len(self._alerts_of(leads)), 2)

    def test_nobody_is_told_of_won_and_lost(self):  # LN-23
        won = self._create_lead(user_id=self.sven.id, type="opportunity")
        won.action_set_won()
        lost = self._create_lead("Bob", "bob@pumps.test", user_id=self.sven.id)
        lost.action_set_lost()
        self._heat(won, lost)
        self._act()
        self.assertFalse(self._alerts_of(won | lost))

    def test_the_leader_stands_in(self):  # LN-23
        lotte = new_test_user(self.env, "lotte", groups="sales_team.group_sale_salesman_all_leads")
        self.team.user_id = lotte
        gone = self._archived(new_test_user(self.env, "gone", groups=SALES))
        nobodys = self._create_lead(team_id=self.team.id)
        orphan = self._create_lead("Bob", "bob@pumps.test", team_id=self.team.id,
                                   user_id=gone.id)  # fmt: skip
        self._heat(nobodys, orphan)
        self._act()
        self.assertEqual(self._alerts_of(nobodys | orphan).user_id, lotte)
        self.assertEqual(orphan.user_id, gone, "the lead stays as it is")

    def test_the_row_names_who_stands_in_last(self):  # LN-23
        lead = self._create_lead()
        self._heat(lead)
        self._act()
        alert = self._alerts_of(lead)
        self.assertEqual((alert.state, alert.skip_reason), ("skipped", "nobody"))
        other = self._create_lead("Bob", "bob@pumps.test")
        self.model.crossing_ids.user_id = self.mira
        self._heat(other)
        self._act()
        self.assertEqual(self._alerts_of(other).user_id, self.mira)

    def test_nobody_of_another_company_is_told(self):  # LN-23, multi-company
        lead = self._create_lead()
        self.model.crossing_ids.user_id = self.finn
        self._heat(lead)
        self._act()
        self.assertEqual(self._alerts_of(lead).skip_reason, "nobody")
        self.assertFalse(self.alerts.with_user(self.finn).search([("lead_id", "=", lead.id)]))

    def test_who_may_not_see_the_lead_is_not_told(self):  # LN-23
        self.model.crossing_ids.user_id = self.sven
        gone = self._archived(new_test_user(self.env, "gone", groups=SALES))
        nobodys = self._create_lead()
        hidden = self._create_lead("Bob", "bob@pumps.test", user_id=gone.id)
        self._heat(nobodys, hidden)
        self._act()
        self.assertEqual(self._alerts_of(nobodys).user_id, self.sven, "he may take what is free")
        alert = self._alerts_of(hidden)
        self.assertEqual((alert.state, alert.skip_reason), ("skipped", "nobody"),
                         "he does not see what is somebody else's")  # fmt: skip

    def test_many_at_once_are_told_together(self):  # LN-23
        self.env["ir.config_parameter"].set_param("lead_nurture.alert_cap", "5")
        leads = self.env["crm.lead"].create(
            [
                {"name": f"Many {i}", "type": "lead", "email_from": f"m{i}@many.test",
                 "company_id": self.pumps.id, "user_id": self.sven.id}
                for i in range(30)
            ]
        )  # fmt: skip
        self._sync()
        self._heat(*leads)
        last = self.env["mail.message"].search([], order="id desc", limit=1)
        self._act()
        states = self._alerts_of(leads).mapped("state")
        self.assertEqual((states.count("sent"), states.count("grouped")), (5, 25))
        self.assertEqual(len(leads.activity_ids), 5)
        told = self.env["mail.message"].search(
            [("id", ">", last.id), ("message_type", "=", "user_notification")]
        )
        self.assertEqual(len(told), 6, "five, and one for all others")
        summary = told.filtered(lambda m: not m.res_id)
        self.assertIn("25 more leads", str(summary.body))
        self.assertEqual(str(summary.body).count("<li>"), 20, "the hottest by name")

    def test_a_failure_is_kept_and_tried_again(self):  # LN-23
        bad = self._create_lead(user_id=self.sven.id)
        good = self._create_lead("Bob", "bob@pumps.test", user_id=self.sven.id)
        self._heat(bad, good)
        sends = type(self.alerts)._send_single

        def break_down(alert, user, now):
            if alert.lead_id == bad:
                raise ValueError("no paper")
            return sends(alert, user, now)

        with (
            patch.object(type(self.alerts), "_send_single", break_down),
            self.assertLogs("odoo.addons.lead_nurture.models.nurture_alert", "WARNING"),
        ):
            self._act()
        alert = self._alerts_of(bad)
        self.assertEqual((alert.state, alert.attempts), ("waiting", 1))
        self.assertIn("no paper", alert.last_error)
        self.assertEqual(self._alerts_of(good).state, "sent")
        self._act(fields.Datetime.now() + timedelta(hours=1))
        self.assertEqual(self._alerts_of(bad).state, "sent")
        alert._write_rows(state="failed", attempts=6)
        alert.with_user(self.mira).action_retry()
        self.assertEqual((alert.state, alert.attempts), ("waiting", 0))

    def test_a_silent_publish_tells_nobody(self):  # LN-13, LN-14
        lead = self._create_lead(user_id=self.sven.id)
        self._create_model([{"event_kind": "call", "points": 90}])
        self._record(self._person_of(lead), "call")
        self.model._set_archived()
        self.model._set_active()
        self._heat(lead)
        self._act()
        self.assertFalse(self._alerts_of(lead).filtered(
            lambda a: a.crossing_id.model_id == self.model))

    def test_down_acts_as_well(self):  # LN-13
        self.model.crossing_ids = [
            Command.create({"direction": "band_down", "band": "cold", "kind": "status",
                            "status_id": self.status["engaged"].id}),
            Command.create({"direction": "band_down", "band": "cold", "kind": "alert"}),
        ]  # fmt: skip
        lead = self._create_lead(user_id=self.sven.id)
        self._age(lead, "create_date", hours=1)
        self._heat(lead)
        self._act()
        self._run(lead)
        self.assertStatus(lead, "mql")
        self._age(lead.nurture_stay_ids, "entered_at", minutes=5)
        self._cool(lead)
        self._act()
        self.assertStatus(lead, "engaged")
        self.assertEqual(lead.nurture_stay_ids[0].rule, "crossing")
        alerts = self._alerts_of(lead)
        self.assertEqual(alerts.mapped("crossing_id.direction"), ["band_up", "band_down"])
        self.assertIn("cooled down", alerts[1].activity_id.summary)
        self._run(lead)
        self.assertStatus(lead, "engaged")

    def test_a_move_that_is_not_allowed_is_not_made(self):  # LN-13, LN-22
        self.model.crossing_ids = [
            Command.clear(),
            Command.create({"direction": "band_up", "band": "hot", "kind": "status",
                            "status_id": self.status["engaged"].id}),
        ]  # fmt: skip
        lead = self._create_lead()
        self._age(lead, "create_date", hours=1)
        self._run(lead)
        lead.nurture_move(self.status["customer"])
        self._age(lead.nurture_stay_ids, "entered_at", minutes=5)
        self._heat(lead)
        self._act()
        self.assertStatus(lead, "customer")

    def test_rows_that_make_no_sense(self):  # LN-13
        with self.assertRaisesRegex(ValidationError, "Nobody goes up to cold"):
            self.model.crossing_ids.band = "cold"
        with self.assertRaisesRegex(ValidationError, "Choose the status"):
            self.model.crossing_ids.write({"kind": "status"})

    def test_old_crossings_are_not_told_at_the_start(self):  # LN-23
        lead = self._create_lead(user_id=self.sven.id)
        self._heat(lead)
        self._drain()
        self.env["nurture.watermark"].search([("name", "=", "crossing:event")]).sudo().unlink()
        self._act()
        self.assertFalse(self._alerts_of(lead))

    def test_crossings_are_found_by_their_own_index(self):  # P-3
        # a nearly empty table could as well be read by its key
        self.env.cr.execute("ALTER TABLE nurture_event DROP CONSTRAINT nurture_event_pkey")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        plan = self.env.execute_query(
            SQL("EXPLAIN %s", self.crossings._query_crossings(1))
        )
        self.assertIn("nurture_event_crossing_idx", str(plan))


@tagged("post_install", "-at_install")
class TestCrossingOfModel(LifecycleCase):
    """What a crossing does belongs to the score model, whatever is published."""

    def test_publishing_keeps_what_crossings_do(self):  # LN-13, LN-14
        model = self._create_model([{"event_kind": "meeting", "points": 80}])
        mine = model.crossing_ids
        model.action_edit()
        draft = model.draft_id
        self.assertFalse(draft.crossing_ids, "no part of a version")
        mine.again_days = 3
        draft.action_publish()
        self.assertEqual((model.crossing_ids, mine.again_days), (mine, 3))
        self.assertFalse(model.version_ids.crossing_ids)
        model.version_ids.action_restore()
        model.invalidate_recordset(["draft_id"])
        with self.assertRaisesRegex(ValidationError, "on the score model itself"):
            model.draft_id.crossing_ids = [Command.create({"band": "warm"})]

    def test_a_copy_does_the_same(self):  # LN-13
        model = self._create_model([{"event_kind": "meeting", "points": 80}])
        model.crossing_ids.again_days = 3
        self.assertEqual(model.copy().crossing_ids.again_days, 3)

    def test_models_of_before_begin_like_new_ones(self):  # LN-13, LN-23
        old = self._create_model([{"event_kind": "meeting", "points": 80}])
        old.crossing_ids.unlink()
        own = self._create_model([{"event_kind": "meeting", "points": 80}])
        own.crossing_ids.active = False
        self.env["nurture.watermark"].search([("name", "=", "crossing:event")]).sudo().unlink()
        self.env["nurture.crossing"]._act_batch()
        self.assertEqual(old.crossing_ids.mapped("kind"), ["alert"])
        self.assertFalse(own.crossing_ids, "switched off on purpose")
        old.crossing_ids.unlink()
        self.env["nurture.crossing"]._act_batch()
        self.assertFalse(old.crossing_ids, "once")
