from . import controllers, models, report, wizard


def uninstall_hook(env):
    """Refuse on every other road to uninstalling; see `ir.module.module`."""
    env["ir.module.module"]._check_lrm_uninstall()
