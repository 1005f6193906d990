"""`python -m xview.cli`."""

import sys

from xview.cli import main

sys.exit(main())
