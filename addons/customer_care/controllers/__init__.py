from . import case_new, case_portal, case_word, contact_form, reminder, survey
