from odoo import http
from odoo.addons.customer_care.engine.files import FILE_BYTES, fault
from odoo.addons.customer_care.engine.window import Window
from odoo.addons.mail.controllers.attachment import AttachmentController
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype

from .door import admit
from .upload import words

#: Per worker and network.
UPLOADS = Window(limit=30, seconds=600)


class CaseUpload(AttachmentController):
    """Core's address for files, when a customer sends one for a message of his case."""

    @http.route()
    def mail_attachment_upload(self, ufile, thread_id, thread_model, is_pending=False, **kwargs):
        """Refused before it is kept; what is kept and never sent is deleted by core in a day."""
        if thread_model == "care.case" and not request.env.user._is_internal():
            admit(UPLOADS)
            wrong = self._find_fault(ufile)
            if wrong:
                return request.make_json_response({"error": words()[wrong]})
            is_pending = "true"  # it belongs to a message, or to nothing
        return super().mail_attachment_upload(
            ufile, thread_id, thread_model, is_pending=is_pending, **kwargs)

    def _find_fault(self, file):
        data = file.read(FILE_BYTES + 1)
        file.seek(0)
        return fault(file.filename or "", len(data), guess_mimetype(data))
