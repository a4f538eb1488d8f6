from odoo import api, fields, models
from odoo.addons.sales_automation.engine import handover as engine
from odoo.exceptions import UserError
from odoo.fields import Command

from .archiving import get_archiving


class SalesHandover(models.Model):
    """The plan: which objects move, and to whom."""

    _inherit = "sales.handover"

    # ---- collecting ---------------------------------------------------------------------------

    def _plan(self):
        """Make the lines of drafts anew from what their persons hold now."""
        for handover in self:
            handover.line_ids.unlink()
            realm = handover._get_realm(handover.planned_by_id or handover.create_uid)
            rows, touched = [], set()
            for kind, spec in handover._get_kinds().items():
                records = handover._find(kind, spec)
                teams = handover._get_business(kind, spec, records)
                if realm is not None:
                    records = records.browse([key for key in records.ids if teams[key] in realm])
                touched.update(teams[record.id] for record in records)
                handover._read_names(kind, records)
                rows += [handover._prepare_line_vals(kind, spec, record) for record in records]
            handover.write({
                "line_ids": [Command.create(row) for row in rows],
                "leader_ids": [Command.set(handover._filter_realm(touched).ids)]})
            handover._assign()

    def _look_again(self):
        """Plan what the person holds now; what was chosen for an object stays chosen."""
        choices = {line._get_key(): (line.to_user_id, line.state) for line in self.line_ids}
        self._plan()
        known = self.line_ids.filtered(lambda line: line._get_key() in choices)
        for line in known.with_context(sales_handover_planning=True):
            user, state = choices[line._get_key()]
            if (line.to_user_id, line.state) != (user, state):
                line.write({"to_user_id": user.id, "state": state})
        self._assign(self._get_receiving_lines() - known)

    @api.model
    def _read_names(self, kind, records):
        """Read the names of what activities stand on model by model; core would one by one."""
        if kind == "activity":
            for model, group in records.filtered("res_model").grouped("res_model").items():
                self.env[model].browse(group.mapped("res_id")).exists().mapped("display_name")

    def _prepare_line_vals(self, kind, spec, record):
        read = {name: record[field] for name, field in spec.items()
                if name in ("date", "customer", "amount", "parent")}
        team = record.team_id if "team_id" in record else self.env["crm.team"]
        company = record.company_id if "company_id" in record else self.env["res.company"]
        return {
            "kind": kind, "sequence": spec["sequence"],
            "res_model": record._name, "res_id": record.id,
            "name": (record.crm_team_id if kind == "membership" else record).display_name,
            "detail": self._tell_detail(kind, record),
            "partner_id": read["customer"].id if "customer" in read else False,
            "team_id": team.id, "company_id": company.id or self.company_id.id,
            # An order's rate brings its amount into the currency of its company.
            "amount": read.get("amount", 0.0) / (getattr(record, "currency_rate", 0) or 1.0),
            "date": fields.Date.to_date(read.get("date")),
            "parent_key": self._get_parent_key(kind, record, read.get("parent")),
        }

    @api.model
    def _tell_detail(self, kind, record):
        """A word more, so that one knows the object without opening it."""
        if kind == "deal":
            stage = record.stage_id.name or ""
            return self.env._("asleep, %s", stage) if record.sales_outcome == "recycled" else stage
        if kind == "membership":
            return self.env._("gets no new leads")
        if kind == "activity":
            return record.res_name or self.env["ir.model"]._get(record.res_model).name or ""
        if kind == "meeting":
            return record.opportunity_id.name or record.location or ""
        if kind in ("quote", "order"):
            return record.opportunity_id.name or ""
        return ""

    def _get_parent_key(self, kind, record, parent):
        if kind == "activity" and record.calendar_event_id.filtered_domain(
                self._handover_domain_meeting(self.from_user_id)):
            return f"calendar.event,{record.calendar_event_id.id}"  # core moves them together
        if kind == "activity" and record.res_model:
            return f"{record.res_model},{record.res_id}"
        if kind == "handoff_in" or not parent:
            return False
        return f"{parent._name},{parent.id}"

    # ---- giving out ---------------------------------------------------------------------------

    def _assign(self, lines=None, way=None):
        """Fill in the receivers: first what stands alone, then what follows it.

        Of some lines only, it may be by another way than the handover's; of these, too, what
        follows a line that keeps its receiver goes to the same person.
        """
        way = way or self.distribution
        receivers = self._get_parent_receivers(lines) if lines else {}
        lines = (self._get_receiving_lines() if lines is None else lines).with_context(
            sales_handover_planning=True)
        lead_lines = lines.filtered(lambda line: line.kind == "deal")
        self._give(lead_lines, receivers, way)
        customers = self._get_customer_receivers(lead_lines, receivers)
        rest = (lines - lead_lines).sorted(lambda line: (line.sequence, line.id))
        for _kind, group in rest.grouped("kind").items():
            free = group.browse()
            for line in group:
                user = receivers.get(line.parent_key) or (
                    line.kind == "partner" and customers.get(line.res_id))
                if user:
                    receivers[line._get_key()] = user
                else:
                    free |= line
            self._give(free, receivers, way)
        self._write_receivers(lines, {
            line.id: receivers.get(line._get_key()) for line in lines})

    @api.model
    def _write_receivers(self, lines, given):
        """Write {line id: user or nobody} with one `write` for each receiver."""
        by_user = {}
        for line in lines:
            user = given.get(line.id) or self.env["res.users"]
            by_user[user] = by_user.get(user, line.browse()) | line
        for user, group in by_user.items():
            group.write({"to_user_id": user.id})

    def _get_parent_receivers(self, lines):
        """{key: receiver} of the objects that these lines follow and that go on as planned."""
        keys = {line.parent_key for line in lines if line.parent_key}
        parents = self.env["sales.handover.line"].search([
            ("handover_id", "=", self.id), ("state", "in", ("planned", "moved")),
            ("res_id", "in", [int(key.split(",")[1]) for key in keys]),
            ("id", "not in", lines.ids)])
        return {
            line._get_key(): line.to_user_id for line in parents
            if line._get_key() in keys and not line._get_problem(line.to_user_id)}

    def _reroute(self, lines):
        """Give lines whose receiver may not have them to the leaders, and say so on them.

        Returns those that nobody may have. A cover has no other receiver: its lines stay.
        """
        unfit = lines.filtered(lambda line: line._get_problem(line.to_user_id))
        if not unfit or self.kind == "cover":
            return unfit
        meant = {line.id: line.to_user_id for line in unfit}
        self._assign(unfit, "leader")
        nobody = unfit.filtered(lambda line: line._get_problem(line.to_user_id))
        if nobody:  # whoever got what these follow may not have them
            self._write_receivers(
                nobody.with_context(sales_handover_planning=True), self._give_leader(nobody))
            nobody = nobody.filtered(lambda line: line._get_problem(line.to_user_id))
        for user, group in (unfit - nobody).grouped(lambda line: meant[line.id]).items():
            if user:
                group.write({"reason": self.env._("Was meant for %s.", user.name)})
        return nobody

    @api.model
    def _get_customer_receivers(self, lines, receivers):
        """A customer goes to whoever gets the largest of the deals."""
        result = {}
        for line in lines.sorted(lambda line: (-line.amount, line.id)):
            user = receivers.get(line._get_key())
            for partner in line.partner_id | line.partner_id.commercial_partner_id:
                result.setdefault(partner.id, user)
        return result

    def _give(self, lines, receivers, way):
        """Dispatch by the way of distribution; `receivers` is filled by record."""
        if lines:
            given = getattr(self, f"_give_{way}")(lines)
            for line in lines:
                receivers[line._get_key()] = given.get(line.id)

    def _give_one(self, lines):
        return dict.fromkeys(lines.ids, self.to_user_id)

    def _give_line(self, lines):
        return {}

    def _give_leader(self, lines):
        """To the leader of the object's team; where he may not, to the first who may."""
        own_team = self.from_user_id.sale_team_id or self._get_old_team()
        chain = self._get_fallbacks()
        result = {}
        for line in lines:
            options = [(line.team_id or own_team).user_id, *chain]
            result[line.id] = next(
                (user for user in options if user and not line._get_problem(user)), None)
        return result

    def _give_team(self, lines):
        """To the members of the object's team, by room; to its leader where it has no others."""
        own_team = self.from_user_id.sale_team_id or self._get_old_team()
        teams = lines.team_id | own_team
        return self._share_out(
            lines, {line.id: (line.team_id or own_team).id for line in lines},
            self._get_room(teams))

    def _give_share(self, lines):
        """To the chosen people, by room; a customer's deals of all teams go to one of them."""
        people = self.share_user_ids
        loads, capacities = self._get_loads(people), dict(
            self.env["crm.team.member"]._read_group(
                [("user_id", "in", people.ids)], ["user_id"], ["assignment_max:sum"]))
        return self._share_out(lines, {}, {None: [
            engine.Receiver(user.id, loads.get(user, 0), capacities.get(user, 0))
            for user in people]})

    def _share_out(self, lines, teams, members):
        """By the engine; what it may not give to whom it chose goes to the leaders."""
        result = engine.distribute([
            engine.Item(
                key=line.id, team=teams.get(line.id), amount=line.amount,
                customer=line.partner_id.commercial_partner_id.id or None)
            for line in lines], members)
        given = {line_id: self.env["res.users"].browse(user_id)
                 for line_id, user_id in result.items() if user_id}
        unfit = lines.filtered(
            lambda line: line.id not in given or line._get_problem(given[line.id]))
        return {**given, **(self._give_leader(unfit) if unfit else {})}

    def _get_old_team(self):
        """The team of a person who is out of it already; of several left at once the first."""
        members = self.env["crm.team.member"].with_context(active_test=False)
        return members.search(
            [("user_id", "=", self.from_user_id.id)], order="write_date desc, id",
            limit=1).crm_team_id

    def _get_room(self, teams):
        """{team id: receivers} of the members who take leads; one query for their open deals."""
        members = self.env["crm.team.member"].search([
            ("crm_team_id", "in", teams.ids), ("user_id", "!=", self.from_user_id.id),
            ("user_id.active", "=", True)])
        away = self.search([
            ("kind", "=", "cover"), ("state", "in", ("running", "done")),
            ("from_user_id", "in", members.user_id.ids)]).from_user_id
        loads = self._get_loads(members.user_id)
        room = {}
        for team, group in members.grouped("crm_team_id").items():
            present = group.filtered(lambda member: member.user_id not in away)
            willing = present.filtered(lambda member: not member.assignment_optout) or present
            room[team.id] = [
                engine.Receiver(
                    member.user_id.id, loads.get(member.user_id, 0), member.assignment_max)
                for member in willing]
        return room

    def _get_loads(self, users):
        """{user: open deals}, in one query."""
        return dict(self.env["crm.lead"]._read_group(
            [("user_id", "in", users.ids), ("type", "=", "opportunity"),
             ("sales_outcome", "=", "open")], ["user_id"], ["__count"]))

    def _get_fallbacks(self):
        """Who takes what has no team leader: the company's choice, whoever acts, a manager."""
        leaving = get_archiving(self.env).user_ids
        company = self.company_id or self.env.company
        managers = self.env.ref("sales_team.group_sale_manager").all_user_ids
        admins = self.env.ref("base.group_system").all_user_ids
        return [
            user for user in (
                *company.sales_leaver_fallback_id, *self.env.user,
                *managers.sorted("id"), *admins.sorted("id"))
            if user.active and not user.share and user != self.from_user_id
            and user.id not in leaving]

    # ---- checks and warnings ------------------------------------------------------------------

    def _check_receivers(self):
        """Refuse to begin while a line has no receiver or one that may not have it."""
        problems = {}
        for line in self._get_receiving_lines():
            problem = line._get_problem(line.to_user_id)
            if problem:
                problems.setdefault(problem, []).append(line.name or "")
        if problems:
            raise UserError("\n".join(
                self.env._("%(problem)s (%(count)s: %(names)s)", problem=problem,
                           count=len(names), names=", ".join(names[:3]))
                for problem, names in problems.items()))
        if not self.line_ids.filtered(lambda line: line.state == "planned"):
            raise UserError(self.env._(
                "%s holds nothing that could be handed over.", self.from_user_id.name))

    def _get_receiving_lines(self):
        kinds = self._handover_kinds()
        return self.line_ids.filtered(
            lambda line: line.state == "planned" and kinds[line.kind].get("receiver", True))

    def _get_warnings(self):
        """Sentences about the plan that do not stop it."""
        warnings = self._get_person_warnings()
        strangers = self.line_ids.filtered(
            lambda line: line.kind == "deal" and line.state == "planned" and line.to_user_id
            and line.team_id and not line._is_in_team())
        if strangers and self.team_policy == "keep":
            warnings.append(self.env._(
                "%s deals go to somebody outside their team; they keep their team and stage.",
                len(strangers)))
        elif strangers:
            warnings.append(self.env._(
                "%s deals move to the team of their receiver, to the nearest stage there.",
                len(strangers)))
        if unseen := self._count_unseen():
            warnings.append(self.env._(
                "%s activities are on records that their receiver cannot open. They arrive, but "
                "somebody else may have to look the record up.", unseen))
        return warnings

    def _get_person_warnings(self):
        warnings = []
        if not self._may_hand_over_all(planner := self.planned_by_id or self.create_uid):
            warnings.append(self.env._(
                "Only what belongs to the teams of %s is listed; a sales manager hands over "
                "anything else.", planner.name))
        cover = self.kind == "leave" and self.search([
            ("kind", "=", "cover"), ("state", "in", ("running", "done")),
            ("from_user_id", "=", self.from_user_id.id)], limit=1)
        if cover:
            warnings.append(self.env._(
                "%s is covered at present: end the cover first, then look again.",
                self.from_user_id.name))
        left_out = self.line_ids.filtered(lambda line: line.state == "skipped")
        if left_out and self.archive_user:
            warnings.append(self.env._(
                "Left out: %s. They go to the team leaders when the user is archived.",
                self._count_by_kind(left_out)))
        return warnings

    def _count_unseen(self):
        """Activities that stand alone, on records of a kind that the receiver has no right to."""
        return sum(
            not self.env[model].with_user(user).has_access("read")
            for line in self._get_receiving_lines()
            if line.kind == "activity" and line.parent_key and (user := line.to_user_id)
            and (model := line.parent_key.split(",")[0]) in self.env)
