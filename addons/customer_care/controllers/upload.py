"""Reading the files that customers send with a form, and the words for what is wrong."""
from odoo.addons.customer_care.engine.files import FILE_BYTES, FILES, fault
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype
from odoo.tools.osutil import clean_filename

#: All files and the texts beside them; more is refused before it is read.
BODY_BYTES = FILES * FILE_BYTES + 2 ** 16


def read_files() -> tuple[list[tuple[str, bytes]], str | None]:
    """The files of this request, or none and why: "many", "large", "type"."""
    sent = [one for one in request.httprequest.files.getlist("files") if one.filename]
    if len(sent) > FILES:
        return [], "many"
    files = []
    for one in sent:
        data = one.read(FILE_BYTES + 1)
        name = clean_filename(one.filename)[-100:]
        wrong = fault(name, len(data), guess_mimetype(data))
        if wrong:
            return [], wrong
        files.append((name, data))
    return files, None


def words() -> dict[str, str]:
    """What is wrong with a form, in the reader's language."""
    _ = request.env._
    return {
        "missing": _("Please fill this in."),
        "long": _("This is too long; please shorten it."),
        "email": _("This is no e-mail address that we could answer to."),
        "links": _("Too many links: please tell it in your own words."),
        "fast": _("That was very quick: please look it over and send it again."),
        "old": _("This page was open for too long: please send it once more."),
        "many": _("Three files at most."),
        "large": _("A file is larger than 5 MB."),
        "type": _("Only pictures, PDF and plain text, named by what they are."),
    }


def categories_of(company):
    """What a customer may choose that it is about, of a company."""
    # Names of categories are what the form shows.
    return request.env["care.category"].sudo().search(
        [("company_id", "in", (False, company.id)), ("parent_id", "=", False)])
