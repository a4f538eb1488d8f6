import { registry } from "@web/core/registry";
import { GraphRenderer } from "@web/views/graph/graph_renderer";
import { graphView } from "@web/views/graph/graph_view";

/**
 * Events and leads are whole: the axis says 400, not 400.00.
 */
export class NurtureCountGraphRenderer extends GraphRenderer {
    formatValue(value, allIntegers = true, formatType = "") {
        return super.formatValue(value, allIntegers || Number.isInteger(value), formatType);
    }
}

registry.category("views").add("nurture_count_graph", {
    ...graphView,
    Renderer: NurtureCountGraphRenderer,
});
