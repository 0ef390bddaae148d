"""The container's door: one Action run, its exit code is the gate's."""

import sys

from hparam_ci.action import main

if __name__ == "__main__":
    sys.exit(main())
