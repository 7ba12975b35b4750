def notification(message, after, is_warning=False):
    """Return the action that says what was done, then goes on with action `after`.

    :param is_warning: whether it names somebody who was left out; it then stays until
        it is read
    """
    return {
        "type": "ir.actions.client",
        "tag": "display_notification",
        "params": {
            "message": message,
            "type": "warning" if is_warning else "success",
            "sticky": is_warning,
            "next": after,
        },
    }
