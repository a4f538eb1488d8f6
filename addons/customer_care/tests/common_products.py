"""Buyers of products: what runs out, what needs service."""
from .common import NOW, CareCommon, days_ago


class ProductCommon(CareCommon):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.beans = cls.env["product.product"].create({"name": "Beans"})
        cls.filters = cls.env["product.product"].create({"name": "Filters"})
        cls.histories = cls.env["care.product.history"].sudo()

    @classmethod
    def _buy_product(cls, partner, product, *purchases, price=10.0):
        """Purchases of a product: days ago, or (days ago, quantity)."""
        moves = cls.env["account.move"]
        for ago, quantity in (p if isinstance(p, tuple) else (p, 1) for p in purchases):
            moves |= cls._create_invoice_one_line(
                product_id=product, quantity=quantity, price_unit=price, tax_ids=[],
                partner_id=partner.id, invoice_date=days_ago(ago), post=True)
        return moves

    def _night(self, company=None):
        self.env["care.night"].sudo()._run_steps(company or self.company, NOW, "products")

    def _history(self, partner, product, company=None):
        return self.histories.search([
            ("partner_id", "=", partner.id), ("product_id", "=", product.id),
            ("company_id", "=", (company or self.company).id)])
