from odoo import api, models
from odoo.exceptions import ValidationError

# whoever has one of these may do what an administrator of Nurture may not
STRONGER = ("base.group_system", "base.group_erp_manager")


class NurtureScenario(models.Model):
    """A scenario acts with the rights of its owner, so nobody names one with more rights than his
    own: conditions and updates would run with them."""

    _inherit = "nurture.scenario"

    @api.constrains("user_id")
    def _check_owner(self):
        for scenario in self:
            if not self._may_be_owner(scenario.user_id):
                raise ValidationError(
                    self.env._(
                        "The scenario acts with the rights of its owner, and %s has more rights "
                        "than you. Choose yourself or another colleague as owner.",
                        scenario.user_id.name,
                    )
                )

    def copy_data(self, default=None):
        """Whoever copies the scenario of an administrator becomes the owner of the copy."""
        return [
            vals if self._may_be_owner(scenario.user_id) else {**vals, "user_id": self.env.uid}
            for scenario, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _may_be_owner(self, owner):
        # who asks, and not what he may: constraints are checked with all rights
        user = self.env.user
        if owner == user or user._is_superuser() or user._is_system():
            return True
        owner = owner.sudo()  # sudo: the groups of a colleague are asked for
        return not any(owner.has_group(group) and not user.has_group(group) for group in STRONGER)
