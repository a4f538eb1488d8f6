import { Component, onWillStart, useExternalListener, useRef, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, toLocaleDateString } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { rpcBus } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { DEAL_CHANGED, QUIET } from "../deal_panel/pulse";
import { MyDayLine } from "./my_day_line";

const CHANGES = ["crm.lead", "mail.activity", "sales.handoff", "calendar.event"];

// Shown instead of the lines, as a source is shown alone.
const POSTPONED = "postponed";

/** What do I do now, and why? One line per deal, the next one on top. */
export class MyDay extends Component {
    static template = "sales_automation.MyDay";
    static components = { Dropdown, DropdownItem, MyDayLine };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.ui = useService("ui");
        this.root = useRef("root");
        this.cursor = 0; // the line that had the keyboard last
        this.state = useState({ day: null, only: null, userId: false, showDone: false });
        this.reloadSoon = useDebounced(() => this.load(), 250);
        useBus(rpcBus, "RPC:RESPONSE", ({ detail: { data, error } }) => {
            const { model, method } = data.params || {};
            if (!error && CHANGES.includes(model) && !QUIET.test(method)) {
                this.reloadSoon();
            }
        });
        useBus(this.env.bus, DEAL_CHANGED, this.reloadSoon);
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
        onWillStart(() => this.load());
    }

    /** Whoever waits for a reading goes on also when a later one has replaced it. */
    async load() {
        const asked = (this.asked = {});
        const day = await this.orm.silent.call("sales.day", "get_day", [], {
            user_id: this.state.userId || null,
        });
        if (asked !== this.asked) {
            return;
        }
        this.state.day = day;
        if (this.state.only === POSTPONED) {
            this.state.only = day.postponed.length ? POSTPONED : null;
        } else if (this.state.only && !day.sources.find((one) => one.key === this.state.only && one.count)) {
            this.state.only = null;
        }
    }

    // ---- what is shown --------------------------------------------------------------------

    get day() {
        return this.state.day;
    }

    get lines() {
        const only = this.state.only;
        return only ? this.day.lines.filter((line) => line.sources.includes(only)) : this.day.lines;
    }

    get groups() {
        const labels = {
            now: [_t("Now"), _t("Late or urgent")],
            today: [_t("Today"), _t("Wants an answer before the evening")],
            week: [_t("This week"), _t("Due within seven days, or nothing is planned")],
            later: [_t("Later"), _t("Can wait")],
        };
        return Object.entries(labels)
            .map(([key, [label, hint]]) => ({
                key,
                label,
                hint,
                lines: this.lines.filter((line) => line.group === key),
            }))
            .filter((group) => group.lines.length);
    }

    get isPostponed() {
        return this.state.only === POSTPONED;
    }

    get sources() {
        return this.day.sources.filter((source) => source.count);
    }

    get broken() {
        return this.day.sources.filter((source) => source.is_broken).map((source) => source.label);
    }

    get date() {
        return deserializeDate(this.day.today).toLocaleString({
            weekday: "long",
            day: "numeric",
            month: "long",
        });
    }

    get progress() {
        const done = this.day.done.count;
        const all = done + this.day.lines.length;
        return all ? Math.round((100 * done) / all) : 100;
    }

    money(amount) {
        return formatMonetary(amount, { currencyId: this.day.currency_id, digits: [16, 0] });
    }

    day_of(date) {
        return toLocaleDateString(deserializeDate(date));
    }

    // ---- what is done ---------------------------------------------------------------------

    setPerson(userId) {
        Object.assign(this.state, { userId, only: null });
        return this.load();
    }

    toggleSource(key) {
        this.state.only = this.state.only === key ? null : key;
    }

    async act(action) {
        const result = await this.orm.call(action.model, action.method, action.args);
        if (result && typeof result === "object" && result.type) {
            return this.doAction(result);
        }
        await this.load();
    }

    doAction(action) {
        return this.action.doAction(action, { onClose: () => this.load() });
    }

    async postpone(line, day) {
        const about = line.lead_id ? ["crm.lead", line.lead_id] : [line.model, line.res_id];
        const args = [line.activity_ids, day, ...about];
        const undo = await this.orm.call("sales.day", "postpone", args);
        await this.load();
        const close = this.notification.add(
            _t("“%(deal)s” waits until %(day)s.", { deal: line.title, day: this.day_of(undo.day) }),
            {
                type: "success",
                autocloseDelay: 8000,
                buttons: [
                    {
                        name: _t("Undo"),
                        onClick: async () => {
                            close();
                            await this.orm.call("sales.day", "undo_postpone", [undo]);
                            await this.load();
                        },
                    },
                ],
            }
        );
    }

    async bringBack(line) {
        await this.orm.call("sales.day", "bring_back", [line.model, line.res_id]);
        await this.load();
    }

    mail(line) {
        return this.doAction({
            type: "ir.actions.act_window",
            name: _t("Write a Mail"),
            res_model: "mail.compose.message",
            views: [[false, "form"]],
            target: "new",
            context: {
                default_model: "crm.lead",
                default_res_ids: [line.lead_id],
                default_composition_mode: "comment",
                default_partner_ids: line.partner_id ? [line.partner_id] : [],
            },
        });
    }

    async handOff(line) {
        const action = await this.orm.call("crm.lead", "action_request_handoff", [[line.lead_id]]);
        return this.doAction(action);
    }

    async open(line) {
        if (!line.lead_id && line.model === "mail.activity") {
            const document = await this.orm.call("mail.activity", "action_open_document", [
                [line.res_id],
            ]);
            return this.doAction(document);
        }
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: line.lead_id ? "crm.lead" : line.model,
            res_id: line.lead_id || line.res_id,
            views: [[false, "form"]],
            target: "current",
        });
    }

    // ---- keyboard -------------------------------------------------------------------------

    /** j and k or the arrows go from line to line; Enter opens, d marks the planned step done. */
    onKeydown(ev) {
        const typing = ev.target.closest?.("input, textarea, select, [contenteditable=true], .o-dropdown--menu");
        if (typing || ev.ctrlKey || ev.metaKey || ev.altKey || this.ui.activeElement !== document) {
            return;
        }
        const rows = [...(this.root.el?.querySelectorAll(".o_sales_day_line") || [])];
        const current = ev.target.closest?.(".o_sales_day_line");
        // A line that was worked off is gone: go on from its place.
        const index = current ? rows.indexOf(current) : this.cursor - 1;
        const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[ev.key];
        if (step && rows.length) {
            ev.preventDefault();
            const next = rows[Math.min(rows.length - 1, Math.max(0, index + step))];
            next.focus();
            this.cursor = rows.indexOf(next);
            next.scrollIntoView({ block: "nearest" });
        } else if (current && ev.key === "Enter" && ev.target === current) {
            ev.preventDefault();
            current.querySelector(".o_sales_day_title").click();
        } else if (current && ev.key === "d") {
            ev.preventDefault();
            current.querySelector(".o_sales_day_done")?.click();
        } else if (current && ev.key === "p") {
            ev.preventDefault();
            current.querySelector(".o_sales_day_more")?.click();
        }
    }
}

registry.category("actions").add("sales_automation.my_day", MyDay);
