// Package planner decides what has to happen on the host, and says why.
//
// [Up], [Down] and their siblings are pure functions: from a project, the
// observed [State] of the host and options to a [Plan], a graph of small typed
// operations. They read no clock ([State.Now]), ask nobody, log nothing, and
// change none of their inputs; the same inputs give the same plan to the byte.
//
// A plan is inert. Package runtime applies it; [WriteText], [WriteJSON],
// [WriteDOT] and [WriteMermaid] show it.
//
// Vocabulary:
//
//	operation  one change, about one engine request ([Op])
//	step       an operation with its place in the graph and its reason ([Step])
//	reason     explains a step to people; nothing ever decides by it ([Reason])
//	kept       what is as it should be and is left alone ([Kept])
//	note       what the user should know, though nothing is done about it ([Note])
//	replace    create the new container, stop and remove the old, rename
package planner
