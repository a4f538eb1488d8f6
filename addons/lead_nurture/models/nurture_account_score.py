from odoo import api, fields, models
from odoo.addons.lead_nurture.engine.account import ENGAGED
from odoo.tools import SQL

from .nurture_event import PASSIVE_KINDS

BATCH = 5_000
TOP = 3


class NurtureAccountScore(models.Model):
    """One row: what one score model says of one business, rolled up from its people.

    Always derived from nurture.score, never counted up; only changed rows are written. `top` is
    the score of the account.
    """

    _name = "nurture.account.score"
    _description = "Score of an account"
    _log_access = False
    _order = "top desc, id"
    _rec_name = "account_id"

    account_id = fields.Many2one(
        "nurture.account", "Account", required=True, readonly=True, ondelete="cascade"
    )
    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, readonly=True, index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one("res.company", "Company", readonly=True)
    top = fields.Integer("Score", readonly=True, help="Sum of the best people.", aggregator="avg")
    best = fields.Integer("Best person", readonly=True, aggregator="max")
    people = fields.Integer(readonly=True)
    engaged = fields.Integer("Engaged people", readonly=True, help="Those who are warm or hot.")
    roles = fields.Integer(
        readonly=True, help="Different job positions among the engaged people."
    )
    last_at = fields.Datetime("Last seen", readonly=True)

    _account_model_uniq = models.UniqueIndex("(account_id, model_id)")

    # ------------------------------------------------------------
    # Cron
    # ------------------------------------------------------------

    @api.model
    def _cron_score_accounts(self):
        """Roll up the accounts of the queue. The claim is the first statement."""
        cron, queue = self.env["ir.cron"], self.env["nurture.account.dirty"]
        while done := self._score_batch(BATCH):
            if not cron._commit_progress(done, remaining=queue.search_count([], limit=BATCH)):
                return

    @api.model
    def _cron_score_all_accounts(self):
        self.env["nurture.account.dirty"]._push_all()

    @api.model
    def _score_batch(self, limit):
        ids = self.env["nurture.account.dirty"]._claim(limit)
        if ids:
            self._score(ids)
        return len(ids)

    @api.model
    def _score(self, account_ids):
        self.env.flush_all()
        self.env.execute_query(self._query_score(account_ids))
        self.env.execute_query(self._query_drop(account_ids))
        self.invalidate_model()

    @api.model
    def _top(self):
        """How many of the best people make the score of an account."""
        parameters = self.env["ir.config_parameter"].sudo()  # sudo: settings
        return max(1, int(parameters.get_param("lead_nurture.account_top", TOP)))

    # ------------------------------------------------------------
    # Queries
    # ------------------------------------------------------------

    def _query_ranked(self, account_ids):
        """Each scored person of these accounts with his place in his account."""
        # indexes nurture_person__account_id_index, nurture_score_person_model_uniq
        return SQL(
            """SELECT p.account_id, s.model_id, p.id AS person_id, p.name, s.total, s.band,
                      ROW_NUMBER() OVER (PARTITION BY p.account_id, s.model_id
                                         ORDER BY s.total DESC, p.id) AS place
                 FROM nurture_person p JOIN nurture_score s ON s.person_id = p.id
                WHERE p.account_id = ANY(%s) AND p.active""",
            list(account_ids),
        )

    def _query_rolled(self, account_ids):
        """engine.account.roll_up in SQL. Roles and last steps are looked up once per person."""
        # index nurture_event_person_idx, read backwards to the first human step
        return SQL(
            """SELECT r.account_id, r.model_id, MAX(r.total) AS best,
                      SUM(r.total) FILTER (WHERE r.place <= %(k)s) AS top, COUNT(*) AS people,
                      COUNT(*) FILTER (WHERE r.band = ANY(%(engaged)s)) AS engaged,
                      COUNT(DISTINCT who.role) FILTER (WHERE r.band = ANY(%(engaged)s)) AS roles,
                      MAX(who.last_at) AS last_at
                 FROM (%(ranked)s) r
                 JOIN (SELECT p.id, LOWER(role.name) AS role, last.occurred_at AS last_at
                         FROM nurture_person p %(role_join)s
                    LEFT JOIN LATERAL (
                              SELECT e.occurred_at FROM nurture_event e
                               WHERE e.person_id = p.id AND e.actor = 'human'
                                 AND e.kind <> ALL(%(passive)s)
                            ORDER BY e.occurred_at DESC LIMIT 1) last ON TRUE
                        WHERE p.account_id = ANY(%(ids)s)) who ON who.id = r.person_id
             GROUP BY r.account_id, r.model_id""",
            ranked=self._query_ranked(account_ids),
            role_join=self.env["nurture.person"]._query_role_join(),
            k=self._top(),
            engaged=list(ENGAGED),
            passive=list(PASSIVE_KINDS),
            ids=list(account_ids),
        )

    def _query_score(self, account_ids):
        # index nurture_account_score_account_model_uniq
        columns = ("company_id", "top", "best", "people", "engaged", "roles", "last_at")
        names = SQL(", ").join(SQL.identifier(name) for name in columns)
        new = SQL(", ").join(SQL.identifier("excluded", name) for name in columns)
        own = SQL(", ").join(SQL.identifier(self._table, name) for name in columns)
        return SQL(
            """INSERT INTO nurture_account_score (account_id, model_id, %(names)s)
               SELECT r.account_id, r.model_id, a.company_id, r.top, r.best, r.people, r.engaged,
                      r.roles, r.last_at
                 FROM (%(rolled)s) r JOIN nurture_account a ON a.id = r.account_id
          ON CONFLICT (account_id, model_id) DO UPDATE SET (%(names)s) = ROW(%(new)s)
                WHERE (%(own)s) IS DISTINCT FROM (%(new)s)
            RETURNING id""",
            names=names,
            new=new,
            own=own,
            rolled=self._query_rolled(account_ids),
        )

    def _query_drop(self, account_ids):
        """Accounts of which this model judges nobody any more."""
        return SQL(
            """DELETE FROM nurture_account_score a
                WHERE a.account_id = ANY(%s) AND NOT EXISTS (
                      SELECT 1 FROM nurture_person p
                        JOIN nurture_score s ON s.person_id = p.id AND s.model_id = a.model_id
                       WHERE p.account_id = a.account_id AND p.active)
            RETURNING a.id""",
            list(account_ids),
        )
