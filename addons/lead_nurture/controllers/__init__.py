from . import tracking, webhook
