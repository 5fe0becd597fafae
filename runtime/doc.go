// Package runtime looks at the host and changes it.
//
// [Observe] turns the host into a [planner.State]. [Apply] carries out a
// [planner.Plan] through a [Driver] and reports an outcome for every step; it
// is the only code that changes anything. A [Session] stays attached to what
// was started: it shows logs and decides when the run is over. [FollowLogs]
// reads logs alone.
//
// The package never prints, asks or handles signals: events go to a [Sink],
// lines to a [LogSink], and an interrupt is a method call.
package runtime
