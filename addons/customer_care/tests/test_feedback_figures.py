"""Where answers are told: page of figures, tables, digest, the customer's record (CC-8, CC-22)."""
from datetime import timedelta

from odoo import fields

from .test_feedback import FeedbackCommon


class TestFeedbackFigures(FeedbackCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house = cls.env["res.company"].sudo().create({"name": "House of Answers"})
        cls.reader = cls._create_user(
            "reader_of_answers", "customer_care.group_customer_care_user")
        cls.reader.write({"company_ids": [(4, cls.house.id)], "company_id": cls.house.id})

    def _say(self, *values, metric="nps", ago=40, **more):
        return self.answers.browse([
            self._respond(value, self._create_customer(), metric=metric, ago=ago,
                          **{"company_id": self.house.id, **more}).id for value in values])

    def _tiles(self, period="last_12"):
        page = self.env["care.dashboard"].with_user(self.reader).with_company(self.house)
        return {tile["key"]: tile for tile in page.get_dashboard(period)["tiles"]}

    def test_no_tile_before_the_first_answer(self):  # CC-22
        self.assertFalse({"nps", "ces", "csat"} & set(self._tiles()))

    def test_call_backs_that_wait_are_counted_and_named(self):  # CC-8, CC-22
        self.assertNotIn("call_backs", self._tiles())
        self._say(10, 2, 3, ago=0)
        first, second = self.answers.search(
            [("company_id", "=", self.house.id), ("follow_state", "=", "open")], order="id")
        first.sudo().follow_due -= timedelta(days=30)
        second.sudo().follow_user_id = self.reader
        tile = self._tiles()["call_backs"]
        self.assertEqual(tile["figure"], "2")
        self.assertIn("1 overdue, 1 unassigned", tile["note"])
        self.assertEqual(self.answers.search(tile["action"]["domain"]), first + second)
        self.assertEqual(tile["table"]["rows"][0][0]["text"], first.display_name)
        (first + second).sudo()._set_follow_done("Told", True)
        self.assertIn("Nobody waits", self._tiles()["call_backs"]["few"])

    def test_few_answers_are_said(self):  # CC-22
        self._say(*[10] * 9)
        tile = self._tiles()["nps"]
        self.assertNotIn("figure", tile)
        self.assertEqual(tile["few"], "Too few for a figure: 9 answers, 10 are needed.")

    def test_tiles_tell_figure_interval_and_parts(self):  # CC-22
        self._say(10, 10, 9, 9, 9, 8, 7, 7, 6, 0)
        self._say(7, 6, 5, 5, 5, 5, 5, 5, 4, 1, metric="ces")
        self._say(*[5] * 10, metric="csat")
        tiles = self._tiles()
        self.assertEqual(tiles["nps"]["figure"], "+30.0")
        self.assertIn("±48.4 points", tiles["nps"]["note"])
        self.assertIn("5 promoters, 3 passive, 2 detractors", tiles["nps"]["note"])
        self.assertEqual(tiles["ces"]["figure"], "80.0 %")
        self.assertIn("etween 49.0 and 94.3 %", tiles["ces"]["note"])
        self.assertIn("mean 4.8", tiles["ces"]["note"])
        self.assertEqual(tiles["csat"]["figure"], "100.0 %")
        opened = tiles["nps"]["action"]
        self.assertEqual(self.answers.search_count(opened["domain"]), 10)
        bars = tiles["nps"]["chart"]
        self.assertEqual(bars["series"][0]["values"], [5, 3, 2])
        self.assertEqual(
            [self.answers.search_count(action["domain"]) for action in bars["actions"]],
            [5, 3, 2])

    def test_excluded_answers_are_nowhere(self):  # CC-22
        rows = self._say(*[10] * 10)
        rows[0]._set_excluded("manual")
        self.assertIn("9 answers", self._tiles()["nps"]["few"])
        report = self.env["care.feedback.report"].sudo().with_company(self.house)
        self.assertEqual(report.search_count([("feedback_id", "in", rows.ids)]), 9)

    def test_what_chance_explains_is_no_news(self):  # CC-22
        day = fields.Datetime.now().replace(day=1) - timedelta(days=40)
        self._say(*[10] * 12, *[0] * 8, ago=(self.now - day).days)
        self._say(*[10] * 11, *[0] * 9, ago=(self.now - day).days + 366)
        self.assertIn("within chance", self._tiles()["nps"]["trend"]["text"])

    def _table(self):
        return self.env["care.feedback.report"].sudo().with_company(self.house).with_context(
            allowed_company_ids=self.house.ids)

    def test_tile_bars_and_table_rest_on_the_last_answer_of_each(self):  # CC-8, CC-22
        people = [self._create_customer() for _index in range(10)]
        for ago, value, who in ((130, 0, people), (90, 10, people[:5]), (40, 10, people[:5])):
            for person in who:
                self._respond(value, person, ago=ago, company_id=self.house.id)
        tile = self._tiles()["nps"]
        self.assertIn("10 people: 5 promoters, 0 passive, 5 detractors", tile["note"])
        reader = self.answers.with_user(self.reader).with_company(self.house)
        last = reader.search(tile["action"]["domain"])
        self.assertEqual(last.partner_id, self.env["res.partner"].union(*people))
        self.assertEqual(len(last), 10)
        self.assertEqual(
            [reader.search_count(action["domain"]) for action in tile["chart"]["actions"]],
            [5, 0, 5])
        [[nps, counted]] = self._table()._read_group(
            [("company_id", "=", self.house.id)], [], ["nps:avg", "nps_count:sum"])
        self.assertEqual((nps, counted), (0.0, 10))

    def test_a_person_counts_once_in_each_group_of_the_table(self):  # CC-8
        customer = self._create_customer()
        noon = fields.Datetime.now().replace(day=15, hour=12) - timedelta(days=60)
        rows = self.answers.browse()
        for value, days in ((9, -31), (10, 0), (0, 2)):
            rows |= self._respond(value, customer, company_id=self.house.id,
                                  responded_at=noon + timedelta(days=days))
        self._respond(5, customer, metric="csat", company_id=self.house.id, responded_at=noon)
        told = [("feedback_id", "in", rows.ids)]
        months = self._table()._read_group(
            told, ["responded_at:month"], ["nps:avg", "nps_count:sum"], order="responded_at:month")
        self.assertEqual([row[1:] for row in months], [(100.0, 1), (-100.0, 1)])
        self.assertEqual(self._table()._read_group(
            told, [], ["nps:avg", "nps_count:sum"]), [(-100.0, 1)])
        self.assertEqual(self._table()._read_group(
            [*told, ("value", ">", 5)], [], ["nps:avg", "nps_count:sum"]), [(100.0, 1)])

    def test_a_table_has_no_figure_of_few(self):  # CC-8
        seller, other = self.agent, self.leader
        self._say(10, 10, 10, 9, 9, 9, 9, 8, 0, 0, user_id=seller.id)
        self._say(*[10] * 9, user_id=other.id)
        report = self._table()
        mine = [("company_id", "=", self.house.id)]
        rows = report.formatted_read_group(mine, ["user_id"], ["nps:avg"])
        told = {row["user_id"][0]: (row["nps:avg"], row["nps_count:sum"]) for row in rows}
        self.assertEqual(told, {seller.id: (50.0, 10)})
        [total], users = report.formatted_read_grouping_sets(
            mine, [[], ["user_id"]], ["nps:avg"])
        self.assertAlmostEqual(total["nps:avg"], 100 * (16 - 2) / 19)
        self.assertEqual([row["nps:avg"] for row in users if row["user_id"][0] == other.id],
                         [False])

    def test_digest_tells_what_it_rests_on(self):  # CC-22
        self._say(10, 10, 9, 9, 9, 8, 7, 7, 6, 0, ago=3)
        digest = self.env["digest.digest"].sudo().create({
            "name": "Answers", "company_id": self.house.id, "kpi_care_nps": True,
            "kpi_care_ces": True, "user_ids": [(6, 0, self.reader.ids)]})
        kpis = {kpi["kpi_name"]: kpi for kpi in digest._compute_kpis(self.house, self.reader)}
        self.assertIn("30.0", kpis["kpi_care_nps"]["kpi_col1"]["value"])
        self.assertIn("±48.4", kpis["kpi_care_nps"]["kpi_col1"]["col_subtitle"])
        self.assertNotIn("kpi_care_ces", kpis)

    def test_the_record_knows_the_last_answer(self):  # CC-8
        self._create_posted(self.writer, self.now.date() - timedelta(days=5))
        self._count(self.writer)
        care = self._care(self.writer)
        self.assertEqual((care.last_nps, care.nps_band), (False, False))
        self._respond(9, self.writer, ago=5)
        self._respond(0, self.writer, ago=2)
        self._respond(6, self.writer, metric="ces", ago=1)
        self._respond(10, self.agent.partner_id, ago=0)
        self.env.invalidate_all()
        self.assertEqual((care.last_nps, care.nps_band, care.last_ces), (0, "detractor", 6))
        self.assertEqual(len(care.feedback_ids), 3)
        partners = self.env["res.partner"].with_company(self.company)
        mine = [("id", "=", self.writer.id)]
        for value, found in (("detractor", 1), ("promoter", 0), (False, 0)):
            self.assertEqual(
                partners.search_count([*mine, ("care_nps_band", "=", value)]), found, value)
        self.assertEqual(self.writer.with_company(self.company).care_nps_band, "detractor")
        told = self.env["care.timeline"].sudo()._get_page(care, {}, "feedback")["entries"]
        self.assertEqual([entry["title"] for entry in told],
                         ["CES: 6 of 7", "NPS: 0 of 10", "NPS: 9 of 10"])
        facts = self.env["care.health"].sudo()._facts_of(self.company, self.writer)
        self.assertEqual(facts["nps"], 0)

    def test_lists_ask_once_for_all(self):  # CC-8
        people = [self._create_customer(f"P{index}") for index in range(12)]
        for person in people:
            self._create_posted(person, self.now.date() - timedelta(days=5))
            self._respond(9, person)
        self._count(*people)
        for some in (people[:2], people):
            records = self.customers.search([
                ("partner_id", "in", [person.id for person in some])])
            self.env.flush_all()
            self.env.invalidate_all()
            records.mapped("partner_id")
            with self.assertQueryCount(1):
                records.mapped("nps_band")
