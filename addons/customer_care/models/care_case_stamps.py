from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: What every figure of the service is made of.
NOTED_BY_CODE = frozenset({
    "opened_at", "first_response_at", "resolved_at", "last_resolved_at", "resolver_id",
    "closed_at", "close_reason", "last_inbound_at", "reopen_count", "reopened_at", "reopener_id",
    "transfer_count", "assigned_at", "parent_id", "previous_id", "confirmed_at",
    "corrective_done_on", "bought_again", "bought_again_on", "bought_again_amount",
    "fcr_state", "fcr_reason", "fcr_matures_on", "fcr_days", "fcr_handover", "fcr_transfers",
    "sla_id", "reply_sla_id", "reply_deadline", "reply_warn_at", "reply_hours", "reply_result",
    "deadline_at", "warn_at", "resolution_hours", "resolution_result", "allowed_hours", "due_at",
    "paused_at", "paused_hours", "escalate_at"})


class CareCase(models.Model):
    """When a case was answered and resolved, and how that is judged, is written by code alone:
    nobody improves his figures by a call or an import. Only when it began may be said, by whoever
    writes it down: a letter of yesterday, a case of another program.
    """

    _inherit = "care.case"

    @api.model_create_multi
    def create(self, vals_list):
        self._check_stamps({name for vals in vals_list for name in vals} - {"opened_at"})
        self._check_opened(vals.get("opened_at") for vals in vals_list)
        return super(CareCase, self._without_defaults()).create(vals_list).with_env(self.env)

    def write(self, vals):
        self._check_stamps(vals)
        return super().write(vals)

    def _without_defaults(self):
        """Any caller may fill the context: stamps take no default from it."""
        given = {f"default_{name}" for name in NOTED_BY_CODE}.intersection(self.env.context)
        if self.env.su or not given:
            return self
        return self.with_context({
            name: value for name, value in self.env.context.items() if name not in given})

    def _check_opened(self, moments):
        now = fields.Datetime.now()
        if not self.env.su and any(
                fields.Datetime.to_datetime(moment) > now for moment in moments if moment):
            raise UserError(self.env._("A case cannot have begun in the future."))

    def _check_stamps(self, names):
        if not self.env.su and (touched := NOTED_BY_CODE.intersection(names)):
            raise AccessError(self.env._(
                "%(fields)s: noted by the system, and not to be written.",
                fields=", ".join(self._fields[name]._description_string(self.env)
                                 for name in sorted(touched))))

    def _note(self, vals):
        """Write down what happened, whoever did it: the caller has asked whether he may."""
        self.sudo().write(vals)  # stamps are written by code alone
