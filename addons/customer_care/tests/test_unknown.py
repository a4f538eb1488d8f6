from odoo.tests import tagged

from .common import CareCommon


@tagged("post_install", "-at_install")
class TestUnknown(CareCommon):
    """Nobody is found, shown or exported with a number that nobody knows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.judged, cls.zero, cls.never = (
            cls._create_customer(name) for name in ("Judged", "Zero", "Never judged"))
        for buyer in (cls.judged, cls.zero, cls.never):
            cls._buy(buyer, 10)

    def setUp(self):
        super().setUp()
        self._count(self.judged, self.zero, self.never)
        for buyer, health in ((self.judged, 20), (self.zero, 0), (self.never, None)):
            self.env.cr.execute(
                "UPDATE care_customer SET health = %s, ltv_predicted = %s WHERE partner_id = %s",
                [health, health, buyer.id])
        self.env.invalidate_all()

    def _found(self, *domain):
        return self.customers.search([("company_id", "=", self.company.id), *domain]).partner_id

    def test_a_filter_does_not_take_unknown_for_nought(self):  # CC-13, CC-9
        for name in ("health", "ltv_predicted"):
            self.assertEqual(self._found((name, "<", 30)), self.judged | self.zero, name)
            self.assertEqual(self._found((name, "<=", 0)), self.zero, name)
            self.assertEqual(self._found((name, "=", 0)), self.zero, name)
            self.assertEqual(self._found((name, "=", False)), self.never, name)
            self.assertEqual(self._found("!", (name, ">", 10)), self.zero | self.never, name)

    def test_an_audience_holds_only_those_who_are_known(self):  # CC-21
        partners = self.env["res.partner"].with_company(self.company)
        mine = [("id", "in", (self.judged | self.zero | self.never).ids)]
        found = partners.search([*mine, ("care_health", "<", 30)])
        self.assertEqual(found, self.judged | self.zero)
        self.assertIs(self.never.with_company(self.company).care_health, False)

    def test_it_is_empty_on_screen_and_in_an_export(self):  # CC-13
        care = self._care(self.never)
        self.assertEqual(care.read(["health", "ltv_predicted"])[0],
                         {"id": care.id, "health": False, "ltv_predicted": False})
        rows = care.export_data(["health", "ltv_predicted"])["datas"]
        self.assertEqual(rows, [["", ""]])
        self.assertEqual(self._care(self.zero).export_data(["health"])["datas"], [[0]])

    def test_a_sum_leaves_it_out(self):  # CC-9
        here = [("company_id", "=", self.company.id)]
        self.assertEqual(self.customers._read_group(here, [], ["ltv_predicted:sum"]), [(20,)])
