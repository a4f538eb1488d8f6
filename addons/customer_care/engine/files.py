"""Files that customers send: few, small, and what their names say they are.

No database, no request: names, sizes in bytes and types in, words (keys) out.
"""
#: Files with one message, and bytes of each.
FILES, FILE_BYTES = 3, 5 * 2 ** 20
#: Endings by type; what is not named here is refused.
TYPES = {
    "image/jpeg": ("jpg", "jpeg"), "image/png": ("png",), "image/webp": ("webp",),
    "image/gif": ("gif",), "application/pdf": ("pdf",), "text/plain": ("txt", "log", "csv"),
}


def fault(name: str, size: int, mimetype: str) -> str | None:
    """What is wrong with a file whose content is of this type: "large", "type" or nothing.

    >>> fault("wet.JPG", 1000, "image/jpeg"), fault("wet.jpg", 6 * 2 ** 20, "image/jpeg")
    (None, 'large')
    >>> fault("wet.jpg", 1000, "text/html"), fault("jpg", 1000, "image/jpeg")
    ('type', 'type')
    """
    if size > FILE_BYTES:
        return "large"
    dot, ending = name.rpartition(".")[1:]
    return None if dot and ending.lower() in TYPES.get(mimetype, ()) else "type"
