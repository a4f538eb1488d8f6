from odoo.addons.sales_automation.tests.playbook_common import PlaybookCase
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestPlaybookImport(PlaybookCase):
    """A file that brings deals on: rows that fail are named; the rest or nothing, as chosen."""

    COLUMNS = [".id", "name", "stage_id", "expected_revenue"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.deals = cls.env["crm.lead"].create([{
            "name": f"Deal {number}", "type": "opportunity", "user_id": cls.ines.id,
            "team_id": cls.team_inside.id, "stage_id": cls.stage_new.id,
        } for number in range(14)])

    def setUp(self):
        super().setUp()
        self._ready(self.deals[:2])

    def _rows(self):
        return [[str(deal.id), deal.name, "Talks", "500"] for deal in self.deals]

    def _load(self, rows, columns=None, **context):
        model = self.env["crm.lead"].with_user(self.ines).with_context(
            import_file=True, **context)
        result = model.load(columns or self.COLUMNS, rows)
        self.env.invalidate_all()
        return result

    def test_nothing_is_imported_and_every_row_is_named(self):  # SA-7
        result = self._load(self._rows())
        self.assertFalse(result["ids"])
        self.assertEqual([row["rows"]["from"] for row in result["messages"]], list(range(2, 14)))
        self.assertEqual({row["type"] for row in result["messages"]}, {"error"})
        self.assertIn("Fill in Expected Closing", result["messages"][0]["message"])
        self.assertEqual(self.deals.stage_id, self.stage_new)
        self.assertEqual(set(self.deals.mapped("expected_revenue")), {0})
        self.assertFalse(self._exceptions(self.deals))

    def test_rest_is_imported_and_the_deals_stay(self):  # SA-7
        result = self._load(self._rows(), sales_playbook_import="keep")
        self.assertEqual(result["ids"], self.deals.ids)
        self.assertEqual([row["rows"]["from"] for row in result["messages"]], list(range(2, 14)))
        self.assertEqual({row["type"] for row in result["messages"]}, {"warning"})
        self.assertEqual(self.deals[:2].stage_id, self.stage_talks)
        self.assertEqual(self.deals[2:].stage_id, self.stage_new)
        self.assertEqual(set(self.deals.mapped("expected_revenue")), {500})
        log = self._exceptions(self.deals)
        self.assertEqual((log.lead_id, set(log.mapped("kind"))), (self.deals[2:], {"import"}))

    def test_company_chooses_too(self):  # SA-7
        self.env.company.sales_playbook_import = "keep"
        self.assertTrue(self._load(self._rows())["ids"])

    def test_new_deals(self):  # SA-7
        columns = ["name", "type", "team_id", "user_id", "stage_id", "date_deadline"]
        rows = [["A", "Opportunity", "Inside", "Ines", "Talks", "2026-06-30"],
                ["B", "Opportunity", "Inside", "Ines", "Talks", ""],
                ["C", "Opportunity", "Inside", "Ines", "Fresh", ""]]
        refused = self._load(rows, columns)
        self.assertFalse(refused["ids"])
        self.assertEqual([row["rows"]["from"] for row in refused["messages"]], [1])
        kept = self._load(rows, columns, sales_playbook_import="keep")
        deals = self.env["crm.lead"].browse(kept["ids"])
        self.assertEqual(deals.mapped("name"), ["A", "B", "C"])
        self.assertEqual(deals.mapped("stage_id.name")[0], "Talks")
        self.assertLess(deals[1].stage_id.sequence, self.stage_talks.sequence)
        self.assertEqual(self._exceptions(deals[1]).mapped("kind"), ["import"])

    def test_lead_that_becomes_a_late_deal(self):  # SA-7
        lead = self.env["crm.lead"].create({
            "name": "Old lead", "type": "lead", "user_id": self.ines.id,
            "team_id": self.team_inside.id, "stage_id": self.stage_talks.id})
        result = self._load(
            [[str(lead.id), "Opportunity", "700"]], [".id", "type", "expected_revenue"],
            sales_playbook_import="keep")
        self.assertEqual(result["ids"], lead.ids)
        self.assertEqual((lead.type, lead.expected_revenue), ("lead", 700))
        self.assertIn("Fill in Expected Closing", result["messages"][0]["message"])

    def test_other_errors_stay_errors(self):  # SA-7
        rows = self._rows()[:3]
        rows[0][2] = "No such stage"
        result = self._load(rows, sales_playbook_import="keep")
        self.assertFalse(result["ids"])
        self.assertEqual(self.deals[1].stage_id, self.stage_new)

    def test_a_context_that_only_looks_like_an_import(self):  # RELIABILITY 3
        deals = self.env["crm.lead"].with_user(self.ines).with_context(
            playbook_held={"rows": {}})
        self.assertTrue(deals.create({"name": "By RPC", "type": "opportunity"}))
        result = deals.load(["name", "type"], [["By file", "opportunity"]])
        self.assertTrue(result["ids"])

    def test_import_screen(self):  # SA-7
        lines = ["External ID,Opportunity,Stage"]
        for number, deal in enumerate(self.deals):
            self.env["ir.model.data"].create({
                "module": "__import__", "name": f"plb_deal_{number}", "model": "crm.lead",
                "res_id": deal.id})
            lines.append(f"__import__.plb_deal_{number},{deal.name},Talks")
        wizard = self.env["base_import.import"].with_user(self.ines).create({
            "res_model": "crm.lead", "file": "\n".join(lines).encode(),
            "file_name": "deals.csv", "file_type": "text/csv"})
        options = {"quoting": '"', "separator": ",", "has_headers": True, "limit": 2000}
        columns = ["external id", "opportunity", "stage"]
        result = wizard.execute_import(["id", "name", "stage_id"], columns, dict(options))
        self.assertFalse(result["ids"])
        self.assertEqual(len(result["messages"]), 12)
        self.assertEqual(self.deals.stage_id, self.stage_new)
        test = wizard.with_context(sales_playbook_import="keep").execute_import(
            ["id", "name", "stage_id"], columns, dict(options), dryrun=True)
        self.assertEqual(len(test["messages"]), 12)
        self.env.invalidate_all()
        self.assertEqual(self.deals.stage_id, self.stage_new)
        self.assertFalse(self._exceptions(self.deals))
        wizard.with_context(sales_playbook_import="keep").execute_import(
            ["id", "name", "stage_id"], columns, dict(options))
        self.env.invalidate_all()
        self.assertEqual(self.deals[:2].stage_id, self.stage_talks)
