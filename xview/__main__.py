"""`python -m xview`: the command line."""

import sys

from xview.cli import main

sys.exit(main())
