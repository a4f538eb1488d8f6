import { Component, onWillStart, useState } from "@odoo/owl";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { openPhone } from "./phone";

/** The telephone in the top bar, for those who answer customers: from any screen. */
export class CarePhoneSystray extends Component {
    static template = "customer_care.PhoneSystray";
    static props = {};

    setup() {
        this.dialog = useService("dialog");
        this.state = useState({ shown: false });
        onWillStart(async () => {
            this.state.shown = await user.hasGroup("customer_care.group_customer_care_user");
        });
        useHotkey("alt+shift+c", () => this.open(), {
            global: true,
            bypassEditableProtection: true,
            isAvailable: () => this.state.shown,
        });
    }

    open() {
        openPhone(this.dialog);
    }
}

registry.category("systray").add(
    "customer_care.phone", { Component: CarePhoneSystray }, { sequence: 30 });
