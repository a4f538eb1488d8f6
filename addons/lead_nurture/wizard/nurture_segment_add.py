from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

BATCH = 5_000


class NurtureSegmentAdd(models.TransientModel):
    """Puts chosen people, the people of chosen leads, or a mailing list on a segment that is kept
    by hand."""

    _name = "nurture.segment.add"
    _description = "Add to segment"

    segment_id = fields.Many2one(
        "nurture.segment",
        "Segment",
        required=True,
        domain="[('kind', '=', 'static')]",
        help="Only segments that are kept by hand. The others fill themselves.",
    )
    source = fields.Selection(
        [("chosen", "The chosen people"), ("mailing_list", "A mailing list")],
        required=True,
        default="chosen",
    )
    person_ids = fields.Many2many("nurture.person", default=lambda self: self._default_person_ids())
    person_count = fields.Integer(compute="_compute_person_count")
    mailing_list_id = fields.Many2one("mailing.list", "Mailing list")
    silent = fields.Boolean(
        "Without telling anybody",
        help="No event on their timeline, and no scenario starts for them.",
    )

    @api.model
    def _default_person_ids(self):
        ids = self.env.context.get("active_ids") or []
        model = self.env.context.get("active_model")
        if model == "nurture.person":
            return self.env[model].browse(ids)
        if model in ("crm.lead", "res.partner"):
            return self.env[model].browse(ids).nurture_person_id
        return self.env["nurture.person"]

    @api.depends("person_ids")
    def _compute_person_count(self):
        for wizard in self:
            wizard.person_count = len(wizard.person_ids)

    def action_add(self):
        self.ensure_one()
        segment = self.segment_id
        segment._check_user()
        segment.check_access("read")
        if segment.kind != "static":
            raise UserError(self.env._("“%s” fills itself by its conditions.", segment.name))
        segment = segment.sudo()  # sudo: stays are written by the segment alone
        added = 0
        for ids in self._person_ids_in_batches():
            added += len(segment._add_persons(ids, self.silent))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if added else "warning",
                "message": self.env._(
                    "%(count)s people were added to “%(segment)s”. Others were on it already, are "
                    "archived, or belong to another company.",
                    count=added,
                    segment=segment.name,
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _person_ids_in_batches(self):
        if self.source == "chosen":
            self.person_ids.check_access("read")
            yield from split_every(BATCH, self.person_ids.ids, list)
            return
        if not self.mailing_list_id:
            raise UserError(self.env._("Choose a mailing list."))
        contacts = self.env["mailing.contact"].search(
            [
                ("subscription_ids", "any", [
                    ("list_id", "=", self.mailing_list_id.id), ("opt_out", "=", False),
                ]),
                ("email_normalized", "!=", False),
            ]
        )  # fmt: skip
        company = self.segment_id.company_id or self.env.company
        people = self.env["nurture.person"].sudo()  # sudo: an unknown address becomes a person
        for ids in split_every(BATCH, contacts.ids, list):
            batch = contacts.browse(ids)
            found = people._find_or_create_by_email(batch.mapped("email_normalized"), company)
            batch.invalidate_recordset()
            yield [person.id for person in found.values() if person]
