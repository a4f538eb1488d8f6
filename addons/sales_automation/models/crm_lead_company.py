from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    """The company that a deal counts in: its own, else its salesperson's, else the first one.

    Sums, rates and settings all ask here, so that no deal counts twice or nowhere.
    """

    _inherit = "crm.lead"

    def _get_home_company(self):
        self.ensure_one()
        return self.company_id or self.user_id.company_id or self._get_first_company()

    @api.model
    def _get_first_company(self):
        return self.env["res.company"].sudo().search([], order="id", limit=1)  # any of all

    @api.model
    def _get_home_domain(self, companies):
        """Deals that count in these companies."""
        homeless = Domain("user_id.company_id", "in", companies.ids)
        if self._get_first_company() in companies:
            homeless |= Domain("user_id", "=", False)
        return Domain("company_id", "in", companies.ids) | (
            Domain("company_id", "=", False) & homeless)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_home_company(self, lead="l", user="u"):
        """The id of the company of a lead, joined with its salesperson in res_users."""
        return SQL(
            "COALESCE(%s, %s, (SELECT MIN(id) FROM res_company WHERE active))",
            SQL.identifier(lead, "company_id"), SQL.identifier(user, "company_id"))

    @api.model
    def _join_home_company(self, query):
        """The same of a query of leads."""
        user = query.left_join(query.table, "user_id", "res_users", "id", "home")
        return self._query_home_company(query.table, user)
