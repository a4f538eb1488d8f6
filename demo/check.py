"""What the demo company holds, counted where the screens count it."""

# what is counted: model, domain, addon it belongs to (None: core)
FIGURES = (
    ("customers", "res.partner", [("customer_rank", ">", 0), ("parent_id", "=", False)]),
    ("confirmed orders", "sale.order", [("state", "=", "sale")]),
    ("open quotations", "sale.order", [("state", "=", "sent")]),
    ("posted invoices", "account.move",
     [("move_type", "=", "out_invoice"), ("state", "=", "posted")]),
    ("credit notes", "account.move", [("move_type", "=", "out_refund"), ("state", "=", "posted")]),
    ("unpaid or partly paid", "account.move",
     [("move_type", "=", "out_invoice"), ("state", "=", "posted"),
      ("payment_state", "in", ("not_paid", "partial"))]),
    ("leads in marketing", "crm.lead", [("type", "=", "lead")]),
    ("open opportunities", "crm.lead",
     [("type", "=", "opportunity"), ("won_status", "=", "pending")]),
    ("won", "crm.lead", [("won_status", "=", "won")]),
    ("lost or not now", "crm.lead", [("won_status", "=", "lost"), ("active", "=", False)]),
    ("persons", "nurture.person", []),
    ("events", "nurture.event", []),
    ("hot persons", "nurture.score", [("band", "=", "hot")]),
    ("warm persons", "nurture.score", [("band", "=", "warm")]),
    ("accounts", "nurture.account", []),
    ("target accounts", "nurture.account", [("tier_id", "!=", False)]),
    ("people in segments", "nurture.segment.member", [("left_at", "=", False)]),
    ("hand-overs by marketing", "nurture.handover", []),
    ("backtests", "nurture.backtest", [("state", "=", "done")]),
    ("people in scenarios", "nurture.enrolment", [("state", "in", ("active", "waiting"))]),
    ("mails of scenarios", "nurture.send", []),
    ("calls to other systems", "nurture.webhook", []),
    ("stays in stages", "sales.stage.history", []),
    ("hand-offs waiting", "sales.handoff", [("state", "in", ("requested", "expired"))]),
    ("hand-offs answered", "sales.handoff", [("state", "in", ("accepted", "rejected"))]),
    ("deals lost to a competitor by name", "crm.lead", [("lost_competitor_id", "!=", False)]),
    ("deals asleep", "crm.lead", [("sales_outcome", "=", "recycled")]),
    ("handovers", "sales.handover", []),
    ("briefs to read", "sales.brief", [("state", "=", "waiting")]),
    ("slipped closing dates", "sales.slip", []),
    ("boxes ticked in playbooks", "sales.playbook.answer", []),
    ("exceptions from playbooks", "sales.playbook.override", []),
    ("people on contact maps", "sales.deal.contact", []),
    ("sales targets", "sales.target", []),
    ("rows of forecast snapshots", "sales.forecast.snapshot", []),
    ("win stories published", "sales.story", [("state", "=", "published")]),
    ("customer voices", "sales.voice", []),
    ("daily reports", "sales.daily.report", []),
    ("reports to read", "sales.daily.report", [("state", "=", "submitted")]),
    ("care records", "care.customer", []),
    ("moves between segments", "care.segment.move", []),
    ("printed periods of churn", "care.churn.period", [("state", "=", "printed")]),
    ("corrections of printed periods", "care.churn.correction", []),
    ("forecast models", "care.model", []),
    ("agreements running", "care.agreement", [("state", "in", ("running", "to_renew"))]),
    ("agreements ended", "care.agreement", [("state", "=", "ended")]),
    ("agreements renewed", "care.agreement", [("state", "=", "renewed")]),
    ("costs of keeping customers", "care.retention.cost", []),
    ("printed periods of their cost", "care.cost.period", []),
    ("goods at customers", "care.item", [("state", "=", "active")]),
    ("reminders planned", "care.reminder", [("state", "=", "planned")]),
    ("reminders sent", "care.reminder", [("state", "in", ("sent", "done"))]),
    ("reminders held back", "care.reminder", [("state", "=", "suppressed")]),
    ("ratings", "rating.rating", [("consumed", "=", True)]),
    ("words against the health score", "care.health.override", []),
    ("proposals open", "care.proposal", [("state", "=", "proposed")]),
    ("proposals taken up or bought", "care.proposal", [("state", "in", ("accepted", "won"))]),
    ("cases open", "care.case", [("stage_kind", "in", ("new", "open", "waiting"))]),
    ("cases resolved or closed", "care.case", [("stage_kind", "in", ("resolved", "closed"))]),
    ("questions sent", "care.survey.invitation", [("sent_at", "!=", False)]),
    ("answers", "care.feedback", []),
    ("customers to call back", "care.feedback", [("follow_state", "=", "open")]),
    ("voices on products", "care.voice", []),
    ("alerts", "care.alert", []),
    ("steps of nights done", "care.night", [("state", "=", "done")]),
)


def count(env):
    """{what: number} of everything that exists in this database."""
    return {
        name: env[model].with_context(active_test=False).search_count(domain)
        for name, model, domain in FIGURES
        if model in env and all(
            field in env[model]._fields for field, _operator, _value in domain)}


def summary(env):
    """The figures as lines; customers of the care addon by status too."""
    lines = [f"{number:>6,}  {name}" for name, number in count(env).items()]
    if "care.customer" in env:
        lines += [
            f"{number:>6,}  customers {status}"
            for status, number in env["care.customer"]._read_group([], ["status"], ["__count"])]
    return lines
