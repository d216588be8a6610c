/*
 * A small library of the task-submission protocol in C11, and an adapter that lets conform judge it:
 *
 *     cc -O2 -Wall -Wextra -o adapter docs/adapters/c/adapter.c -lm
 *     conform library --exec ./adapter
 *
 * The JSON reader is that of the C server. The adapter has the operations that a codec has; the kit skips the others.
 */
#define _GNU_SOURCE
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>

#include "../servers/c/json.h"

enum { CAP = 16 * 1024 * 1024, MOST_FIELDS = 20 };

/* --- Output: one growing buffer for the answer ---------------------------------------------------------------------------- */

static char *out;
static size_t out_size, out_room;

static void put(const char *bytes, size_t size) {
  if (out_size + size + 1 > out_room) {
    out_room = 2 * (out_size + size + 1);
    out = realloc(out, out_room);
    if (!out) abort();
  }
  memcpy(out + out_size, bytes, size);
  out_size += size;
}

static void put_text(const char *text) {
  put(text, strlen(text));
}

static void __attribute__((format(printf, 1, 2))) putf(const char *format, ...) {
  char text[256];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  put_text(text);
}

static void put_base64(const unsigned char *bytes, size_t size) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (size_t at = 0; at < size; at += 3) {
    size_t left = size - at;
    unsigned bits = bytes[at] << 16 | (left > 1 ? bytes[at + 1] : 0) << 8 | (left > 2 ? bytes[at + 2] : 0);
    char four[4] = {alphabet[bits >> 18], alphabet[bits >> 12 & 63], left > 1 ? alphabet[bits >> 6 & 63] : '=',
                    left > 2 ? alphabet[bits & 63] : '='};
    put(four, 4);
  }
}

/* --- The library ---------------------------------------------------------------------------------------------------------- */

/* Types: 's' string, 'i' integer, 'b' bytes in base64, 'a' any value. `keep`: written also when it is empty. */
struct message {
  const char *name;
  unsigned type;
  struct field fields[MOST_FIELDS];
};

static const struct message messages[] = {
    {"SubmitRequest", 1, {{"task_id", 's', true}, {"task_description", 's', true}, {"from_addr", 's', true}, {"to_addr", 's', true}}},
    {"SubmitResponse", 1, {{"task_id", 's', true}, {"status", 'i', true}, {"message", 's', true}}},
    {"TaskResult", 2, {{"task_description", 's', true}, {"status", 's', true}, {"result", 'a', true}, {"error", 's', false}, {"timestamp", 's', true}}},
    {"TaskStatusUpdate", 3, {{"task_id", 's', true}, {"status", 's', true}, {"justification", 's', true}}},
    {"TaskResultMessage", 4, {{"task_id", 's', true}, {"result_type", 's', true}, {"result_text", 's', false}, {"filename", 's', false},
      {"file_data", 'b', false}, {"completed_at", 's', true}, {"time_idle_ms", 'i', false}, {"time_staged_ms", 'i', false}, {"time_cpu_ms", 'i', false}}},
    {"TaskFile", 0, {{"task_id", 's', true}, {"task_description", 's', true}, {"created_at", 's', true}, {"status", 's', true},
      {"status_justification", 's', true}, {"from", 's', true}, {"to", 's', true}, {"accepted_at", 's', false}, {"staged_at", 's', false},
      {"execute_started_at", 's', false}, {"completed_at", 's', false}, {"time_idle_ms", 'i', false}, {"time_staged_ms", 'i', false},
      {"time_cpu_ms", 'i', false}, {"result_type", 's', false}, {"results", 's', false}}},
};

static const struct message *message_named(struct token name) {
  for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
    if (name.size == strlen(messages[i].name) + 2 && memcmp(name.at + 1, messages[i].name, name.size - 2) == 0) return &messages[i];
  return NULL;
}

/* The fields of a message for the reader. As a request has them (`as_value`), integers can be objects, so any value is taken. */
static void reader_fields(const struct message *message, bool as_value, struct field *fields) {
  memcpy(fields, message->fields, sizeof message->fields);
  for (; fields->name; fields++)
    if (as_value && fields->type == 'i') fields->type = 'a';
    else if (fields->type == 'b') fields->type = 's';
}

/* Whether each number of a JSON text is one that a double can hold. */
static bool has_finite_numbers(struct token token) {
  for (const char *at = token.at, *end = at + token.size; at < end;) {
    size_t size;
    if (*at == '"') at = read_string(at, NULL, &size);
    else if (*at == '-' || (*at >= '0' && *at <= '9')) {
      char *after;
      if (isinf(strtod(at, &after))) return false;
      at = after;
    } else at++;
  }
  return true;
}

/* Bytes in base64, in new memory; NULL if they are malformed. */
static char *bytes_of(struct token token, long *size) {
  size_t length;
  char *text = text_of(token, &length);
  *size = text ? decode_base64(text, length) : -1;
  if (*size < 0) {
    free(text);
    return NULL;
  }
  return text;
}

static void put_separator(bool *first) {
  put_text(*first ? "{" : ",");
  *first = false;
}

static bool is_unsafe(struct token token) {
  long long value = strtoll(token.at, NULL, 10);
  return value > 9007199254740991LL || value < -9007199254740991LL;
}

/* Decodes a payload, which a NUL follows, and puts its fields as a value of the pipe. False if it is malformed. */
static bool decode(const struct message *message, const char *payload, size_t size) {
  struct field fields[MOST_FIELDS];
  struct token tokens[MOST_FIELDS];
  reader_fields(message, false, fields);
  const char *begin = skip_space(payload);
  if (strncmp(begin, "null", 4) == 0 && skip_space(begin + 4) == payload + size) return put_text("{}"), true; /* M6 */
  if (!read_object(payload, size, fields, tokens)) return false;
  bool first = true;
  for (int i = 0; message->fields[i].name; i++) {
    if (tokens[i].size == 0) continue;
    put_separator(&first);
    putf("\"%s\":", message->fields[i].name);
    switch (message->fields[i].type) {
      case 'i':
        if (is_unsafe(tokens[i])) putf("{\"int64\":\"%.*s\"}", (int)tokens[i].size, tokens[i].at);
        else put(tokens[i].at, tokens[i].size);
        break;
      case 'b': {
        long length;
        char *bytes = bytes_of(tokens[i], &length);
        if (!bytes) return false;
        put_text("\"");
        put_base64((unsigned char *)bytes, (size_t)length);
        put_text("\"");
        free(bytes);
        break;
      }
      case 'a':
        if (!has_finite_numbers(tokens[i])) return false;
        /* In JSON, a line break is white space. */
        for (size_t at = 0; at < tokens[i].size; at++) put(strchr("\r\n", tokens[i].at[at]) ? " " : tokens[i].at + at, 1);
        break;
      default:
        put(tokens[i].at, tokens[i].size);
    }
  }
  put_text(first ? "{}" : "}");
  return true;
}

/* Writes a string of JSON from bytes of UTF-8 (M12). */
static void put_string(const char *text, size_t size) {
  put_text("\"");
  for (size_t at = 0; at < size; at++) {
    static const char letters[] = "\b\f\n\r\t\"\\", escapes[] = "bfnrt\"\\";
    unsigned char byte = (unsigned char)text[at];
    const char *letter = byte ? strchr(letters, byte) : NULL;
    bool is_separator = size - at > 2 && (memcmp(text + at, "\xe2\x80\xa8", 3) == 0 || memcmp(text + at, "\xe2\x80\xa9", 3) == 0);
    if (letter) putf("\\%c", escapes[letter - letters]);
    else if (byte < 0x20 || byte == '<' || byte == '>' || byte == '&') putf("\\u%04x", byte);
    else if (is_separator) putf("\\u202%c", text[at += 2] == '\xa8' ? '8' : '9');
    else put(text + at, 1);
  }
  put_text("\"");
}

/* A field that the adapter builds: `text`, `count` times. */
struct repeat {
  struct token field, text;
  long long count;
};

static bool is_repeated(const struct repeat *repeat, const char *name) {
  return repeat->field.size == strlen(name) + 2 && memcmp(repeat->field.at + 1, name, strlen(name)) == 0;
}

/* Puts the payload of a value. False for a value that this library cannot hold. */
static bool encode(const struct message *message, struct token *tokens, const struct repeat *repeat) {
  bool first = true;
  for (int i = 0; message->fields[i].name; i++) {
    const struct field *field = &message->fields[i];
    struct token token = tokens[i];
    bool repeated = is_repeated(repeat, field->name);
    bool empty = token.size == 0 || (field->type == 'i' && token.size == 1 && *token.at == '0') || (token.size == 2 && *token.at == '"');
    if (empty && !repeated && !field->keep) continue;
    put_separator(&first);
    putf("\"%s\":", field->name);
    size_t size;
    char *text = text_of(repeated ? repeat->text : token, &size);
    if (field->type == 'i') {
      const char *digits = token.size == 0 ? "0" : token.at + strcspn(token.at, "-0123456789");
      if (*token.at == '{') digits = strchr(token.at, ':') + 1 + strcspn(strchr(token.at, ':') + 1, "-0123456789");
      put(digits, strspn(digits, "-0123456789"));
    } else if (field->type == 'a') {
      if (token.size == 0) put_text("null");
      else put(token.at, token.size);
    } else if (repeated) {
      size_t whole = size * (size_t)repeat->count;
      char *all = malloc(whole + 1);
      if (!all) abort();
      for (size_t at = 0; at < whole; at += size) memcpy(all + at, text, size);
      if (field->type == 's') put_string(all, whole);
      else put_text("\""), put_base64((unsigned char *)all, whole), put_text("\"");
      free(all);
    } else if (field->type == 'b') put(token.at, token.size);
    else put_string(text, size);
    free(text);
  }
  put_text("}");
  return true;
}

static const struct bound {
  const char *message, *field;
  size_t most;
} bounds[] = {
    {"SubmitRequest", "task_description", 16384},
    {"TaskStatusUpdate", "justification", 4096},
    {"TaskResultMessage", "result_text", 1048576},
    {"TaskResultMessage", "filename", 256},
    {"TaskResultMessage", "file_data", 15728640},
};

static bool is_valid(const struct message *message, struct token *tokens, const struct repeat *repeat) {
  for (size_t b = 0; b < sizeof bounds / sizeof *bounds; b++)
    for (int i = 0; message->fields[i].name; i++) {
      if (strcmp(bounds[b].message, message->name) != 0 || strcmp(bounds[b].field, message->fields[i].name) != 0) continue;
      size_t size = text_size(tokens[i]);
      if (message->fields[i].type == 'b') size = size / 4 * 3;
      if (is_repeated(repeat, message->fields[i].name)) size = text_size(repeat->text) * (size_t)repeat->count;
      if (size > bounds[b].most) return false;
    }
  return true;
}

static const char *const allowed[] = {"md", "txt", "rtf", "docx", "pdf", "pptx", "pth", "pt", "onnx", "h5", "pb", "ckpt", "safetensors",
  "bin", "csv", "parquet", "xlsx", "xls", "jpg", "jpeg", "png", "svg", "gif", "webp", NULL};
static const char *const forbidden[] = {"go", "py", "js", "ts", "java", "c", "cpp", "h", "hpp", "rs", "rb", "php", "swift", "kt", "scala",
  "sh", "bash", "zsh", "ps1", "bat", "cmd", "sql", "r", "lua", "pl", "pm", "ex", "exs", "clj", "hs", "ml", "fs", "cs", "vb", "dart", NULL};

/* Whether what follows the last dot is in the list, without regard to the case of ASCII. */
static bool has_extension(const char *name, size_t size, const char *const *list) {
  const char *dot = memrchr(name, '.', size);
  for (; dot && *list; list++) {
    size_t length = (size_t)(name + size - dot - 1), at = 0;
    while (at < length && (dot[1 + at] | ((dot[1 + at] >= 'A' && dot[1 + at] <= 'Z') ? 0x20 : 0)) == (*list)[at]) at++;
    if (at == length && (*list)[at] == '\0') return true;
  }
  return false;
}

static bool read_number(const char **at, int digits, long long *value) {
  for (*value = 0; digits > 0; digits--, (*at)++) {
    if (**at < '0' || **at > '9') return false;
    *value = *value * 10 + (**at - '0');
  }
  return true;
}

static long long days_since_1970(long long year, long long month, long long day) {
  year -= month <= 2;
  long long era = (year >= 0 ? year : year - 399) / 400, of_era = year - era * 400;
  long long of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* RFC 3339 (L3). */
static bool parse_time(const char *at, const char *end, long long *seconds, long long *nanosecond) {
  static const int month_days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  long long year, month, day, hour, minute, second, offset = 0, offset_hour, offset_minute;
  if (!read_number(&at, 4, &year) || *at++ != '-' || !read_number(&at, 2, &month) || *at++ != '-' || !read_number(&at, 2, &day) ||
      *at++ != 'T' || !read_number(&at, 2, &hour) || *at++ != ':' || !read_number(&at, 2, &minute) || *at++ != ':' ||
      !read_number(&at, 2, &second))
    return false;
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return false;
  bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  if (day < 1 || day > month_days[month - 1] + (month == 2 && leap)) return false;
  *nanosecond = 0;
  if (*at == '.') {
    long long scale = 100000000;
    if (!read_digits(at + 1)) return false;
    for (at++; *at >= '0' && *at <= '9'; at++, scale /= 10) *nanosecond += (*at - '0') * scale;
  }
  if (*at == 'Z') at++;
  else {
    int sign = *at == '+' ? 1 : *at == '-' ? -1 : 0;
    if (sign == 0) return false;
    at++;
    if (!read_number(&at, 2, &offset_hour) || *at++ != ':' || !read_number(&at, 2, &offset_minute)) return false;
    if (offset_hour > 23 || offset_minute > 59) return false;
    offset = sign * (offset_hour * 3600 + offset_minute * 60);
  }
  *seconds = days_since_1970(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
  return at == end;
}

/* By the documented reading (P2). */
static double penalty(double ms, double scale_ms) {
  return fmin(fmax(0, ms) / scale_ms, 0.3);
}

static void put_polo(double idle, double staged, double cpu) {
  double minutes = cpu / 60000, bonus = log2(1 + minutes), idle_factor = penalty(idle, 60000), staged_factor = penalty(staged, 600000);
  double multiplier = fmax(0.4, 1 - idle_factor - staged_factor), raw = (1 + bonus) * multiplier;
  putf("{\"base\":1,\"cpu_bonus\":%.17g,\"cpu_minutes\":%.17g,", bonus, minutes);
  putf("\"idle_factor\":%.17g,\"staged_factor\":%.17g,\"efficiency_multiplier\":%.17g,", idle_factor, staged_factor, multiplier);
  putf("\"raw_reward\":%.17g,\"final_reward\":%.0f}", raw, fmax(1, floor(raw + 0.5)));
}

/* --- The adapter ---------------------------------------------------------------------------------------------------------- */

enum result { OK, REFUSED, UNSUPPORTED };

enum { MESSAGE, VALUE, REPEAT, PAYLOAD, CHUNKS, AT_END, TYPE, TEXT, IDLE, STAGED, CPU, COUNT, FILENAME };
static const struct field arg_fields[] = {
    {"message", 's', true}, {"value", 'a', true}, {"repeat", 'a', true}, {"payload_base64", 's', true}, {"chunks_base64", 'a', true},
    {"eof", 'a', true}, {"type", 'i', true}, {"text", 's', true}, {"time_idle_ms", 'i', true}, {"time_staged_ms", 'i', true},
    {"time_cpu_ms", 'i', true}, {"count", 'i', true}, {"filename", 's', true}, {NULL, 0, false}};
static const struct field file_fields[] = {{"text_base64", 's', true}, {NULL, 0, false}};
static const struct field repeat_fields[] = {{"field", 's', true}, {"text", 's', true}, {"count", 'i', true}, {NULL, 0, false}};

/* An object inside a line: the reader wants a NUL after it. */
static bool read_inner(struct token token, const struct field *fields, struct token *tokens) {
  char *end = (char *)token.at + token.size, kept = *end;
  *end = '\0';
  bool read = read_object(token.at, token.size, fields, tokens);
  *end = kept;
  return read;
}

/* The value and the repetition of a request. False if the value is one that this library cannot hold. */
static bool read_value(const struct message *message, struct token *args, struct token *tokens, struct repeat *repeat) {
  struct field fields[MOST_FIELDS];
  struct token parts[3];
  reader_fields(message, true, fields);
  *repeat = (struct repeat){literal(""), literal(""), 0};
  if (args[REPEAT].size > 0) {
    if (!read_inner(args[REPEAT], repeat_fields, parts)) return false;
    *repeat = (struct repeat){parts[0], parts[1], strtoll(parts[2].at, NULL, 10)};
  }
  return read_inner(args[VALUE], fields, tokens); /* {"utf8_hex"} is no string, so it is refused. */
}

static enum result do_decode(const struct message *message, struct token base64) {
  long size;
  char *payload = bytes_of(base64, &size);
  if (!payload) return REFUSED;
  payload[size] = '\0';
  bool decoded = message && decode(message, payload, (size_t)size);
  free(payload);
  return decoded ? OK : REFUSED;
}

static enum result do_encode(struct token *args) {
  const struct message *message = message_named(args[MESSAGE]);
  struct token tokens[MOST_FIELDS];
  struct repeat repeat;
  if (!message || !read_value(message, args, tokens, &repeat)) return UNSUPPORTED;
  size_t begin = out_size;
  encode(message, tokens, &repeat);
  size_t size = out_size - begin;
  if (size > CAP) return REFUSED; /* F9 */
  char *payload = malloc(size + 1);
  if (!payload) abort();
  memcpy(payload, out + begin, size);
  out_size = begin;
  putf("{\"frame_hex\":\"%08x%08zx", message->type, size);
  for (size_t at = 0; at < size; at++) {
    static const char digits[] = "0123456789abcdef";
    char pair[2] = {digits[(unsigned char)payload[at] >> 4], digits[payload[at] & 15]};
    put(pair, 2);
  }
  put_text("\"}");
  free(payload);
  return OK;
}

static enum result do_validate(struct token *args) {
  const struct message *message = message_named(args[MESSAGE]);
  struct token tokens[MOST_FIELDS];
  struct repeat repeat;
  if (!message || !read_value(message, args, tokens, &repeat)) return UNSUPPORTED;
  putf("{\"valid\":%s}", is_valid(message, tokens, &repeat) ? "true" : "false");
  return OK;
}

static uint32_t read_u32(const unsigned char *at) {
  return (uint32_t)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
}

static enum result do_read_frames(struct token *args) {
  unsigned char *stream = malloc(args[CHUNKS].size + 1);
  size_t size = 0, at = 0;
  if (!stream) abort();
  for (const char *next = args[CHUNKS].at, *end = next + args[CHUNKS].size; (next = memchr(next, '"', (size_t)(end - next)));) {
    size_t ignored;
    long length;
    const char *after = read_string(next, NULL, &ignored);
    char *bytes = bytes_of((struct token){next, (size_t)(after - next)}, &length);
    if (bytes) memcpy(stream + size, bytes, (size_t)length), size += (size_t)length;
    free(bytes);
    next = after;
  }
  const char *error = "";
  put_text("{\"frames\":[");
  for (bool first = true; size - at >= 8; first = false) {
    uint32_t type = read_u32(stream + at), length = read_u32(stream + at + 4);
    if (length > CAP) {
      error = ",\"error\":\"too-large\"";
      break;
    }
    if (size - at - 8 < length) break;
    putf("%s{\"type\":%u,\"payload_base64\":\"", first ? "" : ",", type);
    put_base64(stream + at + 8, length);
    put_text("\"}");
    at += 8 + length;
  }
  if (*error == '\0' && at < size && *args[AT_END].at == 't') error = ",\"error\":\"truncated\"";
  putf("]%s}", error);
  free(stream);
  return OK;
}

static enum result do_type_name(struct token *args) {
  static const char *const names[] = {"", "SUBMIT", "RESULT", "STATUS_UPDATE", "SEND_RESULTS"};
  unsigned long type = strtoul(args[TYPE].at, NULL, 10);
  if (type >= 1 && type <= 4) putf("\"%s\"", names[type]);
  else putf("\"UNKNOWN(%lu)\"", type);
  return OK;
}

static enum result do_parse_time(struct token *args) {
  size_t size;
  long long seconds, nanosecond;
  char *text = text_of(args[TEXT], &size);
  bool read = text && parse_time(text, text + size, &seconds, &nanosecond);
  free(text);
  if (!read) return REFUSED;
  putf("{\"unix_ms\":%lld,\"nanosecond\":%lld}", seconds * 1000 + nanosecond / 1000000, nanosecond);
  return OK;
}

static enum result do_polo(struct token *args) {
  put_polo(atof(args[IDLE].at), atof(args[STAGED].at), atof(args[CPU].at));
  return OK;
}

static enum result do_ids(struct token *args) {
  put_text("{\"ids\":[");
  for (long count = atol(args[COUNT].at); count > 0; count--) {
    unsigned char bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) abort();
    put_text("\"");
    for (int at = 0; at < 16; at++) putf("%s%02x", at == 4 || at == 6 || at == 8 || at == 10 ? "-" : "", bytes[at]);
    put_text(count > 1 ? "\"," : "\"");
  }
  put_text("]}");
  return OK;
}

static enum result do_extension(struct token *args) {
  size_t size;
  char *name = text_of(args[FILENAME], &size);
  const char *is_allowed = has_extension(name, size, allowed) ? "true" : "false";
  putf("{\"allowed\":%s,\"forbidden\":%s}", is_allowed, has_extension(name, size, forbidden) ? "true" : "false");
  free(name);
  return OK;
}

static enum result run(const char *op, struct token args) {
  struct token given[sizeof arg_fields / sizeof *arg_fields], file[2];
  if (strcmp(op, "\"hello\"") == 0) {
    put_text("{\"name\":\"adapter.c\",\"version\":\"1\",\"language\":\"C\",\"clock\":true,\"ops\":[\"encode\",\"decode\",\"read_frames\","
             "\"type_name\",\"validate\",\"unmarshal_task_file\",\"parse_time\",\"polo\",\"generate_task_id\",\"extension\"]}");
    return OK;
  }
  if (strcmp(op, "\"unmarshal_task_file\"") == 0)
    return read_inner(args, file_fields, file) ? do_decode(&messages[5], file[0]) : UNSUPPORTED;
  if (!read_inner(args, arg_fields, given)) return UNSUPPORTED;
  if (strcmp(op, "\"decode\"") == 0) return do_decode(message_named(given[MESSAGE]), given[PAYLOAD]);
  if (strcmp(op, "\"encode\"") == 0) return do_encode(given);
  if (strcmp(op, "\"validate\"") == 0) return do_validate(given);
  if (strcmp(op, "\"read_frames\"") == 0) return do_read_frames(given);
  if (strcmp(op, "\"type_name\"") == 0) return do_type_name(given);
  if (strcmp(op, "\"parse_time\"") == 0) return do_parse_time(given);
  if (strcmp(op, "\"polo\"") == 0) return do_polo(given);
  if (strcmp(op, "\"generate_task_id\"") == 0) return do_ids(given);
  if (strcmp(op, "\"extension\"") == 0) return do_extension(given);
  return UNSUPPORTED;
}

int main(void) {
  static const struct field fields[] = {{"id", 'i', true}, {"op", 's', true}, {"args", 'a', true}, {NULL, 0, false}};
  char *line = NULL, op[64];
  size_t room = 0;
  ssize_t size;
  while ((size = getline(&line, &room, stdin)) > 0) {
    struct token tokens[4];
    if (!read_object(line, (size_t)size, fields, tokens)) return 1;
    snprintf(op, sizeof op, "%.*s", (int)tokens[1].size, tokens[1].at);
    out_size = 0;
    putf("{\"id\":%.*s,\"ok\":true,\"value\":", (int)tokens[0].size, tokens[0].at);
    enum result result = run(op, tokens[2]);
    if (result != OK) {
      out_size = 0;
      putf("{\"id\":%.*s,", (int)tokens[0].size, tokens[0].at);
      put_text(result == REFUSED ? "\"ok\":false,\"error\":\"malformed\"" : "\"unsupported\":true");
    }
    put_text("}\n");
    if (fwrite(out, 1, out_size, stdout) != out_size || fflush(stdout) != 0) return 1;
  }
  free(line);
  free(out);
  return 0;
}
