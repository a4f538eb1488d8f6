"""What a report about a mail of ours says: that it came back, or only that it is late or was read.

No database: a parsed mail comes in.
"""
from __future__ import annotations

from email.message import Message

#: Somebody opened it, or his program says so: RFC 8098.
RECEIPT = "disposition-notification"


def failed(report: Message) -> bool:
    """Whether the mail did not arrive and is tried no more (RFC 3464: the action is "failed").

    Mail servers also report what is delayed, relayed and delivered. A report without the part for
    programs is what some old ones send when a mail comes back.

    >>> from email import message_from_string
    >>> report = '''Content-Type: multipart/report; report-type=delivery-status; boundary=b
    ...
    ... --b
    ... Content-Type: message/delivery-status
    ...
    ... Reporting-MTA: dns; example.com
    ...
    ... Final-Recipient: rfc822; anna@example.com
    ... Action: %s
    ...
    ... --b--
    ... '''
    >>> [failed(message_from_string(report % word)) for word in ("failed", "Failed ", "delayed")]
    [True, True, False]
    >>> failed(message_from_string("From: mailer-daemon@example.com\\n\\nNobody here."))
    True
    >>> failed(message_from_string(
    ...     "Content-Type: multipart/report; report-type=disposition-notification\\n\\nRead."))
    False
    """
    if str(report.get_param("report-type") or "").lower() == RECEIPT:
        return False
    actions = [
        str(recipient["Action"]).strip().lower()
        for part in report.walk()
        if part.get_content_type() == "message/delivery-status" and part.is_multipart()
        for recipient in part.get_payload() if recipient["Action"]]
    return not actions or "failed" in actions
