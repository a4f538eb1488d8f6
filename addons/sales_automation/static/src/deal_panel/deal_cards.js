import { Component, markup, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import {
    deserializeDate,
    deserializeDateTime,
    toLocaleDateString,
    toLocaleDateTimeString,
} from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";

import { tellDay } from "../tell_day";

const FOLDS = "sales_automation.deal_panel.folds";
const TONES = ["success", "info", "warning", "danger"];

/** The cards of a deal, one under the other; docked beside the form or shown in a drawer. */
export class DealCards extends Component {
    static template = "sales_automation.DealCards";
    static props = {
        sections: Array,
        resId: Number,
        run: Function, // (method, args) => Promise
        open: Function, // (action) => Promise
        focus: { type: String, optional: true },
    };

    setup() {
        this.state = useState({ folds: this.readFolds(), busy: false });
        if (this.props.focus) {
            this.state.folds[this.props.focus] = false;
        }
    }

    readFolds() {
        try {
            return JSON.parse(browser.localStorage.getItem(FOLDS)) || {};
        } catch {
            return {};
        }
    }

    isFolded(section) {
        return this.state.folds[section.key] ?? Boolean(section.folded);
    }

    toggle(section) {
        this.state.folds[section.key] = !this.isFolded(section);
        browser.localStorage.setItem(FOLDS, JSON.stringify(this.state.folds));
    }

    drawing(section) {
        return section.kind && registry.category("sales_automation.deal_panel").get(section.kind, null);
    }

    badgeClass(badge) {
        return TONES.includes(badge.tone) ? `text-bg-${badge.tone}` : "text-bg-secondary";
    }

    toneClass(line) {
        return TONES.includes(line.tone) ? `text-${line.tone}` : "text-muted";
    }

    html(section) {
        return markup(section.html); // sanitized by the server, as the fields that it comes from
    }

    /** A day is told from today, a moment from now. */
    date(line) {
        if (line.date.length > 10) {
            const moment = deserializeDateTime(line.date.replace("T", " ").slice(0, 19));
            return { text: moment.toRelative(), title: toLocaleDateTimeString(moment) };
        }
        const day = deserializeDate(line.date);
        return { text: tellDay(day), title: toLocaleDateString(day) };
    }

    /** One click, one call: whatever is pressed meanwhile waits for the answer. */
    async act(one) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await (one.method ? this.props.run(one.method, one.args) : this.props.open(one.action));
        } finally {
            this.state.busy = false;
        }
    }
}
