from odoo import api, fields, models
from odoo.tools import format_amount
from odoo.tools.mail import html_to_inner_content

#: Entries of one page of the story.
PAGE = 20
#: Letters of a mail that are told.
EXCERPT = 160
#: What customers read and write; notifications and notes of the system are no contact.
CONTACT_TYPES = ("email", "comment", "email_outgoing")


class CareTimeline(models.AbstractModel):
    """A customer's story, newest first: what he bought, gave back, asked and said.

    A new source is one entry in `_timeline_sources()` and one method `_timeline_<key>(customer,
    offset, limit)`, which returns entries, newest first, in an order that stays: dictionaries with
    "at" (date or datetime), "title", and "detail", "amount" (formatted text), "tone", "model" and
    "res_id" (what a click opens). It reads with the rights of the user; who may not read a source
    does not see that there is one.
    """

    _name = "care.timeline"
    _description = "Story of a customer"

    @api.model
    def _timeline_sources(self) -> dict[str, dict]:
        """Registry: key → {"label", "icon", "model" that must be readable, "sequence"}."""
        _ = self.env._
        return {
            "invoices": {"label": _("Invoices"), "icon": "fa-file-text-o",
                         "model": "account.move", "sequence": 10},
            "orders": {"label": _("Orders"), "icon": "fa-shopping-cart",
                       "model": "sale.order", "sequence": 20},
            "deals": {"label": _("Deals"), "icon": "fa-handshake-o",
                      "model": "crm.lead", "sequence": 30},
            "messages": {"label": _("Mails and notes"), "icon": "fa-envelope-o",
                         "model": "mail.message", "sequence": 40},
            "activities": {"label": _("Activities done"), "icon": "fa-check",
                           "model": "mail.activity", "sequence": 50},
            "ratings": {"label": _("Ratings"), "icon": "fa-star-o",
                        "model": "rating.rating", "sequence": 60},
            "surveys": {"label": _("Survey answers"), "icon": "fa-comments-o",
                        "model": "survey.user_input", "sequence": 70},
            "statuses": {"label": _("Status"), "icon": "fa-flag-o",
                         "model": "care.status.change", "sequence": 80},
        }

    @api.model
    def _get_sources(self):
        """The sources that this database has and this user may read, in their order."""
        return sorted(
            ((key, source) for key, source in self._timeline_sources().items()
             if source["model"] in self.env and self.env[source["model"]].has_access("read")),
            key=lambda entry: entry[1]["sequence"])

    @api.model
    def _get_page(self, customer, offsets, only=None):
        """The next entries of the story.

        :param offsets: {source: entries already told}
        :param only: the source to tell alone, or None for all
        :return: {"entries", "offsets": where the next page begins, "more": bool, "sources"}
        """
        sources, found = self._get_sources(), []
        for key, source in sources:
            if only in (None, key):
                entries = getattr(self, f"_timeline_{key}")(
                    customer, offsets.get(key, 0), PAGE + 1)
                found += [self._prepare_entry(key, source, entry) for entry in entries]
        found.sort(key=lambda entry: entry["at"], reverse=True)
        page, offsets = found[:PAGE], dict(offsets)
        for entry in page:
            offsets[entry["source"]] = offsets.get(entry["source"], 0) + 1
        return {
            "entries": page, "offsets": offsets, "more": len(found) > PAGE,
            "sources": [[key, source["label"], source["icon"]] for key, source in sources],
        }

    def _prepare_entry(self, key, source, entry):
        """As the browser reads it; a day without a time stands at its beginning."""
        at = fields.Datetime.to_datetime(entry["at"])
        return {"icon": source["icon"], "detail": "", "amount": "", "tone": "", **entry,
                "source": key, "at": fields.Datetime.to_string(at),
                "day_only": not hasattr(entry["at"], "hour")}

    # ---- the sources ----------------------------------------------------------------------------

    def _contacts(self, customer):
        """The customer and his people, also those who left."""
        return self.env["res.partner"].with_context(active_test=False).search(
            [("commercial_partner_id", "=", customer.partner_id.id)])

    def _timeline_invoices(self, customer, offset, limit):
        moves = self.env["account.move"].search(
            customer._document_domain(), order="invoice_date desc, id desc",
            offset=offset, limit=limit)
        kinds = dict(moves._fields["move_type"]._description_selection(self.env))
        paid = dict(moves._fields["payment_state"]._description_selection(self.env))
        return [{
            "at": move.invoice_date, "title": f"{kinds[move.move_type]} {move.name}",
            "detail": paid.get(move.payment_state, ""),
            "amount": format_amount(
                self.env, move.amount_untaxed_signed, move.company_currency_id),
            "tone": "warning" if move.move_type == "out_refund" else "",
            "model": "account.move", "res_id": move.id,
        } for move in moves]

    def _timeline_orders(self, customer, offset, limit):
        orders = self.env["sale.order"].search(
            customer._order_domain(), order="date_order desc, id desc", offset=offset, limit=limit)
        states = dict(orders._fields["state"]._description_selection(self.env))
        return [{
            "at": order.date_order, "title": f"{states[order.state]} {order.name}",
            "detail": ", ".join(order.order_line.product_id[:3].mapped("name")),
            "amount": format_amount(self.env, order.amount_untaxed, order.currency_id),
            "model": "sale.order", "res_id": order.id,
        } for order in orders]

    def _timeline_deals(self, customer, offset, limit):
        leads = self.env["crm.lead"].with_context(active_test=False).search(
            [("partner_id", "in", self._contacts(customer).ids),
             ("company_id", "in", [False, customer.company_id.id])],
            order="create_date desc, id desc", offset=offset, limit=limit)
        states = dict(leads._fields["won_status"]._description_selection(self.env))
        return [{
            "at": lead.create_date, "title": self.env._("Deal: %s", lead.name),
            "detail": states.get(lead.won_status, ""),
            "tone": {"won": "success", "lost": "danger"}.get(lead.won_status, ""),
            "model": "crm.lead", "res_id": lead.id,
        } for lead in leads]

    def _timeline_messages(self, customer, offset, limit):
        contacts = self._contacts(customer).ids
        messages = self.env["mail.message"].search(
            ["|", ("author_id", "in", contacts),
             "&", ("model", "=", "res.partner"), ("res_id", "in", contacts),
             ("message_type", "in", CONTACT_TYPES)],
            order="date desc, id desc", offset=offset, limit=limit)
        return [{
            "at": message.date,
            "title": message.subject or message.record_name or self.env._("Message"),
            "detail": self._get_excerpt(message), "model": message.model or "res.partner",
            "res_id": message.res_id or customer.partner_id.id,
        } for message in messages]

    def _get_excerpt(self, message):
        said = html_to_inner_content(message.body)
        author = message.author_id.name or message.email_from or ""
        return f"{author}: {said[:EXCERPT]}{'…' if len(said) > EXCERPT else ''}"

    def _timeline_activities(self, customer, offset, limit):
        contacts = self._contacts(customer).ids
        done = self.env["mail.activity"].with_context(active_test=False).search(
            [("date_done", "!=", False), "|",
             "&", ("res_model", "=", "res.partner"), ("res_id", "in", contacts),
             "&", ("res_model", "=", "care.customer"), ("res_id", "=", customer.id)],
            order="date_done desc, id desc", offset=offset, limit=limit)
        return [{
            "at": activity.date_done,
            "title": activity.summary or activity.activity_type_id.name or "",
            "detail": ": ".join(filter(None, (activity.user_id.name, activity.feedback))),
            "model": activity.res_model, "res_id": activity.res_id,
        } for activity in done]

    def _timeline_ratings(self, customer, offset, limit):
        ratings = self.env["rating.rating"].search(
            [("partner_id", "in", self._contacts(customer).ids), ("consumed", "=", True)],
            order="write_date desc, id desc", offset=offset, limit=limit)
        return [{
            "at": rating.write_date,
            "title": self.env._("Rated %(rating)s of 5: %(what)s",
                                rating=f"{rating.rating:g}", what=rating.res_name or ""),
            "detail": rating.feedback or "",
            "tone": "danger" if rating.rating < 3 else "success",
            "model": rating.res_model, "res_id": rating.res_id,
        } for rating in ratings]

    def _timeline_surveys(self, customer, offset, limit):
        """What is told by itself, as an answer with its figure, is not told twice."""
        answers = self.env["survey.user_input"].search(
            [("partner_id", "in", self._contacts(customer).ids), ("state", "=", "done"),
             ("test_entry", "=", False), ("care_feedback_ids", "=", False)],
            order="end_datetime desc, id desc", offset=offset, limit=limit)
        return [{
            "at": answer.end_datetime or answer.create_date,
            "title": self.env._("Answered: %s", answer.survey_id.title),
            "model": "survey.user_input", "res_id": answer.id,
        } for answer in answers]

    def _timeline_statuses(self, customer, offset, limit):
        changes = self.env["care.status.change"].search(
            [("partner_id", "=", customer.partner_id.id),
             ("company_id", "=", customer.company_id.id)],
            order="changed_on desc, id desc", offset=offset, limit=limit)
        words = dict(changes._fields["to_status"]._description_selection(self.env))
        return [{
            "at": change.changed_on,
            "title": self.env._("From %(before)s to %(after)s", before=words[change.from_status],
                                after=words[change.to_status]),
        } for change in changes]
