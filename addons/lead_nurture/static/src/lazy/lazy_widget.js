import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * A field that is read only when the page on which it stands is opened, so that opening a form does
 * not pay for it: <widget name="nurture_lazy" field="…" shown_by="…"/>.
 */
export class NurtureLazyWidget extends Component {
    static template = "lead_nurture.LazyWidget";
    static props = { ...standardWidgetProps, field: String, widget: String };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ loaded: false, value: false });
        onWillStart(() => {
            this.load(this.props.record);
        });
        onWillUpdateProps((props) => {
            if (props.record !== this.props.record || props.record.resId !== this.resId) {
                this.load(props.record);
            }
        });
    }

    get component() {
        return registry.category("fields").get(this.props.widget).component;
    }

    /** The record as the field's own widget wants to see it. */
    get fieldProps() {
        const { record, field } = this.props;
        const withValue = Object.create(record, {
            data: { value: { ...record.data, [field]: this.state.value } },
        });
        return { record: withValue, name: field, readonly: true };
    }

    async load(record) {
        this.resId = record.resId;
        this.state.loaded = false;
        if (!record.resId) {
            this.state.value = false;
            this.state.loaded = true;
            return;
        }
        const [row] = await this.orm.read(record.resModel, [record.resId], [this.props.field]);
        if (this.resId === record.resId) {
            this.state.value = row ? row[this.props.field] : false;
            this.state.loaded = true;
        }
    }
}

registry.category("view_widgets").add("nurture_lazy", {
    component: NurtureLazyWidget,
    extractProps: ({ attrs }) => ({ field: attrs.field, widget: attrs.shown_by }),
});
