from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .moments import tell_days

LEVELS = [("none", "Fine"), ("watch", "Watch"), ("stale", "Stale")]


class CrmLead(models.Model):
    """Deals that nobody moves: by contact with the customer, not by clicks in the system.

    Signs: no contact with the customer for too long; longer in the stage than three of four won
    deals; the expected closing date has passed; it was put off twice. The first one alone, or
    two of the others, make a deal stale; one of the others says "watch". A deal that is kept
    quiet until a day has no signs until then.
    """

    _inherit = "crm.lead"

    stale_level = fields.Selection(
        LEVELS, "Staleness", compute="_compute_stale", search="_search_stale_level",
        help="Stale: no contact with the customer for too long, or two of: too long in the stage, "
        "closing date passed, closing date put off. Watch: one of these.", groups="base.group_user")
    stale_reasons = fields.Char("Why", compute="_compute_stale", groups="base.group_user")
    silent_days = fields.Integer(
        "Days Without Contact", compute="_compute_stale",
        help="Days since the last contact with the customer; since the deal began when there was "
        "none.", groups="base.group_user")
    stage_days = fields.Integer("Days in Stage", compute="_compute_stale", groups="base.group_user")

    @api.depends(
        "last_contact_at", "stage_id", "date_deadline", "slip_count", "snooze_until",
        "sales_outcome", "active", "type")
    @api.depends_context("lang", "tz")
    def _compute_stale(self):
        rows = self._get_stale_rows(fields.Datetime.now())
        for lead in self:
            row = rows.get(lead._origin.id)
            lead.stale_level = row["level"] if row else "none"
            lead.stale_reasons = " · ".join(self._tell_stale(row)) if row else False
            lead.silent_days = row["silent_days"] if row else 0
            lead.stage_days = row["stage_days"] if row else 0

    def _search_stale_level(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_facts()
        now, alarming = fields.Datetime.now(), {"watch", "stale"}
        if "none" in value:
            return ~self._search_stale_among(now, alarming - set(value))
        return self._search_stale_among(now, alarming & set(value))

    @api.model
    def _search_stale_among(self, now, levels):
        if not levels:
            return Domain.FALSE
        return Domain.custom(to_sql=lambda model, alias, query: self._query_is_stale(
            now, alias, tuple(levels)))

    def _get_stale_rows(self, now):
        """Return {lead id: facts with `level` and the signs} of the open deals among these."""
        if not self._origin:
            return {}
        self._flush_facts()
        rows = self.env.execute_query_dict(self._query_stale(
            now, self._query_among(self._origin.ids)))
        return {row["lead_id"]: row for row in rows}

    @api.model
    def _tell_stale(self, row):
        """Return the signs of one deal in words."""
        if row["snoozed"]:
            return []
        _ = self.env._
        told = []
        if row["no_contact"] and not row["last_contact_at"]:
            told.append(_(
                "Never in touch, %s", tell_days(self.env, int(row["silent_days"]))))
        elif row["no_contact"]:
            told.append(_(
                "No customer contact for %s", tell_days(self.env, int(row["silent_days"]))))
        if row["long_stage"]:
            told.append(self._tell_long_stage(row))
        if row["late"]:
            told.append(_(
                "Closing date passed %s ago", tell_days(self.env, int(row["late_days"]))))
        if row["slipped"]:
            told.append(_(
                "Closing date put off %(times)s by %(days)s",
                times=_("once") if row["slip_count"] == 1
                else _("%s times", int(row["slip_count"])),
                days=tell_days(self.env, row["slip_days"])))
        return told

    @api.model
    def _tell_long_stage(self, row):
        days, pace = int(row["stage_days"]), row["pace_days"]
        if not row["pace_count"]:
            return self.env._(
                "%(days)s in this stage, limit %(limit)s", days=tell_days(self.env, days),
                limit=round(pace))
        return self.env._(
            "%(days)s in this stage; three of four won deals (of %(count)s) left it within "
            "%(pace)s", days=tell_days(self.env, days), count=row["pace_count"],
            pace=f"{round(pace, 1) if pace < 10 else round(pace):g}")

    # ---- actions ------------------------------------------------------------------------------

    def action_ask_salesperson(self):
        """Give each salesperson a to-do on his deal: what the signs are, and who asks."""
        me = self.env.user
        asked = self.filtered(lambda lead: lead.user_id and lead.user_id != me)
        for lead in asked:
            lead.activity_schedule(
                "mail.mail_activity_data_todo", user_id=lead.user_id.id,
                summary=self.env._("%s asks: what is next here?", me.name),
                note=lead.stale_reasons or "")
        if len(asked) == len(self):
            text, kind = self.env._("%s deals asked about.", len(asked)), "success"
        else:
            text, kind = self.env._(
                "%(asked)s deals asked about. The others are your own or have no salesperson.",
                asked=len(asked)), "warning"
        return {
            "type": "ir.actions.client", "tag": "display_notification",
            "params": {"message": text, "type": kind,
                       "next": {"type": "ir.actions.client", "tag": "soft_reload"}}}

    def action_open_deadline(self):
        """Ask for a new closing date in a dialog."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window", "res_model": self._name, "res_id": self.id,
            "name": self.env._("New Closing Date"), "target": "new",
            "views": [(self.env.ref("sales_automation.crm_lead_view_form_deadline").id, "form")],
        }

    # ---- SQL ----------------------------------------------------------------------------------

    @api.model
    def _query_among(self, lead_ids):
        return SQL("l.id = ANY(%s)", list(lead_ids))

    @api.model
    def _query_stale(self, now, condition):
        """Facts of open deals with their signs and the level that follows from these."""
        return SQL(
            """
            SELECT g.*, CASE WHEN g.snoozed THEN 'none'
                             WHEN g.no_contact OR g.signs >= 2 THEN 'stale'
                             WHEN g.signs = 1 THEN 'watch'
                             ELSE 'none' END AS level
              FROM (SELECT f.*, f.long_stage::int + f.late::int + f.slipped::int AS signs
                      FROM (SELECT b.*,
                                   COALESCE(b.silent_days > b.contact_limit, FALSE)
                                        AS no_contact,
                                   COALESCE(b.stage_days > b.pace_days, FALSE) AS long_stage,
                                   COALESCE(b.looks_at_date AND b.late_days > 0, FALSE) AS late,
                                   COALESCE(b.slip_count >= b.slip_limit, FALSE) AS slipped
                              FROM (%s) b) f) g
            """,
            self._query_open_facts(now, condition))

    @api.model
    def _query_is_stale(self, now, alias, levels):
        """All open deals at once, or one by one behind conditions that leave few of them.

        PostgreSQL has this choice while the deal is compared at the top of the inner query: it is
        a join then. Deeper in it every deal would be asked by itself.
        """
        return SQL(
            "EXISTS (SELECT FROM (%s) x WHERE x.lead_id = %s AND x.level IN %s)",
            self._query_stale(now, SQL("TRUE")), SQL.identifier(alias, "id"), levels)
