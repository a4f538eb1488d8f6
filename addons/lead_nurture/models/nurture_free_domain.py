from odoo import api, fields, models
from odoo.addons.iap.tools.iap_tools import _MAIL_PROVIDERS
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .nurture_account import clean_domain


class NurtureFreeDomain(models.Model):
    """One row: a mail domain whose users do not belong together, beside those that core knows:
    a local free-mail or internet provider, a school. It never makes an account."""

    _name = "nurture.free.domain"
    _inherit = "nurture.shared"
    _description = "Free-mail domain"
    _order = "name"

    name = fields.Char(
        "Domain", required=True,
        help="What stands behind the @, e.g. mail.example. It holds for all companies.",
    )  # fmt: skip
    note = fields.Char()

    _name_uniq = models.UniqueIndex("(name)", "This domain is in the list already.")

    @api.constrains("name")
    def _check_name(self):
        for domain in self:
            if not domain.name or "." not in domain.name or " " in domain.name:
                raise ValidationError(
                    self.env._("“%s” is not a domain. It looks like mail.example.", domain.name)
                )

    @api.model_create_multi
    def create(self, vals_list):
        domains = super().create(
            [{**vals, "name": clean_domain(vals.get("name"))} for vals in vals_list]
        )
        domains._look_again(domains.mapped("name"))
        return domains

    def write(self, vals):
        if "name" in vals:
            vals = {**vals, "name": clean_domain(vals["name"])}
        names = self.mapped("name")
        result = super().write(vals)
        self._look_again([*names, *self.mapped("name")])
        return result

    def unlink(self):
        names = self.mapped("name")
        result = super().unlink()
        self._look_again(names)
        return result

    def _look_again(self, names):
        """People of these domains may have another account now, or none."""
        accounts = self.env["nurture.account"].sudo()  # sudo: domains count for all companies
        accounts._push_people(names)
        free = self.exists().mapped("name")
        accounts.search(
            [("domain", "in", free), ("partner_id", "=", False), ("tier_id", "=", False)]
        ).write({"active": False, "domain_was_free": True})
        again = [name for name in names if name not in free]
        accounts.search(
            [("domain", "in", again), ("active", "=", False), ("domain_was_free", "=", True)]
        ).write({"active": True, "domain_was_free": False})

    @api.model
    def _not_businesses(self):
        """Mail domains that never make an account: free mail, and our own."""
        self.flush_model()
        ours = {row[0] for row in self.env.execute_query(self._query_own_domains())}
        free = {row[0] for row in self.env.execute_query(self._query_names())}
        return sorted(_MAIL_PROVIDERS | ours | free)

    def _query_names(self):
        return SQL("SELECT name FROM nurture_free_domain")

    def _query_own_domains(self):
        return SQL(
            """SELECT SPLIT_PART(p.email_normalized, '@', 2)
                 FROM res_company c JOIN res_partner p ON p.id = c.partner_id
                WHERE p.email_normalized LIKE '%%@%%'
                UNION SELECT LOWER(name) FROM mail_alias_domain"""
        )
