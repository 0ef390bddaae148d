"""The commands of `hparam-ci` beside `inspect`, one file each: `add` puts a command on the parser."""
