from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL

#: Months after which a move is forgotten: two years side by side, and the year under way.
KEPT_MONTHS = 36
#: Rows that go in one transaction.
CHUNK = 50_000
WHY_SELECTION = [("customer", "The customer"), ("rules", "New borders or map")]


class CareSegmentMove(models.Model):
    """A customer of a company went from one RFM segment to another. Written once, never changed.

    It hangs on the partner and not on the care record, as his changes of status do, and for the
    same reason. The first segment that a customer is seen in is no move. Rows are written by the
    statement that scores customers (care.rfm), and go after KEPT_MONTHS.
    """

    _name = "care.segment.move"
    _description = "Move between RFM segments"
    _log_access = False
    _order = "moved_on desc, id desc"
    _rec_name = "partner_id"

    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="company_id.currency_id")
    from_segment_id = fields.Many2one(
        "care.rfm.segment", "From", readonly=True, ondelete="restrict",
        help="Empty: he was known, but had bought nothing that stands.")
    to_segment_id = fields.Many2one(
        "care.rfm.segment", "To", readonly=True, ondelete="restrict",
        help="Empty: everything that he bought was credited.")
    moved_on = fields.Date(
        "On", required=True, readonly=True,
        help="The day on which he was scored otherwise, in the company's time zone.")
    why = fields.Selection(
        WHY_SELECTION, "Moved by", required=True, readonly=True,
        help="The customer: he bought, or was silent. New borders or map: he was scored for the "
        "first time by borders, a map or a notion of a purchase that somebody changed.")
    revenue_net = fields.Monetary(
        "Revenue then", readonly=True,
        help="Net revenue of the customer up to this move, in company currency, untaxed.")
    purchase_days = fields.Integer("Purchases then", readonly=True)

    _day_idx = models.Index("(moved_on, company_id)")

    def action_open_customer(self):
        """The care record of today of the customer in this row."""
        self.ensure_one()
        return self.env["care.customer"]._open_record(self.partner_id, self.company_id)

    @api.autovacuum
    def _gc_old_moves(self):
        gone = self._query_forget(fields.Date.today() - relativedelta(months=KEPT_MONTHS))
        return gone, gone == CHUNK

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_moved(self, company, today, settled: bool) -> SQL:
        """CTE that writes a move for each of `rescored` who had scores and another segment.

        settled: everybody was scored by the borders in force before. Whose old scores lead to the
        new segment as well did not move: the map did.
        """
        return SQL(
            """moved AS (
                   INSERT INTO care_segment_move
                          (partner_id, company_id, from_segment_id, to_segment_id, moved_on, why,
                           revenue_net, purchase_days)
                   SELECT s.partner_id, %(company)s, s.old_segment, s.segment_id, %(today)s,
                          CASE WHEN %(settled)s AND o.segment_id IS DISTINCT FROM s.segment_id
                               THEN 'customer' ELSE 'rules' END, s.revenue_net, s.purchase_days
                     FROM rescored s
                LEFT JOIN care_rfm_cell o ON o.recency = s.old_r AND o.frequency = s.old_f
                    WHERE s.old_r IS NOT NULL AND s.old_segment IS DISTINCT FROM s.segment_id
               )""",
            company=company.id, today=today, settled=settled)

    def _query_forget(self, before) -> int:
        """Index care_segment_move_day_idx."""
        return len(self.env.execute_query(SQL(
            """DELETE FROM care_segment_move WHERE id IN (
                   SELECT id FROM care_segment_move WHERE moved_on < %s LIMIT %s) RETURNING 1""",
            before, CHUNK)))
