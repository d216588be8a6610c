/*
 * A strict JSON reader without recursion, for the messages and task files of the task-submission protocol: clauses M1
 * to M11 of docs/protocol.md. It copies nothing: a field is a token of the text that was read.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_CAP = 10000 }; /* M11, inclusive */

/* A part of a JSON text, quotation marks included. Size 0 stands for a field that is missing or null (M2, M3). */
struct token {
  const char *at;
  size_t size;
};

/* A known field: 's' takes a string, 'i' an integer, 'a' any value. `keep` is false if a task file leaves it out when it is empty. */
struct field {
  const char *name;
  char type;
  bool keep;
};

static bool hex4(const char *at, unsigned *value) {
  *value = 0;
  for (int i = 0; i < 4; i++) {
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *digit = at[i] ? strchr(digits, at[i]) : NULL;
    if (!digit) return false;
    *value = *value * 16 + (unsigned)(digit - digits < 16 ? digit - digits : digit - digits - 6);
  }
  return true;
}

static size_t put_utf8(char *out, unsigned code) {
  if (code < 0x80) return out[0] = (char)code, 1;
  size_t size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  for (size_t i = size - 1; i > 0; i--, code >>= 6) out[i] = (char)(0x80 | (code & 0x3f));
  out[0] = (char)((0xf00 >> size & 0xff) | code);
  return size;
}

/* The length of the UTF-8 sequence at `at`, or 0 if it is broken, overlong, a surrogate or above U+10FFFF. */
static size_t utf8_length(const char *at) {
  const unsigned char *byte = (const unsigned char *)at;
  size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
  if ((byte[0] >= 0x80 && byte[0] < 0xc2) || byte[0] > 0xf4) return 0;
  for (size_t i = 1; i < length; i++)
    if ((byte[i] & 0xc0) != 0x80) return 0;
  if ((byte[0] == 0xe0 && byte[1] < 0xa0) || (byte[0] == 0xed && byte[1] > 0x9f)) return 0;
  if ((byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f)) return 0;
  return length;
}

/*
 * Reads the string whose opening quotation mark is at `at`, and returns the end of its token, or NULL if it is
 * malformed. Writes the decoded bytes to `out` unless it is NULL; they are never more than those of the token. Refuses
 * invalid UTF-8 and lone surrogates, as M8 permits.
 */
static const char *read_string(const char *at, char *out, size_t *size) {
  *size = 0;
  for (at++; *at != '"';) {
    char code_point[4];
    size_t length = utf8_length(at);
    if (length == 0 || (unsigned char)*at < 0x20) return NULL; /* This ends the loop at the final NUL, too. */
    memcpy(code_point, at, length);
    at += length;
    if (*code_point == '\\') {
      static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
      const char *letter = *at ? strchr(letters, *at) : NULL;
      unsigned code, low;
      if (letter) {
        *code_point = meanings[letter - letters];
        at++;
      } else {
        if (*at != 'u' || !hex4(at + 1, &code)) return NULL;
        at += 5;
        if (code >= 0xdc00 && code <= 0xdfff) return NULL;
        if (code >= 0xd800 && code <= 0xdbff) {
          if (at[0] != '\\' || at[1] != 'u' || !hex4(at + 2, &low) || low < 0xdc00 || low > 0xdfff) return NULL;
          code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
          at += 6;
        }
        length = put_utf8(code_point, code);
      }
    }
    if (out) memcpy(out + *size, code_point, length);
    *size += length;
  }
  return at + 1;
}

static const char *read_digits(const char *at) {
  if (*at < '0' || *at > '9') return NULL;
  while (*at >= '0' && *at <= '9') at++;
  return at;
}

static const char *read_scalar(const char *at) {
  size_t size;
  if (*at == '"') return read_string(at, NULL, &size);
  if (strncmp(at, "true", 4) == 0 || strncmp(at, "null", 4) == 0) return at + 4;
  if (strncmp(at, "false", 5) == 0) return at + 5;
  if (*at == '-') at++;
  at = *at == '0' ? at + 1 : read_digits(at);
  if (at && *at == '.') at = read_digits(at + 1);
  if (at && (*at == 'e' || *at == 'E')) at = read_digits(at + 1 + (at[1] == '+' || at[1] == '-'));
  return at;
}

static const char *skip_space(const char *at) {
  return at + strspn(at, " \t\n\r");
}

/* M9: an integer without fraction or exponent, in the range of a signed 64-bit integer. */
static bool is_integer(struct token token) {
  const char *digits = token.at + (*token.at == '-');
  if (read_digits(digits) != token.at + token.size) return false;
  errno = 0;
  strtoll(token.at, NULL, 10);
  return errno == 0;
}

/*
 * Reads one JSON object, which fills `size` bytes at `text`. A NUL has to follow them: it is legal nowhere in JSON, so
 * that no code before checks for the end. Stores the token of each known field; `fields` ends with a NULL name. Returns
 * false if the message is malformed.
 */
static bool read_object(const char *text, size_t size, const struct field *fields, struct token *tokens) {
  char open[DEPTH_CAP], name[128];
  size_t depth = 0, name_size;
  const char *at = skip_space(text), *value = at;
  int known = -1; /* The field of the value that begins at `value`, at depth 1; or -1, for an unknown field (M1). */
  for (int i = 0; fields[i].name; i++) tokens[i] = (struct token){"", 0}; /* M2 */
  if (*at != '{') return false;                                           /* M6 */
  for (;;) {                                                              /* At the first byte of a value. */
    bool opened = *at == '{' || *at == '[';
    if (opened) {
      if (depth == DEPTH_CAP) return false; /* M11 */
      open[depth++] = *at;
      at = skip_space(at + 1);
    } else if (!(at = read_scalar(at))) {
      return false;
    }
    for (;; opened = false) { /* After a value, or after the bracket that has opened one. */
      if (!opened && depth == 1 && known >= 0) {
        struct token token = {value, *value == 'n' ? 0 : (size_t)(at - value)}; /* M3 */
        char type = fields[known].type;
        bool typed = type == 'a' || (type == 's' ? *value == '"' : is_integer(token));
        if (token.size > 0 && !typed) return false; /* M4 */
        tokens[known] = token;                      /* M7: the last of several fields of one name wins. */
      }
      if (!opened) at = skip_space(at);
      if (*at != open[depth - 1] + 2) break; /* In ASCII the closing bracket follows 2 after the opening one. */
      at++;
      if (--depth == 0) return skip_space(at) == text + size; /* M5 */
    }
    if (!opened && *at != ',') return false;
    if (!opened) at = skip_space(at + 1);
    if (open[depth - 1] == '{') {
      const char *end = *at == '"' ? read_string(at, NULL, &name_size) : NULL;
      if (!end) return false;
      if (depth == 1) {
        known = -1;
        if ((size_t)(end - at) <= sizeof name) read_string(at, name, &name_size);
        for (int i = 0; fields[i].name; i++)
          if (name_size == strlen(fields[i].name) && memcmp(name, fields[i].name, name_size) == 0) known = i;
      }
      at = skip_space(end);
      if (*at != ':') return false;
      at = skip_space(at + 1);
    }
    if (depth == 1) value = at;
  }
}

/* The number of bytes of the decoded string (S5, U4, R2). */
static size_t text_size(struct token token) {
  size_t size = 0;
  if (token.size > 0) read_string(token.at, NULL, &size);
  return size;
}

/* The decoded string in new memory, which the caller frees; NULL without memory. A NUL follows its `size` bytes. */
static char *text_of(struct token token, size_t *size) {
  char *text = malloc(token.size + 1);
  *size = 0;
  if (text && token.size > 0) read_string(token.at, text, size);
  if (text) text[*size] = '\0';
  return text;
}

static struct token literal(const char *json) {
  return (struct token){json, strlen(json)};
}

/*
 * Decodes base64 in place and returns the number of bytes, or -1 if it is malformed (M10). CR and LF are skipped, bits
 * after the last byte are ignored.
 */
static long decode_base64(char *text, size_t size) {
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  unsigned long bits = 0;
  long out = 0, letters = 0, padding = 0;
  for (size_t i = 0; i < size; i++) {
    if (text[i] == '\r' || text[i] == '\n') continue;
    const char *letter = text[i] ? strchr(alphabet, text[i]) : NULL;
    if (text[i] == '=') padding++;
    else if (!letter || padding > 0) return -1;
    bits = bits << 6 | (unsigned long)(letter ? letter - alphabet : 0);
    if (++letters % 4 != 0) continue;
    if (padding > 2) return -1;
    for (long byte = 0; byte < 3 - padding; byte++) text[out++] = (char)(bits >> (16 - 8 * byte));
  }
  return letters % 4 == 0 ? out : -1;
}
