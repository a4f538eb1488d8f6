import { registry } from "@web/core/registry";
import { formatPercentage } from "@web/views/fields/formatters";

/** A rate that cannot be said (nothing was won) is no 0 %: it stays out of the pivot. */
export function formatRate(value, options) {
    return typeof value === "number" ? formatPercentage(value, options) : "–";
}

registry.category("formatters").add("sales_rate", formatRate);
