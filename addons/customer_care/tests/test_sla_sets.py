"""A service level for several kinds and severities, and which one wins."""
from odoo.exceptions import AccessError
from odoo.modules.migration import load_script
from odoo.modules.module import get_module_path
from odoo.tests import Form, tagged
from odoo.tools import SQL

from .common_sla import SlaCommon, june


@tagged("post_install", "-at_install")
class TestSlaSets(SlaCommon):

    def test_one_promise_for_several_kinds_and_severities(self):  # CC-5
        trouble = self._promise(
            name="Trouble", kind_ids=self._choices("complaint", "defect"),
            severity_ids=self._choices("3", "4"))
        for kind, severity, held in (
                ("complaint", "3", True), ("defect", "4", True), ("defect", "2", False),
                ("question", "4", False)):
            case = self._open_at(june(1), kind=kind, severity=severity)
            self.assertEqual(bool(case.sla_id), held, (kind, severity))
        case = self._open_at(june(1), kind="defect", severity="4")
        self._at(june(1, 10), case, "write", {"kind": "praise"})
        self.assertFalse(case.sla_id)
        trouble.kind_ids = False
        self.assertEqual(case.sla_id, trouble, "without a kind it holds for all")

    def test_several_values_are_one_condition(self):  # CC-5
        """How many kinds stand in a set says nothing: the higher one wins then."""
        wide = self._promise(severity_ids=self._choices("2", "3", "4"), sequence=1)
        self._promise(severity_ids=self._choices("3"), sequence=2)
        both = self._promise(
            severity_ids=self._choices("3", "4"), kind_ids=self._choices("defect"), sequence=3)
        self.assertEqual(self._open_at(june(1), severity="3").sla_id, wide)
        self.assertEqual(self._open_at(june(1), severity="3", kind="defect").sla_id, both)
        wide.sequence = 5
        self.assertNotEqual(self._open_at(june(1), severity="3").sla_id, wide)

    def test_the_form_says_which_one_wins(self):  # CC-5
        self.policies.search([("company_id", "=", self.company.id)]).active = False
        every = self._promise(name="Every case", sequence=1)
        severe = self._promise(name="Severe", severity_ids=self._choices("3", "4"), sequence=2)
        self._promise(name="Minor", severity_ids=self._choices("1"), sequence=3)
        praise = self._promise(
            name="Severe praise", sequence=9, kind_ids=self._choices("praise"),
            severity_ids=self._choices("4"))
        self.assertEqual(severe.order_told, (
            "Where they hold, too, these win: Severe praise. It wins over: Every case."))
        self.assertEqual(
            every.order_told, "Where they hold, too, these win: Severe praise, Severe, Minor.")
        self.assertEqual(praise.order_told, "It wins over: Severe, Every case.")
        with Form(severe) as form:  # while it is being changed
            form.severity_ids.clear()
            form.severity_ids.add(self.env.ref("customer_care.care_choice_severity_normal"))
            self.assertEqual(form.order_told, "It wins over: Every case.")
        every.active = False
        severe.invalidate_recordset(["order_told"])
        self.assertEqual(severe.order_told, "No other one holds for the same cases.")

    def test_what_can_be_named_is_what_cases_can_have(self):  # CC-5
        for field in ("kind", "severity"):
            choices = self.env["care.choice"].search([("field", "=", field)])
            self.assertEqual(
                {one.value: one.name for one in choices},
                dict(self.env["care.case"]._fields[field]._description_selection(self.env)))
        with self.assertRaises(AccessError):
            choices[0].with_user(self.leader).name = "Else"

    def test_an_upgrade_keeps_what_was_promised_for(self):  # CC-5, ALL-2
        """Kind and severity were one value each, in columns of their own."""
        defects = self._promise(name="Defects", kind_ids=self._choices("defect"))
        severe = self._promise(name="Severe", severity_ids=self._choices("3"))
        every = self._promise(name="Every case")
        (defects | severe).write({"kind_ids": False, "severity_ids": False})
        self.env.flush_all()
        for field in ("kind", "severity"):
            self.cr.execute(SQL(
                "ALTER TABLE care_sla ADD COLUMN %s varchar", SQL.identifier(field)))
        self.cr.execute("UPDATE care_sla SET kind = 'defect', severity = '4' WHERE id = %s",
                        [defects.id])
        self.cr.execute("UPDATE care_sla SET severity = '3' WHERE id = %s", [severe.id])
        path = get_module_path("customer_care") + "/migrations/19.0.0.4.0/post-sla_sets.py"
        for _twice in range(2):
            load_script(path, "sla_sets").migrate(self.cr, "19.0.0.3.0")
        self.env.invalidate_all()
        self.assertEqual(
            [(one.kind_ids.mapped("value"), one.severity_ids.mapped("value"))
             for one in (defects, severe, every)],
            [(["defect"], ["4"]), ([], ["3"]), ([], [])])
        for field in ("kind", "severity"):
            self.cr.execute(SQL("ALTER TABLE care_sla DROP COLUMN %s", SQL.identifier(field)))
