// Package argv makes docker-style command lines strict.
//
// People type flags after operands (up web -d), global flags after the command
// (up --dry-run), joined shorthands (-dt5) and --flag=value in every mixture.
// [Parse] reads all of that by a table of commands and flags and writes it back
// as one plain form: global flags, command, its flags as --name=value, --,
// operands. A strict parser behind it then has nothing left to guess.
//
// The rules are those of POSIX with GNU long options as docker's own command
// line has them, and so are the words of the errors. The package runs nothing,
// prints nothing and knows no particular command.
package argv
