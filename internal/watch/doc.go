// Package watch notices changes of files on this machine and decides what becomes
// of them in containers: the develop.watch section of the Compose Spec.
//
// A [Notifier] tells which paths have changed, by the system's own notification or
// by looking. [Rules] say what a change of a path means. A [Session] puts the two
// together: it gathers changes that belong together, has a [Host] carry out what
// they mean, and keeps account of what each container has not got yet, so that what
// fails, or what a stopped container could not take, is made up for.
//
// What has changed is always asked of the file system when it is acted upon: a
// change is a path and nothing else, and telling of it twice does no harm.
package watch
