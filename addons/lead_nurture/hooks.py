"""What happens once, when the addon leaves."""


def uninstall_hook(env):
    """Settings that an administrator saved go with the addon; core knows no owner of them."""
    env["ir.config_parameter"].search([("key", "=like", "lead_nurture.%")]).unlink()
