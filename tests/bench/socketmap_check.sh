#!/bin/sh
# The benchmark of the policy service for a moment: it still builds, every question is answered with the policy and
# logged. How fast is for `make bench` to say.
exec tests/bench/bench_socketmap --quick >/dev/null
