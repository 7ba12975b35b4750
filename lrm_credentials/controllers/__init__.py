from . import portal, run, verify
