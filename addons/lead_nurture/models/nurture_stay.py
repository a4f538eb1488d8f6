from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

CHUNK = 50_000  # leads by range of ids
ROUNDS = 3
EVENT_BATCH = 5_000


class NurtureStay(models.Model):
    """One row: one lead stood in one status, from when to when, and who or what brought it there.

    The open row of a lead (not left yet) is its status now; the closed ones are its history, which
    nobody changes. Kept beside the lead: moving a million leads writes none of them.
    """

    _name = "nurture.stay"
    _description = "Lead in a status"
    _log_access = False
    _order = "entered_at desc, id desc"
    _rec_name = "status_id"

    lead_id = fields.Many2one(
        "crm.lead", "Lead", required=True, readonly=True, ondelete="cascade"
    )
    from_id = fields.Many2one("nurture.status", "Came from", readonly=True, ondelete="restrict")
    status_id = fields.Many2one(
        "nurture.status", "Status", required=True, readonly=True, ondelete="restrict"
    )
    next_id = fields.Many2one("nurture.status", "Went to", readonly=True, ondelete="restrict")
    entered_at = fields.Datetime("Since", required=True, readonly=True)
    left_at = fields.Datetime("Until", readonly=True)
    rule = fields.Selection("_selection_rule", "Moved because", readonly=True)
    user_id = fields.Many2one("res.users", "Moved by", readonly=True, ondelete="set null",
                              help="Empty: a rule moved it.")  # fmt: skip
    reason = fields.Char(readonly=True)

    _open_uniq = models.UniqueIndex("(lead_id) WHERE left_at IS NULL")
    # history of a lead
    _lead_idx = models.Index("(lead_id, entered_at)")
    # leads that stand in a status now
    _status_idx = models.Index("(status_id) WHERE left_at IS NULL")

    @api.model
    def _selection_rule(self):
        _ = self.env._
        return [
            *self.env["nurture.status"]._selection_trigger(),
            ("crossing", _("the score crossed into another band")),
            ("hand", _("somebody moved it")),
            ("merge", _("it was merged with another lead")),
        ]

    def _rule_that_held(self, given):
        """Which of the two of `marketing` it was, of a lead that was handed over at the moments
        `given`."""
        if self.rule != "marketing":
            return self.rule
        return "handed_over" if fields.Datetime.to_string(self.entered_at) in given else "hot"

    @api.model_create_multi
    def create(self, vals_list):
        raise UserError(self.env._("The history of a lead is written by its moves."))

    def write(self, vals):
        raise UserError(self.env._("The history of a lead cannot be changed."))

    # ------------------------------------------------------------
    # Moving
    # ------------------------------------------------------------

    @api.model
    def _move_by_triggers(self, scope, silent=False):
        """Bring the leads in `scope` to the status that their triggers ask for; → how many moves.

        A lead that was neglected for long goes through its statuses in order, each at its moment.
        What a publication moved in silence moves its lead in silence, too.
        """
        self.env.flush_all()
        statuses = self.env["nurture.status"].search([("trigger", "!=", False)])
        moved = 0
        for _round in range(ROUNDS):
            told, untold = [], []
            for status in statuses:
                kind = status.trigger
                when = getattr(self, f"_query_when_{kind}")(status)
                told += self._move(status, self._query_found(status, scope, when), kind)
                if kind in self._quiet_triggers():
                    when = self._query_when_hot_untold()
                    untold += self._move(status, self._query_found(status, scope, when), kind)
            if not silent:
                self._record_moves(told)
            moved += len(told + untold)
            if not told + untold:
                break
        return moved

    @api.model
    def _move(self, status, found, rule, reason=None, user=None):
        """Move the leads that `found` names to `status`; → ids of the new stays."""
        rows = self.env.execute_query(self._query_move(status, found, rule, reason, user))
        self.invalidate_model(flush=False)
        for model in ("crm.lead", "nurture.person"):
            self.env[model].invalidate_model(["nurture_status_id", "nurture_status_since"],
                                             flush=False)  # fmt: skip
        return [row[0] for row in rows]

    @api.model
    def _move_leads(self, leads, status, rule, reason=None, user=None):
        """Move these leads now, wherever they stand; whether they may is settled before."""
        now = fields.Datetime.now()
        moved = self._move(status, self._query_found_ids(leads.ids, now), rule, reason, user)
        self._record_moves(moved)
        return self.browse(moved)

    @api.model
    def _record_moves(self, stay_ids):
        """Each move is an event of the person; becoming known is none."""
        for ids in split_every(EVENT_BATCH, stay_ids):
            self.env["nurture.event"]._insert_events(
                [
                    {**row, "kind": "status_change", "source": "status", "res_model": "crm.lead",
                     "dedup_key": f"status:{row.pop('stay_id')}"}
                    for row in self.env.execute_query_dict(self._query_moves(list(ids)))
                ]
            )  # fmt: skip

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_found(self, status, scope, when):
        """Leads that may come to `status` and for which there is a moment `when` they do."""
        # indexes crm_lead_pkey, nurture_stay_open_uniq, nurture_identity_record_uniq
        return SQL(
            """SELECT l.id AS lead_id, c.id AS stay_id, c.status_id AS from_id,
                      date_trunc('second', GREATEST(w.at, c.entered_at)) AS at
                 FROM crm_lead l
            LEFT JOIN nurture_stay c ON c.lead_id = l.id AND c.left_at IS NULL
            LEFT JOIN nurture_status here ON here.id = c.status_id
            LEFT JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = l.id
         CROSS JOIN LATERAL (SELECT %(when)s AS at) w
                WHERE %(scope)s AND (c.id IS NULL OR c.status_id = ANY(%(sources)s))
                  AND w.at >= date_trunc('second', COALESCE(c.entered_at, l.create_date))""",
            when=when,
            scope=scope(SQL("l.id")),
            sources=status._automatic_sources().ids,
        )

    def _query_found_ids(self, lead_ids, now):
        return SQL(
            """SELECT l.id AS lead_id, c.id AS stay_id, c.status_id AS from_id,
                      %s::timestamp AS at
                 FROM crm_lead l
            LEFT JOIN nurture_stay c ON c.lead_id = l.id AND c.left_at IS NULL
                WHERE l.id = ANY(%s)""",
            now,
            list(lead_ids),
        )

    def _query_move(self, status, found, rule, reason, user):
        """Close the stay where the lead stood, and open the next one."""
        return SQL(
            """WITH found AS MATERIALIZED (%(found)s),
               closed AS (
                   UPDATE nurture_stay s SET left_at = found.at, next_id = %(status)s
                     FROM found WHERE s.id = found.stay_id RETURNING s.id)
               INSERT INTO nurture_stay (lead_id, from_id, status_id, entered_at, rule, reason,
                                         user_id)
               SELECT found.lead_id, found.from_id, %(status)s, found.at, %(rule)s, %(reason)s,
                      %(user)s
                 FROM found LEFT JOIN closed ON closed.id = found.stay_id
                WHERE found.stay_id IS NULL OR closed.id IS NOT NULL
            RETURNING id""",
            found=found,
            status=status.id,
            rule=rule,
            reason=reason or None,
            user=user and user.id,
        )

    def _query_moves(self, stay_ids):
        # index nurture_identity_record_uniq
        return SQL(
            """SELECT s.id AS stay_id, i.person_id, s.entered_at AS occurred_at,
                      s.lead_id AS res_id, t.name->>'en_US' AS topic, l.company_id
                 FROM nurture_stay s
                 JOIN nurture_status t ON t.id = s.status_id
                 JOIN crm_lead l ON l.id = s.lead_id
                 JOIN nurture_identity i ON i.kind = 'lead' AND i.res_id = s.lead_id
                WHERE s.id = ANY(%s) AND s.from_id IS NOT NULL""",
            stay_ids,
        )
