from odoo import api, models


class SalesPlaybookPart(models.AbstractModel):
    """What a playbook is made of: each change is checked as a whole and known at once.

    A playbook that comes with its steps is checked once, when all of it is there.
    """

    _name = "sales.playbook.part"
    _inherit = "sales.shared"
    _description = "Part of a Playbook"

    @api.model_create_multi
    def create(self, vals_list):
        parts = super(SalesPlaybookPart, self._unchecked()).create(vals_list).with_env(self.env)
        parts._after_change()
        return parts

    def write(self, vals):
        result = super(SalesPlaybookPart, self._unchecked()).write(vals)
        self._after_change()
        return result

    def unlink(self):
        playbooks = self._get_playbooks()
        result = super(SalesPlaybookPart, self._unchecked()).unlink()
        playbooks.with_context(self.env.context).exists()._after_change()
        return result

    def _unchecked(self):
        return self.with_context(playbook_unchecked=True)

    def _after_change(self):
        self.env.registry.clear_cache()
        if not self.env.context.get("playbook_unchecked"):
            self._get_playbooks()._check_lock_out()

    def _get_playbooks(self):
        """Return the playbooks that these parts belong to."""
        raise NotImplementedError
