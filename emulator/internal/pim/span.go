package pim

import (
	"strings"
	"time"

	"github.com/reprompt/reprompt/emulator/internal/store"
)

// span is when a request wants its schedule to run.
type span struct {
	start    time.Time
	end      *time.Time // nil: no end
	kind     string     // expiration type as the service answers it
	duration string
	future   bool
}

// length is how long the span lasts; ok is false without an end.
func (s span) length() (d time.Duration, ok bool) {
	if s.end == nil {
		return 0, false
	}
	return s.end.Sub(s.start), true
}

func (s span) write(r *store.ScheduleRequest) {
	start := s.start
	r.Start, r.ExpirationType, r.Duration = &start, s.kind, s.duration
	if s.kind == "afterDateTime" {
		r.End = s.end
	}
}

// span reads scheduleInfo. A start in the past means now. A startDateTime without an
// offset from UTC is refused (observed).
func (j *judge) span(in Input) (span, error) {
	out := span{start: j.now, kind: "notSpecified"}
	if in.Schedule == nil {
		return out, nil
	}
	if in.Schedule.Start != "" {
		start, err := instant("startDateTime", in.Schedule.Start)
		if err != nil {
			return span{}, err
		}
		if out.future = start.After(j.now); out.future {
			out.start = start
		}
	}
	switch strings.ToLower(in.Schedule.Type) {
	case "", "notspecified":
		return out, nil
	case "noexpiration":
		out.kind = "noExpiration"
		return out, nil
	case "afterdatetime":
		return out.until(in.Schedule.End)
	case "afterduration":
		return out.lasting(in.Schedule.Duration)
	}
	return span{}, refuse(CodeInvalidRequest, "The expiration type %q is not valid.", in.Schedule.Type)
}

func (s span) until(text string) (span, error) {
	end, err := instant("endDateTime", text)
	if err != nil {
		return span{}, err
	}
	if !end.After(s.start) {
		return span{}, refuse(CodeInvalidRequest, "The endDateTime must be after the startDateTime.")
	}
	s.kind, s.end = "afterDateTime", &end
	return s, nil
}

func (s span) lasting(text string) (span, error) {
	d, err := ParseDuration(text)
	if err != nil || d == 0 {
		return span{}, refuse(CodeInvalidRequest, "The duration %q is not valid.", text)
	}
	end := s.start.Add(d)
	s.kind, s.duration, s.end = "afterDuration", text, &end
	return s, nil
}

func instant(property, text string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}, refuse(CodeInvalidRequest, "The %s %q is not a date and time with an offset from UTC.", property, text)
	}
	return at.UTC(), nil
}
