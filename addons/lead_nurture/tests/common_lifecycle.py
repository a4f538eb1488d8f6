from datetime import timedelta

from odoo import fields
from odoo.tools import SQL

from .common_scenario import ScenarioCase


class LifecycleCase(ScenarioCase):
    """Stories of leads on their way from new to customer, and of what sales makes of them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stays = cls.env["nurture.stay"]
        cls.status = {
            key: cls.env.ref(f"lead_nurture.nurture_status_{key}")
            for key in ("new", "engaged", "mql", "sal", "sql", "opportunity", "customer",
                        "recycled", "disqualified")
        }  # fmt: skip

    def _run(self, leads, silent=False):
        """The job that moves leads, for these leads."""
        scope = self.stays._query_scope_ids(leads.ids)
        moved = self.stays._move_by_triggers(scope, silent)
        self.env.invalidate_all()
        return moved

    def _follow(self, now=None):
        self.env.flush_all()
        self.env["nurture.handover"]._follow(0, 2**31 - 1, now or fields.Datetime.now())
        self.env.invalidate_all()

    def _age(self, record, field, **delta):
        """The moment of `record` lies so far back."""
        self.env.flush_all()
        moment = fields.Datetime.now() - timedelta(**delta)
        self.env.cr.execute(
            SQL("UPDATE %s SET %s = %s WHERE id = ANY(%s)", SQL.identifier(record._table),
                SQL.identifier(field), moment, record.ids)
        )  # fmt: skip
        record.invalidate_recordset(flush=False)

    def _salesperson_writes(self, lead, user=None):
        lead.with_user(user or self.sven).message_post(
            body="When may I call?", message_type="comment", subtype_xmlid="mail.mt_comment"
        )

    def _history_of(self, lead):
        stays = self.stays.search([("lead_id", "=", lead.id)], order="entered_at, id")
        return stays.mapped("status_id.name")

    def assertStatus(self, lead, key):
        lead.invalidate_recordset(["nurture_status_id"])
        self.assertEqual(lead.nurture_status_id, self.status[key], self._history_of(lead))
