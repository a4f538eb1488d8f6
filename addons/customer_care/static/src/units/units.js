import { registry } from "@web/core/registry";
import { floatField } from "@web/views/fields/float/float_field";
import { formatFloat } from "@web/views/fields/formatters";

/** How many of a product: whole units are told whole, in lists, forms, sums, pivots and graphs. */
export function formatUnits(value, options = {}) {
    return formatFloat(value, { ...options, trailingZeros: false });
}
formatUnits.extractOptions = formatFloat.extractOptions;

registry.category("formatters").add("care_units", formatUnits);
registry.category("fields").add("care_units", {
    ...floatField,
    extractProps: (...told) => ({ ...floatField.extractProps(...told), trailingZeros: false }),
});
