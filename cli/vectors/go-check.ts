/** The Go file with the checks of an exported package: what they need is in every export. */

import { GENERATED } from './literal.ts';

/** Functions that call the functions under test with the vectors, and report got and wanted. */
export function goCheckText(): string {
  return `// ${GENERATED}

package vectors

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sort"
	"strings"
)

// ErrUnsupported is what decode and encode return for a message that the library does not have. Its vectors are left out.
var ErrUnsupported = errors.New("the library does not have this message")

// T is the part of *testing.T that the checks need.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Frame is a frame that was read.
type Frame struct {
	Type    uint32
	Payload []byte
}

// CheckDecode calls decode with each payload of these levels, such as "must", and reports what it got and what was wanted.
// decode returns the fields with the types of Value. A missing field is its zero value.
//
//	func TestDecode(t *testing.T) { vectors.CheckDecode(t, myDecode, "must") }
func CheckDecode(t T, decode func(message string, payload []byte) (Value, error), levels ...string) {
	t.Helper()
	for _, v := range Vectors {
		if v.Kind != "decode" || !isOneOf(levels, v.Level) {
			continue
		}
		got, err := decode(v.Message, v.Bytes)
		switch {
		case errors.Is(err, ErrUnsupported):
		case err != nil && v.Accepted:
			t.Errorf("%s (%s): %s\\n got: refused: %v\\nwant: %v", v.ID, v.Clause, v.Note, err, v.Value)
		case err == nil && !v.Accepted:
			t.Errorf("%s (%s): %s\\n got: %v\\nwant: refused", v.ID, v.Clause, v.Note, got)
		case err == nil:
			if name, same := difference(got, v.Value); !same {
				t.Errorf("%s (%s): %s\\n got: %s = %s\\nwant: %s", v.ID, v.Clause, v.Note, name, shown(got[name]), shown(v.Value[name]))
			}
		}
	}
}

// CheckEncode calls encode with each value of these levels. The frame is judged by its header and by the JSON value of its
// payload, not by its bytes.
func CheckEncode(t T, encode func(message string, value Value) ([]byte, error), levels ...string) {
	t.Helper()
	for _, v := range Vectors {
		if v.Kind != "encode" || !isOneOf(levels, v.Level) {
			continue
		}
		frame, err := encode(v.Message, v.Value)
		if errors.Is(err, ErrUnsupported) {
			continue
		}
		if err != nil {
			t.Errorf("%s (%s): %s\\n got: refused: %v\\nwant: a frame", v.ID, v.Clause, v.Note, err)
			continue
		}
		if len(frame) < 8 || !bytes.Equal(frame[:4], v.Bytes[:4]) || declared(frame) != len(frame)-8 {
			t.Errorf("%s (%s): %s\\n got: %x\\nwant: a header as in %x", v.ID, v.Clause, v.Note, frame, v.Bytes[:8])
			continue
		}
		got, want := members(frame[8:]), members(v.Bytes[8:])
		for name := range want {
			if text, ok := got[name]; !ok || !isSameJSON(text, want[name]) {
				t.Errorf("%s (%s): %s\\n got: %s = %s\\nwant: %s", v.ID, v.Clause, v.Note, name, text, want[name])
				break
			}
		}
	}
}

// CheckFrames calls read with each stream of these levels. read returns the whole frames, and how the stream ends: "clean",
// "truncated" or "too-large".
func CheckFrames(t T, read func(stream []byte) ([]Frame, string), levels ...string) {
	t.Helper()
	for _, v := range Vectors {
		if v.Kind != "frames" || !isOneOf(levels, v.Level) {
			continue
		}
		got, ending := read(v.Bytes)
		same := len(got) >= len(v.Payloads) && (v.Outcome == "unread" || len(got) == len(v.Payloads) && ending == v.Outcome)
		for i := 0; same && i < len(v.Payloads); i++ {
			p := v.Payloads[i]
			same = got[i].Type == p.Type && bytes.Equal(got[i].Payload, v.Bytes[p.Begin:p.Begin+p.Length])
		}
		if !same {
			t.Errorf("%s (%s): %s\\n got: %v, then %s\\nwant: %v, then %s", v.ID, v.Clause, v.Note, got, ending, v.Payloads, v.Outcome)
		}
	}
}

// String lists the fields by name, each as JSON or, for text and data, as a Go literal.
func (v Value) String() string {
	fields := []string{}
	for name, field := range v {
		fields = append(fields, name+" = "+shown(field))
	}
	sort.Strings(fields)
	return strings.Join(fields, ", ")
}

func shown(field any) string {
	text := fmt.Sprintf("%v", field)
	switch field := field.(type) {
	case nil:
		return "missing"
	case json.RawMessage:
		text = string(field)
	case string, []byte:
		text = fmt.Sprintf("%q", field)
	}
	if len(text) > 200 {
		return fmt.Sprintf("%.200s... (%d bytes)", text, len(text))
	}
	return text
}

func isOneOf(levels []string, level string) bool {
	for _, one := range levels {
		if one == level {
			return true
		}
	}
	return false
}

func declared(frame []byte) int {
	return int(frame[4])<<24 | int(frame[5])<<16 | int(frame[6])<<8 | int(frame[7])
}

// members of a payload; none of what is no object.
func members(payload []byte) map[string]json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal(payload, &object) != nil {
		return nil
	}
	return object
}

// isSameJSON compares a number of a field by its digits, and any other value by what it means.
func isSameJSON(got, want json.RawMessage) bool {
	if len(want) > 0 && (want[0] == '-' || want[0] >= '0' && want[0] <= '9') {
		return bytes.Equal(got, want)
	}
	var a, b any
	return json.Unmarshal(got, &a) == nil && json.Unmarshal(want, &b) == nil && reflect.DeepEqual(a, b)
}

// difference returns the name of a field that differs.
func difference(got, want Value) (string, bool) {
	for name, field := range want {
		if !isSame(got[name], field) {
			return name, false
		}
	}
	for name, field := range got {
		if _, ok := want[name]; !ok && !isZero(field) {
			return name, false
		}
	}
	return "", true
}

func isSame(got, want any) bool {
	switch want := want.(type) {
	case json.RawMessage:
		text, err := json.Marshal(got)
		var a, b any
		return err == nil && json.Unmarshal(text, &a) == nil && json.Unmarshal(want, &b) == nil && reflect.DeepEqual(a, b)
	case []byte:
		data, ok := got.([]byte)
		return (ok || got == nil) && bytes.Equal(data, want)
	case int64:
		number, ok := got.(int64)
		return (ok || got == nil) && number == want
	case string:
		text, ok := got.(string)
		return (ok || got == nil) && text == want
	}
	return false
}

func isZero(field any) bool {
	switch field := field.(type) {
	case nil:
		return true
	case []byte:
		return len(field) == 0
	case json.RawMessage:
		return len(field) == 0 || string(field) == "null"
	case int64:
		return field == 0
	case string:
		return field == ""
	}
	return false
}
`;
}
