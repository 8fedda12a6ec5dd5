#include "config.h"

#include "common/sts/netstring.h"

enum netstring netstring_take(struct span in, size_t max, struct span *ret_content,
			      size_t *ret_size)
{
	size_t i = 0, n = 0;

	*ret_size = 0;
	while (i < in.n && in.p[i] >= '0' && in.p[i] <= '9') {
		if (i > 0 && n == 0) /* a leading zero */
			return NETSTRING_BAD;
		n = n * 10 + (size_t)(in.p[i++] - '0');
		if (n > max)
			return NETSTRING_BAD;
	}
	if (i == in.n)
		return NETSTRING_PART;
	if (i == 0 || in.p[i] != ':')
		return NETSTRING_BAD;
	i++;
	*ret_size = i + n + 1;
	if (in.n < *ret_size)
		return NETSTRING_PART;
	if (in.p[i + n] != ',')
		return NETSTRING_BAD;
	*ret_content = span_make(in.p + i, n);
	return NETSTRING_WHOLE;
}

char *netstring_head(char *end, size_t n)
{
	*--end = ':';
	do
		*--end = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	return end;
}
