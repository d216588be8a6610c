// A small library of the task-submission protocol over encoding/json, and an adapter that lets conform judge it.
//
//	go build -o adapter docs/adapters/go/adapter.go
//	conform library --exec ./adapter
//
// Standard library only, Go 1.18 or later. The first part is the library. To judge your own, keep the second part, and let its
// functions call your code.
package main

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"
)

// --- The library ----------------------------------------------------------------------------------------------------------

const maxPayload = 16 << 20

const (
	typeSubmit       = 1
	typeResult       = 2
	typeStatusUpdate = 3
	typeSendResults  = 4
)

type SubmitRequest struct {
	TaskID          string `json:"task_id"`
	TaskDescription string `json:"task_description"`
	FromAddr        string `json:"from_addr"`
	ToAddr          string `json:"to_addr"`
}

type SubmitResponse struct {
	TaskID  string `json:"task_id"`
	Status  int64  `json:"status"`
	Message string `json:"message"`
}

type TaskResult struct {
	TaskDescription string      `json:"task_description"`
	Status          string      `json:"status"`
	Result          interface{} `json:"result"`
	Error           string      `json:"error,omitempty"`
	Timestamp       string      `json:"timestamp"`
}

type TaskStatusUpdate struct {
	TaskID        string `json:"task_id"`
	Status        string `json:"status"`
	Justification string `json:"justification"`
}

type TaskResultMessage struct {
	TaskID       string `json:"task_id"`
	ResultType   string `json:"result_type"`
	ResultText   string `json:"result_text,omitempty"`
	Filename     string `json:"filename,omitempty"`
	FileData     []byte `json:"file_data,omitempty"`
	CompletedAt  string `json:"completed_at"`
	TimeIdleMs   int64  `json:"time_idle_ms,omitempty"`
	TimeStagedMs int64  `json:"time_staged_ms,omitempty"`
	TimeCPUMs    int64  `json:"time_cpu_ms,omitempty"`
}

type TaskFile struct {
	TaskID              string `json:"task_id"`
	TaskDescription     string `json:"task_description"`
	CreatedAt           string `json:"created_at"`
	Status              string `json:"status"`
	StatusJustification string `json:"status_justification"`
	From                string `json:"from"`
	To                  string `json:"to"`
	AcceptedAt          string `json:"accepted_at,omitempty"`
	StagedAt            string `json:"staged_at,omitempty"`
	ExecuteStartedAt    string `json:"execute_started_at,omitempty"`
	CompletedAt         string `json:"completed_at,omitempty"`
	TimeIdleMs          int64  `json:"time_idle_ms,omitempty"`
	TimeStagedMs        int64  `json:"time_staged_ms,omitempty"`
	TimeCPUMs           int64  `json:"time_cpu_ms,omitempty"`
	ResultType          string `json:"result_type,omitempty"`
	Results             string `json:"results,omitempty"`
}

var (
	errTooLarge  = errors.New("a payload exceeds 16 MiB")
	errTruncated = errors.New("the stream ends inside a frame")
)

// writeFrame fails before the first byte if the payload is too large.
func writeFrame(w io.Writer, kind uint32, payload []byte) error {
	if len(payload) > maxPayload {
		return errTooLarge
	}
	var header [8]byte
	binary.BigEndian.PutUint32(header[:4], kind)
	binary.BigEndian.PutUint32(header[4:], uint32(len(payload)))
	if _, err := w.Write(header[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// readFrame returns io.EOF at the end of a stream that ends after a whole frame.
func readFrame(r io.Reader) (uint32, []byte, error) {
	var header [8]byte
	if _, err := io.ReadFull(r, header[:]); err == io.ErrUnexpectedEOF {
		return 0, nil, errTruncated
	} else if err != nil {
		return 0, nil, err
	}
	length := binary.BigEndian.Uint32(header[4:])
	if length > maxPayload {
		return 0, nil, errTooLarge
	}
	// The buffer grows with the bytes that arrive.
	var payload bytes.Buffer
	if n, err := io.CopyN(&payload, r, int64(length)); err == io.EOF && n < int64(length) {
		return 0, nil, errTruncated
	} else if err != nil {
		return 0, nil, err
	}
	return binary.BigEndian.Uint32(header[:4]), payload.Bytes(), nil
}

func typeName(kind uint32) string {
	switch kind {
	case typeSubmit:
		return "SUBMIT"
	case typeResult:
		return "RESULT"
	case typeStatusUpdate:
		return "STATUS_UPDATE"
	case typeSendResults:
		return "SEND_RESULTS"
	}
	return fmt.Sprintf("UNKNOWN(%d)", kind)
}

// isValid reports whether no field exceeds its bound, in bytes.
func isValid(message interface{}) bool {
	switch m := message.(type) {
	case *SubmitRequest:
		return len(m.TaskDescription) <= 16384
	case *TaskStatusUpdate:
		return len(m.Justification) <= 4096
	case *TaskResultMessage:
		return len(m.ResultText) <= 1<<20 && len(m.Filename) <= 256 && len(m.FileData) <= 15<<20
	}
	return true
}

var (
	allowed = set(".md .txt .rtf .docx .pdf .pptx .pth .pt .onnx .h5 .pb .ckpt .safetensors .bin .csv .parquet .xlsx .xls .jpg " +
		".jpeg .png .svg .gif .webp")
	forbidden = set(".go .py .js .ts .java .c .cpp .h .hpp .rs .rb .php .swift .kt .scala .sh .bash .zsh .ps1 .bat .cmd .sql .r " +
		".lua .pl .pm .ex .exs .clj .hs .ml .fs .cs .vb .dart")
)

func set(words string) map[string]bool {
	members := map[string]bool{}
	for _, word := range strings.Fields(words) {
		members[word] = true
	}
	return members
}

func extension(filename string) string {
	return strings.ToLower(filepath.Ext(filename))
}

// hasPassed is false for a time that is missing or malformed. At exactly the bound it is false, too.
func hasPassed(since string, bound time.Duration, now time.Time) bool {
	t, err := time.Parse(time.RFC3339, since)
	return err == nil && now.Sub(t) > bound
}

type reward struct {
	cpuBonus, cpuMinutes, idle, staged, multiplier, raw, final float64
}

// polo follows the documented reading (P2).
func polo(idleMs, stagedMs, cpuMs float64) reward {
	r := reward{cpuMinutes: cpuMs / 60000}
	r.cpuBonus = math.Log2(1 + r.cpuMinutes)
	r.idle = math.Min(math.Max(0, idleMs)/60000, 0.3)
	r.staged = math.Min(math.Max(0, stagedMs)/600000, 0.3)
	r.multiplier = math.Max(0.4, 1-r.idle-r.staged)
	r.raw = (1 + r.cpuBonus) * r.multiplier
	r.final = math.Max(1, math.Floor(r.raw+0.5))
	return r
}

func generateTaskID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:]), nil
}

// --- The adapter ------------------------------------------------------------------------------------------------------------

type request struct {
	ID   int64           `json:"id"`
	Op   string          `json:"op"`
	Args json.RawMessage `json:"args"`
}

// args holds what any operation is asked with.
type args struct {
	Message      string                     `json:"message"`
	Value        map[string]json.RawMessage `json:"value"`
	Repeat       *repeat                    `json:"repeat"`
	Payload      []byte                     `json:"payload_base64"`
	Chunks       [][]byte                   `json:"chunks_base64"`
	EOF          bool                       `json:"eof"`
	Type         uint32                     `json:"type"`
	Task         map[string]json.RawMessage `json:"task"`
	TaskText     []byte                     `json:"text_base64"`
	TaskID       string                     `json:"task_id"`
	Description  string                     `json:"task_description"`
	From         string                     `json:"from"`
	To           string                     `json:"to"`
	Now          time.Time                  `json:"now"`
	Text         string                     `json:"text"`
	What         string                     `json:"what"`
	TimeIdleMs   float64                    `json:"time_idle_ms"`
	TimeStagedMs float64                    `json:"time_staged_ms"`
	TimeCPUMs    float64                    `json:"time_cpu_ms"`
	Count        int                        `json:"count"`
	Filename     string                     `json:"filename"`
}

type repeat struct {
	Field string `json:"field"`
	Text  string `json:"text"`
	Count int    `json:"count"`
}

type object map[string]interface{}

// newMessage returns a pointer to an empty message, and its frame type.
func newMessage(name string) (interface{}, uint32, error) {
	switch name {
	case "SubmitRequest":
		return &SubmitRequest{}, typeSubmit, nil
	case "SubmitResponse":
		return &SubmitResponse{}, typeSubmit, nil
	case "TaskResult":
		return &TaskResult{}, typeResult, nil
	case "TaskStatusUpdate":
		return &TaskStatusUpdate{}, typeStatusUpdate, nil
	case "TaskResultMessage":
		return &TaskResultMessage{}, typeSendResults, nil
	}
	return nil, 0, fmt.Errorf("no message %q", name)
}

// eachField calls do with the wire name and the value of each field of the message.
func eachField(message interface{}, do func(name string, field reflect.Value) error) error {
	value := reflect.ValueOf(message).Elem()
	for i := 0; i < value.NumField(); i++ {
		name := strings.Split(value.Type().Field(i).Tag.Get("json"), ",")[0]
		if err := do(name, value.Field(i)); err != nil {
			return err
		}
	}
	return nil
}

// fromPipe sets the fields of the message. Integers and strings that a reader of JSON may change are objects.
func fromPipe(given map[string]json.RawMessage, message interface{}, r *repeat) error {
	return eachField(message, func(name string, field reflect.Value) error {
		if r != nil && r.Field == name {
			text := strings.Repeat(r.Text, r.Count)
			if field.Kind() == reflect.String {
				field.SetString(text)
			} else {
				field.SetBytes([]byte(text))
			}
			return nil
		}
		raw, ok := given[name]
		if !ok {
			return nil
		}
		if raw[0] == '{' && field.Kind() != reflect.Interface {
			var mark struct {
				Int64 string `json:"int64"`
				Hex   string `json:"utf8_hex"`
			}
			if err := json.Unmarshal(raw, &mark); err != nil {
				return err
			}
			if field.Kind() == reflect.Int64 {
				number, err := strconv.ParseInt(mark.Int64, 10, 64)
				field.SetInt(number)
				return err
			}
			text, err := hex.DecodeString(mark.Hex)
			field.SetString(string(text))
			return err
		}
		return json.Unmarshal(raw, field.Addr().Interface())
	})
}

func toPipe(message interface{}) object {
	shown := object{}
	eachField(message, func(name string, field reflect.Value) error {
		shown[name] = field.Interface()
		if n, ok := shown[name].(int64); ok && (n >= 1<<53 || n <= -1<<53) {
			shown[name] = object{"int64": strconv.FormatInt(n, 10)}
		}
		return nil
	})
	return shown
}

func (a *args) message() (interface{}, uint32, error) {
	message, kind, err := newMessage(a.Message)
	if err == nil {
		err = fromPipe(a.Value, message, a.Repeat)
	}
	return message, kind, err
}

func (a *args) task() (*TaskFile, error) {
	task := &TaskFile{}
	return task, fromPipe(a.Task, task, nil)
}

// chunks delivers one chunk in each read.
type chunks [][]byte

func (c *chunks) Read(p []byte) (int, error) {
	for len(*c) > 0 && len((*c)[0]) == 0 {
		*c = (*c)[1:]
	}
	if len(*c) == 0 {
		return 0, io.EOF
	}
	n := copy(p, (*c)[0])
	(*c)[0] = (*c)[0][n:]
	return n, nil
}

var ops map[string]func(a *args) (interface{}, error)

func init() {
	ops = map[string]func(a *args) (interface{}, error){
		"hello": opHello, "encode": opEncode, "decode": opDecode, "read_frames": opReadFrames, "type_name": opTypeName,
		"validate": opValidate, "marshal_task_file": opMarshalTaskFile, "unmarshal_task_file": opUnmarshalTaskFile,
		"new_task_file": opNewTaskFile, "parse_time": opParseTime, "expiry": opExpiry, "calculate": opCalculate,
		"since": opSince, "polo": opPolo, "generate_task_id": opGenerateTaskID, "extension": opExtension,
	}
}

func opHello(*args) (interface{}, error) {
	names := []string{}
	for name := range ops {
		if name != "hello" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return object{"name": "adapter.go", "version": "1", "language": "Go", "ops": names, "clock": true}, nil
}

func opEncode(a *args) (interface{}, error) {
	message, kind, err := a.message()
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(message)
	if err != nil {
		return nil, err
	}
	var frame bytes.Buffer
	if err := writeFrame(&frame, kind, payload); err != nil {
		return nil, err
	}
	return object{"frame_hex": hex.EncodeToString(frame.Bytes())}, nil
}

func opDecode(a *args) (interface{}, error) {
	message, _, err := newMessage(a.Message)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(a.Payload, message); err != nil {
		return nil, err
	}
	return toPipe(message), nil
}

func opReadFrames(a *args) (interface{}, error) {
	frames := []object{}
	stream := chunks(a.Chunks)
	for {
		kind, payload, err := readFrame(&stream)
		switch {
		case err == nil:
			frames = append(frames, object{"type": kind, "payload_base64": base64.StdEncoding.EncodeToString(payload)})
			continue
		case err == errTooLarge:
			return object{"frames": frames, "error": "too-large"}, nil
		case err == errTruncated && a.EOF:
			return object{"frames": frames, "error": "truncated"}, nil
		}
		return object{"frames": frames}, nil
	}
}

func opTypeName(a *args) (interface{}, error) {
	return typeName(a.Type), nil
}

func opValidate(a *args) (interface{}, error) {
	message, _, err := a.message()
	return object{"valid": err == nil && isValid(message)}, err
}

func opMarshalTaskFile(a *args) (interface{}, error) {
	task, err := a.task()
	if err != nil {
		return nil, err
	}
	text, err := json.MarshalIndent(task, "", "  ")
	return object{"text": string(text)}, err
}

func opUnmarshalTaskFile(a *args) (interface{}, error) {
	task := &TaskFile{}
	if err := json.Unmarshal(a.TaskText, task); err != nil {
		return nil, err
	}
	return toPipe(task), nil
}

func opNewTaskFile(a *args) (interface{}, error) {
	return toPipe(&TaskFile{
		TaskID: a.TaskID, TaskDescription: a.Description, CreatedAt: a.Now.UTC().Format(time.RFC3339Nano), Status: "NEW",
		StatusJustification: "A new task", From: a.From, To: a.To,
	}), nil
}

func opParseTime(a *args) (interface{}, error) {
	t, err := time.Parse(time.RFC3339, a.Text)
	if err != nil {
		return nil, err
	}
	return object{"unix_ms": t.UnixMilli(), "nanosecond": t.Nanosecond()}, nil
}

func opExpiry(a *args) (interface{}, error) {
	task, err := a.task()
	if err != nil {
		return nil, err
	}
	return object{
		"accept":  task.Status == "NEW" && hasPassed(task.CreatedAt, time.Minute, a.Now),
		"queue":   task.Status == "ACCEPTED" && hasPassed(task.StagedAt, time.Hour, a.Now),
		"stalled": task.Status == "ACCEPTED" && hasPassed(task.AcceptedAt, time.Minute, a.Now),
	}, nil
}

// since returns the milliseconds from the time that begins the duration.
func (a *args) since(task *TaskFile) (int64, error) {
	begin := map[string]string{
		"idle": task.CreatedAt, "creation": task.CreatedAt, "staged": task.StagedAt, "cpu": task.ExecuteStartedAt,
	}[a.What]
	t, err := time.Parse(time.RFC3339, begin)
	return a.Now.Sub(t).Milliseconds(), err
}

func opCalculate(a *args) (interface{}, error) {
	task, err := a.task()
	if err != nil {
		return nil, err
	}
	ms, err := a.since(task)
	if err != nil {
		return nil, err
	}
	switch a.What {
	case "idle":
		task.TimeIdleMs = ms
	case "staged":
		task.TimeStagedMs = ms
	case "cpu":
		task.TimeCPUMs = ms
	}
	return toPipe(task), nil
}

func opSince(a *args) (interface{}, error) {
	task, err := a.task()
	if err != nil {
		return nil, err
	}
	ms, err := a.since(task)
	return object{"ms": ms}, err
}

func opPolo(a *args) (interface{}, error) {
	r := polo(a.TimeIdleMs, a.TimeStagedMs, a.TimeCPUMs)
	shown := object{
		"base": 1.0, "cpu_bonus": r.cpuBonus, "cpu_minutes": r.cpuMinutes, "idle_factor": r.idle, "staged_factor": r.staged,
		"efficiency_multiplier": r.multiplier, "raw_reward": r.raw, "final_reward": r.final,
	}
	for name, number := range shown {
		if f := number.(float64); math.IsNaN(f) || math.IsInf(f, 0) {
			shown[name] = nil
		}
	}
	return shown, nil
}

func opGenerateTaskID(a *args) (interface{}, error) {
	ids := make([]string, a.Count)
	for i := range ids {
		id, err := generateTaskID()
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return object{"ids": ids}, nil
}

func opExtension(a *args) (interface{}, error) {
	e := extension(a.Filename)
	return object{"allowed": allowed[e], "forbidden": forbidden[e]}, nil
}

func answer(r request) object {
	op, ok := ops[r.Op]
	if !ok {
		return object{"id": r.ID, "unsupported": true}
	}
	var a args
	err := json.Unmarshal(r.Args, &a)
	var value interface{}
	if err == nil {
		value, err = op(&a)
	}
	if err != nil {
		return object{"id": r.ID, "ok": false, "error": err.Error()}
	}
	return object{"id": r.ID, "ok": true, "value": value}
}

func main() {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := json.NewEncoder(os.Stdout)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			return // The end of the input.
		}
		var r request
		if err := json.Unmarshal(line, &r); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		if err := out.Encode(answer(r)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
