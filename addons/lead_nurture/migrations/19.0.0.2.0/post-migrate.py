"""Score models got versions: the content of those that judge people already is the first."""


def migrate(cr, version):
    cr.execute(
        "UPDATE nurture_score_model SET version = 1 "
        "WHERE state = 'active' AND COALESCE(version, 0) = 0"
    )
