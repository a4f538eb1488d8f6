import { Component, onWillUpdateProps, useState } from "@odoo/owl";
import { deserializeDateTime } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";

const { DateTime } = luxon;
const HOUR = 3600 * 1000;
const END_CLASSES = {
    done: "alert-success",
    left: "alert-warning",
    cut: "alert-warning",
    failed: "alert-danger",
};
const END_ICONS = {
    done: "fa-check-circle",
    left: "fa-sign-out",
    cut: "fa-scissors",
    failed: "fa-exclamation-triangle",
};

/**
 * What a simulation told: the steps of one person under a clock that can be moved, and for a
 * sample how many came to each step.
 */
export class NurtureSimulatorStory extends Component {
    static template = "lead_nurture.SimulatorStory";
    static props = { story: Object, answers: Object, onAnswer: Function, onPreview: Function };

    setup() {
        this.answerTexts = {
            none: _t("Does not react"),
            open: _t("Opens it"),
            click: _t("Clicks a link"),
            reply: _t("Answers"),
            happens: _t("It happens"),
        };
        this.mailAnswers = ["none", "open", "click", "reply"];
        this.eventAnswers = ["none", "happens"];
        this.state = useState({ index: 0, at: 0 });
        this.clockToEnd(this.props.story);
        onWillUpdateProps((props) => {
            if (props.story !== this.props.story) {
                this.state.index = Math.min(this.state.index, props.story.people.length - 1);
                this.clockToEnd(props.story);
            }
        });
    }

    // -- people

    get person() {
        return this.props.story.people[Math.max(this.state.index, 0)];
    }

    get isSample() {
        return this.props.story.people.length > 1;
    }

    choose(index) {
        this.state.index = index;
        this.clockToEnd(this.props.story);
    }

    mailsOf(person) {
        return person.lines.filter((line) => line.sent).length;
    }

    // -- the clock

    moment(moment) {
        return deserializeDateTime(moment.utc).toMillis();
    }

    get start() {
        return deserializeDateTime(this.props.story.start).toMillis();
    }

    get moments() {
        const found = new Set([this.start]);
        for (const line of this.person.lines) {
            found.add(this.moment(line.arrived));
            for (const moment of [line.left, line.until].filter(Boolean)) {
                found.add(this.moment(moment));
            }
        }
        return [...found].sort((a, b) => a - b);
    }

    get last() {
        return this.moments.at(-1);
    }

    get hours() {
        return Math.max(Math.ceil((this.last - this.start) / HOUR), 1);
    }

    get hour() {
        return this.atEnd ? this.hours : Math.floor((this.state.at - this.start) / HOUR);
    }

    clockToEnd(story) {
        const person = story.people[Math.max(this.state.index, 0)];
        this.state.at = Infinity;
        if (person) {
            const moments = person.lines.flatMap((line) =>
                [line.arrived, line.left, line.until].filter(Boolean).map(this.moment)
            );
            this.state.at = Math.max(...moments, deserializeDateTime(story.start).toMillis());
        }
    }

    onSlide(ev) {
        this.state.at = Math.min(this.start + Number(ev.target.value) * HOUR, this.last);
    }

    toStart() {
        this.state.at = this.start;
    }

    nextStep() {
        this.state.at = this.moments.find((moment) => moment > this.state.at) ?? this.last;
    }

    nextDay() {
        this.state.at = Math.min(this.state.at + 24 * HOUR, this.last);
    }

    get atEnd() {
        return this.state.at >= this.last;
    }

    get clockText() {
        return this.text(DateTime.fromMillis(this.state.at).setZone(this.person.tz));
    }

    get dayNumber() {
        return Math.floor((this.state.at - this.start) / (24 * HOUR)) + 1;
    }

    /** The line at which the person stands when the clock shows this. */
    get standsAt() {
        return this.person.lines.filter((line) => this.moment(line.arrived) <= this.state.at).at(-1);
    }

    isPast(line) {
        return this.moment(line.arrived) <= this.state.at;
    }

    isHere(line) {
        const here = this.standsAt;
        return here && here.id === line.id && !(this.atEnd && this.person.end.kind === "done");
    }

    // -- words

    text(moment) {
        return moment.toLocaleString({
            weekday: "short",
            day: "numeric",
            month: "short",
            hour: "2-digit",
            minute: "2-digit",
        });
    }

    local(moment) {
        return this.text(DateTime.fromSQL(moment.local));
    }

    dayOf(line, index) {
        const day = (other) => DateTime.fromSQL(other.arrived.local).startOf("day");
        const previous = this.person.lines[index - 1];
        if (previous && day(previous).equals(day(line))) {
            return "";
        }
        return day(line).toLocaleString({ weekday: "long", day: "numeric", month: "long" });
    }

    stay(line) {
        const end = line.left || line.until;
        if (!end || end.utc === line.arrived.utc) {
            return "";
        }
        return line.left
            ? _t("left %s", this.local(end))
            : _t("waits until %s", this.local(end));
    }

    endClass(person) {
        return END_CLASSES[person.end.kind];
    }

    endIcon(person) {
        return END_ICONS[person.end.kind];
    }

    // -- answers

    choices(line) {
        return line.asks === "mail" ? this.mailAnswers : this.eventAnswers;
    }

    chosen(line) {
        return this.props.answers[line.uid]?.what || line.answer?.what || "none";
    }

    onWhat(line, ev) {
        this.props.onAnswer(line.uid, { what: ev.target.value, hours: line.answer?.hours ?? 4 });
    }

    onHours(line, ev) {
        const hours = Math.max(Number(ev.target.value) || 0, 0);
        this.props.onAnswer(line.uid, { what: this.chosen(line), hours });
    }
}
