from lxml import html
from markupsafe import Markup
from odoo import api, fields, models


class CareSurveyMailPreview(models.TransientModel):
    """One look at the mail of a survey programme, as one customer would get it."""

    _name = "care.survey.mail.preview"
    _description = "Preview of a survey mail"

    program_id = fields.Many2one("care.survey.program", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner", "As it would reach", compute="_compute_partner_id", store=True,
        readonly=False, help="The mail is written in this contact's language, about the latest "
        "record of the programme's kind.")
    subject = fields.Char(compute="_compute_mail")
    email_from = fields.Char("From", compute="_compute_mail")
    body = fields.Html("Mail", compute="_compute_mail", sanitize=False)
    error = fields.Char(compute="_compute_mail")

    @api.depends("program_id")
    def _compute_partner_id(self):
        """Who was asked last, else whoever looks."""
        for preview in self:
            preview.partner_id = preview._find_example().partner_id or self.env.user.partner_id

    @api.depends("program_id", "partner_id")
    def _compute_mail(self):
        for preview in self:
            values = preview._render_mail() if preview.program_id and preview.partner_id else {}
            preview.subject = values.get("subject")
            preview.email_from = values.get("email_from")
            preview.body = values.get("body_html")
            preview.error = values.get("error")

    def _find_example(self):
        """The last invitation of the programme that was no test."""
        return self.env["care.survey.invitation"].search([
            ("program_id", "=", self.program_id.id), ("partner_id", "!=", False),
            ("is_test", "=", False)], limit=1)

    def _render_mail(self) -> dict:
        """What `_deliver` would send; the row that it needs is taken back at once."""
        program, example = self.program_id, self._find_example()
        self.partner_id.check_access("read")
        program.check_access("read")
        # Invitations are written by code only; this one lives for the moment of the look.
        invitation = self.env["care.survey.invitation"].sudo().create(
            program._prepare_hand_vals(self.partner_id, False, fields.Datetime.now()) | {
                "is_test": True, "case_id": example.case_id.id, "order_id": example.order_id.id,
                "move_id": example.move_id.id})
        try:
            with self.env.cr.savepoint():
                mail = invitation.with_company(program.company_id)._render_for_preview()
        except Exception as error:  # a template may raise anything; whoever looks is told
            self.env.invalidate_all(flush=False)
            mail = {"error": self._tell_error(error)}
        invitation.unlink()
        if mail.get("body_html"):
            mail["body_html"] = self._deaden(mail["body_html"])
        return mail

    @api.model
    def _tell_error(self, error):
        """What went wrong at the bottom of it, without the way through the code."""
        while error.__cause__:
            error = error.__cause__
        return (str(error).strip() or type(error).__name__).splitlines()[0]

    @api.model
    def _deaden(self, body):
        """The links look like links and lead nowhere."""
        tree = html.fragment_fromstring(body, create_parent="div")
        for link in tree.iter("a"):
            link.attrib.pop("href", None)
            link.attrib.pop("target", None)
        return Markup(html.tostring(tree, encoding="unicode"))
