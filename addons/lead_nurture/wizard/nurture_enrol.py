from odoo import api, fields, models
from odoo.exceptions import UserError

# so many enter while the user waits, more in the background
AT_ONCE = 500


class NurtureEnrol(models.TransientModel):
    """Enrols chosen leads or people, a segment, or all leads that match, in a scenario by hand."""

    _name = "nurture.enrol"
    _description = "Enrol in scenario"

    scenario_id = fields.Many2one(
        "nurture.scenario",
        required=True,
        domain="[('state', '=', 'running'), ('company_id', 'in', allowed_company_ids)]",
        help="Only running scenarios take people in.",
    )
    source = fields.Selection(
        [
            ("leads", "The chosen leads"),
            ("people", "The chosen people"),
            ("segment", "A segment"),
            ("match", "All leads that match the conditions of the scenario"),
        ],
        "Who",
        required=True,
        readonly=True,
        default=lambda self: self._default_source(),
    )
    whom = fields.Selection(
        [("segment", "A segment"), ("match", "All open leads that match its conditions")],
        "Who enters",
        default=lambda self: self._default_whom(),
    )
    record_ids = fields.Json(default=lambda self: self.env.context.get("active_ids") or [])
    record_count = fields.Integer(compute="_compute_record_count")
    segment_id = fields.Many2one(
        "nurture.segment", "Segment", domain="[('state', '!=', 'draft')]",
        default=lambda self: self._default_segment_id(),
    )  # fmt: skip
    anew = fields.Boolean(
        "Also those who were in it before",
        help="Who is inside now is never enrolled a second time.",
    )

    @api.model
    def _default_source(self):
        model = self.env.context.get("active_model")
        return {"crm.lead": "leads", "nurture.person": "people"}.get(model, "match")

    @api.model
    def _default_whom(self):
        return "segment" if self._default_segment_id() else "match"

    @api.model
    def _default_segment_id(self):
        if self.env.context.get("active_model") == "nurture.segment":
            return self.env.context.get("active_id")
        return False

    @api.depends("record_ids")
    def _compute_record_count(self):
        for wizard in self:
            wizard.record_count = len(wizard.record_ids or ())

    def action_enrol(self):
        self.ensure_one()
        if self.scenario_id.state != "running":
            raise UserError(self.env._("Start the scenario first."))
        self.env["nurture.enrolment"]._check_user()
        self.scenario_id.check_access("read")
        # sudo: jobs are written by the engine alone; the leads pass the owner's rights there
        job = self.env["nurture.enrol.job"].sudo().create(self._prepare_job_vals())
        if job.record_ids and len(job.record_ids) <= AT_ONCE:
            for _piece in job._work():
                pass
            if job.state != "done":
                raise UserError(job.error or self.env._("Try again in a moment."))
            return self._notify(job)
        self.env["ir.cron"]._nurture_wake("lead_nurture.ir_cron_enrol_jobs")
        return {
            "type": "ir.actions.act_window",
            "res_model": "nurture.enrol.job",
            "view_mode": "form",
            "res_id": job.id,
        }

    def _prepare_job_vals(self):
        vals = {
            "scenario_id": self.scenario_id.id,
            "anew": self.anew,
            "approved": self.env["nurture.enrol.job"]._may_approve(),
        }
        if self.source in ("leads", "people"):
            model = {"leads": "crm.lead", "people": "nurture.person"}[self.source]
            records = self.env[model].browse(self.record_ids)
            if not records:
                raise UserError(self.env._("Choose somebody first."))
            records.check_access("read")
            chosen = {"record_ids": records.ids, "total": len(records)}
            return {**vals, "source": self.source, **chosen}
        if self.whom == "match":
            return {**vals, "source": "match"}
        if not self.segment_id:
            raise UserError(self.env._("Choose a segment."))
        self.segment_id.check_access("read")
        return {**vals, "source": "segment", "segment_id": self.segment_id.id}

    def _notify(self, job):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if job.entered else "warning",
                "message": self._result_text(job),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _result_text(self, job):
        text = self.env._("%(count)s entered “%(scenario)s”.", count=job.entered,
                          scenario=job.scenario_id.name)  # fmt: skip
        if job.refused_count:
            text += " " + self.env._(
                "%(count)s did not: %(reasons)s.",
                count=job.refused_count,
                reasons=", ".join(job.refused_text.splitlines()),
            )
        return text
