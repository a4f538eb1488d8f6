from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class CrmLead(models.Model):
    """The next step of a deal: an activity or a meeting that is planned for today or later.

    Not stored: it changes at midnight. The search is NOT EXISTS over indexed tables.
    """

    _inherit = "crm.lead"

    has_next_action = fields.Boolean(
        "Next Step Planned", compute="_compute_has_next_action", compute_sudo=True,
        search="_search_has_next_action",
        help="An activity or a meeting is planned for today or later.", groups="base.group_user")
    next_action_missing = fields.Boolean(
        "No Next Step", compute="_compute_has_next_action", compute_sudo=True,
        search="_search_next_action_missing",
        help="The deal is open, its stage asks for a next step, and none is planned.",
        groups="base.group_user")
    next_action_overdue = fields.Boolean(
        "Next Step Overdue", compute="_compute_has_next_action", compute_sudo=True,
        help="An activity should have been done before today.", groups="base.group_user")

    @api.depends("activity_ids.date_deadline", "sales_outcome", "stage_id")
    def _compute_has_next_action(self):
        steps = {}
        if self._origin:
            self.env["mail.activity"].flush_model()
            self.env["calendar.event"].flush_model()
            rows = self.env.execute_query(self._query_next_steps(self._origin.ids))
            steps = {lead_id: (planned, overdue) for lead_id, planned, overdue in rows}
        for lead in self:
            planned, overdue = steps.get(lead._origin.id, (False, False))
            lead.has_next_action = planned
            lead.next_action_overdue = overdue
            lead.next_action_missing = not planned and bool(lead._origin) \
                and lead._asks_for_next_action()

    def _asks_for_next_action(self):
        return self.type == "opportunity" and self.sales_outcome == "open" and self.active \
            and self.stage_id.require_next_action \
            and self._get_home_company().sudo().sales_next_action  # a setting, no content

    def _search_has_next_action(self, operator, value):
        if operator != "in":
            return NotImplemented
        self.env["mail.activity"].flush_model()
        self.env["calendar.event"].flush_model()
        return Domain.custom(to_sql=lambda model, alias, query: self._query_has_next_action(alias))

    def _search_next_action_missing(self, operator, value):
        if operator != "in":
            return NotImplemented
        asking = self.env["res.company"].sudo().search(  # a setting, no content
            [("sales_next_action", "=", True)])
        return self._get_home_domain(asking) & Domain([
            ("type", "=", "opportunity"), ("sales_outcome", "=", "open"), ("active", "=", True),
            ("stage_id.require_next_action", "=", True),
            ("has_next_action", "=", False)])

    # ---- actions ------------------------------------------------------------------------------

    def action_plan_next_step(self):
        """Open core's dialog that plans an activity on these deals."""
        return {
            "type": "ir.actions.act_window", "res_model": "mail.activity.schedule",
            "name": self.env._("Plan the Next Step"), "views": [(False, "form")], "target": "new",
            "context": {"active_model": self._name, "active_ids": self.ids,
                        "active_id": self[:1].id},
        }

    # ---- figures ------------------------------------------------------------------------------

    @api.model
    def _next_action_figures(self, domain):
        """How well next steps are kept among the open deals of a domain that the user may read.

        :return: {"open_count", "open_value", "planned_count", "planned_value", "share" (of the
            open value, 0 to 1, None without value), "overdue_days" (mean age of the oldest overdue
            activity of deals that have one, None without)}
        """
        domain = Domain(domain) & Domain([
            ("type", "=", "opportunity"), ("sales_outcome", "=", "open"), ("active", "=", True)])
        aggregates = ["__count", "expected_revenue:sum"]
        (count, value), = self._read_group(domain, [], aggregates)
        (planned, planned_value), = self._read_group(
            domain & Domain("has_next_action", "=", True), [], aggregates)
        (overdue,), = self.env.execute_query(self._query_overdue_age(self._search(domain)))
        return {
            "open_count": count, "open_value": value or 0, "planned_count": planned,
            "planned_value": planned_value or 0,
            "share": (planned_value or 0) / value if value else None,
            "overdue_days": overdue,
        }

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_has_next_action(self, alias):
        """By core's indexes mail_activity (res_id) and calendar_event (opportunity_id)."""
        return SQL(
            """
            (EXISTS (SELECT FROM mail_activity a
                      WHERE a.res_model = 'crm.lead' AND a.res_id = %(lead)s AND a.active
                        AND a.date_deadline >= %(today)s)
             OR EXISTS (SELECT FROM calendar_event e
                         WHERE e.opportunity_id = %(lead)s AND e.active AND e.stop >= %(now)s))
            """,
            lead=SQL.identifier(alias, "id"), today=fields.Date.context_today(self),
            now=fields.Datetime.now())

    @api.model
    def _query_next_steps(self, lead_ids):
        """Rows (lead id, is a step planned, is one overdue): all that a form asks, in one query."""
        return SQL(
            """
            SELECT l.id, %(planned)s,
                   EXISTS (SELECT FROM mail_activity a
                            WHERE a.res_model = 'crm.lead' AND a.res_id = l.id AND a.active
                              AND a.date_deadline < %(today)s)
              FROM crm_lead l WHERE l.id = ANY(%(leads)s)
            """,
            planned=self._query_has_next_action("l"), leads=list(lead_ids),
            today=fields.Date.context_today(self))

    @api.model
    def _query_overdue_age(self, leads):
        """Mean days since the oldest overdue activity was due; leads is a query of deals."""
        return SQL(
            """
            SELECT AVG(%(today)s - x.due)::float8
              FROM (SELECT MIN(a.date_deadline) AS due FROM mail_activity a
                     WHERE a.res_model = 'crm.lead' AND a.active AND a.date_deadline < %(today)s
                       AND a.res_id IN %(leads)s
                     GROUP BY a.res_id) x
            """,
            today=fields.Date.context_today(self), leads=leads.subselect())
