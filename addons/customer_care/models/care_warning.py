from odoo import api, models


class CareWarning(models.AbstractModel):
    """What whoever sells to a customer must know before he goes on: complaints, product alerts.

    A new warning is one key in `_care_warnings()` and one method `_warning_<key>(company,
    subjects)`: subjects is {whatever: (id of the customer's commercial partner, ids of products
    spoken of)}; it returns {whatever: [sentences]} for those that need a warning. All subjects of
    one company are asked at once: a method reads each table once.
    """

    _name = "care.warning"
    _description = "Warnings to whoever sells"

    @api.model
    def _care_warnings(self) -> tuple[str, ...]:
        """Registry: the keys, the gravest first."""
        return ()

    @api.model
    def _tell(self, company, subjects: dict) -> dict:
        """{whatever: [sentences]}, the gravest warning first."""
        told = {}
        if not subjects:
            return told
        # A word of warning is for whoever works with the customer, figures and files are not.
        teller = self.sudo()
        for key in self._care_warnings():
            for whatever, lines in getattr(teller, f"_warning_{key}")(company, subjects).items():
                told.setdefault(whatever, []).extend(lines)
        return told

    @api.model
    def _tell_partner(self, company, partner) -> list[str]:
        """The sentences about one customer."""
        customer = partner.commercial_partner_id
        return self._tell(company, {customer.id: (customer.id, ())}).get(customer.id, [])
