from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from .poison import work_off, work_through

BATCH = 100
# A conversion that no run has seen for so long is not news any more; also bounds the scan.
LOOK_BACK_DAYS = 30


class SalesHandoff(models.Model):
    """The jobs of hand-offs: asking for converted leads, and telling who did not answer."""

    _inherit = "sales.handoff"

    @api.model
    def _cron_route_opportunities(self):
        """Ask the salesperson of each opportunity that others converted for him.

        Pulled from what core stores, so that it does not matter who converted the lead or how.
        """
        now = fields.Datetime.now()
        cron = self.env["ir.cron"]
        leads = self._find_unrouted(now)
        time_left = cron._commit_progress(remaining=len(leads))
        while leads and time_left:
            work_through(
                leads,
                lambda part: self._route(part, now),
                lambda lead, error: self._refuse_route(lead, now, error))
            time_left = cron._commit_progress(len(leads))
            leads = self._find_unrouted(now)

    @api.model
    def _find_unrouted(self, now):
        rows = self.env.execute_query(self._query_unrouted(now))
        return self.env["crm.lead"].browse([lead_id for (lead_id,) in rows])

    @api.model
    def _route(self, leads, now):
        self._request([self._prepare_routed_vals(lead) for lead in leads], now)

    @api.model
    def _refuse_route(self, lead, now, error):
        """Nobody can be asked: the row keeps the reason, and the deal is not tried again."""
        self.create({
            **self._prepare_routed_vals(lead), "state": "cancelled", "failure": str(error),
            "requested_at": now, "deadline_at": now, "company_id": lead.company_id.id,
        })

    @api.model
    def _prepare_routed_vals(self, lead):
        return {
            "lead_id": lead.id, "to_user_id": lead.user_id.id, "origin": "routed",
            # A job that converts leads runs as the system: then nobody in person sent it.
            "from_user_id": lead.converted_by_id.filtered("active").id,
        }

    @api.model
    def _cron_expire_handoffs(self):
        """Escalate the requests that nobody answered before their deadline."""
        now = fields.Datetime.now()
        domain = [
            ("state", "=", "requested"), ("deadline_at", "<=", now), ("failure", "=", False)]
        work_off(self, domain, lambda part: part._set_expired(now), BATCH)

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_unrouted(self, now):
        """Converted opportunities that wait for no answer and never did.

        Reaches the recent conversions by the index crm_lead_sales_conversion_idx.
        """
        since = self.env["ir.config_parameter"].sudo().get_param(  # set once, at installation
            "sales_automation.routing_since")
        oldest = now - timedelta(days=LOOK_BACK_DAYS)
        return SQL(
            """
            SELECT l.id
              FROM crm_lead l
              JOIN res_users u ON u.id = l.user_id AND u.active
              JOIN res_company c ON c.id = COALESCE(l.company_id, u.company_id)
             WHERE l.type = 'opportunity' AND l.active AND l.sales_outcome = 'open'
               AND l.date_conversion >= %(since)s
               AND l.converted_by_id IS DISTINCT FROM l.user_id
               AND c.sales_handoff_routing
               AND NOT EXISTS (SELECT FROM sales_handoff h WHERE h.lead_id = l.id)
             ORDER BY l.date_conversion, l.id
             LIMIT %(limit)s
            """,
            since=max(fields.Datetime.to_datetime(since) or oldest, oldest),
            limit=BATCH,
        )
