"""Who buys again, on the dashboard and in the digest (CC-22)."""
from ast import literal_eval

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import CareCommon

FEW, MANY = 4, 20


@tagged("post_install", "-at_install")
class TestRepeat(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env(su=True), "repeat_user", groups="customer_care.group_customer_care_user",
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])
        cls.digest = cls.env["digest.digest"].sudo().create({
            "name": "Care", "company_id": cls.company.id, "kpi_care_repeat": True,
            "kpi_care_ltv": True})

    def _create_buyers(self, count, again):
        """The first of them bought twice for 100, the others once; one never bought at all."""
        names = [f"Buyer {n}" for n in range(count)]
        self.customers.create([
            {"partner_id": partner.id, "company_id": self.company.id, "status": "active",
             "purchase_days": 2 if n < again else 1, "revenue_net": 200 if n < again else 100}
            for n, partner in enumerate(map(self._create_customer, names))])
        self.customers.create({
            "partner_id": self._create_customer("Prospect").id, "company_id": self.company.id,
            "status": "prospect"})
        other = self.env["res.company"].sudo().create({"name": "Second House"})
        self.customers.create({
            "partner_id": self._create_customer("Theirs").id, "company_id": other.id,
            "status": "active", "purchase_days": 9, "revenue_net": 999})

    def _tile(self):
        page = self.env["care.dashboard"].with_user(self.user).get_dashboard()
        return next(tile for tile in page["tiles"] if tile["key"] == "repeat")

    def _mail(self):
        return {kpi["kpi_name"]: kpi for kpi in self.digest._compute_kpis(self.company, self.user)}

    def test_a_rate_with_what_it_is_made_of(self):  # CC-22
        self._create_buyers(MANY, 5)
        tile = self._tile()
        self.assertEqual(tile["figure"], "25.0 %")
        self.assertIn("5 of the 20 customers", tile["note"])
        self.assertEqual(self.customers.search_count(tile["action"]["domain"]), 5)
        bars = zip(tile["chart"]["series"][0]["values"], tile["chart"]["actions"], strict=True)
        self.assertEqual(
            [(15, 15), (5, 5)],
            [(value, self.customers.search_count(action["domain"])) for value, action in bars])

    def test_few_get_a_sentence_and_nobody_is_not_nought(self):  # CC-22
        self.assertIn("n/a", self._tile()["few"])
        self._create_buyers(FEW, 1)
        tile = self._tile()
        self.assertIn("Too few for a rate: 4", tile["few"])
        self.assertNotIn("figure", tile)

    def test_the_digest_tells_both(self):  # CC-22
        self.assertFalse(self._mail(), "left out, not 0")
        self._create_buyers(FEW, 1)
        told = self._mail()
        repeat, ltv = told["kpi_care_repeat"], told["kpi_care_ltv"]
        self.assertEqual(
            (repeat["kpi_col1"]["value"], repeat["kpi_col1"]["col_subtitle"]),
            ("25.00", "1 of 4 customers"))
        # (200 + 3 x 100) / 4
        self.assertIn("125", ltv["kpi_col1"]["value"])
        self.assertIn("500.00", ltv["kpi_col1"]["col_subtitle"])
        self.assertIn("of 4 customers", ltv["kpi_col1"]["col_subtitle"])
        self.assertFalse(repeat["kpi_col2"] or repeat["kpi_col3"], "it stands for today alone")
        for kpi, count in ((repeat, 1), (ltv, 4)):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                kpi["kpi_action"].partition("?")[0])
            customers = self.customers.with_user(self.user).sudo(False)
            self.assertEqual(customers.search_count(literal_eval(action["domain"])), count)

    def test_for_users_of_customer_care(self):  # ALL-4
        clerk = new_test_user(
            self.env(su=True), "repeat_clerk", groups="sales_team.group_sale_salesman",
            company_id=self.company.id, company_ids=[(6, 0, self.company.ids)])
        with self.assertRaises(AccessError):
            _value = self.digest.with_user(clerk).sudo(False).kpi_care_repeat_value
