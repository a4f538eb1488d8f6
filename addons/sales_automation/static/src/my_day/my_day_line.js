import { Component, useState } from "@odoo/owl";

import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { deserializeDate, toLocaleDateString, serializeDate, today } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { formatMonetary } from "@web/views/fields/formatters";

import { tellDay } from "../tell_day";

const SHOWN_REASONS = 3;
const SHOWN_ACTIONS = 2; // what remains stands in the menu: the text needs the room

/** One deal of the day: who, how much, until when, why, and what can be done with one click. */
export class MyDayLine extends Component {
    static template = "sales_automation.MyDayLine";
    static components = { Dropdown, DropdownItem };
    static props = {
        line: Object,
        currencyId: Number,
        days: Array, // that are offered for postponing
        readonly: Boolean,
        act: Function, // (action)
        postpone: Function, // (line, day)
        mail: Function,
        handOff: Function,
        open: Function,
    };

    setup() {
        this.menu = useDropdownState();
        this.state = useState({ busy: false });
    }

    get amount() {
        return formatMonetary(this.props.line.amount, {
            currencyId: this.props.currencyId,
            digits: [16, 0],
        });
    }

    get due() {
        const day = deserializeDate(this.props.line.due);
        const days = Math.round(day.diff(today(), "days").days);
        const title = toLocaleDateString(day);
        if (days < 0) {
            const text = days === -1 ? _t("1 day late") : _t("%s days late", -days);
            return { text, title, class: "text-danger", icon: "fa-exclamation-circle" };
        }
        const text = tellDay(day);
        return { text, title, class: days ? "text-muted" : "fw-bold", icon: "fa-clock-o" };
    }

    get reasons() {
        return this.props.line.reasons.slice(0, SHOWN_REASONS);
    }

    get more() {
        return this.props.line.reasons.length - this.reasons.length;
    }

    get actions() {
        return this.props.line.actions.slice(0, SHOWN_ACTIONS);
    }

    get moreActions() {
        return this.props.line.actions.slice(SHOWN_ACTIONS);
    }

    get canHandOff() {
        return this.props.line.lead_id && !this.props.line.sources.includes("handoffs");
    }

    get days() {
        return this.props.days.map((one) => ({
            ...one,
            detail: deserializeDate(one.day).toLocaleString({
                weekday: "short",
                day: "numeric",
                month: "short",
            }),
        }));
    }

    get tomorrow() {
        return serializeDate(today().plus({ days: 1 }));
    }

    pickDay(ev) {
        if (ev.target.value) {
            this.menu.close();
            this.run(() => this.props.postpone(this.props.line, ev.target.value));
        }
    }

    /** One click, one call: the line is quiet until the answer is there. */
    async run(call) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await call();
        } finally {
            this.state.busy = false;
        }
    }
}
