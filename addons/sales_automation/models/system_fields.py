"""Facts that only the system writes."""

from odoo.exceptions import AccessError


def refuse_system_fields(records, guarded, vals):
    """Raise, naming the facts, when a person writes what only the system records."""
    if not records.env.su and (touched := guarded & vals.keys()):
        raise AccessError(records.env._(
            "%(fields)s are recorded by the system and cannot be written.",
            fields=", ".join(records._fields[name]._description_string(records.env)
                             for name in sorted(touched))))


def without_defaults(records, guarded):
    """These records with a context that gives no defaults to what only the system records: any
    caller may fill the context.
    """
    given = {f"default_{name}" for name in guarded}.intersection(records.env.context)
    if records.env.su or not given:
        return records
    return records.with_context({
        key: value for key, value in records.env.context.items() if key not in given})
