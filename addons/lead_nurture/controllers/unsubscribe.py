from odoo import http
from odoo.addons.mass_mailing.controllers.main import MassMailController
from odoo.http import request


class NurtureUnsubscribe(MassMailController):
    """Leaving by a link in a mail of a scenario asks first: scanners and previews of mail programs
    follow links, and must not opt anybody out. The one-click POST of RFC 8058 leaves at once."""

    @http.route()
    def mailing_unsubscribe(self, mailing_id, document_id=None, email=None, hash_token=None):
        answer = {"document_id": document_id, "email": email, "hash_token": hash_token}
        if request.httprequest.method != "POST" and self._nurture_asks_first(mailing_id, email):
            return self.mailing_confirm_unsubscribe(mailing_id, **answer)
        return super().mailing_unsubscribe(mailing_id, **answer)

    def _nurture_asks_first(self, mailing_id, email):
        """Not who has left already: the link brings him to his subscriptions."""
        # sudo: public; what is shown is up to the token, which core checks
        mailing = request.env["mailing.mailing"].sudo().browse(mailing_id).exists()
        if not mailing.nurture_node_id:
            return False
        entry = self._fetch_blocklist_record(email)
        return not (entry and entry.active)
