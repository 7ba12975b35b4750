from . import lrm_credential_run
from . import queue_job
