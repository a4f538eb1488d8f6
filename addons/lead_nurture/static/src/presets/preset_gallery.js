import { Component, onWillStart, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { Layout } from "@web/search/layout";

/**
 * Ready scenarios side by side. One click draws the chosen one as a draft and opens it.
 */
export class PresetGallery extends Component {
    static template = "lead_nurture.PresetGallery";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ presets: [], busy: false });
        onWillStart(async () => {
            this.state.presets = await this.orm.call("nurture.preset", "get_presets", []);
        });
    }

    async use(key) {
        this.state.busy = key;
        try {
            const action = await this.orm.call("nurture.preset", "create_scenario", [key]);
            await this.action.doAction(action);
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("actions").add("nurture_presets", PresetGallery);
