// Package doctor checks beforehand everything about a tenant, the test admin and this machine that
// would keep a proof from meaning something. It reads and never writes, signs nobody in but the
// application that reads, and activates nothing.
//
// Each check says what was looked at, what was found, and how to mend it. Its result is
//
//	ok       as it should be
//	failed   a proof would fail or mean nothing, or the tenant is not safe with this set-up
//	unknown  it could not be looked at; nothing is known, which is not the same as ok
//	note     worth knowing, and nothing to mend
//
// The checks, in their order; those of a role, a permission or a policy come once for each:
//
//	token          the application that reads can sign in
//	tenant         its token is of the tenant that the safety list names
//	writes         its token cannot change anything
//	permission/X   its token holds what a proof reads with
//	clock          the machine's clock agrees with the sign-in host's
//	browser        a browser is there, of a version that was tried
//	graph          Microsoft Graph answers
//	licence        the tenant has Privileged Identity Management
//	defaults       security defaults are off
//	admin          the test admin is there, enabled, and called what the tenant file says
//	making/X       where a run makes the test admin: the application that makes it may make X
//	methods        the test admin has what the credentials need, or, where it is yet to be made, may have
//	break-glass    the test admin is no emergency account
//	registration/X only the test admin can use the public client (users), consented alone
//	               (consent), and it is registered as a proof needs it (client)
//	role/NAME      the test admin is eligible for the role and does not hold it
//	setting/NAME   its setting can be read, and what it asks for
//	policy/NAME    a policy that makes the proof impossible or meaningless
//	policies       no such policy is there
//	context        an authentication context is free for scenarios
//	attacker       what somebody could do who took this machine's files
//
// A result is no proof. That every check is ok says that nothing known is in the way of one.
//
// As JSON a report is one object, reprompt/doctor/v1; fields and checks are only ever added:
//
//	{"schema":"reprompt/doctor/v1","tenant_id":"…","result":"failed","checks":[
//	  {"name":"licence","what":"the licence","result":"failed","found":"…","mend":"…"}]}
package doctor
