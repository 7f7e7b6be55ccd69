"""`python -m core.worker`: the worker process."""

import sys

from core.worker.process import main

sys.exit(main())
