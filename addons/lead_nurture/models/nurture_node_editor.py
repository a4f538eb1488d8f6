from odoo import models


class NurtureNode(models.Model):
    """What the editor shows of a step."""

    _inherit = "nurture.node"

    def get_editor_mail(self):
        """Subject and text of the mail of a step, to look at."""
        self.ensure_one()
        self.check_access("read")
        mailing = self.mailing_id.sudo()  # sudo: whoever sees the step sees its mail
        return {
            "subject": mailing.subject or "",
            "preview": mailing.preview or "",
            "body": mailing.body_html or "",
        }

    def _prepare_card(self):
        """What the picture says about this step."""
        spec = self._node_kinds()[self.kind]
        return {
            "id": self.id,
            "uid": self.uid,
            "name": self.name,
            "kind": self.kind,
            "kind_text": spec["label"],
            "icon": spec["icon"],
            "group": spec["group"],
            "text": self._summary_text(),
            "has_mail": bool(self.mailing_id) and spec["group"] == "message",
        }

    def _prepare_editor_exits(self):
        """The ways out of this step: what each says and where it leads."""
        return [
            {
                "label": label,
                "text": self._exit_text(label),
                "name": self._exit_name(label),
                "target": self._target(label).id,
            }
            for label in self._exits()
        ]
