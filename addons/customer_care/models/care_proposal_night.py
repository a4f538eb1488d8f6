from datetime import date, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .care_purchases import Scope

#: Who never bought has nothing to follow from; who is leaving gets a win-back and no proposal.
LEFT_ALONE = ("prospect", "lapsed", "churned")
#: What a new row takes over from its pair.
TAKEN = ("kind", "origin", "customers", "customers_with", "lift_low", "later", "waiting",
         "window_days", "chance", "chance_known", "price", "expected_value")


class CareProposal(models.Model):
    """What the night does with proposals: see what became of them, and make new ones."""

    _inherit = "care.proposal"

    @api.model
    def _settle(self, company, scope: Scope, today: date) -> None:
        """End what was bought, lost or forgotten among the open proposals of some customers."""
        self.env.flush_all()
        self._query_settle_bought(company, scope, today)
        self._query_settle_past(company, scope, today)
        self._query_settle_ordered(company, scope)
        self._query_follow_salesperson(company, scope)
        self.invalidate_model(flush=False)
        self._settle_documents(company, scope)

    @api.model
    def _propose(self, company, scope: Scope, today: date) -> int:
        """Fill the places of these customers with the best proposals; returns how many."""
        self.env.flush_all()
        made = self._query_propose(company, scope, today)
        self.invalidate_model(flush=False)
        return made

    def _settle_documents(self, company, scope: Scope) -> None:
        """A proposal ends with the opportunity or the quotation that was made of it."""
        taken = self.browse(self._query_taken_up(company, scope))
        for model, proposals in taken.grouped("document_model").items():
            if model not in self.env:
                proposals._set_dismissed("gone")  # its app was removed
                continue
            documents = self.env[model].with_context(active_test=False).browse(
                proposals.mapped("document_id")).exists()
            lost = documents.filtered(lambda document: self._is_lost(document))
            proposals.filtered(
                lambda p, ids=set(documents._ids): p.document_id not in ids)._set_dismissed("gone")
            proposals.filtered(
                lambda p, ids=set(lost._ids): p.document_id in ids)._set_dismissed("lost")

    def _is_lost(self, document) -> bool:
        if document._name == "sale.order":
            return document.state == "cancel"
        return document.won_status == "lost"

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_scope(self, scope: Scope, column: SQL) -> SQL:
        return self.env["care.purchases"]._query_scope(scope, column)

    def _query_open(self, company, scope: Scope, *states) -> SQL:
        """Condition on alias p. Index partner_id."""
        return SQL(
            "p.company_id = %s AND p.state = ANY(%s) AND %s", company.id,
            list(states or ("proposed", "accepted")),
            self._query_scope(scope, SQL("p.partner_id")))

    def _query_settle_bought(self, company, scope: Scope, today: date) -> None:
        """Won is what was bought since; what was bought before should not have been proposed."""
        self.env.execute_query(SQL(
            """UPDATE care_proposal p
                  SET state = CASE WHEN b.day >= p.proposed_on THEN 'won' ELSE 'expired' END,
                      close_reason = CASE WHEN b.day < p.proposed_on THEN 'owned' END,
                      closed_on = CASE WHEN b.day >= p.proposed_on THEN b.day ELSE %(today)s END,
                      won_value = CASE WHEN b.day >= p.proposed_on THEN b.revenue END
                 FROM (SELECT p.id, MIN(h.first_purchase) AS day, SUM(h.revenue) AS revenue
                         FROM care_proposal p
                         JOIN product_product v ON v.product_tmpl_id = p.product_tmpl_id
                              AND (p.product_id IS NULL OR p.product_id = v.id)
                         JOIN care_product_history h ON h.partner_id = p.partner_id
                              AND h.company_id = p.company_id AND h.product_id = v.id
                        WHERE %(open)s
                     GROUP BY p.id) b
                WHERE b.id = p.id
            RETURNING p.id""",
            today=today, open=self._query_open(company, scope)))

    def _query_settle_past(self, company, scope: Scope, today: date) -> None:
        """Nobody took them up in time, or the customer is leaving."""
        self.env.execute_query(SQL(
            """UPDATE care_proposal p
                  SET state = 'expired', closed_on = %(today)s,
                      close_reason = CASE WHEN p.expires_on <= %(today)s
                                          THEN 'time' ELSE 'left' END
                WHERE %(open)s
                  AND (p.expires_on <= %(today)s OR EXISTS (
                          SELECT 1 FROM care_customer k
                           WHERE k.partner_id = p.partner_id AND k.company_id = p.company_id
                             AND k.status = ANY(%(alone)s)))
            RETURNING p.id""",
            today=today, open=self._query_open(company, scope, "proposed"),
            alone=list(LEFT_ALONE)))

    def _query_settle_ordered(self, company, scope: Scope) -> None:
        """What was quoted or ordered since is in sales, though nobody took it up from here.

        Indexes: res_partner (commercial_partner_id), sale_order (partner_id).
        """
        self.env.execute_query(SQL(
            """UPDATE care_proposal p
                  SET state = 'accepted', document_model = 'sale.order', document_id = o.id
                 FROM (SELECT p.id AS proposal_id, MAX(o.id) AS id
                         FROM care_proposal p
                         JOIN res_partner c ON c.commercial_partner_id = p.partner_id
                         JOIN sale_order o ON o.partner_id = c.id AND o.company_id = p.company_id
                         JOIN sale_order_line l ON l.order_id = o.id
                         JOIN product_product v ON v.id = l.product_id
                              AND v.product_tmpl_id = p.product_tmpl_id
                              AND (p.product_id IS NULL OR p.product_id = v.id)
                        WHERE %s AND o.state IN ('draft', 'sent', 'sale')
                          AND o.date_order >= p.proposed_on
                     GROUP BY p.id) o
                WHERE o.proposal_id = p.id
            RETURNING p.id""",
            self._query_open(company, scope, "proposed")))

    def _query_follow_salesperson(self, company, scope: Scope) -> None:
        self.env.execute_query(SQL(
            """UPDATE care_proposal p SET user_id = r.user_id
                 FROM res_partner r
                WHERE r.id = p.partner_id AND p.user_id IS DISTINCT FROM r.user_id AND %s
            RETURNING p.id""",
            self._query_open(company, scope, "proposed")))

    def _query_taken_up(self, company, scope: Scope) -> list[int]:
        return [row[0] for row in self.env.execute_query(SQL(
            "SELECT p.id FROM care_proposal p WHERE %s",
            self._query_open(company, scope, "accepted")))]

    def _query_propose(self, company, scope: Scope, today: date) -> int:
        """The best candidates of each customer, as far as he has places left."""
        taken = [SQL.identifier(name) for name in TAKEN]
        return len(self.env.execute_query(SQL(
            """WITH %(candidates)s,
               ranked AS (
                   SELECT *, ROW_NUMBER() OVER (
                              PARTITION BY partner_id
                              ORDER BY expected_value DESC, lift_low DESC, affinity_id
                          ) AS place
                     FROM candidates WHERE nth = 1
               )
               INSERT INTO care_proposal
                      (company_id, partner_id, user_id, product_tmpl_id, product_id,
                       because_tmpl_id, because_on, affinity_id, %(taken)s, state,
                       proposed_on, expires_on, create_uid, create_date, write_uid, write_date)
               SELECT %(company)s, r.partner_id, c.user_id, r.other_tmpl_id, r.other_id,
                      r.product_tmpl_id, r.because_on, r.affinity_id, %(taken_of)s, 'proposed',
                      %(today)s, r.because_on + r.window_days, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM ranked r JOIN res_partner c ON c.id = r.partner_id
                WHERE r.place <= %(most)s
                  AND r.place <= %(most)s - (
                      SELECT COUNT(*) FROM care_proposal p
                       WHERE p.partner_id = r.partner_id AND p.company_id = %(company)s
                         AND p.state IN ('proposed', 'accepted'))
             ORDER BY r.partner_id, r.place
               ON CONFLICT DO NOTHING RETURNING id""",
            candidates=self._query_candidates(company, scope, today), company=company.id,
            today=today, uid=self.env.uid,
            now=fields.Datetime.now(), most=company.care_proposals_each,
            taken=SQL(", ").join(taken),
            taken_of=SQL(", ").join(SQL("r.%s", name) for name in taken),
        )))

    def _query_candidates(self, company, scope: Scope, today: date) -> SQL:
        """CTEs ending in candidates: what could be proposed, `nth` for which purchase of his."""
        return SQL(
            """%(held)s,
               upset AS MATERIALIZED (%(upset)s),
               candidates AS (
                   SELECT h.partner_id, f.id AS affinity_id, f.product_tmpl_id, f.other_tmpl_id,
                          f.other_id, h.last_purchase AS because_on, %(taken)s,
                          ROW_NUMBER() OVER (
                              PARTITION BY h.partner_id, f.other_tmpl_id, f.other_id
                              ORDER BY f.expected_value DESC, f.lift_low DESC,
                                       h.last_purchase DESC, f.id) AS nth
                     FROM held h
                     JOIN care_affinity f ON f.company_id = %(company)s
                          AND f.product_tmpl_id = h.product_tmpl_id
                          AND (f.product_id IS NULL OR f.product_id = h.product_id)
                     JOIN product_template t ON t.id = f.other_tmpl_id
                     JOIN care_customer k ON k.partner_id = h.partner_id
                          AND k.company_id = %(company)s
                     JOIN res_partner c ON c.id = h.partner_id
                    WHERE t.active AND t.sale_ok AND t.care_not_proposed IS NOT TRUE AND c.active
                      AND (t.company_id IS NULL OR t.company_id = %(company)s)
                      AND k.status <> ALL(%(alone)s)
                      AND h.last_purchase > %(today)s::date - f.window_days
                      AND (NOT f.chance_known OR f.chance > 0)
                      AND NOT (%(barred)s)
                      AND h.partner_id NOT IN (SELECT partner_id FROM upset)
                      AND ((h.partner_id, f.other_tmpl_id) NOT IN (
                               SELECT partner_id, product_tmpl_id FROM had)
                           OR f.other_id IS NOT NULL
                           AND (h.partner_id, f.other_id) NOT IN (
                               SELECT partner_id, product_id FROM had
                                WHERE product_id IS NOT NULL)
                           AND (h.partner_id, f.other_tmpl_id) NOT IN (
                               SELECT partner_id, product_tmpl_id FROM had
                                WHERE product_id IS NULL))
               )""",
            held=self._query_held(company, scope, today), company=company.id, today=today,
            barred=self._query_barred(company),
            upset=self.env["care.ratings"]._query_upset(company, scope, today),
            taken=SQL(", ").join(SQL("f.%s", SQL.identifier(name)) for name in TAKEN),
            alone=list(LEFT_ALONE),
        )

    def _query_barred(self, company) -> SQL:
        """A condition on a product template t: not to be proposed now; others may add theirs."""
        return SQL("FALSE")

    def _query_held(self, company, scope: Scope, today: date) -> SQL:
        """CTEs held (what these customers bought) and had (what is not proposed to them).

        That is what they bought, ordered or were quoted, and what was proposed lately. NOT IN is
        one hash whatever the planner believes; an anti-join of CTEs may compare all with all.
        Indexes: care_product_history_uniq, res_partner (commercial_partner_id), sale_order
        (partner_id), care_proposal (partner_id).
        """
        quiet = today - timedelta(days=company.care_proposals_quiet_days)
        return SQL(
            """held AS MATERIALIZED (
                   SELECT h.partner_id, h.product_id, v.product_tmpl_id, h.last_purchase
                     FROM care_product_history h JOIN product_product v ON v.id = h.product_id
                    WHERE h.company_id = %(company)s AND %(of_history)s
               ),
               had AS MATERIALIZED (
                   SELECT partner_id, product_tmpl_id, product_id FROM held
                    UNION ALL
                   SELECT c.commercial_partner_id, v.product_tmpl_id, l.product_id
                     FROM res_partner c
                     JOIN sale_order o ON o.partner_id = c.id
                     JOIN sale_order_line l ON l.order_id = o.id
                     JOIN product_product v ON v.id = l.product_id
                    WHERE o.company_id = %(company)s AND o.state IN ('draft', 'sent', 'sale')
                      AND o.date_order >= %(since)s AND %(of_contact)s
                    UNION ALL
                   SELECT p.partner_id, p.product_tmpl_id, p.product_id FROM care_proposal p
                    WHERE p.company_id = %(company)s AND %(of_proposal)s
                      AND (p.state IN ('proposed', 'accepted')
                           OR p.state IN ('dismissed', 'expired') AND p.closed_on > %(quiet)s)
               )""",
            company=company.id, quiet=quiet,
            since=today - timedelta(days=company.care_affinity_days),
            of_history=self._query_scope(scope, SQL("h.partner_id")),
            of_contact=self._query_scope(scope, SQL("c.commercial_partner_id")),
            of_proposal=self._query_scope(scope, SQL("p.partner_id")),
        )
