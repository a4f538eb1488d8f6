"""Opening one record the way the web client does: one `web_read` of what its form shows."""

from lxml import etree
from odoo.models import BaseModel

X2MANY_LIMIT = 40


def form_specification(model: BaseModel) -> dict[str, dict]:
    """The fields of the model's default form view, with the columns of its embedded lists."""
    arch = etree.fromstring(model.get_view(view_type="form")["arch"])
    return _specification(model, arch)


def _specification(model: BaseModel, arch: etree._Element) -> dict[str, dict]:
    """Fields of this view; those inside an embedded view belong to the field around it."""
    specification: dict[str, dict] = {}
    for node in arch.iter("field"):
        if any(parent.tag == "field" for parent in _parents_below(node, arch)):
            continue
        field = model._fields[node.get("name")]
        if field.type == "many2one":
            specification[field.name] = {"fields": {"display_name": {}}}
        elif field.type in ("one2many", "many2many"):
            specification[field.name] = _x2many(model.env[field.comodel_name], node)
        else:
            specification[field.name] = {}
    return specification


def _x2many(comodel: BaseModel, node: etree._Element) -> dict:
    if "many2many_tags" in (node.get("widget") or ""):
        return {"fields": {"display_name": {}}}
    embedded = next((child for child in node if child.tag in ("list", "kanban")), None)
    if embedded is None:
        return {}
    return {"fields": _specification(comodel, embedded), "limit": X2MANY_LIMIT}


def _parents_below(node: etree._Element, top: etree._Element):
    parent = node.getparent()
    while parent is not None and parent is not top:
        yield parent
        parent = parent.getparent()
