import logging
import math

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine import breaker
from odoo.addons.lead_nurture.engine.breaker import CLOSED, OPEN, PROBING
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

# people who go on in one go when a step works again
RELEASE = 2_000


class NurtureBreaker(models.Model):
    """The fuse of one step that failed too often: the step is paused, or being tried again, or
    works again. A step that never failed too often has no row.

    People who come to a paused step are held before it and go on when it works again; everybody
    else in the scenario travels as before.
    """

    _name = "nurture.breaker"
    _description = "Paused step"
    _order = "opened_at desc, id desc"
    _rec_name = "node_id"

    node_id = fields.Many2one(
        "nurture.node", "Step", required=True, readonly=True, ondelete="cascade"
    )
    scenario_id = fields.Many2one(
        "nurture.scenario", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    state = fields.Selection(
        string="Status",
        selection=[
            (OPEN, "Paused"),
            (PROBING, "Being tried again"),
            (CLOSED, "Works again"),
        ],
        required=True,
        readonly=True,
    )
    opened_at = fields.Datetime("Paused since", required=True, readonly=True)
    probed_at = fields.Datetime("Tried again at", readonly=True)
    tried = fields.Integer("Tries", readonly=True, help="In the hour before the step paused.")
    failed = fields.Integer("Failed", readonly=True, help="In the hour before the step paused.")
    last_error = fields.Text("What went wrong", readonly=True)
    held_count = fields.Integer("People who wait", compute="_compute_held_count")

    _node_uniq = models.UniqueIndex("(node_id)", "This step is paused already.")
    # what the lanes ask for
    _shut_idx = models.Index("(node_id) WHERE state IN ('open', 'probing')")

    def _compute_held_count(self):
        held = dict(
            self.env["nurture.enrolment"]._read_group(
                [("node_id", "in", self.node_id.ids), ("hold", "!=", False),
                 ("is_open", "=", True)],
                ["node_id"],
                ["__count"],
            )
        )  # fmt: skip
        for fuse in self:
            fuse.held_count = held.get(fuse.node_id, 0)

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_try_again(self):
        """Let a few people through; the others follow when it works."""
        self.env["nurture.enrolment"]._check_user()
        self.check_access("read")
        # sudo: rows are written by the engine alone; rights were checked above
        for fuse in self.sudo().filtered(lambda f: f.state == OPEN):
            fuse._set_probing(fields.Datetime.now())
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")

    def action_view_held(self):
        """The people who wait before this step."""
        return self.node_id.action_view_standing()

    # ------------------------------------------------------------
    # STATE
    # ------------------------------------------------------------

    @api.model
    def _set_open(self, node, tries, error, now):
        """Pause the step; → True when this call did it, so that its owner is told once."""
        rows = self.env.execute_query(self._query_open(node, tries, error, now))
        self.invalidate_model(flush=False)
        return bool(rows)

    def _set_probing(self, now):
        """What was tried before the cause was mended says nothing any more."""
        self.env["nurture.trial"].search([("node_id", "in", self.node_id.ids)]).unlink()
        self.write({"state": PROBING, "probed_at": now})
        self.env.flush_all()
        self.env["nurture.enrolment"]._let_go(self.node_id, breaker.PROBE, now, "probe")

    def _set_closed(self):
        self.write({"state": CLOSED})

    # ------------------------------------------------------------
    # JUDGING
    # ------------------------------------------------------------

    @api.model
    def _limits(self):
        default = breaker.Limits()
        return breaker.Limits(
            percent=self._number_set("lead_nurture.breaker_percent", default.percent),
            least=int(self._number_set("lead_nurture.breaker_tries", default.least)),
        )

    @api.model
    def _number_set(self, key, default):
        """A number among the settings; the default for what somebody wrote there by hand and is
        none, since a lane must not stop for it."""
        params = self.env["ir.config_parameter"].sudo()  # sudo: settings, read by the lanes
        try:
            number = float(params.get_param(key, default))
        except ValueError:
            return default
        return number if math.isfinite(number) else default

    @api.model
    def _shut_states(self, nodes):
        """{node id: 'open' or 'probing'} of the paused ones among these steps."""
        return dict(self.env.execute_query(self._query_shut(nodes)))

    @api.model
    def _watch_safely(self, node, shut, tried, errors, now):
        """That counting fails undoes no step."""
        try:
            with self.env.cr.savepoint():
                self._watch(node, shut, tried, errors, now)
                self.env.flush_all()
        except CONFLICTS:
            raise
        except Exception:
            self.env.invalidate_all(flush=False)
            _logger.exception("The tries of nurture step %s could not be counted", node.id)

    @api.model
    def _watch(self, node, shut, tried, errors, now):
        """Count these tries of the step, and pause it or let it work again if they call for it."""
        self.env["nurture.trial"]._note(node, tried, len(errors), now)
        if errors or node.id in shut:
            self._judge(node, shut.get(node.id, CLOSED), errors[-1] if errors else "", now)

    @api.model
    def _judge(self, node, state, error, now):
        """Look at the tries of this step, after some failed or were a probe."""
        tried, failed = self.env["nurture.trial"]._sum(node, now - breaker.WINDOW)
        ahead = self.env["nurture.enrolment"]._count_probe(node) if state == PROBING else 0
        tries = breaker.Tries(tried, failed, ahead)
        verdict = breaker.next_state(state, tries, self._limits())
        if verdict == OPEN and self._set_open(node, tries, error, now):
            node._tell_paused(tries, error, now)
        elif verdict == CLOSED and state == PROBING:
            self.search([("node_id", "=", node.id)])._set_closed()

    @api.model
    def _tend(self, now):
        """Once a run of a lane: finish the probes nobody is left to finish, and let those go on
        who were held at steps that work again. → whether more than one go can let go wait"""
        for fuse in self.search([("state", "=", PROBING)]):
            self._judge(fuse.node_id, PROBING, fuse.last_error, now)
        self.env.flush_all()
        released = 0
        for node_id in [row[0] for row in self.env.execute_query(self._query_held_in_vain())]:
            node = self.env["nurture.node"].browse(node_id)
            released += self.env["nurture.enrolment"]._let_go(node, RELEASE, now)
        return released >= RELEASE

    # ------------------------------------------------------------
    # QUERIES
    # ------------------------------------------------------------

    @api.model
    def _query_shut(self, nodes):
        # index nurture_breaker_shut_idx
        return SQL(
            """SELECT node_id, state FROM nurture_breaker
                WHERE state IN ('open', 'probing') AND node_id = ANY(%s)""",
            nodes.ids,
        )

    @api.model
    def _query_held_in_vain(self):
        # index nurture_enrolment_held_idx, once per step that ever paused
        return SQL(
            """SELECT b.node_id FROM nurture_breaker b
                WHERE b.state = 'closed'
                  AND EXISTS (SELECT 1 FROM nurture_enrolment e
                               WHERE e.node_id = b.node_id AND e.hold = 'held'
                                 AND e.state IN ('active', 'waiting'))"""
        )

    @api.model
    def _query_open(self, node, tries, error, now):
        # index nurture_breaker_node_uniq
        return SQL(
            """INSERT INTO nurture_breaker (node_id, scenario_id, company_id, state, opened_at,
                      tried, failed, last_error, create_uid, create_date, write_uid, write_date)
               SELECT n.id, n.scenario_id, s.company_id, 'open', %(now)s, %(tried)s, %(failed)s,
                      %(error)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                 FROM nurture_node n JOIN nurture_scenario s ON s.id = n.scenario_id
                WHERE n.id = %(node)s
          ON CONFLICT (node_id) DO UPDATE
                  SET state = 'open', opened_at = EXCLUDED.opened_at, tried = EXCLUDED.tried,
                      failed = EXCLUDED.failed, last_error = EXCLUDED.last_error,
                      write_date = EXCLUDED.write_date
                WHERE nurture_breaker.state <> 'open'
            RETURNING id""",
            node=node.id,
            tried=tries.tried,
            failed=tries.failed,
            error=error or None,
            uid=self.env.uid,
            now=now,
        )
