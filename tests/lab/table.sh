# shellcheck shell=bash
# table.sh - one row for each recipient, and the count

PASSED=0 FAILED=0 KEEPING=0 LEAKED=0 # rows; those that keep mail back, and of them those that did not

table_head() {
	table_line domain 'what is wrong with it' 'MTA said' 'verdict, reason' 'where the mail is'
	printf -- '-%.0s' {1..136}
	echo
}

table_line() {
	local width cell line=''
	for width in 20 42 9 42 0; do
		cell=$1
		shift
		while [ ${#cell} -lt $width ]; do cell+=' '; done # printf counts bytes
		line+="$cell "
	done
	echo "${line%"${line##*[! ]}"}"
}

# table_row DOMAIN WRONG, then WANT and GOT of reply, verdict and places
table_row() {
	local bad=''
	table_line "${1%.example}" "$2" "${4:0:9}" "$6" "$8"
	[[ $4 == "$3"* ]] || bad+=" answer '$3', got '$4';"
	[ -n "$without_milter" ] || [ "$5" = "$6" ] || bad+=" verdict '$5';"
	[ "$7" = "$8" ] || bad+=" mail in '$7';"
	table_count "$bad"
	if [[ $3 == 4* || "$3 $7" == "- queue" ]]; then
		KEEPING=$((KEEPING + 1))
		[ -z "$bad" ] || LEAKED=$((LEAKED + 1))
	fi
}

# table_check NAME WHAT PROBLEM: a row about something else than one recipient
table_check() {
	table_line "$1" "$2" '' "$([ -n "$3" ] || echo yes)" ''
	table_count "$3"
}

table_count() {
	if [ -z "$1" ]; then
		PASSED=$((PASSED + 1))
	else
		FAILED=$((FAILED + 1))
		echo "  ^ NOT AS EXPECTED:${1%;}"
	fi
}
