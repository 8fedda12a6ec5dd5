# shellcheck shell=bash
# table.sh - one row for each recipient, or for each thing that several MTAs do beside each other; and the count

# What is counted: rows, or cells where a row has several; and of them those that keep mail back, and those that did not
PASSED=0 FAILED=0 SKIPPED=0 KEEPING=0 LEAKED=0
TABLE_HEAD=''

# table_head KIND: "rows" or "columns", when it is another one than above
table_head() {
	local mta title=()
	[ "$1" != "$TABLE_HEAD" ] || return 0
	[ -z "$TABLE_HEAD" ] || echo
	TABLE_HEAD=$1
	case $1 in
	rows) table_line "$TABLE_ROWS" domain 'what is wrong with it' 'MTA said' 'verdict, reason' 'where the mail is' ;;
	columns)
		for mta in "${MTAS[@]}"; do title+=("${MTA_TITLE[$mta]}"); done
		table_line "$TABLE_COLUMNS" '' '' "${title[@]}"
		table_line "$TABLE_COLUMNS" domain 'what is wrong with it' "${title[@]/*/RCPT, delivery}"
		;;
	esac
	printf -- '-%.0s' {1..136}
	echo
}

TABLE_ROWS='20 42 9 42 0' TABLE_COLUMNS='18 50 21 21 21 21'

# table_line WIDTHS CELL...
table_line() {
	local width pad line='' widths=$1
	shift
	for width in $widths; do
		[ $# != 0 ] || break
		printf -v pad '%*s' $((${#1} < width ? width - ${#1} : 0)) '' # its own width would count bytes
		line+="$1$pad "
		shift
	done
	echo "${line%"${line##*[! ]}"}"
}

# table_row DOMAIN WRONG, then WANT and GOT of reply, verdict and places
table_row() {
	local bad=''
	table_head rows
	table_line "$TABLE_ROWS" "${1%.example}" "$2" "${4:0:9}" "$6" "$8"
	[[ $4 == "$3"* ]] || bad+=" answer '$3', got '$4';"
	[ -n "$without_milter" ] || [ "$5" = "$6" ] || bad+=" verdict '$5';"
	[ "$7" = "$8" ] || bad+=" mail in '$7';"
	table_count "$bad"
	table_keeps "$3 $7" "$bad"
}

# table_skipped NAME WRONG: a row that cannot be had
table_skipped() {
	table_note "${1%.example}" "$2" SKIPPED
	SKIPPED=$((SKIPPED + 1))
}

# table_columns DOMAIN WRONG WANT CELL...: a cell for each of MTAS; "" where it has no part in it, SKIPPED where it cannot be had
table_columns() {
	local mta want=$3
	table_head columns
	table_line "$TABLE_COLUMNS" "${1%.example}" "$2" "${@:4}"
	shift 3
	for mta in "${MTAS[@]}"; do
		case $1 in
		'') ;;
		SKIPPED) SKIPPED=$((SKIPPED + 1)) ;;
		*)
			table_count "${COLUMN_BAD[$mta]}"
			table_keeps "${COLUMN_WANT[$mta]} $(column_of "$mta" "$want")" "${COLUMN_BAD[$mta]}"
			;;
		esac
		shift
	done
}

# table_keeps WANTED PROBLEM: the MTA was to refuse it, or to keep it or choose another MX host because of what it was told to demand
table_keeps() {
	case " $1 " in
	" 4"* | *" kept "* | *" saved "*)
		KEEPING=$((KEEPING + 1))
		[ -z "$2" ] || LEAKED=$((LEAKED + 1))
		;;
	esac
}

# table_check NAME WHAT PROBLEM: a row about something else than one recipient
table_check() {
	table_note "$1" "$2" "$([ -n "$3" ] || echo yes)"
	table_count "$3"
}

# table_note NAME WHAT SAID: below whatever is above
table_note() {
	case $TABLE_HEAD in
	columns) table_line "$TABLE_COLUMNS" "$1" "$2" "$3" ;;
	*) table_line "$TABLE_ROWS" "$1" "$2" '' "$3" ;;
	esac
}

table_count() {
	if [ -z "$1" ]; then
		PASSED=$((PASSED + 1))
	else
		FAILED=$((FAILED + 1))
		echo "  ^ NOT AS EXPECTED:${1%;}"
	fi
}
