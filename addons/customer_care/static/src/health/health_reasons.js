import { Component, markup, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/** What a score is made of. It looks at the facts of today, so it is read when its tab is opened
 * and not with every record. */
export class CareHealthReasons extends Component {
    static template = "customer_care.HealthReasons";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.last = new KeepLast(); // a slower answer about an earlier record replaces no later one
        this.state = useState({ story: false, words: false });
        onWillStart(() => this.read(this.props.record));
        onWillUpdateProps(({ record }) => this.read(record));
    }

    async read({ resId }) {
        const fields = ["health_story", "health_note", "health_basis"];
        const [told = {}] = await this.last.add(
            resId ? this.orm.read("care.customer", [resId], fields) : Promise.resolve([])
        );
        this.state.story = told.health_story ? markup(told.health_story) : false;
        this.state.words = told.health_note || told.health_basis;
    }
}

registry.category("view_widgets").add("care_health_reasons", { component: CareHealthReasons });
