from odoo import api, models


class MailThread(models.AbstractModel):
    """Mails to cases are looked at before they get there."""

    _inherit = "mail.thread"

    @api.model
    def message_route(self, message, message_dict, model=None, thread_id=None, custom_values=None):
        """A lost reference is found by the case's number; what must not open a case does not."""
        for key, value in message_dict.items():
            if isinstance(value, str):
                message_dict[key] = value.replace("\x00", "")  # the database takes none
        routes = super().message_route(message, message_dict, model, thread_id, custom_values)
        cases = self.env["care.case"]
        told = [cases._route_mail(message, message_dict, route) if route[0] == cases._name
                else route for route in routes or ()]
        return [route for route in told if route]

    @api.model
    def _message_route_process(self, message, message_dict, routes):
        """Whether a program wrote stands in headers that the message itself does not keep."""
        if any(route[0] == "care.case" for route in routes or ()):
            automatic = self.env["care.case"]._tell_automatic(message)
            self = self.with_context(care_automatic=automatic)
        return super()._message_route_process(message, message_dict, routes)
