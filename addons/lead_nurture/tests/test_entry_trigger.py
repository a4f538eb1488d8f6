from datetime import date, datetime, timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged

from .common_scenario import ScenarioCase

END = {"end": ("exit", {}, {})}


@tagged("post_install", "-at_install")
class TestEventTrigger(ScenarioCase):
    """Something happens, and who did it enters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lead = cls._create_lead()
        cls.person = cls._person_of(cls.lead)

    def _create_for_event(self, kind, **kw):
        return self._create_scenario(
            END, trigger_kind="event", event_kind=kind, reentry_policy="always", **kw
        )

    def test_each_kind_of_event(self):  # LN-30
        for kind in ("form", "mail_open", "mail_click", "mail_reply", "mail_bounce", "purchase",
                     "event_attended", "survey", "stage_change", "download", "custom"):
            with self.subTest(kind=kind):
                scenario = self._create_for_event(kind)
                self.assertEqual(self._let_in(scenario), 0, "nothing has happened")
                self._record(self.person, kind)
                self.assertEqual(self._let_in(scenario), 1)
                self.assertEqual(self._let_in(scenario), 0, "one event, one journey")

    def test_key_page(self):  # LN-30
        scenario = self._create_for_event("visit", url_pattern="/pricing")
        self._record(self.person, "page_view", url="https://pumps.test/about")
        self.assertEqual(self._let_in(scenario), 0)
        self._record(self.person, "page_view", url="https://pumps.test/Pricing/eu")
        self.assertEqual(self._let_in(scenario), 1)

    def test_machines_do_not_count(self):  # LN-30
        scenario = self._create_for_event("mail_click")
        doubtful = self._create_for_event("mail_click", include_suspect=True)
        self._record(self.person, "mail_click", actor="machine")
        self.assertEqual(self._let_in(scenario) + self._let_in(doubtful), 0)
        self._record(self.person, "mail_click", actor="suspect", key="perhaps")
        self.assertEqual(self._let_in(scenario), 0)
        self.assertEqual(self._let_in(doubtful), 1)

    def test_the_occasion_in_words(self):  # LN-30, LN-41
        scenario = self._create_for_event("download", topic="Price list")
        self.assertEqual(scenario.entry_text, "Download, about Price list")
        scenario.trigger_kind = "manual"
        self.assertEqual(scenario.entry_text, "Somebody enrols them by hand")

    def test_topic(self):  # LN-30
        scenario = self._create_for_event("stage_change", topic="Won")
        self._record(self.person, "stage_change", topic="New")
        self.assertEqual(self._let_in(scenario), 0)
        self._record(self.person, "stage_change", topic="Won", key="won")
        self.assertEqual(self._let_in(scenario), 1)

    def test_often_enough_within_days(self):  # LN-30
        scenario = self._create_for_event("page_view", min_count=3, window_days=7)
        self._record(self.person, days_ago=20)
        self._record(self.person, days_ago=3)
        self._record(self.person)
        self.assertEqual(self._let_in(scenario), 0, "twice in a week")
        self._record(self.person, key="third")
        self.assertEqual(self._let_in(scenario), 1)

    def test_on_different_days(self):  # LN-30
        scenario = self._create_for_event("page_view", min_count=2, count_by="day")
        self._record(self.person, key="a")
        self._record(self.person, key="b")
        self.assertEqual(self._let_in(scenario), 0, "twice on one day")
        self._record(self.person, days_ago=1)
        self._record(self.person, key="c")
        self.assertEqual(self._let_in(scenario), 1)

    def test_before_the_start_is_no_occasion(self):  # LN-30
        self._record(self.person, "purchase", days_ago=1)
        self.assertEqual(self._let_in(self._create_for_event("purchase")), 0)

    def test_what_a_person_did_in_another_company(self):  # multi-company
        shared = self._create_lead("Bo", "bo@shared.test", company_id=False)
        bo = self._person_of(shared)
        scenario = self._create_for_event("call", trigger_domain="[]")
        self._record(bo, "call", company_id=self.filters.id)
        self.assertEqual(self._let_in(scenario), 0)
        self._record(bo, "call", key="ours", company_id=self.pumps.id)
        self.assertEqual(self._let_in(scenario), 1)

    def test_recorded_late(self):  # LN-30
        """The job that reads orders was off for days: what happened after the start counts."""
        scenario = self._create_for_event("purchase")
        self.assertEqual(self._let_in(scenario), 0)
        scenario.enrol_since = self.now - timedelta(days=30)
        scenario.seen_event_id = self.env["nurture.event"].search([], limit=1, order="id desc").id
        self._record(self.person, "purchase", days_ago=9)
        self.assertEqual(self._let_in(scenario), 1)

    def test_a_purchase_of_one_who_was_won(self):  # LN-30
        """Customers may enter where being won is no reason to leave."""
        keeps = self._create_for_event("purchase", exit_on_won=False)
        leaves = self._create_for_event("purchase")
        self.lead.action_set_won()
        self.env.flush_all()
        self._record(self.person, "purchase")
        self.assertEqual(self._let_in(leaves), 0)
        self.assertEqual(self._let_in(keeps), 1)

    def test_an_event_wakes_the_job(self):  # LN-30
        self._create_for_event("purchase")
        cron = self.env.ref("lead_nurture.ir_cron_enrol")
        self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]).unlink()
        self._record(self.person, "call")
        self.assertFalse(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        self._record(self.person, "purchase")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))


@tagged("post_install", "-at_install")
class TestDateTrigger(ScenarioCase):
    """A date of the lead or its contact comes."""

    def _create_for_date(self, since, **kw):
        self.pumps.resource_calendar_id.tz = "Asia/Tokyo"
        scenario = self._create_scenario(
            END,
            trigger_kind="date",
            reentry_policy="always",
            **{"trigger_date_field": "lead.date_deadline", **kw},
        )
        scenario.enrol_since = since
        return scenario

    def _let_in_at(self, scenario, moment):
        """Also when a full pass was just now: the next one is made."""
        scenario.full_pass_at = False
        with freeze_time(moment):
            entered = self._let_in(scenario)
            self._enrolments(scenario)._set_exited("manual")
        return entered

    def _enrolments(self, scenario):
        return self.env["nurture.enrolment"].search([("scenario_id", "=", scenario.id)])

    def test_days_before_in_the_companys_day(self):  # LN-30
        self._create_lead(date_deadline=date(2026, 5, 20))
        scenario = self._create_for_date(datetime(2026, 5, 1), trigger_date_days=7)
        # 13 May begins in Tokyo at 15:00 UTC of the 12th
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 12, 14, 59)), 0)
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 12, 15, 0)), 1)
        self.assertEqual(
            self._let_in_at(scenario, datetime(2026, 5, 13, 9, 0)), 0, "nobody twice for one date"
        )

    def test_the_job_was_off_some_days(self):  # LN-30
        self._create_lead(date_deadline=date(2026, 5, 20))
        self._create_lead("Old", "old@pumps.test", date_deadline=date(2026, 5, 15))
        scenario = self._create_for_date(
            datetime(2026, 5, 1), trigger_date_days=0, trigger_date_late=3
        )
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 23, 3, 0)), 1)
        self.assertEqual(self._enrolments(scenario).lead_id.contact_name, "Ann")
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 23, 4, 0)), 0)

    def test_before_the_start_is_no_occasion(self):  # LN-30
        self._create_lead(date_deadline=date(2026, 5, 20))
        scenario = self._create_for_date(datetime(2026, 5, 21, 3, 0), trigger_date_days=0)
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 21, 9, 0)), 0)

    def test_every_year_and_29_february(self):  # LN-30
        self._create_lead(date_deadline=date(2024, 2, 29))
        scenario = self._create_for_date(
            datetime(2024, 1, 1), trigger_date_days=1, trigger_date_side="after",
            trigger_date_yearly=True,
        )  # fmt: skip
        entered = {
            day: self._let_in_at(scenario, day)
            for day in (
                datetime(2024, 3, 1, 3), datetime(2025, 2, 28, 3), datetime(2025, 3, 1, 3),
                datetime(2025, 3, 2, 3), datetime(2028, 2, 29, 3), datetime(2028, 3, 1, 3),
            )
        }  # fmt: skip
        self.assertEqual([*entered.values()], [0, 0, 1, 0, 0, 1])

    def test_around_new_year(self):  # LN-30
        self._create_lead(date_deadline=date(2020, 1, 2))
        scenario = self._create_for_date(
            datetime(2025, 12, 1), trigger_date_days=5, trigger_date_yearly=True
        )
        self.assertEqual(self._let_in_at(scenario, datetime(2025, 12, 27, 20)), 1)
        self.assertEqual(self._let_in_at(scenario, datetime(2025, 12, 30, 3)), 0)

    def test_moment_of_a_lead(self):  # LN-30
        """30 days after it was created, in the company's days."""
        lead = self._create_lead()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = '2026-05-01 16:00' WHERE id = %s", [lead.id]
        )
        self.env.invalidate_all()
        scenario = self._create_for_date(
            datetime(2026, 5, 1), trigger_date_field="lead.create_date", trigger_date_days=30,
            trigger_date_side="after",
        )  # fmt: skip
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 31, 10)), 0)
        self.assertEqual(self._let_in_at(scenario, datetime(2026, 5, 31, 16)), 1)

    def test_numbers_that_cannot_be_meant(self):  # LN-30
        scenario = self._create_for_date(datetime(2026, 5, 1))
        for name, value in (("trigger_date_days", -1), ("trigger_date_late", 100)):
            with self.assertRaises(ValidationError):
                scenario[name] = value

    def test_it_must_say_which_date(self):  # LN-30
        scenario = self._create_scenario(END, start=False, trigger_kind="date")
        with self.assertRaises(UserError):
            scenario.action_start()


@tagged("post_install", "-at_install")
class TestBeginTrigger(ScenarioCase):
    """Something begins to hold that did not before."""

    def _create_for_change(self, **kw):
        return self._create_scenario(
            END,
            trigger_kind="change",
            trigger_after_domain="[('priority', '=', '3')]",
            reentry_policy="always",
            **kw,
        )

    def _pass(self, scenario, minutes=0):
        scenario.full_pass_at = False
        with freeze_time(fields.Datetime.now() + timedelta(minutes=minutes)):
            return self._let_in(scenario)

    def test_a_lead_changes(self):  # LN-30
        before, lead = self._create_lead(priority="3"), self._create_lead("Bob", "bob@pumps.test")
        scenario = self._create_for_change()
        self.assertEqual(self._pass(scenario), 0, "who matched at the start did not change")
        lead.priority = "3"
        self.env.flush_all()
        self.assertEqual(self._pass(scenario, 5), 1)
        self.assertFalse(self._enrolment_of(before))
        self.assertEqual(self._pass(scenario, 10), 0)

    def test_again_after_it_went_back(self):  # LN-30
        lead = self._create_lead()
        scenario = self._create_for_change()
        self._pass(scenario)
        for minutes, priority, entered in ((5, "3", 1), (10, "1", 0), (15, "3", 1)):
            lead.priority = priority
            self.env.flush_all()
            self.assertEqual(self._pass(scenario, minutes), entered, (minutes, priority))
            scenario.enrolment_ids._set_exited("manual", self._later(minutes=minutes))

    def test_a_new_condition_tells_nobody(self):  # LN-30
        lead = self._create_lead(priority="2")
        scenario = self._create_for_change()
        self._pass(scenario)
        scenario.trigger_after_domain = "[('priority', '=', '2')]"
        self.assertEqual(self._pass(scenario, 5), 0, "everybody matches it since before")
        lead.priority = "3"
        self.env.flush_all()
        self._pass(scenario, 10)
        lead.priority = "2"
        self.env.flush_all()
        self.assertEqual(self._pass(scenario, 15), 1)

    def test_it_must_say_what(self):  # LN-30
        scenario = self._create_for_change(start=False)
        scenario.trigger_after_domain = "[]"
        with self.assertRaises(UserError):
            scenario.action_start()

    def test_score_passes_points(self):  # LN-30
        lead, high = self._create_lead(), self._create_lead("Bob", "bob@pumps.test")
        self._create_model([{"event_kind": "meeting", "points": 40}])
        self._record(self._person_of(high), "meeting")
        self._drain()
        up = self._create_scenario(END, trigger_kind="score", trigger_points=40)
        down = self._create_scenario(
            END, trigger_kind="score", trigger_points=40, trigger_direction="down"
        )
        self.assertEqual(self._pass(up) + self._pass(down), 0)
        self._record(self._person_of(lead), "meeting")
        self._drain()
        self.assertEqual((self._pass(up, 5), self._pass(down, 5)), (1, 0))
        self.assertTrue(self._enrolment_of(lead))
        self.env["nurture.event"].sudo().env.cr.execute(
            "DELETE FROM nurture_event WHERE person_id = %s", [self._person_of(high).id]
        )
        self.env["nurture.dirty"]._push([self._person_of(high).id])
        self._drain()
        self.assertEqual((self._pass(up, 10), self._pass(down, 10)), (0, 1))
        self.assertEqual(down.enrolment_ids.lead_id, high)

    def test_score_falls_out_of_a_band(self):  # LN-30
        lead = self._create_lead()
        person = self._person_of(lead)
        self._create_model([{"event_kind": "meeting", "points": 80}])
        self._record(person, "meeting")
        self._drain()
        scenario = self._create_scenario(END, trigger_kind="band_down", trigger_band="warm")
        self.assertEqual(self._let_in(scenario), 0)
        self.env.cr.execute("DELETE FROM nurture_event WHERE person_id = %s", [person.id])
        self.env["nurture.dirty"]._push([person.id])
        self._drain()
        self.assertEqual(self._let_in(scenario), 1)
