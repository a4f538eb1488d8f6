from . import (
    case_letter,
    case_new,
    case_portal,
    case_upload,
    case_word,
    contact_form,
    reminder,
    survey,
)
