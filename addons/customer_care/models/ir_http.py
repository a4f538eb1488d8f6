from odoo import models
from odoo.http import request
from werkzeug.exceptions import NotFound


class IrHttp(models.AbstractModel):
    """An address that no page has may hold what no database takes; core looks for a file there."""

    _inherit = "ir.http"

    @classmethod
    def _serve_fallback(cls):
        if "\x00" in request.httprequest.path:
            raise NotFound()
        return super()._serve_fallback()
