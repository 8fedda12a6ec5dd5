#!/bin/sh
# cold_check.sh - fifty cold domains, a third of them broken in every way that the simulator knows: are all answers right?
# 77 where the system gives us no network of our own.
exec ./tests/bench/bench_cold --check --domains 50 --tail 9 --tarpits 8 --workers 16 --round-trip 5
