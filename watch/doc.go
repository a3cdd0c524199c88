// Package watch keeps the proof of a tenant's roles true: it reads the directory audit log, waits until
// nobody changes anything any more, and has the roles proved again that a change can have touched.
//
// What it knows is in a state file (bbolt, readable by its owner only), and every step is one transaction
// of it, so that a process that is killed anywhere goes on where it was:
//
//	record   rows of the log that are new and matter become pending changes
//	ripen    pending changes, once it is calm, become roles whose proof is due
//	attempt  a role that is due gets the folder for its evidence
//	settle   a proof that came to a verdict takes the role off the list; what changed becomes a notification
//	deliver  a notification that was delivered is forgotten
//
// Between attempt and settle lies the proof itself. If the process dies there, the finished bundle in the
// attempt's folder tells that the proof was made, and it is not made again; without one it is.
//
// The log is late: Microsoft once stated two minutes for 95 and five for 99 of a hundred rows, and states
// nothing now. Every look therefore goes back by [Options.Late], and the ids of the rows of that span are
// kept: neither a row that comes late nor one of equal time is missed or taken twice. A row that is later
// than Late is missed, which the tests say too.
//
// What is looked at: policies of Conditional Access, named locations, security defaults, authentication
// strengths, authentication contexts, role settings, assignments and eligibilities. Who joins or leaves a
// group is not, and neither is a user's own change of its methods: [Options.Again] proves every role anew
// after a while although nothing is known to have changed.
package watch
