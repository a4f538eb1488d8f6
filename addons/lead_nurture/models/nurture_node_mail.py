from lxml.html import fromstring
from markupsafe import Markup
from odoo import Command, fields, models
from odoo.addons.lead_nurture.engine.outcome import Outcome

# what a designer writes as a link to the website of the scenario's company
WEBSITE_LINK = "/company_website"

# what a mail has before its first word: core's designer puts these links into an empty one
BARE = "//style | //a[contains(@href, 'unsubscribe') or @href='/view']"
PICTURE_OR_FIELD = "//img | //*[@t-out]"


class NurtureNode(models.Model):
    """The step that sends a mail. Its content is a mailing of core, one per step and version, so
    that the designer, unsubscribing, the blacklist and the statistics are core's."""

    _inherit = "nurture.node"

    mailing_id = fields.Many2one(
        "mailing.mailing", "Mail", copy=False, ondelete="set null", index="btree_not_null"
    )
    mail_subject = fields.Char(related="mailing_id.subject", readonly=False, string="Subject")

    def _node_kinds(self):
        return {
            **super()._node_kinds(),
            "mail": {
                "label": self.env._("Send a mail"),
                "help": self.env._(
                    "A designed mail in the name of the scenario's sender."
                ),
                "icon": "fa-envelope-o",
                "group": "message",
                "exits": ("next",),
            },
        }

    def _run_node_mail(self, enrolments, now):
        """Ledger, mail row and the way on in one transaction; core's queue sends."""
        sends = self.env["nurture.send"]._enter(enrolments, self, now)
        if sends:
            self._compose(sends)
            self.env["nurture.send"].browse([s.id for s in sends.values()])._link_traces()
            self.env["ir.cron"]._nurture_wake("mail.ir_cron_mail_scheduler_action")
        return {
            enrolment: self._mail_outcome(sends.get(enrolment.lead_id.id))
            for enrolment in enrolments
        }

    def _summary_node_mail(self):
        return self.mail_subject if self._has_subject() else self.env._("No subject yet")

    def _problem_node_mail(self):
        if not (self._has_subject() and self._has_text()):
            return self.env._("“%s” has no subject or no text yet.", self.name)
        return False

    def _has_subject(self):
        """Core's mailings cannot be without one: a new one has the name of the kind."""
        kinds = (nodes._node_kinds() for nodes in (self, self.with_context(lang="en_US")))
        return bool(self.mail_subject) and self.mail_subject not in {
            kind["mail"]["label"] for kind in kinds
        }

    def _has_text(self):
        body = str(self.mailing_id.body_html or "")
        tree = fromstring(f"<div>{body}</div>")
        for element in tree.xpath(BARE):
            element.drop_tree()
        return bool(tree.text_content().strip() or tree.xpath(PICTURE_OR_FIELD))

    def _mail_outcome(self, send):
        """A person without an address goes on by other channels; one who opted out leaves."""
        if not send:
            return Outcome.go(result="sent before")
        if send.failure_type == "mail_bl":
            return Outcome.end_with("opted_out", send.failure_type)
        return Outcome.go(result=send.failure_type or "queued")

    def _compose(self, sends):
        """Write one mail per person into the outbox, those of one language in one call of core's
        composer. Core's mailings have one text; its placeholders are said in each language."""
        groups = {}
        for lead_id, send in sends.items():
            lang = self._language_of(send.lead_id, send.person_id)
            groups.setdefault(lang, {})[lead_id] = send
        for lang, group in groups.items():
            self._compose_in(lang, group)

    def _language_of(self, lead, person):
        """The language of the lead's contact, else what we know of the person, else ours."""
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        ours = self.company_id.partner_id.lang
        return next((c for c in (lead.lang_code, person.lang, ours) if c in installed), False)

    def _compose_in(self, lang, sends):
        owner = self.scenario_id._as_owner()
        composer = (
            # placeholders were checked when the mailing was written; the records are the people
            # whom the scenario found with the rights of its owner
            owner.env["mail.compose.message"]
            .sudo()  # sudo: see above
            .with_context(
                active_ids=list(sends),
                default_composition_mode="mass_mail",
                nurture_send_ids={lead_id: send.id for lead_id, send in sends.items()},
                nurture_message_ids={lead_id: s.message_id for lead_id, s in sends.items()},
            )
            .create(
                {
                    **self._prepare_composer_vals(self.mailing_id.with_context(lang=lang)),
                    "author_id": self.scenario_id.user_id.partner_id.id,
                    "lang": lang,
                }
            )
        )
        composer._action_send_mail(auto_commit=False)

    def _prepare_composer_vals(self, mailing):
        """As core's mailing composes, but queued only."""
        return {
            "attachment_ids": [Command.link(file.id) for file in mailing.attachment_ids],
            "auto_delete": not mailing.keep_archives,
            "auto_delete_keep_log": mailing.reply_to_mode == "update",
            "body": self._prepare_body(mailing),
            "composition_mode": "mass_mail",
            "email_from": mailing.email_from,
            "force_send": False,
            "mail_server_id": mailing.mail_server_id.id,
            "mass_mailing_id": mailing.id,
            "model": mailing.mailing_model_real,
            "reply_to": mailing.reply_to if mailing.reply_to_mode == "new" else False,
            "reply_to_force_new": mailing.reply_to_mode == "new",
            "subject": mailing.subject,
            "template_id": False,
            "use_exclusion_list": True,
        }

    def _prepare_body(self, mailing):
        """The designed text; links to the company's website are filled in."""
        site = self.company_id.website or mailing.get_base_url()
        body = mailing._prepend_preview(mailing.body_html or Markup(), mailing.preview)
        return body.replace(Markup('"%s"') % WEBSITE_LINK, Markup('"%s"') % site)

    # ------------------------------------------------------------
    # THE MAILING OF A STEP
    # ------------------------------------------------------------

    def _ensure_mailings(self):
        """Steps that send have a mailing, hidden from the mailings of people."""
        for node in self.filtered(lambda n: n.kind == "mail" and not n.mailing_id):
            node.mailing_id = self.env["mailing.mailing"].create(
                {
                    **node._prepare_mailing_vals(),
                    "subject": node.name,
                    "mailing_model_id": self.env["ir.model"]._get_id("crm.lead"),
                    "mailing_domain": "[('id', '=', 0)]",
                }
            )
        for node in self.filtered("mailing_id"):
            if node.mailing_id.nurture_node_id != node:
                node.mailing_id.write({"nurture_node_id": node.id, "active": False})

    def _prepare_mailing_vals(self):
        """Of this step, and hidden."""
        return {
            "nurture_node_id": self.id,
            "active": False,
            "email_from": self.scenario_id._sender(),
        }

    def _freeze_mailings(self):
        """From now on this is what people get: sent in the name of the scenario's sender."""
        for node in self.filtered("mailing_id"):
            node.mailing_id.write(
                {
                    "state": "done",
                    "user_id": node.scenario_id.user_id.id,
                    "email_from": node.scenario_id._sender(),
                }
            )
