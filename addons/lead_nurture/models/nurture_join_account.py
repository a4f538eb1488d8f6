from odoo import api, models


class NurtureJoin(models.AbstractModel):
    """Who was joined is placed in his business."""

    _inherit = "nurture.join"

    @api.model
    def _sync(self, changed, silent=False, merged=()):
        people = set(changed.pop("person", ()))
        people |= super()._sync(changed, silent, merged)
        accounts = self.env["nurture.account"]
        if contacts := [into for kind, _res_id, into in merged if kind == "partner"]:
            accounts._join_twins(contacts)
        accounts._place(people)
        return people
