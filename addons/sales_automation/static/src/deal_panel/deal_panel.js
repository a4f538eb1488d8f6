import { Component, onMounted, onWillUpdateProps, status, useEffect, useRef, useState } from "@odoo/owl";

import { browser } from "@web/core/browser/browser";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { SIZES } from "@web/core/ui/ui_service";
import { useService } from "@web/core/utils/hooks";
import { KeepLast } from "@web/core/utils/concurrency";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { DealCards } from "./deal_cards";
import { useDealPulse } from "./pulse";

const DOCKED = "sales_automation.deal_panel.docked";

/** The cards over the whole of a narrow screen. */
class DealDrawer extends Component {
    static template = "sales_automation.DealDrawer";
    static components = { Dialog, DealCards };
    static props = { panel: Object, run: Function, open: Function, focus: String, close: Function };

    setup() {
        this.panel = useState(this.props.panel);
        onMounted(() =>
            document.getElementById(`sales_card_${this.props.focus}`)?.scrollIntoView()
        );
    }
}

/**
 * What a salesperson asks about a deal, beside its form: docked on a wide screen, folded to a rail
 * of icons when he wants the room, a strip above the form on a narrow one. It is asked for after
 * the form is shown and never keeps it waiting.
 */
export class DealPanel extends Component {
    static template = "sales_automation.DealPanel";
    static components = { DealCards };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.ui = useState(useService("ui"));
        this.root = useRef("root");
        this.last = new KeepLast();
        this.panel = useState({ sections: [], resId: false, failed: false, focus: "" });
        this.state = useState({ docked: browser.localStorage.getItem(DOCKED) !== "no" });
        onMounted(() => this.load());
        onWillUpdateProps((next) => {
            if (next.record.resId !== this.panel.resId) {
                this.load(next.record.resId);
            }
        });
        useDealPulse(() => this.resId, () => this.load());
        useEffect(
            (focus) => {
                if (focus && this.panel.sections.length) {
                    const card = this.root.el?.querySelector(`[data-section="${focus}"] button`);
                    card?.scrollIntoView({ block: "nearest" });
                    card?.focus();
                    this.panel.focus = "";
                }
            },
            () => [this.state.docked && this.panel.focus]
        );
    }

    get resId() {
        return this.props.record.resId;
    }

    get isNarrow() {
        return this.ui.size < SIZES.LG;
    }

    get isShown() {
        return this.resId && !this.env.inDialog && this.panel.resId === this.resId;
    }

    async load(resId = this.resId) {
        if (!resId || this.env.inDialog) {
            return;
        }
        try {
            const sections = await this.last.add(
                this.orm.silent.call("crm.lead", "get_deal_panel", [[resId]])
            );
            Object.assign(this.panel, { sections, resId, failed: false });
        } catch (error) {
            // Said in the panel's own place: the form is still good to work with.
            Object.assign(this.panel, { sections: [], resId, failed: true });
            console.warn("The side panel of the deal could not be read", error);
        }
    }

    setDocked(docked, focus = "") {
        this.state.docked = docked;
        this.panel.focus = focus;
        browser.localStorage.setItem(DOCKED, docked ? "yes" : "no");
    }

    openDrawer(focus) {
        this.dialog.add(DealDrawer, {
            panel: this.panel,
            focus,
            run: this.run.bind(this),
            open: this.open.bind(this),
        });
    }

    /** Call a method of the deal; what was typed in the form is saved first. */
    async run(method, args = []) {
        const record = this.props.record;
        if ((await record.isDirty()) && !(await record.save())) {
            return;
        }
        const result = await this.orm.call("crm.lead", method, [[this.resId], ...(args || [])]);
        if (result && typeof result === "object" && result.type) {
            return this.open(result);
        }
        await this.reload();
    }

    async open(action) {
        await this.action.doAction(action, { onClose: () => this.reload() });
    }

    async reload() {
        if (status(this) === "destroyed") {
            return;
        }
        await this.props.record.load();
        // Not waited for: a reading that a newer one replaces never ends, and the deal that was
        // just loaded starts one.
        this.load();
    }

    get title() {
        return _t("About this deal");
    }
}

registry.category("view_widgets").add("sales_deal_panel", {
    component: DealPanel,
    fieldDependencies: [{ name: "type", type: "selection" }],
});
