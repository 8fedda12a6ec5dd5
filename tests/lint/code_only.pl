# code_only.pl FILE... - C without comments and without what stands in quotation marks; line numbers stay
use strict;
use warnings;

for my $file (@ARGV) {
	open(my $in, '<', $file) or die "$file: $!\n";
	my $text = do { local $/; <$in> };
	close($in);
	$text =~ s{(/\*.*?\*/|//[^\n]*)|("(?:\\.|[^"\\\n])*")|('(?:\\.|[^'\\\n])*')}
		  {my $c = $1 // ''; $c =~ tr/\n//cd; defined $1 ? " $c" : defined $2 ? '""' : "' '"}gse;
	my $line = 0;
	print map { ++$line . ":$_\n" } split(/\n/, $text);
}
