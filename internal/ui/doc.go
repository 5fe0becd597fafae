// Package ui shows people and programs what gocompose does.
//
// The rules of the user interface:
//
//  1. Standard output carries what was asked for: tables, plans, logs. All else
//     goes to standard error.
//  2. Off a terminal there are no escape codes and nothing is drawn twice: one
//     line says one thing.
//  3. A question is asked only where a person can answer it, on a terminal, and
//     never twice. Elsewhere the answer is no, and the flag that means yes is
//     named.
//  4. Progress uses docker compose's words, because scripts look for them.
//  5. An error says what happened and where; a hint on its own line says what to
//     do.
//  6. Things are called by the names that the engine knows them by.
//  7. Colour and drawing add to the words and never replace them; NO_COLOR and
//     --ansi never are obeyed.
//  8. Output never holds up the work. Behind a slow terminal progress is
//     dropped; an outcome never is.
//  9. The cursor is never hidden and the package changes no terminal mode.
//     Commands that take keys give the terminal back, whatever way they end.
//  10. Rows are cut to the width of the terminal; results are not. Secrets are
//     shown nowhere.
//
// Start with [Decide], which settles once how output looks. [NewConsole] owns
// the output; [NewProgress] shows a plan being applied and [NewLogs] the output
// of containers, both through the console. The package reads no engine and
// decides nothing about the work.
package ui
