"""The answer to a move that the playbook does not allow yet."""

from odoo.exceptions import ValidationError


class PlaybookRefusal(ValidationError):
    """Says in words what is missing; the web client opens a dialog instead of the words.

    :param message: the whole story, for whoever has no dialog (RPC, import, mail)
    :param words: {lead id: what is missing, in words}
    :param stage_id: where the deals were to go
    :param is_new: the deals do not exist yet, so there is nothing that a dialog could fill
    """

    def __init__(self, message, words, stage_id, *, is_new=False):
        super().__init__(message)
        self.words = words
        # The client shows it as any other validation error where it does not know better.
        self.context = {"exception_class": "odoo.exceptions.ValidationError"}
        if not is_new:
            self.context.update(playbook_lead_ids=list(words), playbook_stage_id=stage_id)
