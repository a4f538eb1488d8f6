import { Component, markup, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What a score is made of. It looks at the facts of today, so it is read when its tab is opened
 * and not with every record. */
export class CareHealthReasons extends Component {
    static template = "customer_care.HealthReasons";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ story: false, words: false });
        onWillStart(() => this.read(this.props.record));
        onWillUpdateProps(({ record }) => this.read(record));
    }

    async read({ resId }) {
        const asked = (this.asked = {});
        const fields = ["health_story", "health_note", "health_basis"];
        const [told = {}] = resId ? await this.orm.read("care.customer", [resId], fields) : [];
        if (asked !== this.asked) {
            return; // a slower answer about an earlier record
        }
        this.state.story = told.health_story ? markup(told.health_story) : false;
        this.state.words = told.health_note || told.health_basis;
    }
}

registry.category("view_widgets").add("care_health_reasons", { component: CareHealthReasons });
