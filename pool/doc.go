// Package pool carries a plan of package planner out: it runs proofs side by side, lets no more browser
// contexts be open than it may, gives each admin to one proof at a time, and lets go of both as soon as a
// proof only waits.
//
// A proof is a func that is given a Turn. It enters before it opens a context and leaves when it has closed
// it; it waits by Turn.Rest, which leaves meanwhile; and it says Free when it lets its admin authenticate no
// more, whereupon the next role of that admin begins beside it. Coming back is governed by planner.Line.
//
// Proofs that somebody else runs ([Pool.Guest]) take their turns at the browser in the same line.
//
// # The test clock
//
// A shared test clock moves only when everybody who has joined it waits for it. A turn has joined while it
// runs and not while it stands in a line: then others have to move on first. Whoever hands something over
// joins for who gets it, so that the clock cannot move in between.
package pool
