from odoo import models, tools
from odoo.tools import SQL


class NurtureReaction(models.AbstractModel):
    """Finds the first thing that the salesperson of a lead did himself on it: a message to the
    customer, an activity done, a stage moved, the lead taken back, a quotation.

    Read from what core keeps anyway. What a scenario or a colleague does is no reaction of him.
    """

    _name = "nurture.reaction"
    _description = "First reaction of sales"

    def init(self):
        super().init()
        # Sales is no dependency of ours: its table gets the index when it is there.
        if tools.sql.column_exists(self.env.cr, "sale_order", "opportunity_id"):
            self.env.cr.execute(self._query_index_quotations())

    def _has_quotations(self):
        return "sale.order" in self.env and "opportunity_id" in self.env["sale.order"]._fields

    def _query_index_quotations(self):
        return SQL(
            """CREATE INDEX IF NOT EXISTS sale_order_nurture_lead_idx
                   ON sale_order (opportunity_id) WHERE opportunity_id IS NOT NULL"""
        )

    def _query_first(self, since):
        """Moment of the first reaction on the lead `l` after `since`; NULL when there is none."""
        if not self._has_quotations():
            return self._query_first_message(since)
        return SQL(
            "LEAST(%s, %s)",
            self._query_first_message(since),
            self._query_first_quotation(since, SQL("o.create_uid = l.user_id")),
        )

    def _query_first_message(self, since):
        # index mail_message_model_res_id_id_idx, mail_tracking_value__mail_message_id_index
        field = self.env["ir.model.fields"]._get
        return SQL(
            """(SELECT MIN(m.date)
                  FROM mail_message m
                  JOIN res_users u ON u.id = l.user_id AND u.partner_id = m.author_id
                 WHERE m.model = 'crm.lead' AND m.res_id = l.id AND m.date > %(since)s
                   AND (m.mail_activity_type_id IS NOT NULL
                     OR m.message_type IN ('comment', 'email', 'email_outgoing')
                        AND m.subtype_id = %(comment)s
                     OR EXISTS (SELECT 1 FROM mail_tracking_value t
                                 WHERE t.mail_message_id = m.id
                                   AND (t.field_id = %(stage)s AND t.old_value_integer IS NOT NULL
                                     OR t.field_id = %(active)s AND t.new_value_integer = 1))))""",
            since=since,
            comment=self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_comment"),
            stage=field("crm.lead", "stage_id").id,
            active=field("crm.lead", "active").id,
        )

    def _query_first_quotation(self, since, by=None):
        # index sale_order_nurture_lead_idx
        return SQL(
            """(SELECT MIN(o.create_date) FROM sale_order o
                 WHERE o.opportunity_id = l.id AND o.create_date > %s AND %s)""",
            since,
            by or SQL("TRUE"),
        )
