"""Who buys machines and filters.

    ago   300 days        270 days       who
          machine         filter         8 followers
          machine                        4 others with a machine
          tea                            12 tea drinkers
          machine (20 days ago)          1 target

Customers 25, with machine 13, with filter 8, with both 8. Of the 12 machines bought long ago
without a filter, 8 were followed by one: chance 8 / 12. A filter costs 30: expected value 20.
"""
from unittest.mock import patch

from odoo.addons.customer_care.models import care_affinity, care_affinity_count
from odoo.addons.customer_care.models.care_purchases import Scope

from .common import NOW, CareCommon, days_ago


class AffinityCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for module in (care_affinity, care_affinity_count):
            baskets = patch.object(module, "MIN_BASKETS", 10)
            cls.startClassPatcher(baskets)
        cls.machine, cls.filter, cls.tea = (
            cls.env["product.product"].create({"name": name, "list_price": price})
            for name, price in (("Machine", 900), ("Filter", 35), ("Tea", 5)))
        cls.company.care_affinity_customers = 5
        cls.affinities = cls.env["care.affinity"].sudo()
        cls.proposals = cls.env["care.proposal"].sudo()
        cls.nights = cls.env["care.night"].sudo()

    @classmethod
    def _basket(cls, partner, ago, *products, price=30.0, **values):
        return cls._create_invoice(
            partner_id=partner.id, invoice_date=days_ago(ago), post=True, invoice_line_ids=[
                cls._prepare_invoice_line(product_id=product, price_unit=price, tax_ids=[])
                for product in products], **values)

    @classmethod
    def _draw_cast(cls):
        cls.followers, cls.others, cls.drinkers = (
            [cls._create_customer(f"{name} {n}") for n in range(count)]
            for name, count in (("Follower", 8), ("Other", 4), ("Drinker", 12)))
        cls.target = cls._create_customer("Target")
        for partner in cls.followers + cls.others:
            cls._basket(partner, 300, cls.machine)
        for partner in cls.followers:
            cls._basket(partner, 270, cls.filter)
        for partner in cls.drinkers:
            cls._basket(partner, 300, cls.tea)
        cls._basket(cls.target, 20, cls.machine)
        cls.figures._refresh(cls.company, cls._scope(
            cls.target, *cls.followers, *cls.others, *cls.drinkers), NOW)

    @classmethod
    def _scope(cls, *partners):
        return Scope(ids=tuple(partner.id for partner in partners))

    def _night(self, *keys, now=NOW, company=None):
        self.nights._run_steps(company or self.company, now, *(
            keys or ("products", "affinity", "proposals")))

    def _pair(self, first, other, company=None):
        return self.affinities.search([
            ("company_id", "=", (company or self.company).id),
            ("product_tmpl_id", "=", first.product_tmpl_id.id),
            ("other_tmpl_id", "=", other.product_tmpl_id.id)])

    def _proposed(self, partner=None, **values):
        """Proposals of a customer, the open ones unless told otherwise."""
        domain = [("partner_id", "=", (partner or self.target).id),
                  ("company_id", "=", self.company.id)]
        if "state" not in values:
            domain.append(("state", "in", ("proposed", "accepted")))
        return self.proposals.search(
            domain + [(name, "=", value) for name, value in values.items()])

    @classmethod
    def _all(cls):
        cls.env.cr.execute("SELECT max(id) FROM res_partner")
        return Scope(after=0, until=cls.env.cr.fetchone()[0])
