import { today } from "@web/core/l10n/dates";

/** "tomorrow", "in 12 days", "3 months ago". The calendar by itself counts the borders between: on
 * New Year's Eve it says "next year" of tomorrow, and "in 2 years" of a day in 366 days. */
export function tellDay(day) {
    const base = today();
    const days = Math.abs(day.diff(base, "days").days);
    if (days < 45) {
        return day.toRelativeCalendar({ base, unit: "days" });
    }
    return day.toRelative({ base, unit: days < 365 ? "months" : "years" });
}
