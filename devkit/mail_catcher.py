"""A mail server that keeps everything: SMTP in, one file a mail, and a page to read them.

Runs inside the venv: `python -m devkit.mail_catcher --smtp PORT --http PORT --folder DIR`.
"""
import argparse
import html
import itertools
import time
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from aiosmtpd.controller import Controller

PAGE = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title><style>
:root {{ color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }}
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
table {{ border-collapse: collapse; width: 100%; }}
td, th {{ text-align: left; padding: .4rem .8rem .4rem 0; border-bottom: 1px solid #8884; }}
iframe {{ width: 100%; height: 75vh; border: 1px solid #8884; background: #fff; }}
</style><h1>{title}</h1>{body}"""


class Keeper:
    """aiosmtpd's handler: one `.eml` file a mail, with the envelope's recipients in a header."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.numbers = itertools.count()

    async def handle_DATA(self, server, session, envelope):
        name = f"{time.time():017.6f}-{next(self.numbers):06d}.eml"
        unfinished = self.folder / f"{name}.part"  # who looks for mails does not find it
        recipients = ", ".join(envelope.rcpt_tos).encode()
        unfinished.write_bytes(b"X-Envelope-To: " + recipients + b"\r\n" + envelope.content)
        unfinished.rename(self.folder / name)
        return "250 Kept"


def reader(folder: Path):
    class Reader(BaseHTTPRequestHandler):
        def do_GET(self):
            name = Path(self.path.partition("?")[0]).name
            if not name:
                return self._answer(listing(folder))
            path = folder / name
            if path.suffix != ".eml" or not path.is_file():
                return self.send_error(404)
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            return self._answer(view(mail))

        def _answer(self, page: str):
            content = page.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *arguments):
            """Say nothing: the log is for mail, not for page views."""

    return Reader


def listing(folder: Path, most: int = 500) -> str:
    files = sorted(folder.glob("*.eml"), reverse=True)
    rows = []
    for path in files[:most]:
        mail = message_from_bytes(path.read_bytes(), policy=policy.default)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(path.stat().st_mtime))
        cells = (when, mail["X-Envelope-To"] or "", mail["From"] or "")
        subject = html.escape(str(mail["Subject"] or "(no subject)"))
        rows.append(
            "<tr>"
            + "".join(f"<td>{html.escape(str(cell))}</td>" for cell in cells)
            + f'<td><a href="/{path.name}">{subject}</a></td></tr>'
        )
    table = f"<table><tr><th>When<th>To<th>From<th>Subject</tr>{''.join(rows)}</table>"
    empty = "<p>No mail yet. Whatever Odoo sends arrives here; reload the page.</p>"
    return PAGE.format(title=f"Sent mails ({len(files)})", body=table if rows else empty)


def view(mail) -> str:
    part = mail.get_body(preferencelist=("html", "plain"))
    content = part.get_content() if part else ""
    if part and part.get_content_type() == "text/plain":
        content = f"<pre>{html.escape(content)}</pre>"
    headers = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(mail[name]))}</td></tr>"
        for name in ("From", "To", "Date", "Message-Id", "List-Unsubscribe")
        if mail[name]
    )
    frame = (
        '<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" '
        f'srcdoc="{html.escape("<base target=_blank>" + content)}"></iframe>'
    )
    title = html.escape(str(mail["Subject"] or "(no subject)"))
    body = f'<p><a href="/">All mails</a></p><table>{headers}</table><p>{frame}</p>'
    return PAGE.format(title=title, body=body)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--http", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    Controller(Keeper(options.folder), hostname="127.0.0.1", port=options.smtp).start()
    ThreadingHTTPServer(("127.0.0.1", options.http), reader(options.folder)).serve_forever()


if __name__ == "__main__":
    main()
