from odoo.tests import freeze_time, tagged

from .common_sla import SlaCommon, june


@tagged("post_install", "-at_install")
class TestSlaForecast(SlaCommon):
    """Will it be late? Said from settled cases that had been open as long, or not at all."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._promise(reply=0, resolve=8)
        cls.category = cls.env["care.category"].sudo().create({"name": "Pump"})

    def _settle(self, number, hours, **values):
        """Cases that took so many working hours, of a day in May."""
        with freeze_time("2026-05-04 09:00:00"):
            cases = self._open_case(channel="phone", **values).sudo()
            for _number in range(number - 1):
                cases |= self._open_case(channel="phone", **values).sudo()
        for case in cases:
            case.write({"resolved_at": "2026-05-04 10:00:00"})
            case.resolution_hours = hours
        return cases

    def _outlook(self, moment, case):
        self.env["care.night"].sudo()._run_steps(self.company, june(1), "case_pace")
        with freeze_time(moment):
            case.invalidate_recordset()
            return case.with_user(self.agent)

    def test_too_few_settled_cases_say_nothing(self):  # CC-5
        self._settle(19, 20.0)
        case = self._outlook(june(1, 10), self._open_at(june(1, 9)))
        with freeze_time(june(1, 10)):
            self.assertFalse(case.is_likely_late)
            self.assertEqual(case.late_chance, 0)
            self.assertIn("Too few", case.late_reason)
            self.assertTrue(case.late_reason.startswith("7 h left"))

    def test_the_longer_it_is_open_the_likelier_it_is_late(self):  # CC-5
        self._settle(30, 2.0)
        self._settle(10, 12.0)
        case = self._open_at(june(1, 9))
        fresh = self._outlook(june(1, 9), case)
        with freeze_time(june(1, 9)):
            # 10 of 40 took longer than 8 hours
            self.assertAlmostEqual(fresh.late_chance, 25, delta=3)  # between two points of twenty
            self.assertFalse(fresh.is_likely_late)
        old = self._outlook(june(1, 14), case)
        with freeze_time(june(1, 14)):
            # four hours are used: all that were open as long took twelve
            self.assertGreater(old.late_chance, 80)
            self.assertTrue(old.is_likely_late)
            self.assertIn("4 h left; usual 12 h", old.late_reason)
            self.assertIn("took longer than the 8 h allowed", old.late_reason)

    def test_the_most_similar_cases_speak(self):  # CC-5
        self._settle(30, 2.0)
        self._settle(20, 20.0, category_id=self.category.id)
        case = self._outlook(june(1, 9), self._open_at(june(1, 9), category_id=self.category.id))
        with freeze_time(june(1, 9)):
            self.assertEqual(case.late_chance, 100)
            self.assertIn("Pump", case.late_reason)

    def test_nothing_is_said_of_a_paused_or_settled_case(self):  # CC-5
        self._settle(30, 20.0)
        case = self._open_at(june(1, 9))
        self._wait(june(1, 10), case)
        case = self._outlook(june(1, 11), case)
        with freeze_time(june(1, 11)):
            self.assertFalse(case.late_reason)

    def test_what_the_agent_has_to_do_sooner(self):  # CC-5
        sooner = [self._open_at(june(1, hour), user_id=self.agent.id) for hour in (8, 8.5)]
        case = self._open_at(june(1, 9), user_id=self.agent.id)
        self._open_at(june(1, 8))  # nobody's
        self._open_at(june(1, 10), user_id=self.agent.id)
        self.assertEqual(case.late_queue, "case_agent has 2 open cases that are due sooner.")
        self._resolve(june(1, 11), sooner[0])
        self._wait(june(1, 11), sooner[1])
        case.invalidate_recordset(["late_queue"])
        self.assertFalse(case.late_queue)

    def test_duplicates_and_other_companies_teach_nothing(self):  # CC-5, ALL-4
        done = self._settle(25, 20.0)
        done.close_reason = "duplicate"
        case = self._outlook(june(1, 9), self._open_at(june(1, 9)))
        with freeze_time(june(1, 9)):
            self.assertIn("Too few", case.late_reason)

    def test_a_board_of_cases_asks_once(self):  # CC-5, P
        self._settle(30, 20.0)
        cases = self.cases.browse()
        for _number in range(30):
            cases |= self._open_at(june(1, 9))
        self._outlook(june(1, 10), cases[0])

        def spent(some):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with freeze_time(june(1, 10)):
                some.mapped("late_reason")
            return self.cr.sql_log_count - before

        spent(cases[:2])
        self.assertLessEqual(spent(cases), spent(cases[:5]) + 1)
