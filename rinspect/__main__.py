"""``python -m rinspect`` is the command ``rinspect``."""

import sys

from rinspect.cli import main

if __name__ == "__main__":
    sys.exit(main())
