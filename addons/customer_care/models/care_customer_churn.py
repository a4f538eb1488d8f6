from odoo import fields, models
from odoo.tools import SQL


class CareCustomer(models.Model):
    """When a customer's documents were last looked at because one of them had changed.

    A changed document need not change a figure: a purchase moved from March to April, or amounts
    swapped between two invoices, leave every total as it was and yet belong to other months.
    """

    _inherit = "care.customer"

    recounted_at = fields.Datetime(
        "Documents changed at", readonly=True,
        help="When this customer was last counted because a document had changed and no figure "
        "of his did.")

    def _query_recounted(self, company, scope, now) -> None:
        """Who got new figures in the same count says so already: he is not written twice.

        Unique key (partner_id, company_id).
        """
        self.env.execute_query(SQL(
            """UPDATE care_customer k SET recounted_at = %(now)s
                WHERE k.company_id = %(company)s AND %(scope)s
                  AND k.computed_at IS DISTINCT FROM %(now)s RETURNING 1""",
            now=now, company=company.id,
            scope=self.env["care.purchases"]._query_scope(scope, SQL("k.partner_id"))))
        self.invalidate_model(["recounted_at"], flush=False)
