from odoo import api, fields, models
from odoo.tools import SQL

READERS = "lead_nurture.group_lead_nurture_user"


class ResPartner(models.Model):
    """The contact of a company shows its account: one query for the page, no column."""

    _inherit = "res.partner"

    nurture_account_score = fields.Integer(
        "Score of the account", compute="_compute_nurture_account", groups=READERS
    )
    nurture_account_label = fields.Char(
        "Account", compute="_compute_nurture_account", groups=READERS,
        help="Tier and number of engaged people of the business.",
    )

    @api.depends_context("uid", "lang", "allowed_company_ids")
    def _compute_nurture_account(self):
        companies = self.filtered("is_company")._origin
        rows = {}
        if companies:
            rows = {row[0]: row[1:] for row in self.env.execute_query(
                self._query_nurture_accounts(companies.ids))}  # fmt: skip
        for partner in self:
            score, engaged, tier = rows.get(partner._origin.id, (0, None, None))
            partner.nurture_account_score = score
            engaged = engaged is not None and self.env._("%s engaged", engaged)
            partner.nurture_account_label = " · ".join(filter(None, [tier, engaged])) or False

    def action_open_nurture_account(self):
        self.ensure_one()
        accounts = self.env["nurture.account"].search([("partner_id", "=", self.id)])
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "lead_nurture.nurture_account_action"
        )
        if len(accounts) == 1:
            return {**action, "views": [(False, "form")], "res_id": accounts.id}
        return {**action, "domain": [("id", "in", accounts.ids)], "context": {}}

    def _query_nurture_accounts(self, ids):
        """Rows (partner, score, engaged people, tier) of the accounts that the reader may read;
        the score is by the model that is shown in the company of the account."""
        # indexes nurture_account__partner_id_index, nurture_account_score_account_model_uniq
        readable = self.env["nurture.account"]._search([("partner_id", "in", ids)])
        return SQL(
            """SELECT a.partner_id, COALESCE(s.top, 0), COALESCE(s.engaged, 0), t.name
                 FROM nurture_account a
            LEFT JOIN nurture_account_tier t ON t.id = a.tier_id
            LEFT JOIN LATERAL (
                      SELECT s.top, s.engaged FROM nurture_account_score s
                        JOIN nurture_score_model m ON m.id = s.model_id
                       WHERE s.account_id = a.id AND m.state = 'active'
                    ORDER BY m.sequence, m.id LIMIT 1) s ON TRUE
                WHERE a.id IN %s ORDER BY a.id DESC""",
            readable.subselect(),
        )
