from base64 import b64encode

from odoo import api, fields, models
from reportlab.graphics.barcode import createBarcodeDrawing

from .care_survey_invitation import ASKED


class CareSurveyProgram(models.Model):
    """What a programme would do, and what became of it, in sentences and numbers."""

    _inherit = "care.survey.program"

    asked_count = fields.Integer(
        "Asked", compute="_compute_counts", help="Customers who got the question; no tests.")
    answered_count = fields.Integer("Answered", compute="_compute_counts")
    waiting_count = fields.Integer("Awaited", compute="_compute_counts")
    skipped_count = fields.Integer("Not asked", compute="_compute_counts")
    rate = fields.Char(
        "Answer rate", compute="_compute_counts",
        help="Answered of all who were asked by mail; whoever can still answer counts as asked.")
    link = fields.Char(compute="_compute_link")
    qr_code = fields.Html(compute="_compute_link", sanitize=False)
    scale_preview = fields.Html("Question and scale", compute="_compute_scale_preview",
                                sanitize=False)

    @api.depends("trigger")
    def _compute_preview(self):
        """Where nobody is written to by itself there is nobody to count."""
        by_hand = self.filtered(lambda program: program.trigger in ("web", "manual"))
        by_hand.preview = self.env._("Nobody is written to by itself.")
        super(CareSurveyProgram, self - by_hand)._compute_preview()

    def _tell_preview(self, counts) -> str:
        """How many people 30 days would bring, and how many not and why."""
        held = self._tell_held(
            counts["held"], self.env["care.survey.invitation"]._skip_reasons())
        span = self.env._("In the next 30 days") if self.trigger == "relational" else self.env._(
            "By what happened in the last 30 days")
        if not counts["free"] and not held:
            return self.env._("%s: nobody. There is no such event.", span)
        told = self.env._("%(span)s: asked %(count)s", span=span, count=counts["free"])
        return self.env._("%(told)s. Not asked: %(held)s.", told=told, held=held) if held else (
            self.env._("%s. Nobody would be left out.", told))

    def _compute_counts(self):
        # Whoever may read the programme may read its totals.
        groups = self.env["care.survey.invitation"].sudo()._read_group(
            [("program_id", "in", self.ids), ("is_test", "=", False)],
            ["program_id", "state"], ["__count", "sent_at:count"])
        for program in self:
            found = {state: (count, sent) for p, state, count, sent in groups if p == program}
            total = {state: count for state, (count, _sent) in found.items()}
            program.answered_count = total.get("answered", 0)
            program.waiting_count = sum(total.get(state, 0) for state in ASKED)
            program.skipped_count = total.get("skipped", 0)
            program.asked_count = sum(
                sent for state, (_count, sent) in found.items()
                if state in (*ASKED, "answered", "expired"))
            by_mail = found.get("answered", (0, 0))[1]
            program.rate = program._tell_rate(by_mail, program.asked_count)

    def _tell_rate(self, answered, asked) -> str:
        if not asked:
            return self.env._("n/a: nobody was asked by mail yet")
        if asked < self.min_n:
            return self.env._(
                "%(answered)s of %(asked)s: too few for a share", answered=answered, asked=asked)
        return self.env._(
            "%(share)s %% (%(answered)s of %(asked)s)", share=round(100 * answered / asked),
            answered=answered, asked=asked)

    @api.depends("trigger")
    def _compute_link(self):
        for program in self:
            program.link = program.qr_code = False
            if program.trigger == "web" and program._origin:
                program.link = program._get_link()
                program.qr_code = self.env["ir.qweb"]._render(
                    "customer_care.survey_qr_code", {"picture": program._draw_qr_code()})

    def _draw_qr_code(self):
        """As a drawing, sharp on every receipt and poster."""
        drawing = createBarcodeDrawing("QR", value=self.link, width=220, height=220)
        return "data:image/svg+xml;base64," + b64encode(drawing.asString("svg").encode()).decode()

    @api.depends("question", "metric")
    @api.depends_context("lang")
    def _compute_scale_preview(self):
        for program in self:
            program.scale_preview = program.metric and self.env["ir.qweb"]._render(
                "customer_care.survey_mail_scale", {
                    "program": program, "url": False, "values": program._scale(),
                    "ends": program._scale_ends()})

    # ---- actions --------------------------------------------------------------------------------

    def _open_invitations(self, domain, title):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "customer_care.care_survey_invitation_action")
        return action | {
            "name": f"{title}: {self.name}", "context": {},
            "domain": [("program_id", "=", self.id), *domain]}

    def action_open_asked(self):
        return self._open_invitations(
            [("state", "!=", "skipped"), ("is_test", "=", False)], self.env._("Asked"))

    def action_open_skipped(self):
        return self._open_invitations([("state", "=", "skipped")], self.env._("Not asked")) | {
            "context": {"group_by": "reason"}}

    def action_open_answered(self):
        return self._open_invitations(
            [("state", "=", "answered"), ("is_test", "=", False)], self.env._("Answered"))

    def action_preview(self):
        """The first people whom the programme would ask."""
        self.ensure_one()
        partner_ids = self._count_preview()
        return {
            "type": "ir.actions.act_window", "res_model": "res.partner",
            "name": self._tell_listed(
                self.env._("Would be asked: %s", self.name), len(partner_ids),
                self.preview_counts["free"]),
            "view_mode": "list,form", "domain": [("id", "in", partner_ids)],
            "context": {"create": False}}
