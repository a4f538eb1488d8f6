"""The cast of customer care.

    company            currency  customers
    company_1_data     USD       buyers made by _create_customer(), one story each
    Second House       USD       the same buyers, seen from the other company

Everything happens around TODAY; whoever needs another day passes it.
"""
import gc
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.customer_care.models.care_figures import Scope

NOW = datetime(2026, 6, 30, 9, 0, 0)
TODAY = NOW.date()


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


class CareCommon(AccountTestInvoicingCommon):

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("sales_team.group_sale_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.figures = cls.env["care.figures"].sudo()
        cls.customers = cls.env["care.customer"].sudo()
        cls.changes = cls.env["care.status.change"].sudo()
        cls.dirty = cls.env["care.dirty"].sudo()
        cls.env.cr.execute("DELETE FROM care_dirty")  # what the fixtures posted
        cls.env["care.build"].sudo().search([("state", "=", "running")]).state = "done"

    def setUp(self):
        super().setUp()
        # A user's environment reads his time zone and companies once and keeps them while it
        # lives. Between two calls only its own cycle of references holds it, so the collector,
        # run at a chance moment, would make a counted query of what was warm.
        gc.disable()
        self.addCleanup(gc.enable)

    @classmethod
    def _create_customer(cls, name="Buyer", **values):
        return cls.env["res.partner"].create({"name": name, **values})

    @classmethod
    def _create_posted(cls, partner, on, amount=100.0, **values):
        """A posted invoice of one untaxed line."""
        return cls._create_invoice_one_line(
            price_unit=amount, name="Beans", tax_ids=[], partner_id=partner.id,
            invoice_date=on, post=True, **values)

    @classmethod
    def _credit(cls, invoice, on, amount=None):
        """A posted credit note of the invoice, whole or in part."""
        note = cls._reverse_invoice(invoice, date=on)
        if amount is not None:
            note.invoice_line_ids.price_unit = amount
        note.action_post()
        return note

    @classmethod
    def _buy(cls, partner, *days, amount=100.0):
        """Purchases so many days ago."""
        for ago in days:
            cls._create_posted(partner, days_ago(ago), amount)

    def _count(self, *partners, company=None, now=NOW):
        ids = tuple(partner.id for partner in partners)
        return self.figures._refresh(company or self.company, Scope(ids=ids), now)

    def _run(self, method, *args, model="care.customer", now=NOW):
        """A method that commits, as a cron runs it: on its own cursor."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            getattr(self.env(cr=cr, su=True)[model], method)(*args)
        self.env.invalidate_all()

    def _care(self, partner, company=None):
        return self.customers.search([
            ("partner_id", "=", partner.id), ("company_id", "=", (company or self.company).id)])

    def _rows(self, company=None):
        """What is stored about a company's customers, without the moments of writing."""
        names = ["revenue_net", "invoiced", "credited", "purchase_days", "first_purchase",
                 "previous_purchase", "last_purchase", "gap_days", "status"]
        records = self.customers.search([("company_id", "=", (company or self.company).id)])
        return {record.partner_id.id: record.read(names)[0] | {"id": 0} for record in records}

    def assertFigures(self, partner, **expected):
        care = self._care(partner)
        self.assertEqual(len(care), 1, f"{partner.name} has {len(care)} care records")
        found = {name: care[name] for name in expected}
        self.assertEqual(found, {
            name: fields.Date.to_date(value) if isinstance(value, str) and name != "status"
            else value
            for name, value in expected.items()
        })
