from lxml import etree
from odoo.tests import Form, tagged, warmup

from .common_score import ScoreCase

COLUMNS = {name: {} for name in ("name", "nurture_score", "nurture_band", "nurture_last_at")}


@tagged("post_install", "-at_install")
class TestScoreList(ScoreCase):
    """Lists, cards and forms of leads by score: right, and for the price of some queries."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leads = cls.env["crm.lead"].create(
            [
                {"name": f"L{n}", "email_from": f"l{n}@list.test", "company_id": cls.pumps.id,
                 "user_id": False}
                for n in range(100)
            ]
        )  # fmt: skip
        cls._sync()
        cls.domain = [("id", "in", cls.leads.ids)]

    def setUp(self):
        super().setUp()
        self._create_model([{"points": 5, "event_kind": "page_view", "max_count": 20}])
        for number, lead in enumerate(self.leads[:40]):
            for visit in range(number % 15):
                self._record(self._person_of(lead), url=f"/{visit}")
        self._drain()

    def _expected(self):
        """Best first; among equals the newest person, then the newest lead."""
        return self.leads.sorted(
            lambda lead: (
                -lead.nurture_score,
                -lead.nurture_person_id.id if lead.nurture_score else 0,
                -lead.id,
            )
        ).ids

    def test_the_best_come_first_page_by_page(self):  # LN-13, P-6
        expected, order = self._expected(), "nurture_score desc, id desc"
        leads = self.env["crm.lead"]
        for offset, limit in ((0, 10), (10, 20), (30, 80), (0, 100), (0, None), (95, 10)):
            with self.subTest(offset=offset, limit=limit):
                found = leads.search(self.domain, offset=offset, limit=limit, order=order).ids
                self.assertEqual(found, expected[offset:][:limit])
        worst = leads.search(self.domain, limit=10, order="nurture_score, id")
        self.assertEqual(worst.mapped("nurture_score"), [0] * 10)

    def test_bands_are_sorted_within_themselves(self):  # LN-13
        order = "nurture_score desc, id desc"
        for bands in (["hot"], ["hot", "warm"], ["cold"]):
            found = self.env["crm.lead"].search(
                [*self.domain, ("nurture_band", "in", bands)], limit=5, order=order
            )
            wanted = [i for i in self._expected()
                      if self.env["crm.lead"].browse(i).nurture_band in bands]  # fmt: skip
            self.assertEqual(found.ids, wanted[:5])

    def test_cards_by_band_count_everybody(self):  # LN-13
        groups = self.env["crm.lead"]._read_group(self.domain, ["nurture_band"], ["__count"])
        counted = dict(groups)
        self.assertEqual(sum(counted.values()), 100)
        for band, number in counted.items():
            self.assertEqual(
                number, len(self.leads.filtered(lambda lead, b=band: lead.nurture_band == b))
            )

    def test_columns_by_band_show_the_average_score(self):  # LN-13
        """As the web client asks for the cards and the grouped lists of leads and of people."""
        for target, records in (
            ("crm.lead", self.leads), ("nurture.person", self.leads.nurture_person_id)
        ):  # fmt: skip
            with self.subTest(target=target):
                groups = self.env[target].web_read_group(
                    [("id", "in", records.ids)], ["nurture_band"], ["nurture_score:avg"],
                    order="nurture_score desc, id desc", auto_unfold=True,
                    unfold_read_specification=COLUMNS,
                )["groups"]  # fmt: skip
                told = {group["nurture_band"]: group for group in groups}
                for band, found in records.grouped("nurture_band").items():
                    points = found.mapped("nurture_score")
                    self.assertEqual(told[band]["__count"], len(found))
                    self.assertAlmostEqual(
                        told[band]["nurture_score:avg"], sum(points) / len(points)
                    )
                    shown = [row["nurture_score"] for row in told[band]["__records"]]
                    self.assertEqual(shown, sorted(points, reverse=True)[:80])

    def test_score_and_band_are_sorted_together(self):  # LN-13
        leads = self.env["crm.lead"]
        found = leads.search(self.domain, order="nurture_band, nurture_score desc, id")
        wanted = self.leads.sorted(lambda r: (r.nurture_band, -r.nurture_score))
        pairs = [(r.nurture_band, r.nurture_score) for r in wanted]
        self.assertEqual([(r.nurture_band, r.nurture_score) for r in found], pairs)
        best = leads.search(self.domain, order="nurture_score desc, nurture_band, id", limit=30)
        self.assertEqual(
            best.mapped("nurture_score"), sorted(self.leads.mapped("nurture_score"))[:-31:-1]
        )

    def test_the_page_is_read_in_the_order_of_the_search(self):  # P-6
        rows = self.env["crm.lead"].web_search_read(
            self.domain, COLUMNS, limit=12, order="nurture_score desc, id desc"
        )["records"]
        self.assertEqual([row["id"] for row in rows], self._expected()[:12])

    def test_a_page_by_score_obeys_the_rights(self):  # security
        leads = self.env["crm.lead"].with_user(self.finn)
        self.assertFalse(leads.search(self.domain, limit=5, order="nurture_score desc"))
        self.leads.user_id = self.mira
        self.leads[:3].user_id = self.sven
        mine = self.env["crm.lead"].with_user(self.sven).search(
            self.domain, limit=5, order="nurture_score desc"
        )
        self.assertLessEqual(set(mine.ids), set(self.leads[:3].ids))

    def _queries(self, read):
        """Number of queries of `read`, from an empty cache; run once before to warm up."""
        read()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        read()
        return self.env.cr.sql_log_count - before

    def _shown(self, target, view, kind):
        """Our fields in the real view, as the web client asks for them."""
        arch = etree.fromstring(target.get_view(self.env.ref(view).id, kind)["arch"])
        ours = {}
        for node in arch.iter("field"):
            name = node.get("name")
            if name.startswith("nurture_"):
                named = target._fields[name].relational and node.get("invisible") != "1"
                ours[name] = {"fields": {"display_name": {}}} if named else {}
        self.assertLessEqual({"nurture_score", "nurture_band"}, ours.keys())
        return ours

    @warmup
    def test_columns_of_a_list_cost_two_queries_whatever_the_page(self):  # P-6
        leads = self.leads.with_user(self.mira)
        ours = self._shown(leads, "lead_nurture.crm_lead_view_list_hot", "list")
        self.assertLessEqual({"nurture_last_at", "nurture_status_id"}, ours.keys())
        for limit in (10, 80):
            page = leads[:limit]
            bare = self._queries(lambda page=page: page.web_read({"name": {}}))
            full = self._queries(lambda page=page: page.web_read({"name": {}, **ours}))
            self.assertLessEqual(full - bare, 2, f"{limit} rows: {sorted(ours)}")

    @warmup
    def test_opening_a_lead_costs_three_queries(self):  # LN-15, P-6
        lead = self.leads[14].with_user(self.mira)
        ours = self._shown(lead, "crm.crm_lead_view_form", "form")
        self.assertIn("nurture_person_id", ours)
        later = {"nurture_explanation", "nurture_timeline", "nurture_lifecycle"}
        self.assertFalse(later & ours.keys(), "read when opened")
        bare = self._queries(lambda: lead.web_read({"name": {}}))
        full = self._queries(lambda: lead.web_read({"name": {}, **ours}))
        self.assertLessEqual(full - bare, 3, sorted(ours))
        with Form(lead.with_user(self.env.user)) as form:
            self.assertEqual(form.nurture_score, lead.nurture_score)
