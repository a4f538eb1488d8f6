from odoo import api, fields, models
from odoo.addons.lead_nurture.engine import score as engine
from odoo.exceptions import ValidationError


class NurtureCrossing(models.Model):
    """One row: what happens when somebody goes up or down into a band of a score model.

    It belongs to the model and not to a version: a change holds at once, nothing is published.
    Acts on the open leads of the person. What a publish moves in silence acts on nothing.
    """

    _name = "nurture.crossing"
    _inherit = "nurture.shared"
    _description = "Action on crossing a band"
    _order = "model_id, sequence, id"

    model_id = fields.Many2one(
        "nurture.score.model", "Score model", required=True, ondelete="cascade", index=True
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    direction = fields.Selection(
        [("band_up", "Goes up to"), ("band_down", "Falls down to")],
        "When somebody",
        required=True,
        default="band_up",
    )
    band = fields.Selection(
        "_selection_bands", required=True, default="hot",
        help="The band in which the person arrives.",
    )  # fmt: skip
    kind = fields.Selection("_selection_kind", "Then", required=True, default="alert")
    status_id = fields.Many2one(
        "nurture.status", "Status", ondelete="cascade",
        help="Open leads move there if the move is allowed from where they stand.",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users",
        "If nobody is in charge",
        domain="[('share', '=', False)]",
        help="Alerts go to the salesperson of the lead, else to the leader of its team, else to "
        "this user. Nobody is alerted of a lead that he may not see.",
    )
    again_days = fields.Integer(
        "Not again for", default=7,
        help="Days in which a salesperson is not alerted of the same person a second time by this "
        "row, however many leads of the person he has.",
    )  # fmt: skip

    _again_days_positive = models.Constraint(
        "CHECK (again_days >= 0)", "The days before another alert cannot be negative."
    )

    @api.model
    def _selection_bands(self):
        return self.env["nurture.score"]._selection_bands()

    @api.model
    def _kinds(self):
        """Registry of what a crossing does: {kind: label}. A kind needs an `_act_<kind>` in
        nurture.crossing."""
        return {
            "alert": self.env._("Alert the salesperson"),
            "status": self.env._("Move the leads to a status"),
        }

    @api.model
    def _selection_kind(self):
        return list(self._kinds().items())

    @api.constrains("direction", "band")
    def _check_band(self):
        for crossing in self:
            if crossing.direction == "band_up" and crossing.band == engine.COLD:
                raise ValidationError(self.env._("Nobody goes up to cold: choose warm or hot."))
            if crossing.direction == "band_down" and crossing.band == engine.HOT:
                raise ValidationError(self.env._("Nobody falls down to hot: choose warm or cold."))

    @api.constrains("model_id")
    def _check_model(self):
        if self.model_id.parent_id:
            raise ValidationError(
                self.env._("What crossings do is no part of a version: change it on the score "
                           "model itself.")
            )  # fmt: skip

    @api.constrains("kind", "status_id")
    def _check_status(self):
        for crossing in self:
            if crossing.kind == "status" and not crossing.status_id:
                raise ValidationError(self.env._("Choose the status to which the leads move."))

    @api.depends("direction", "band", "kind")
    def _compute_display_name(self):
        labels = {name: dict(self._fields[name]._description_selection(self.env))
                  for name in ("direction", "band", "kind")}  # fmt: skip
        for crossing in self:
            crossing.display_name = self.env._(
                "%(direction)s %(band)s: %(kind)s",
                direction=labels["direction"].get(crossing.direction, ""),
                band=labels["band"].get(crossing.band, ""),
                kind=labels["kind"].get(crossing.kind, ""),
            )
