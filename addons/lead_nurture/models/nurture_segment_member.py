from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class NurtureSegmentMember(models.Model):
    """One row: one stay of one person in one segment.

    Open while there is no `left_at`, and at most one is. Who comes back begins a new row, so what
    was stays known. Silent ends of a stay were the work of a filling or of an edit: they are no
    news to anybody. Written by the segment only, in the statement that finds the difference.
    """

    _name = "nurture.segment.member"
    _description = "Stay in a segment"
    _log_access = False
    _order = "entered_at desc, id desc"
    _rec_name = "person_id"

    segment_id = fields.Many2one(
        "nurture.segment", "Segment", required=True, readonly=True, ondelete="cascade"
    )
    person_id = fields.Many2one(
        "nurture.person", "Person", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    entered_at = fields.Datetime("Entered", required=True, readonly=True)
    left_at = fields.Datetime("Left", readonly=True)
    silent_entry = fields.Boolean(
        "Entered silently", readonly=True,
        help="Was there at the first filling, or came by an edit of the conditions.",
    )  # fmt: skip
    silent_exit = fields.Boolean("Left silently", readonly=True)
    email = fields.Char(related="person_id.email_normalized", string="E-mail")
    score = fields.Integer(related="person_id.nurture_score", string="Score")
    band = fields.Selection(related="person_id.nurture_band", string="Interest")
    last_seen_at = fields.Datetime(related="person_id.nurture_last_at", string="Last seen")
    reasons = fields.Json("Why", compute="_compute_reasons")

    # who is inside; also read alone for the counts
    _open_uniq = models.UniqueIndex(
        "(segment_id, person_id) INCLUDE (company_id) WHERE left_at IS NULL"
    )
    # who came, and who went, since a moment
    _entered_idx = models.Index("(segment_id, entered_at)")
    _left_idx = models.Index("(segment_id, left_at) WHERE left_at IS NOT NULL")

    @api.depends("person_id", "segment_id")
    def _compute_reasons(self):
        for stay in self:
            stay.reasons = stay.segment_id._explain_person(stay.person_id)

    def action_open_person(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.person",
            "view_mode": "form",
            "res_id": self.person_id.id,
        }

    def action_remove(self):
        """Take people off lists that are kept by hand."""
        self.env["nurture.segment"]._check_user()
        self.check_access("read")
        for segment, stays in self.filtered(lambda s: not s.left_at).grouped("segment_id").items():
            if segment.kind != "static":
                raise UserError(
                    self.env._(
                        "People leave “%s” when its conditions no longer hold. Nobody can be taken "
                        "out by hand.",
                        segment.name,
                    )
                )
            # sudo: stays are written by the segment alone; the reader was checked above
            segment.sudo()._remove_persons(stays.person_id.ids)

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    def _query_insert(self, segment, persons, now, silent):
        """Begin a stay for each row (person_id, company_id); rows (id, person) of the new ones."""
        # index nurture_segment_member_open_uniq settles what two transactions would both insert
        return SQL(
            """INSERT INTO nurture_segment_member
                      (segment_id, person_id, company_id, entered_at, silent_entry)
               SELECT %(segment)s, fresh.person_id, fresh.company_id, %(now)s, %(silent)s
                 FROM (%(persons)s) fresh
          ON CONFLICT DO NOTHING RETURNING id, person_id""",
            segment=segment.id,
            persons=persons,
            now=now,
            silent=silent,
        )

    def _query_close(self, segment, condition, now, silent):
        """End the open stays `k` that meet the condition; rows (id, person)."""
        # index nurture_segment_member_open_uniq
        return SQL(
            """UPDATE nurture_segment_member k SET left_at = %(now)s, silent_exit = %(silent)s
                WHERE k.segment_id = %(segment)s AND k.left_at IS NULL AND %(condition)s
            RETURNING k.id, k.person_id""",
            segment=segment.id,
            condition=condition,
            now=now,
            silent=silent,
        )
