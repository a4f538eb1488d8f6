import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL


def clean_domain(text):
    """The bare mail domain of what people type: an address, a website, with or without www."""
    text = (text or "").strip().lower()
    text = re.sub(r"^[a-z]+://", "", text).rpartition("@")[2]
    return text.removeprefix("www.").partition("/")[0].partition(":")[0]


class NurtureAccount(models.Model):
    """One row: one business in one company, whose people are looked at together.

    Found by the company contact of its people, else by the domain of their e-mail addresses. The
    join makes accounts and places people (nurture_account_join); a person that an administrator
    placed stays there. With a tier it is a target account. The score stands beside it, one row
    per score model (nurture.account.score).
    """

    _name = "nurture.account"
    _description = "Account"
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    # archived because its domain was put on the list of free mail: comes back with the domain
    domain_was_free = fields.Boolean(readonly=True, copy=False)
    # not unique: merging contacts by core must not fail; twins are joined afterwards
    partner_id = fields.Many2one(
        "res.partner", "Company contact", index="btree_not_null", ondelete="set null",
        domain="[('is_company', '=', True)]", check_company=True,
        help="People under this contact belong to the account.",
    )
    domain = fields.Char(
        "E-mail domain",
        help="People with such an address belong to the account, unless they are contacts of "
        "another company. Free-mail domains cannot be used.",
    )
    tier_id = fields.Many2one(
        "nurture.account.tier", "Tier", index="btree_not_null", ondelete="set null",
        help="A business with a tier is a target account: one that sales wants to win.",
    )
    user_id = fields.Many2one(
        "res.users", "Owner", domain="[('share', '=', False)]", check_company=True,
        help="Who looks after the business.",
    )
    company_id = fields.Many2one(
        "res.company", "Company", index=True, default=lambda self: self.env.company
    )
    note = fields.Text("Notes")
    person_ids = fields.One2many("nurture.person", "account_id", "People")

    _domain_uniq = models.UniqueIndex(
        "(domain, COALESCE(company_id, 0)) WHERE domain IS NOT NULL",
        "Another account (perhaps an archived one) has this e-mail domain.",
    )

    @api.constrains("domain")
    def _check_domain(self):
        refused = set(self.env["nurture.free.domain"]._not_businesses())
        for account in self.filtered("domain"):
            if not re.fullmatch(r"[^\s@]+\.[^\s@.]+", account.domain):
                raise ValidationError(
                    self.env._("“%s” is not a mail domain. It looks like pumps.example.",
                               account.domain)
                )  # fmt: skip
            if account.domain in refused:
                raise ValidationError(
                    self.env._(
                        "%s is a free-mail domain or one of our own: its users are not one "
                        "business.",
                        account.domain,
                    )
                )

    @api.constrains("partner_id", "company_id", "active")
    def _check_partner(self):
        for account in self.filtered(lambda a: a.partner_id and a.active):
            twin = self.search(
                [("partner_id", "=", account.partner_id.id), ("id", "!=", account.id),
                 ("company_id", "=", account.company_id.id)], limit=1,
            )  # fmt: skip
            if twin:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is the company contact of the account %(account)s already.",
                        partner=account.partner_id.display_name,
                        account=twin.name,
                    )
                )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        accounts = super().create([self._clean(vals) for vals in vals_list])
        accounts._look_again()
        return accounts

    def write(self, vals):
        moves = not vals.keys().isdisjoint({"domain", "partner_id", "active"})
        if moves:
            self._look_again()  # whoever belonged here
        result = super().write(self._clean(vals))
        if moves:
            self._look_again()
        return result

    def _clean(self, vals):
        if "domain" in vals:
            vals = {**vals, "domain": clean_domain(vals["domain"]) or False}
        return vals

    # ------------------------------------------------------------
    # Business
    # ------------------------------------------------------------

    def action_open_people(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("lead_nurture.nurture_person_action")
        return {
            **action,
            "name": self.env._("People of %s", self.name),
            "domain": [("account_id", "=", self.id)],
            "context": {},
        }

    def _look_again(self):
        """Place the people who may belong here, or no longer do; the join cron does it."""
        self._push_people(
            [domain for domain in self.mapped("domain") if domain], self.partner_id.ids, self.ids
        )

    @api.model
    def _push_people(self, domains, partner_ids=(), account_ids=()):
        self.env.flush_all()
        # sudo: whoever may change an account may have its people placed again
        changes = self.env["nurture.change"].sudo()
        rows = self.env.execute_query(
            self._query_people_of(list(domains), list(partner_ids), list(account_ids))
        )
        changes._push("person", [row[0] for row in rows])

    def _query_people_of(self, domains, partner_ids, account_ids):
        # indexes nurture_person_domain_idx, res_partner__commercial_partner_id_index,
        # nurture_person__partner_id_index, nurture_person__account_id_index
        return SQL(
            """SELECT id FROM nurture_person
                WHERE email_normalized IS NOT NULL
                  AND SPLIT_PART(email_normalized, '@', 2) = ANY(%s)
                UNION
               SELECT p.id FROM nurture_person p JOIN res_partner c ON c.id = p.partner_id
                WHERE c.commercial_partner_id = ANY(%s)
                UNION
               SELECT id FROM nurture_person WHERE account_id = ANY(%s)""",
            domains,
            partner_ids,
            account_ids,
        )
