from odoo import fields, models
from odoo.tools import SQL


class NurturePerson(models.Model):
    """The business to which a person belongs, and as what."""

    _inherit = "nurture.person"
    _check_company_auto = True

    account_id = fields.Many2one(
        "nurture.account", "Account", index="btree_not_null", ondelete="set null",
        check_company=True,
        help="Found by the company contact, else by the e-mail domain. Once chosen here it stays.",
    )
    account_by_hand = fields.Boolean(
        "Account chosen by hand", readonly=True,
        help="The account was chosen by an administrator and is not changed any more.",
    )
    role = fields.Char("Role", compute="_compute_role", help="Job position of the contact or lead.")

    # people of a domain, when an account or a free-mail domain is added
    _domain_idx = models.Index(
        "(split_part(email_normalized, '@', 2)) WHERE email_normalized IS NOT NULL"
    )

    def _compute_role(self):
        roles = dict(self.env.execute_query(self._query_roles(self._origin.ids)))
        for person in self:
            person.role = roles.get(person._origin.id, False)

    def write(self, vals):
        if "account_id" in vals and "account_by_hand" not in vals:
            vals = {**vals, "account_by_hand": True}
        moves = not vals.keys().isdisjoint({"active", "account_id"})
        accounts = self.account_id if moves else self.env["nurture.account"]
        result = super().write(vals)
        if moves:
            self._push_accounts(accounts | self.account_id)
        return result

    def unlink(self):
        accounts = self.account_id
        result = super().unlink()
        self._push_accounts(accounts)
        return result

    def action_account_by_itself(self):
        """Forget what was chosen by hand: the account is found again."""
        self.check_access("write")
        self.write({"account_by_hand": False})
        # sudo: whoever may place people may have them placed by the cron
        self.env["nurture.change"].sudo()._push("person", self.ids)

    def action_open_why(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _probable_doubles(self, limit=10):
        """Also: one name in one business."""
        doubles = super()._probable_doubles(limit)
        if self.account_id:
            doubles |= self.search(
                [("account_id", "=", self.account_id.id), ("name", "=ilike", self.name),
                 ("id", "!=", self.id)], limit=limit,
            )  # fmt: skip
        return doubles

    def _push_accounts(self, accounts):
        # sudo: whoever may change a person has its account counted again
        self.env["nurture.account.dirty"].sudo()._push(accounts.ids)

    def _query_roles(self, ids):
        return SQL(
            "SELECT p.id, %s FROM nurture_person p %s WHERE p.id = ANY(%s)",
            SQL("role.name"),
            self._query_role_join(),
            list(ids),
        )

    def _query_role_join(self):
        """Joins `role.name` to the person `p`: as the contact says, else the newest lead."""
        # indexes res_partner_pkey, nurture_identity__person_id_index, crm_lead_pkey
        return SQL(
            """LEFT JOIN res_partner contact ON contact.id = p.partner_id
          LEFT JOIN LATERAL (
                    SELECT COALESCE(NULLIF(TRIM(contact.function), ''), (
                               SELECT NULLIF(TRIM(l.function), '') FROM nurture_identity i
                                 JOIN crm_lead l ON l.id = i.res_id
                                WHERE i.person_id = p.id AND i.kind = 'lead'
                                  AND NULLIF(TRIM(l.function), '') IS NOT NULL
                             ORDER BY l.id DESC LIMIT 1)) AS name) role ON TRUE"""
        )
