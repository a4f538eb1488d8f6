from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_gate import NEW_YORK, TOKYO, GateCase


@tagged("post_install", "-at_install")
class TestWaitClock(GateCase):
    """Waits by the clock, the calendar and the dates of each person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ken = cls._create_lead(
            "Ken", "ken@pumps.test", country_id=cls.env.ref("base.jp").id
        )
        cls.friday = cls.monday + timedelta(days=4)

        cls.pumps.resource_calendar_id.global_leave_ids.unlink()

    def _wait(self, **vals):
        steps = {"pause": ("wait", vals, {"next": "end"}), "end": ("exit", {}, {})}
        scenario = self._create_scenario(steps)
        self._let_in(scenario)
        return scenario

    def _days(self, *numbers):
        days = self.env["nurture.weekday"].search([("number", "in", numbers)])
        return [(6, 0, days.ids)]

    # ------------------------------------------------------------
    # HOURS OF THE WEEK
    # ------------------------------------------------------------

    def test_until_tuesday_morning_there(self):  # LN-31
        self._wait(wait_mode="window", weekday_ids=self._days(1), hour_from=9, hour_to=12)
        self._advance(self.friday)
        at = self._local(self._stands_at(self.ken).run_at, TOKYO)
        self.assertEqual((at.weekday(), at.hour, at.minute), (1, 9, 0))
        self._advance(self._stands_at(self.ken).run_at)
        self.assertLeft(self.ken, "finished")

    def test_within_the_hours_nobody_waits(self):  # LN-31
        self._wait(wait_mode="window", hour_from=20, hour_to=21)  # 11:30 UTC is 20:30 there
        self._advance(self.monday)
        self.assertLeft(self.ken, "finished")

    def test_hours_over_midnight(self):  # LN-31
        self._wait(wait_mode="window", weekday_ids=self._days(0), hour_from=22, hour_to=2)
        self._advance(self.monday + timedelta(hours=5))  # half past one on Tuesday there
        self.assertLeft(self.ken, "finished")

    def test_hours_that_do_not_exist_are_refused(self):  # LN-31
        for vals in ({"hour_from": 25}, {"hour_to": -1}, {"date_hour": 24}):
            with self.assertRaises(ValidationError, msg=vals):
                self._wait(wait_mode="window", **vals)

    # ------------------------------------------------------------
    # WORKING TIME
    # ------------------------------------------------------------

    def test_two_working_days_over_a_weekend(self):  # LN-31
        self._wait(wait_mode="working", delay_count=2, working_unit="days")
        noon = self.friday.replace(hour=5, minute=0)  # 14:00 there
        self._advance(noon)
        at = self._local(self._stands_at(self.ken).run_at, TOKYO)
        self.assertEqual((at.weekday(), at.hour), (1, 14))
        self.assertEqual(at.date(), (self.friday + timedelta(days=4)).date())

    def test_holidays_there_and_at_home(self):  # LN-31
        monday = (self.friday + timedelta(days=3)).date()
        holidays = self.env["nurture.holiday"]
        holidays.create(
            [
                {"name": "Sea day", "date": monday, "country_id": self.env.ref("base.jp").id},
                {"name": "Elsewhere", "date": monday + timedelta(days=1),
                 "country_id": self.env.ref("base.us").id},
            ]
        )  # fmt: skip
        start = fields.Datetime.to_datetime(monday + timedelta(days=2))
        self.env["resource.calendar.leaves"].create(
            {"name": "Stocktaking", "calendar_id": self.pumps.resource_calendar_id.id,
             "date_from": start + timedelta(hours=6), "date_to": start + timedelta(hours=20)}
        )  # fmt: skip
        self._wait(wait_mode="working", delay_count=2, working_unit="days")
        self._advance(self.friday.replace(hour=5, minute=0))
        at = self._local(self._stands_at(self.ken).run_at, TOKYO)
        # Monday is closed there and Wednesday here: Tuesday and Thursday count
        self.assertEqual((at.date() - monday).days, 3)

    def test_days_that_come_every_year(self):  # LN-31
        japan = self.env.ref("base.jp")
        self.env["nurture.holiday"].create(
            {"name": "New Year", "date": "2020-01-01", "yearly": True, "country_id": japan.id}
        )
        self.env["nurture.holiday"].create(
            {"name": "Leap day", "date": "2020-02-29", "yearly": True, "country_id": False}
        )
        days = self.env["nurture.holiday"]._closed_days({japan.id}, self.pumps, self.monday)
        found = {str(day) for day in days[japan.id]}
        self.assertIn(f"{self.monday.year + 1}-01-01", found)
        self.assertNotIn("2020-01-01", found)
        self.assertEqual(len([day for day in found if day.endswith("02-29")]), 1)

    def test_empty_working_hours_are_refused(self):  # LN-31
        self.pumps.resource_calendar_id.attendance_ids.unlink()
        with self.assertRaisesRegex(UserError, "working hours of .* are empty"):
            self._wait(wait_mode="working")

    # ------------------------------------------------------------
    # DATES OF THE LEAD
    # ------------------------------------------------------------

    def test_three_days_before_a_date(self):  # LN-31
        deadline = (self.monday + timedelta(days=10)).date()
        self.ken.date_deadline = deadline
        self._wait(wait_mode="date", date_field="date_deadline", date_shift=-3, date_hour=9.5)
        self._advance(self.monday)
        at = self._local(self._stands_at(self.ken).run_at, TOKYO)
        self.assertEqual(at.date(), deadline - timedelta(days=3))
        self.assertEqual((at.hour, at.minute), (9, 30))

    def test_a_date_that_moves_is_waited_for(self):  # LN-31
        self.ken.date_deadline = (self.monday + timedelta(days=10)).date()
        self._wait(wait_mode="date", date_field="date_deadline")
        self._advance(self.monday)
        first = self._stands_at(self.ken).run_at
        self.ken.date_deadline += timedelta(days=5)
        self._advance(first)
        self.assertStands(self.ken, "pause", "waiting")
        self.assertEqual(self._stands_at(self.ken).run_at, first + timedelta(days=5))
        self._advance(first + timedelta(days=5))
        self.assertLeft(self.ken, "finished")

    def test_without_a_date_or_after_it_one_goes_on(self):  # LN-31
        late = self._create_lead("Late", "late@pumps.test", date_deadline="2020-01-01")
        self._wait(wait_mode="date", date_field="date_deadline")
        self._advance(self.monday)
        self.assertLeft(self.ken, "finished")
        self.assertLeft(late, "finished")

    def test_a_date_has_to_be_chosen(self):  # LN-31
        with self.assertRaisesRegex(UserError, "for which date"):
            self._wait(wait_mode="date")

    # ------------------------------------------------------------
    # CONDITIONS
    # ------------------------------------------------------------

    def _wait_for_city(self, **kw):
        steps = {
            "city": (
                "wait_event",
                {"wait_for": "condition", "until_domain": "[('city', '=', 'Kobe')]",
                 "delay_count": 3, "delay_unit": "days", **kw},
                {"yes": "end", "timeout": "late"},
            ),
            "end": ("exit", {}, {}),
            "late": ("exit", {}, {}),
        }  # fmt: skip
        scenario = self._create_scenario(steps)
        self._let_in(scenario)
        return scenario

    def _check_conditions(self):
        self.env.flush_all()
        released = [
            node._release_agreed(fields.Datetime.now())
            for node in self.env["nurture.node"]._nodes_waited_at()
        ]
        self.env.invalidate_all()
        return sum(released)

    @mute_logger("odoo.addons.lead_nurture.models.nurture_node_wait_condition", "odoo.sql_db")
    def test_conditions_that_broke_stop_no_other_scenario(self):  # RELIABILITY 1
        """A field that the conditions name may go away with an upgrade."""
        broken, sound = self._wait_for_city(), self._wait_for_city()
        self._advance()
        self.ken.city = "Kobe"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE nurture_node SET until_domain = %s WHERE scenario_id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        self.env.invalidate_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_check_conditions").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual((broken.state, sound.state), ("paused", "running"))
        self.assertIn("“city” cannot be used", broken.pause_reason)
        moved = sound.enrolment_ids.filtered(lambda e: e.lead_id == self.ken)
        self.assertEqual(moved.release_label, "yes")

    def test_until_the_lead_matches(self):  # LN-31
        bob = self._create_lead("Bob", "bob@pumps.test", city="Kobe")
        ann = self._create_lead("Ann", "ann@pumps.test")
        self._wait_for_city()
        self._advance()
        self.assertSteps(bob, [("city", "yes"), ("end", "end")])
        self.assertFalse(self._check_conditions())
        self.ken.city = "Kobe"
        self.assertEqual(self._check_conditions(), 1)
        self.assertFalse(self._check_conditions(), "once")
        self._advance()
        self.assertSteps(self.ken, [("city", "yes"), ("end", "end")])
        self.assertStands(ann, "city", "waiting")
        self._advance(self._later(days=4))
        self.assertSteps(ann, [("city", "timeout"), ("late", "end")])

    def test_the_clock_asks_once_more(self):  # LN-31
        """It came true, and time is up before the cron looked."""
        self._wait_for_city()
        self._advance()
        self.ken.city = "Kobe"
        self._advance(self._later(days=4))
        self.assertSteps(self.ken, [("city", "yes"), ("end", "end")])

    def test_conditions_are_looked_at_by_a_cron(self):  # LN-31
        self._wait_for_city()
        self._advance()
        self.ken.city = "Kobe"
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.ref("lead_nurture.ir_cron_check_conditions").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(self._stands_at(self.ken).release_label, "yes")

    def test_conditions_that_mean_everybody_are_refused(self):  # LN-31
        with self.assertRaisesRegex(UserError, "has none"):
            self._wait_for_city(until_domain="[]")
        with self.assertRaises(ValidationError):
            self._wait_for_city(until_domain="[('no_such_field', '=', 1)]")

    # ------------------------------------------------------------
    # WHOSE CLOCK
    # ------------------------------------------------------------

    def _clock_of(self, lead):
        person = self._person_of(lead)
        place = person._places(self.pumps)[person.id]
        return place.zone.key, place.source

    def test_whose_clock(self):  # LN-31
        self.pumps.partner_id.tz = "Europe/Brussels"
        person = self._person_of(self.ken)
        self.assertEqual(self._clock_of(self.ken), ("Asia/Tokyo", "country"))
        self.assertIn("Asia/Tokyo", person.clock)
        self.assertIn("country", person.clock)
        person.tz = "America/New_York"
        self.assertEqual(self._clock_of(self.ken), (NEW_YORK.key, "person"))
        nobody = self._create_lead("Nobody", "nobody@pumps.test")
        self.assertEqual(self._clock_of(nobody), ("Europe/Brussels", "company"))
        russian = self._create_lead("R", "r@pumps.test", country_id=self.env.ref("base.ru").id)
        self.assertEqual(self._clock_of(russian), ("Europe/Brussels", "company"), "no guess")

    def test_the_zone_of_a_colleague_is_not_the_contacts(self):  # LN-31
        """Core gives a new contact the zone of who types him in."""
        contact = self.env["res.partner"].create(
            {"name": "Yui", "email": "yui@pumps.test", "tz": "Europe/Brussels",
             "country_id": self.env.ref("base.jp").id}
        )  # fmt: skip
        lead = self._create_lead("Yui", "yui@pumps.test", partner_id=contact.id)
        self.assertEqual(self._clock_of(lead), ("Asia/Tokyo", "country"))
        contact.country_id = self.env.ref("base.fr")
        self._person_of(lead).country_id = contact.country_id
        self.assertEqual(self._clock_of(lead), ("Europe/Brussels", "contact"))

    def test_an_unknown_zone_is_passed_over(self):  # LN-31
        person = self._person_of(self.ken)
        with self.assertRaisesRegex(ValidationError, "not a time zone"):
            person.tz = "Mars/Olympus"
        self.env.cr.execute(
            "UPDATE nurture_person SET tz = 'Mars/Olympus' WHERE id = %s", [person.id]
        )
        person.invalidate_recordset()
        self.assertEqual(self._clock_of(self.ken), ("Asia/Tokyo", "country"))
