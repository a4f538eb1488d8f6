import { today } from "@web/core/l10n/dates";

/** "tomorrow", "in 12 days", "3 months ago". By itself the calendar says "next year" on New Year's
 * Eve when it means tomorrow. */
export function tellDay(day) {
    const days = Math.abs(day.diff(today(), "days").days);
    const unit = days < 45 ? "days" : days < 365 ? "months" : "years";
    return day.toRelativeCalendar({ base: today(), unit });
}
