import { Component, onWillStart, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";

const PAUSE = 200;

/** A call becomes a case: number, Enter, what he wants, Enter. */
export class CarePhone extends Component {
    static template = "customer_care.Phone";
    static components = { Dialog };
    static props = { close: Function, term: { type: String, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.text = useRef("text");
        this.turn = 0;
        this.state = useState({
            term: this.props.term || "", asked: false, callers: [], at: 0, known: false,
            chosen: false, start: false, text: "", kind: "question", severity: "2",
            category: "", line: "", join: "", resolved: false, saving: false, name: "",
        });
        useAutofocus({ refName: "term" });
        this.search = useDebounced(() => this.find(), PAUSE);
        onWillStart(async () => {
            this.state.start = await this.orm.call("care.case", "phone_start", []);
            if (this.state.term) {
                await this.find();
            }
        });
    }

    get title() {
        return _t("New call");
    }

    get caller() {
        return this.state.callers[this.state.at];
    }

    /** Whoever types a number that nobody has, writes the name of a new caller. */
    get isNew() {
        return this.state.asked !== false && !this.state.callers.length;
    }

    get isNumber() {
        return /^[\d\s+\-./()]+$/.test(this.state.term);
    }

    /** Look for what is written now, once; whoever waits goes on when it is found. */
    find() {
        this.search.cancel();
        const term = this.state.term.trim();
        if (term !== this.sought) {
            this.sought = term;
            const finding = (this.finding = this.read(term));
            finding.catch(() => {
                if (finding === this.finding) {
                    this.sought = undefined; // the connection broke: whoever asks again is heard
                }
            });
        }
        return this.finding;
    }

    async read(term) {
        const turn = ++this.turn;
        const found = term.length > 1
            ? await this.orm.call("care.case", "phone_search", [term])
            : { callers: [], known: false };
        if (turn === this.turn) {
            Object.assign(this.state, {
                ...found, at: 0, asked: term.length > 1 && term, line: "", join: "",
                chosen: false, name: this.isNumber ? "" : term,
            });
        }
    }

    /** Whom somebody points at is the caller; a search that is still on its way does not count. */
    pick(index) {
        this.search.cancel();
        this.turn++;
        this.sought = this.state.term.trim();
        this.finding = undefined;
        return this.choose(index, true);
    }

    async choose(index, go) {
        this.state.at = index;
        const caller = this.caller;
        if (caller && this.state.known?.id !== caller.id) {
            const known = await this.orm.call("care.case", "phone_known", [caller.id]);
            if (this.caller?.id !== caller.id) {
                return;
            }
            Object.assign(this.state, { known, line: "", join: "" });
        }
        if (go) {
            this.state.chosen = true;
            this.text.el?.focus();
        }
    }

    async onTermKey(ev) {
        const { callers, at } = this.state;
        if (ev.key === "ArrowDown" && at < callers.length - 1) {
            ev.preventDefault();
            await this.choose(at + 1);
        } else if (ev.key === "ArrowUp" && at > 0) {
            ev.preventDefault();
            await this.choose(at - 1);
        } else if (ev.key === "Enter" && !ev.isComposing) {
            ev.preventDefault();
            await this.find();
            if (this.caller) {
                await this.choose(this.state.at, true);
            } else if (this.isNew && this.isNumber) {
                this.state.chosen = true;
                this.text.el?.focus();
            }
        }
    }

    onTextKey(ev) {
        if (ev.key === "Enter" && !ev.shiftKey && !ev.isComposing) {
            ev.preventDefault();
            return this.save();
        }
    }

    get values() {
        const { state } = this;
        const caller = this.caller
            ? { partner_id: this.caller.id }
            : { partner_name: state.name, phone: this.isNumber ? state.term.trim() : false,
                email: state.term.includes("@") ? state.term.trim() : false };
        return {
            ...caller, text: state.text, kind: state.kind, severity: state.severity,
            category_id: state.category ? Number(state.category) : false,
            order_line_id: state.line ? Number(state.line) : false, resolved: state.resolved,
        };
    }

    async save() {
        const { state } = this;
        if (state.saving || (!state.text.trim() && !state.join)) {
            this.text.el?.focus();
            return;
        }
        state.saving = true;
        try {
            const seen = this.caller?.id;
            await this.find();
            if (this.caller?.id !== seen) {
                return; // whoever is found only now is looked at first
            }
            const told = state.join
                ? await this.orm.call("care.case", "phone_join", [[Number(state.join)], this.values])
                : await this.orm.call("care.case", "phone_create", [this.values]);
            this.props.close();
            this.tell(told);
        } finally {
            state.saving = false;
        }
    }

    /** What is settled is only told; what is not is opened. */
    tell(told) {
        const open = () => this.action.doAction({
            type: "ir.actions.act_window", res_model: "care.case", res_id: told.id,
            views: [[false, "form"]],
        });
        this.notification.add(`${told.number} ${told.name}`, {
            title: told.settled ? _t("Settled during the call") : _t("The call is written down"),
            type: "success",
            buttons: told.settled ? [{ name: _t("Open"), onClick: open }] : [],
        });
        return told.settled ? undefined : open();
    }
}

let isOpen = false;

/** The dialog, once: a second click that comes before it is drawn opens no other. */
export function openPhone(dialog, props = {}) {
    if (!isOpen) {
        isOpen = true;
        dialog.add(CarePhone, props, { onClose: () => (isOpen = false) });
    }
}

/** Opens the dialog; the menu, the top bar and the hotkey come here, and a link to it: over the
 * reader's own cases, since a dialog alone is no screen. */
registry.category("actions").add("customer_care.phone", async (env, action) => {
    if (!env.services.action.currentController) {
        await env.services.action.doAction("customer_care.care_case_action_mine");
    }
    openPhone(env.services.dialog, { term: action.params?.term });
});
