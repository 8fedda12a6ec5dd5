/* cleanup.h - ownership visible at the declaration
 *
 * AUTO(fn) runs fn(&variable) when the variable leaves its scope; TAKE(p) hands p on and clears it.
 */
#ifndef COMMON_BASE_CLEANUP_H
#define COMMON_BASE_CLEANUP_H

#define AUTO(fn) __attribute__((__cleanup__(fn)))

#define TAKE(p)                                                                                    \
	({                                                                                         \
		__typeof__(p) taken_ = (p);                                                        \
		(p) = NULL;                                                                        \
		taken_;                                                                            \
	})

#endif
