/* test.h - what every unit test includes first: cmocka wants these headers before its own */
#ifndef TESTS_UNIT_TEST_H
#define TESTS_UNIT_TEST_H

#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
