from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """The import of tickets is offered only where there are tickets."""
        hidden = super()._load_menus_blacklist()
        if not self.env["care.loop.helpdesk"]._is_there():
            menu = self.env.ref("customer_care.care_ticket_import_menu", raise_if_not_found=False)
            hidden = [*hidden, *(menu.ids if menu else [])]
        return hidden
