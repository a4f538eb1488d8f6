from odoo import api, fields, models

GC_LIMIT = 10_000
SHOWN = 200


class SalesDayPause(models.Model):
    """One row: a person has put off one line of his day (a deal, or a document without one) until
    a day; what asks for it is silent for him until then. Nothing changes for anybody else."""

    _name = "sales.day.pause"
    _description = "Postponed Line of My Day"
    _log_access = False

    user_id = fields.Many2one("res.users", required=True, readonly=True, ondelete="cascade")
    res_model = fields.Char(required=True, readonly=True)
    res_id = fields.Integer(required=True, readonly=True)
    until = fields.Date(required=True, readonly=True, index=True)
    paused_at = fields.Datetime(required=True, readonly=True)

    # My Day asks for all pauses of one person.
    _line_uniq = models.UniqueIndex(
        "(user_id, res_model, res_id)", "This line is already postponed.")

    @api.model
    def _get_pauses(self, user, today):
        """Return {(model, id): since when} of what the person does not want to see today."""
        pauses = self.sudo().search(  # a leader who looks at the day sees the same lines
            [("user_id", "=", user.id), ("until", ">", today)])
        return {(row.res_model, row.res_id): row.paused_at for row in pauses}

    @api.model
    def _get_put_off(self, user, today):
        """What the person has put off to a later day, the nearest first."""
        return self.sudo().search(  # a leader who looks at the day sees the same
            [("user_id", "=", user.id), ("until", ">", today)], order="until, id", limit=SHOWN)

    @api.model
    def _put_off(self, record, until):
        """Put off the line of a record of the user; return until when it was put off before."""
        record.check_access("read")
        pauses = self.sudo()  # a person writes his own pauses, and only here
        pause = pauses.search([
            ("user_id", "=", self.env.uid), ("res_model", "=", record._name),
            ("res_id", "=", record.id)])
        before = pause.until
        vals = {"until": until, "paused_at": fields.Datetime.now()}
        if pause:
            pause.write(vals)
        else:
            pauses.create({
                **vals, "user_id": self.env.uid, "res_model": record._name, "res_id": record.id})
        return before

    @api.autovacuum
    def _gc_pauses(self):
        """Forget pauses that are over."""
        rows = self.search(
            [("until", "<", fields.Date.subtract(fields.Date.today(), days=2))], limit=GC_LIMIT)
        rows.unlink()
        return len(rows), len(rows) == GC_LIMIT
