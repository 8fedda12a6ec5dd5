/* resident.h - memory of this process that is in use: KiB, 0 when the kernel does not say */
#ifndef TESTS_BENCH_RESIDENT_H
#define TESTS_BENCH_RESIDENT_H

long resident_kib(void);

#endif
