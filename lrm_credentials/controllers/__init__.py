from . import run
