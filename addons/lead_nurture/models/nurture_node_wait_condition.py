import logging

from odoo import api, fields, models
from odoo.addons.lead_nurture.conflicts import CONFLICTS
from odoo.addons.lead_nurture.engine.outcome import Outcome
from odoo.fields import Domain
from odoo.tools import SQL
from psycopg2 import errors

_logger = logging.getLogger(__name__)

BATCH = 5_000


class NurtureNode(models.Model):
    """The wait for an event can wait for the lead to match conditions instead. They are asked for
    all people at the step together, every few minutes; that somebody leaves once only, by the
    conditions or by the clock, is decided on his row as for events."""

    _inherit = "nurture.node"

    wait_for = fields.Selection(
        [("event", "An event"), ("condition", "Conditions on the lead")],
        "Wait for",
        required=True,
        default="event",
    )
    until_domain = fields.Char("Until the lead matches", default="[]")

    @api.constrains("until_domain", "wait_for", "kind")
    def _check_until_domain(self):
        for node in self.filtered(lambda n: n._waits_for_condition()):
            self.env["nurture.scenario"]._validate_lead_domain(node.until_domain)

    # ------------------------------------------------------------
    # CRON
    # ------------------------------------------------------------

    @api.model
    def _cron_check_conditions(self):
        """Release whom a condition has come true for, a batch of one step at a time."""
        cron = self.env["ir.cron"]
        todo = self._nodes_waited_at().ids
        left = cron._commit_progress(remaining=len(todo))
        while left and todo:
            found = self.browse(todo[0])._release_agreed_safely(fields.Datetime.now())
            more = found == BATCH
            todo = todo if more else todo[1:]
            left = cron._commit_progress(int(not more), remaining=len(todo))

    @api.model
    def _nodes_waited_at(self):
        return self.search(
            [
                ("kind", "=", "wait_event"),
                ("wait_for", "=", "condition"),
                ("version_id.state", "!=", "draft"),
                ("scenario_id.state", "=", "running"),
            ]
        )

    def _release_agreed_safely(self, now):
        """→ people released. One whom a lane moves right now is left to the lane. A scenario whose
        conditions cannot be evaluated, or not in time, pauses with a sentence; others go on."""
        scenario = self.scenario_id
        try:
            with self.env.cr.savepoint():
                self.env.cr.execute(scenario._query_limit_time())
                return self._release_agreed(now)
        except CONFLICTS:
            return 0
        except errors.QueryCanceled:
            why = self.env._("looking for the leads took too long.")
        except Exception as error:
            why = str(error)[:500]
        self.env.invalidate_all(flush=False)
        _logger.warning("Nurture scenario %s is paused: %s", scenario.id, why)
        if scenario.state == "running":
            scenario._set_paused(
                self.env._("The conditions of “%(step)s” cannot be used: %(why)s",
                           step=self.name, why=why)
            )  # fmt: skip
        return 0

    def _release_agreed(self, now):
        self.env["nurture.enrolment"].flush_model()
        rows = self.env.execute_query(self._query_release_agreed(now))
        if rows:
            self.env["nurture.enrolment"].invalidate_model(flush=False)
            self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_advance_1")
        return len(rows)

    # ------------------------------------------------------------
    # THE STEP
    # ------------------------------------------------------------

    def _run_node_wait_event(self, enrolments, now):
        if not self._waits_for_condition():
            return super()._run_node_wait_event(enrolments, now)
        agreed = self._agreed(enrolments)
        return {
            **dict.fromkeys(agreed, Outcome.go("yes", "condition")),
            **dict.fromkeys(enrolments - agreed, Outcome.wait(self._due(now))),
        }

    def _release_node_wait_event(self, enrolments, now):
        if not self._waits_for_condition():
            return super()._release_node_wait_event(enrolments, now)
        agreed = self._agreed(enrolments)
        return {
            **dict.fromkeys(agreed, Outcome.go("yes", "condition")),
            **dict.fromkeys(enrolments - agreed, Outcome.go("timeout", "time")),
        }

    def _exit_text_node_wait_event(self, label):
        if label == "yes" and self._waits_for_condition():
            return self.env._("The lead matches")
        return super()._exit_text_node_wait_event(label)

    def _summary_node_wait_event(self):
        if not self._waits_for_condition():
            return super()._summary_node_wait_event()
        return self.env._("The lead matches conditions, at most %s", self._delay_text())

    def _problem_node_wait_event(self):
        if self._waits_for_condition() and self._until().is_true():
            return self.env._("“%s” waits for conditions, but has none.", self.name)
        return super()._problem_node_wait_event()

    def _waits_for_condition(self):
        return self.kind == "wait_event" and self.wait_for == "condition"

    def _until(self):
        return self.env["nurture.scenario"]._parse_lead_domain(self.until_domain)

    def _agreed(self, enrolments):
        leads = enrolments._leads_as_owner()
        found = set(leads.search(self._until() & Domain("id", "in", leads.ids)).ids)
        return enrolments.filtered(lambda e: e.lead_id.id in found)

    def _query_release_agreed(self, now):
        # index nurture_enrolment_node_idx, then the primary key of crm_lead; the conditions are
        # those that the owner of the scenario may see
        leads = self.scenario_id._as_owner().env["crm.lead"]
        return SQL(
            """WITH hit AS (
                   SELECT e.id FROM nurture_enrolment e
                    WHERE e.node_id = %s AND e.state = 'waiting' AND e.release_label IS NULL
                      AND e.lead_id IN %s
                 ORDER BY e.id LIMIT %s
                      FOR NO KEY UPDATE SKIP LOCKED)
               UPDATE nurture_enrolment e
                  SET state = 'active', release_label = 'yes', run_at = %s
                 FROM hit WHERE e.id = hit.id AND e.state = 'waiting'
            RETURNING e.id""",
            self.id,
            leads._search(self._until()).subselect(),
            BATCH,
            now,
        )
