/** The C file with the checks of exported vectors: what they need is in every export. */

import { GENERATED } from './literal.ts';

/** The definitions of `conform_check_decode` and `conform_check_frames`, C99 and later. */
export function cCheckText(): string {
  return `/* ${GENERATED} */
#include "vectors.h"

#include <string.h>

enum { MOST_FIELDS = 32, MOST_FRAMES = 32 };

static void print_text(FILE *out, const char *text, size_t size) {
  size_t at;
  for (at = 0; at < size && at < 200; at++)
    fprintf(out, text[at] >= ' ' && text[at] <= '~' ? "%c" : "\\\\x%02x", (unsigned char)text[at]);
  if (at < size) fprintf(out, "... (%lu bytes)", (unsigned long)size);
}

static void print_field(FILE *out, const struct conform_field *field) {
  fprintf(out, "%s = ", field->name);
  if (field->kind == 'i') fprintf(out, "%lld", field->integer);
  else print_text(out, field->text, field->size);
  fprintf(out, "\\n");
}

static void print_head(FILE *out, const struct conform_vector *vector) {
  fprintf(out, "%s (%s): %s\\n", vector->id, vector->clause, vector->note);
}

static int is_same(const struct conform_field *got, const struct conform_field *want) {
  if (want->kind == 'j') return 1;
  if (want->kind == 'i') return got->integer == want->integer;
  return got->size == want->size && (want->size == 0 || memcmp(got->text, want->text, want->size) == 0);
}

size_t conform_check_decode(conform_decode decode, const char *level, FILE *out) {
  size_t failed = 0, at, i;
  for (at = 0; at < conform_vector_count; at++) {
    const struct conform_vector *vector = &conform_vectors[at];
    struct conform_field got[MOST_FIELDS];
    int accepted;
    if (strcmp(vector->kind, "decode") != 0 || strcmp(vector->level, level) != 0) continue;
    for (i = 0; i < vector->field_count; i++) {
      got[i] = vector->fields[i];
      got[i].text = "";
      got[i].size = 0;
      got[i].integer = 0;
    }
    accepted = decode(vector->message, vector->bytes, vector->length, got, vector->field_count);
    if (!accepted != !vector->accepted) {
      print_head(out, vector);
      fprintf(out, "   got: %s\\n  want: %s\\n", accepted ? "accepted" : "refused", vector->accepted ? "accepted" : "refused");
      failed++;
      continue;
    }
    for (i = 0; accepted && i < vector->field_count; i++) {
      if (is_same(&got[i], &vector->fields[i])) continue;
      print_head(out, vector);
      fprintf(out, "   got: ");
      print_field(out, &got[i]);
      fprintf(out, "  want: ");
      print_field(out, &vector->fields[i]);
      failed++;
      break;
    }
  }
  return failed;
}

size_t conform_check_frames(conform_read_frames read, const char *level, FILE *out) {
  size_t failed = 0, at, i;
  for (at = 0; at < conform_vector_count; at++) {
    const struct conform_vector *vector = &conform_vectors[at];
    struct conform_frame got[MOST_FRAMES];
    size_t count = 0;
    const char *ending;
    int same, any = strcmp(vector->outcome, "unread") == 0;
    if (strcmp(vector->kind, "frames") != 0 || strcmp(vector->level, level) != 0) continue;
    ending = read(vector->bytes, vector->length, got, MOST_FRAMES, &count);
    same = any ? count >= vector->frames : count == vector->frames && strcmp(ending, vector->outcome) == 0;
    for (i = 0; same && i < vector->frames; i++) {
      const struct conform_frame *want = &vector->whole[i];
      same = got[i].type == want->type && got[i].begin == want->begin && got[i].length == want->length;
    }
    if (same) continue;
    print_head(out, vector);
    fprintf(out, "   got: %lu frames, then %s\\n", (unsigned long)count, ending);
    fprintf(out, "  want: %lu frames, then %s\\n", (unsigned long)vector->frames, any ? "anything" : vector->outcome);
    failed++;
  }
  return failed;
}
`;
}
