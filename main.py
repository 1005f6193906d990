"""Open the window: `python main.py [DATA | SESSION]`."""

import sys

from xview.qt.app import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
