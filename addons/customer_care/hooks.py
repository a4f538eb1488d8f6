"""What happens once, when the addon is installed."""


def post_init_hook(env):
    """Customers of an existing database are counted in the background, at once."""
    env["care.build"]._start()
