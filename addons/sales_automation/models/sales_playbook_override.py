from odoo import api, fields, models


class SalesPlaybookOverride(models.Model):
    """One row per deal that went on, or was held back, although its playbook missed something.

    Written by the system at the move and never changed; the words are kept as they were, also
    when the playbook is rewritten later.
    """

    _name = "sales.playbook.override"
    _description = "Playbook Exception"
    _order = "decided_at desc, id desc"
    _rec_name = "lead_id"
    _log_access = False

    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", required=True, readonly=True, ondelete="cascade", index=True)
    playbook_id = fields.Many2one(
        "sales.playbook", readonly=True, ondelete="set null", index="btree_not_null")
    user_id = fields.Many2one("res.users", "Who", readonly=True)
    decided_at = fields.Datetime("When", readonly=True, index=True)
    kind = fields.Selection([
        ("override", "Let pass with a reason"),
        ("warned", "Passed with a warning"),
        ("automation", "Passed by an automation"),
        ("created", "Created in a later stage"),
        ("import", "Stage not imported"),
        ("emptied", "Field emptied with a reason"),
    ], "What Happened", readonly=True)
    from_stage_id = fields.Many2one("crm.stage", "From", readonly=True, ondelete="set null")
    to_stage_id = fields.Many2one("crm.stage", "To", readonly=True, ondelete="set null")
    missing = fields.Text(readonly=True, help="What was missing at that moment, a line each.")
    missing_count = fields.Integer(readonly=True)
    reason = fields.Char(readonly=True)
    salesperson_id = fields.Many2one(
        "res.users", readonly=True, help="Who held the deal at that moment.")
    team_id = fields.Many2one("crm.team", "Sales Team", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)

    @api.model
    def _log(self, kind, rows, now, reason=False):
        """Note what was missing.

        :param rows: [(lead, playbook, stage it came from, stage it goes to, words)]
        """
        return self.sudo().create([{  # nobody may write the log by hand
            "kind": kind, "lead_id": lead.id, "playbook_id": playbook.id,
            "user_id": self.env.uid, "decided_at": now, "reason": reason,
            "from_stage_id": source and source.id, "to_stage_id": target and target.id,
            "missing": "\n".join(words), "missing_count": len(words),
            "salesperson_id": lead.user_id.id, "team_id": lead.team_id.id,
            "company_id": lead.company_id.id,
        } for lead, playbook, source, target, words in rows])
