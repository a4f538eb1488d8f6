from odoo import api, fields, models
from odoo.tools import SQL


class CareTag(models.Model):
    """A contact tag that care itself put on a customer, for the sake of one company.

    Only tags written down here are ever taken away again: what somebody set by hand stays, and
    what somebody took off by hand stays off until the customer has left the segment and come
    back. There is no unique key on purpose: in a merge of contacts both notes are kept.
    """

    _name = "care.tag"
    _description = "Contact tag set by customer care"
    _log_access = False
    _rec_name = "category_id"

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    category_id = fields.Many2one(
        "res.partner.category", required=True, readonly=True, ondelete="cascade")
    set_on = fields.Date(readonly=True)

    _company_idx = models.Index("(company_id, category_id, partner_id)")

    @api.model
    def _keep_in_step(self, company, now, tag=None, customer_ids=None) -> tuple[int, int]:
        """Give and take tags by what is wanted now; returns (given, taken).

        With a tag only that one, with `customer_ids` only on these customers and their contacts.
        """
        self.env.flush_all()
        part = self._query_part(tag, customer_ids)
        taken = self._query_take(company, part)
        given = self._query_give(company, company._care_today(now), part)
        if taken or given:
            self.env["res.partner"].invalidate_model(["category_id"], flush=False)
            self.env["res.partner.category"].invalidate_model(["partner_ids"], flush=False)
            self.invalidate_model(flush=False)
        return given, taken

    def _query_wanted(self, company) -> SQL:
        """(partner_id, category_id) that segments and status rules of the company ask for.

        Indexes care_customer_rfm_idx and care_customer_status_idx.
        """
        rules = self.env["care.status.rule"]._rules_of(company).filtered("category_id")
        return SQL(
            """SELECT k.partner_id, s.category_id
                 FROM care_customer k JOIN care_rfm_segment s ON s.id = k.rfm_segment_id
                WHERE k.company_id = %(company)s AND s.category_id IS NOT NULL
                UNION
               SELECT k.partner_id, r.category_id
                 FROM care_customer k JOIN unnest(%(statuses)s::text[], %(tags)s::int[])
                                        AS r(status, category_id) ON r.status = k.status
                WHERE k.company_id = %(company)s""",
            company=company.id, statuses=rules.mapped("status"),
            tags=[rule.category_id.id for rule in rules],
        )

    def _query_part(self, tag, customer_ids) -> SQL:
        """A condition on partner_id and category_id, plain enough to reach into all that is wanted.

        Index res_partner (commercial_partner_id).
        """
        part = [SQL("TRUE")]
        if tag:
            part.append(SQL("category_id = %s", tag.id))
        if customer_ids is not None:
            contacts = self.env.execute_query(SQL(
                "SELECT id FROM res_partner WHERE commercial_partner_id = ANY(%s)",
                list(customer_ids)))
            part.append(SQL("partner_id = ANY(%s)", [contact for (contact,) in contacts]))
        return SQL(" AND ").join(part)

    def _query_only(self, company, part: SQL) -> SQL:
        return SQL("SELECT * FROM (%s) asked WHERE %s", self._query_wanted(company), part)

    def _query_take(self, company, part: SQL) -> int:
        """Take off what is not asked for any more, unless another company asks for it."""
        return self.env.execute_query(SQL(
            """WITH gone AS (
                   DELETE FROM care_tag t
                    WHERE t.company_id = %(company)s AND %(part)s
                      AND NOT EXISTS (SELECT 1 FROM (%(wanted)s) w
                                       WHERE w.partner_id = t.partner_id
                                         AND w.category_id = t.category_id)
                RETURNING partner_id, category_id
               ),
               taken AS (
                   DELETE FROM res_partner_res_partner_category_rel r
                    USING gone g
                    WHERE r.partner_id = g.partner_id AND r.category_id = g.category_id
                      AND NOT EXISTS (SELECT 1 FROM care_tag o
                                       WHERE o.partner_id = g.partner_id
                                         AND o.category_id = g.category_id
                                         AND o.company_id <> %(company)s)
                RETURNING 1
               )
               SELECT COUNT(*) FROM taken""",
            company=company.id, wanted=self._query_only(company, part), part=part,
        ))[0][0]

    def _query_give(self, company, today, part: SQL) -> int:
        """Set what is missing; write down only what was set here, now or for another company."""
        return self.env.execute_query(SQL(
            """WITH missing AS (
                   SELECT w.partner_id, w.category_id FROM (%(wanted)s) w
                    WHERE NOT EXISTS (SELECT 1 FROM care_tag t
                                       WHERE t.company_id = %(company)s
                                         AND t.partner_id = w.partner_id
                                         AND t.category_id = w.category_id)
               ),
               given AS (
                   INSERT INTO res_partner_res_partner_category_rel (partner_id, category_id)
                   SELECT partner_id, category_id FROM missing
                       ON CONFLICT DO NOTHING
                RETURNING partner_id, category_id
               ),
               noted AS (
                   INSERT INTO care_tag (partner_id, company_id, category_id, set_on)
                   SELECT partner_id, %(company)s, category_id, %(today)s::date FROM given
                    UNION
                   SELECT m.partner_id, %(company)s, m.category_id, %(today)s::date
                     FROM missing m JOIN care_tag o ON o.partner_id = m.partner_id
                                                   AND o.category_id = m.category_id
               )
               SELECT COUNT(*) FROM given""",
            company=company.id, today=today, wanted=self._query_only(company, part),
        ))[0][0]
