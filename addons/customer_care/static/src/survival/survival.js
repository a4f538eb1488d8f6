import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { CareChart } from "../pictures/chart";

/** How long customers stay under agreement: the curve of one type, and a line for each. */
export class CareSurvival extends Component {
    static template = "customer_care.Survival";
    static components = { Layout, CareChart };
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer to an earlier choice replaces no later one
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.label = _t("Part of the customers still under agreement, by months");
        this.state = useState({ page: false });
        onWillStart(() => this.load(false));
    }

    async load(type) {
        this.state.page = await this.last.add(
            this.orm.call("care.survival", "get_survival", [], { type_id: type })
        );
    }

    choose(value) {
        return this.load(value ? parseInt(value) : false);
    }

    open(action) {
        return this.action.doAction(action);
    }
}

registry.category("actions").add("customer_care.survival", CareSurvival);
