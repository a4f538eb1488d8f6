from odoo import api, fields, models
from odoo.addons.customer_care.engine import fcr
from odoo.tools import SQL

from .optional import OptionalInteger

#: Writing one of these can change the answer, also that of the customer's earlier cases.
TELLING = frozenset({
    "stage_id", "close_reason", "partner_id", "category_id", "product_id", "is_proactive",
    "parent_id", "previous_id", "opened_at", "resolved_at", "reopen_count", "active"})


class CareCase(models.Model):
    """First contact resolution, told again from its facts whenever one of them changes."""

    _inherit = "care.case"

    fcr_state = fields.Selection(
        [("pending", "Window still runs"), ("yes", "Yes"), ("no", "No"),
         ("excluded", "Does not count")], "First contact resolution", readonly=True, copy=False,
        index="btree_not_null",
        help="Yes: resolved with one word of the customer, not opened again, and no new case of "
        "the same customer with the same category or product within the window. Pending until the "
        "window has passed; cases that are spam, merged, duplicates, cancelled, opened by us or "
        "closed without an answer do not count.")
    fcr_reason = fields.Selection("_select_fcr_reason", "Because", readonly=True, copy=False)
    fcr_matures_on = fields.Datetime(
        "Final after", readonly=True, copy=False,
        help="First resolution plus the come-back window that held then, in days.")
    fcr_days = OptionalInteger(
        "Come-back window (days)", readonly=True, copy=False, aggregator=None,
        help="As it stood in the settings when the case was resolved; a later change is no matter "
        "of this case.")
    fcr_handover = fields.Boolean(
        "A hand-over breaks it", readonly=True, copy=False,
        help="As it stood in the settings when the case was resolved.")
    fcr_transfers = fields.Integer(
        "Handed over until resolved", readonly=True, copy=False)

    _fcr_due_idx = models.Index("(company_id, fcr_matures_on) WHERE fcr_state = 'pending'")
    _customer_opened_idx = models.Index("(commercial_partner_id, opened_at)")

    @api.model
    def _select_fcr_reason(self):
        _ = self.env._
        return [
            ("one_contact", _("Settled with the first contact")),
            ("contacts", _("More than one contact before it was resolved")),
            ("reopened", _("Opened again")),
            ("came_back", _("The customer came back after it was resolved")),
            ("again", _("A new case about the same")),
            ("handed_over", _("Handed over")),
            ("spam", _("Spam")), ("merged", _("Merged into another case")),
            ("duplicate", _("Duplicate")), ("cancelled", _("Cancelled by the customer")),
            ("proactive", _("Opened by us")),
            ("no_contact", _("The customer never wrote or called")),
            ("no_answer", _("Closed without an answer, never resolved")),
        ]

    # ---- when it is told again ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._query_fcr_earlier()._refresh_fcr()
        return cases

    def write(self, vals):
        if TELLING.isdisjoint(vals):
            return super().write(vals)
        earlier = self._query_fcr_earlier()
        result = super().write(vals)
        (self | earlier | self._query_fcr_earlier())._refresh_fcr()
        return result

    def _on_inbound(self, contact):
        super()._on_inbound(contact)
        if self.resolved_at:
            self._refresh_fcr()

    def _on_resolved(self, now):
        super()._on_resolved(now)
        if self.resolved_at == now:
            self._note({"fcr_transfers": self.transfer_count})

    def _refresh_fcr(self, now=None):
        """Tell it from the facts; only what changed is written.

        A case is counted by the definition under which it was resolved.
        """
        moment = now or fields.Datetime.now()
        changed = []
        for company, cases in self.grouped("company_id").items():
            for case, old, rules, facts in cases._query_fcr_facts(company):
                told = fcr.verdict(facts, moment, *rules)
                kept = rules if facts.resolved_at else (None, None)
                new = (told.state, told.reason, told.matures_on, *kept)
                if new != old:
                    changed.append((case, *new))
        if changed:
            self._query_write_fcr(changed)

    # ---- SQL ------------------------------------------------------------------------------------

    def _query_fcr_earlier(self):
        """Cases of the same customers, resolved so short before these were opened that these may
        be the same matter. Index _customer_opened_idx and that of the customer.
        """
        if not self.ids:
            return self
        self.flush_model(["commercial_partner_id", "company_id", "opened_at", "resolved_at"])
        rows = self.env.execute_query(SQL(
            """SELECT DISTINCT c.id
                 FROM care_case n
                 JOIN res_company o ON o.id = n.company_id
                 JOIN care_case c ON c.commercial_partner_id = n.commercial_partner_id
                  AND c.company_id = n.company_id AND c.id <> n.id
                  AND c.resolved_at < n.opened_at
                  AND c.resolved_at >= n.opened_at
                      - COALESCE(c.fcr_days, o.care_fcr_days) * interval '1 day'
                WHERE n.id = ANY(%s)""", self.ids))
        return self.browse(row[0] for row in rows)

    def _query_fcr_facts(self, company):
        """(id, what is stored, (days, whether a hand-over breaks it), facts) of these cases.
        Indexes: contacts by case, _customer_opened_idx.
        """
        self.flush_model()
        self.env["care.case.contact"].flush_model()
        rows = self.env.execute_query(SQL(
            """SELECT c.id, c.fcr_state, c.fcr_reason, c.fcr_matures_on, c.fcr_days,
                      CASE WHEN c.fcr_days IS NOT NULL THEN c.fcr_handover END,
                      COALESCE(c.fcr_days, %(days)s),
                      CASE WHEN c.fcr_days IS NULL THEN %(handover)s
                           ELSE COALESCE(c.fcr_handover, FALSE) END,
                      c.resolved_at, c.close_reason, COALESCE(c.is_proactive, FALSE), k.before,
                      k.after, COALESCE(c.reopen_count, 0), again.cases,
                      COALESCE(c.fcr_transfers, 0)
                 FROM care_case c
         JOIN LATERAL (SELECT COUNT(*) FILTER (WHERE k.at <= c.resolved_at) AS before,
                              COUNT(*) FILTER (WHERE k.at > c.resolved_at
                                  AND k.at <= c.resolved_at + %(window)s) AS after
                         FROM care_case_contact k
                        WHERE k.case_id = c.id AND k.direction = 'in'
                          AND k.is_noise IS NOT TRUE) k ON TRUE
         JOIN LATERAL (SELECT COUNT(*) AS cases FROM care_case n
                        WHERE n.commercial_partner_id = c.commercial_partner_id
                          AND n.opened_at > c.resolved_at
                          AND n.opened_at <= c.resolved_at + %(window)s
                          AND n.company_id = c.company_id AND n.id <> c.id AND n.active
                          AND n.is_proactive IS NOT TRUE
                          AND n.close_reason IS DISTINCT FROM 'spam'
                          AND n.parent_id IS DISTINCT FROM c.id
                          AND (n.category_id = c.category_id OR n.product_id = c.product_id
                               OR n.previous_id = c.id)) again ON TRUE
                WHERE c.id = ANY(%(ids)s)""",
            ids=self.ids, days=company.care_fcr_days, handover=company.care_fcr_handover,
            window=SQL("COALESCE(c.fcr_days, %s) * interval '1 day'", company.care_fcr_days)))
        return [(row[0], row[1:6], row[6:8], fcr.Facts(*row[8:])) for row in rows]

    def _query_write_fcr(self, rows):
        """Write (id, state, reason, final after, days, hand-over) of cases in one statement."""
        ids, *columns = (list(column) for column in zip(*rows, strict=True))
        self.env.execute_query(SQL(
            """UPDATE care_case c
                  SET fcr_state = t.state, fcr_reason = t.reason, fcr_matures_on = t.matures_on,
                      fcr_days = t.days, fcr_handover = t.handover
                 FROM unnest(%s::integer[], %s::varchar[], %s::varchar[], %s::timestamp[],
                             %s::integer[], %s::boolean[])
                      t (id, state, reason, matures_on, days, handover)
                WHERE c.id = t.id RETURNING c.id""", ids, *columns))
        self.browse(ids).invalidate_recordset(
            ["fcr_state", "fcr_reason", "fcr_matures_on", "fcr_days", "fcr_handover"],
            flush=False)
