from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

BATCH = 20_000
GRACE_DAYS = 3  # how late a lead may still be looked at: a server that stood still over a weekend


class NurtureScoreSnapshot(models.Model):
    """One row: what one score model said of one open lead at a frozen moment, and beside it the
    probability that core gave the lead then (core overwrites its own with 0 or 100 at closing).

    Two moments: some days after the lead was created, and when its person was first seen hot.
    Insert-only; leads are read, never written.
    """

    _name = "nurture.score.snapshot"
    _description = "Score at a frozen moment"
    _log_access = False
    _order = "taken_at desc, id desc"
    _rec_name = "lead_id"

    lead_id = fields.Many2one("crm.lead", "Lead", required=True, ondelete="cascade")
    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, ondelete="cascade"
    )
    version = fields.Integer(
        help="The version of the score model that was active at the moment.", aggregator=None
    )
    kind = fields.Selection(
        lambda self: [*self._snapshot_kinds().items()], "Moment", required=True
    )
    taken_at = fields.Datetime("Frozen at", required=True)
    fit = fields.Integer(aggregator="avg")
    engagement = fields.Integer("Interest", aggregator="avg")
    total = fields.Integer("Score", aggregator="avg")
    band = fields.Selection(lambda self: self.env["nurture.score"]._selection_bands())
    grade = fields.Selection([("A", "A"), ("B", "B"), ("C", "C"), ("D", "D")])
    core_probability = fields.Float(
        "Predicted by CRM (%)", aggregator="avg", digits=(16, 1),
        help="The probability of winning that CRM's own prediction gave the lead at this moment.",
    )  # fmt: skip
    company_id = fields.Many2one("res.company", "Company")

    _lead_model_kind_uniq = models.UniqueIndex("(lead_id, model_id, kind)")

    @api.model
    def _snapshot_kinds(self):
        """Registry: a moment here and a `_query_reached_<moment>` below."""
        return {
            "age": self.env._("Some days after creation"),
            "hot": self.env._("First seen hot"),
        }

    def write(self, vals):
        raise UserError(self.env._("Frozen scores cannot be changed."))

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_take_snapshots(self):
        cron = self.env["ir.cron"]
        now = fields.Datetime.now()
        for kind in self._snapshot_kinds():
            while taken := self._take_batch(kind, now, BATCH):
                if not cron._commit_progress(taken, remaining=int(taken == BATCH)):
                    return

    @api.model
    def _take_batch(self, kind, now, limit):
        """Freeze what is said of the leads that reached the moment `kind`; how many there were."""
        self.env.flush_all()
        rows = self.env.execute_query(self._query_take(kind, now, limit))
        self.invalidate_model(flush=False)
        return len(rows)

    @api.model
    def _snapshot_days(self):
        """Days after creation at which a lead is looked at."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: a setting
        return max(int(parameters.get_param("lead_nurture.snapshot_days", 7)), 0)

    # ------------------------------------------------------------
    # SQL
    # ------------------------------------------------------------

    def _query_take(self, kind, now, limit):
        # indexes nurture_identity_record_uniq, nurture_score_person_model_uniq,
        # nurture_score_snapshot_lead_model_kind_uniq and those of the moment
        return SQL(
            """INSERT INTO nurture_score_snapshot
                      (lead_id, model_id, version, kind, taken_at, fit, engagement, total, band,
                       grade, core_probability, company_id)
               SELECT l.id, s.model_id, m.version, %(kind)s, %(now)s, s.fit, s.engagement, s.total,
                      s.band, s.grade, l.automated_probability, s.company_id
                 FROM nurture_score s
                 JOIN nurture_score_model m
                   ON m.id = s.model_id AND m.state = 'active' AND m.error IS NULL
                 JOIN nurture_identity i ON i.person_id = s.person_id AND i.kind = 'lead'
                 JOIN crm_lead l ON l.id = i.res_id
                WHERE l.active AND l.won_status = 'pending' AND %(reached)s
                  AND NOT EXISTS (SELECT 1 FROM nurture_score_snapshot known
                                   WHERE known.lead_id = l.id AND known.model_id = s.model_id
                                     AND known.kind = %(kind)s)
                LIMIT %(limit)s
          ON CONFLICT (lead_id, model_id, kind) DO NOTHING RETURNING id""",
            kind=kind,
            now=now,
            reached=getattr(self, f"_query_reached_{kind}")(now),
            limit=limit,
        )

    def _query_reached_age(self, now):
        # index crm_lead_create_date_team_id_idx
        reached = now - timedelta(days=self._snapshot_days())
        return SQL(
            "l.create_date <= %s AND l.create_date > %s",
            reached,
            reached - timedelta(days=GRACE_DAYS),
        )

    def _query_reached_hot(self, now):
        # index nurture_score_hot_idx
        return SQL("s.band = 'hot'")
