from . import (
    mail_compose_message,
    nurture_enrol,
    nurture_hand_over,
    nurture_merge_people,
    nurture_move,
    nurture_publish,
    nurture_publish_line,
    nurture_resume,
    nurture_segment_add,
    nurture_version_compare,
)
