from . import tracking, unsubscribe, webhook
