"""What the code below a call that archives users has to know. No client can send it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Archiving:
    """An object, for the context of a client holds only what JSON can say.

    `user_ids` are archived together in this call, so none of them takes over from another;
    `handed_over` says that their work was given out by a handover that somebody ran.
    """

    user_ids: frozenset[int] = frozenset()
    handed_over: bool = False


def get_archiving(env):
    """Return what is known of the archiving under way; nothing of it comes from a client."""
    found = env.context.get("sales_archiving")
    return found if isinstance(found, Archiving) else Archiving()
