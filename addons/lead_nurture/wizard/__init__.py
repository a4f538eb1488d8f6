from . import mail_compose_message, nurture_enrol, nurture_merge_people
from . import mail_compose_message, nurture_enrol, nurture_hand_over, nurture_move
from . import mail_compose_message, nurture_enrol, nurture_segment_add
