"""What a ticket of another helpdesk means as a case: stages, priorities and channels by words."""

#: Parts of a stage's name that tell that we wait for the customer.
_WAITING = ("wait", "hold", "pending", "chờ", "等", "保留", "รอ")
#: Parts of a stage's name in which nobody solved anything.
_CANCELLED = ("cancel", "reject", "refuse", "hủy", "取消", "ยกเลิก")
_CHANNELS = {
    "mail": "email", "phone": "phone", "call": "phone", "web": "web", "site": "web",
    "portal": "portal", "chat": "chat", "visit": "visit", "person": "visit",
}
_SEVERITIES = {"0": "1", "1": "2", "2": "3", "3": "4"}


def kind_of(name: str | None, closed: bool, unattended: bool) -> str:
    """The kind of stage: what a flag says goes before what the name says.

    >>> kind_of("Done", True, False), kind_of("New", False, True)
    ('closed', 'new')
    >>> kind_of("Awaiting customer", False, False), kind_of("In Progress", False, False)
    ('waiting', 'open')
    """
    if closed:
        return "closed"
    if unattended:
        return "new"
    return "waiting" if _has(name, _WAITING) else "open"


def reason_of(name: str | None) -> str:
    """Why a closed ticket ended.

    >>> reason_of("Done"), reason_of("Cancelled")
    ('solved', 'cancelled')
    """
    return "cancelled" if _has(name, _CANCELLED) else "solved"


def severity_of(priority: str | None) -> str:
    """Low, medium, high, very high → minor, normal, severe, critical.

    >>> severity_of("0"), severity_of("3"), severity_of(None)
    ('1', '4', '2')
    """
    return _SEVERITIES.get(priority or "", "2")


def channel_of(name: str | None) -> str:
    """The channel by its name; what cannot be told came by mail, as most tickets do.

    >>> channel_of("Website"), channel_of("Phone"), channel_of("Other"), channel_of(None)
    ('web', 'phone', 'email', 'email')
    """
    low = (name or "").lower()
    return next((key for word, key in _CHANNELS.items() if word in low), "email")


def _has(name: str | None, words: tuple[str, ...]) -> bool:
    low = (name or "").lower()
    return any(word in low for word in words)
