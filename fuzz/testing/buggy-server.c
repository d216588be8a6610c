/*
 * A small server of the task-submission protocol with planted bugs, to measure what the fuzzer finds and whether its findings
 * are true. Without bugs it conforms to docs/protocol.md; it keeps its tasks in memory.
 *
 *     gcc -g -O0 -fsanitize=address,undefined -pthread -I docs/adapters/servers/c -o buggy-server buggy-server.c
 *     ./buggy-server PORT [BUG,BUG…]     listens on 127.0.0.1; without a second argument, the variable BUG names the bugs
 *     ./buggy-server --list              prints each bug: its name, and the invariant that it breaks
 *
 * 'none' is no bug, 'all' are all bugs. A comment at each bug says what triggers it.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <assert.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "json.h"

/* Name, and the invariant that the bug breaks. */
#define BUGS(X)                                                                                                        \
  X(heap_overflow, "heap-overflow", "survives")                                                                        \
  X(stack_overflow, "stack-overflow", "survives")                                                                      \
  X(global_overflow, "global-overflow", "survives")                                                                    \
  X(use_after_free, "use-after-free", "survives")                                                                      \
  X(double_free, "double-free", "survives")                                                                            \
  X(null_dereference, "null-dereference", "survives")                                                                  \
  X(short_allocation, "short-allocation", "survives")                                                                  \
  X(deep_recursion, "deep-recursion", "survives")                                                                      \
  X(signed_overflow, "signed-overflow", "survives")                                                                    \
  X(shift_exponent, "shift-exponent", "survives")                                                                      \
  X(assert_type, "assert-type", "survives")                                                                            \
  X(abort_escape, "abort-escape", "survives")                                                                          \
  X(exit_result, "exit-result", "survives")                                                                            \
  X(kill_header, "kill-header", "survives")                                                                            \
  X(deadlock, "deadlock", "survives")                                                                                  \
  X(accept_loop, "accept-loop", "survives")                                                                            \
  X(busy_loop, "busy-loop", "survives")                                                                                \
  X(hang_connection, "hang-connection", "reacts")                                                                      \
  X(busy_connection, "busy-connection", "reacts")                                                                      \
  X(accepts_long, "accepts-long", "accepts-legal-only")                                                                \
  X(accepts_trailing, "accepts-trailing", "accepts-legal-only")                                                        \
  X(accepts_number, "accepts-number", "accepts-legal-only")                                                            \
  X(answers_update, "answers-update", "answers-submits-only")                                                          \
  X(answers_twice, "answers-twice", "answers-submits-only")                                                            \
  X(wrong_id, "wrong-id", "answers-own-id")                                                                            \
  X(wrong_status, "wrong-status", "answers-legally")                                                                   \
  X(cut_answer, "cut-answer", "answers-legally")                                                                       \
  X(leak_descriptors, "leak-descriptors", "frees-resources")                                                           \
  X(leak_memory, "leak-memory", "frees-resources")                                                                     \
  X(third_update, "third-update", "survives")                                                                          \
  X(results_first, "results-first", "survives")                                                                        \
  X(many_ids, "many-ids", "survives")                                                                                  \
  X(stays_closed, "stays-closed", "serves-after")

struct bugs {
#define FIELD(field, name, invariant) bool field;
  BUGS(FIELD)
};
static struct bugs has;

enum { SUBMIT = 1, RESULT = 2, STATUS_UPDATE = 3, SEND_RESULTS = 4 };        /* F6 */
enum { PAYLOAD_CAP = 16 << 20, DESCRIPTION_CAP = 16384, IDLE_SECONDS = 60 }; /* F2, S5; both inclusive */
enum { TASKS = 4096, KNOWN_ID = 64, MANY_IDS = 500, RESULT_EXIT = 3 };

/* --- tasks, in memory; the oldest is forgotten -------------------------------------------------------------------- */

struct task {
  char id[KNOWN_ID + 1];
  int updates;
  bool has_results;
};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct task tasks[TASKS];
static size_t task_count;
static bool is_closed;
static volatile bool is_stuck;

/* The task with this id, which is made if there is none. The caller holds the lock. Long ids are cut. */
static struct task *task_of(const char *id) {
  char known[KNOWN_ID + 1];
  snprintf(known, sizeof known, "%s", id);
  size_t count = task_count < TASKS ? task_count : TASKS;
  for (size_t i = count; i-- > 0;)
    if (strcmp(tasks[i].id, known) == 0) return &tasks[i];
  if (has.many_ids && task_count == MANY_IDS) { /* More than 500 ids in one life. */
    char *row = malloc(MANY_IDS);
    memset(row, 0, (size_t)task_count + 1);
    free(row);
  }
  struct task *task = &tasks[task_count++ % TASKS];
  *task = (struct task){.updates = 0};
  memcpy(task->id, known, sizeof known);
  return task;
}

/* --- what only a bug does ----------------------------------------------------------------------------------------- */

static char extension[8];
static char *volatile kept;
static volatile int sink;
static volatile unsigned spins;

static int depth_of(const char *at, int depth) {
  volatile char row[256];
  row[depth % 256] = *at;
  if (*at == '\0') return depth;
  if (*at == '[' || *at == '{') return depth_of(at + 1, depth + 1) + row[0] * 0;
  return depth;
}

static int deepest(const char *text) {
  int most = 0;
  for (const char *at = text; (at = strpbrk(at, "[{")); at += 1 + strspn(at + 1, "[{")) {
    int depth = depth_of(at, 0);
    most = depth > most ? depth : most;
  }
  return most;
}

static void sleep_forever(void) {
  for (;;) pause();
}

static void spin_forever(void) {
  for (;;) spins++;
}

/* Copies the text into `room` bytes, however long it is. */
static __attribute__((noinline)) void copy_to_heap(const char *text, size_t size, size_t room) {
  char *copy = malloc(room);
  memcpy(copy, text, size);
  kept = copy;
  kept = NULL;
  free(copy);
}

static __attribute__((noinline)) void copy_to_stack(const char *text) {
  char copy[32];
  strcpy(copy, text);
  sink += copy[0];
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

/* A decoded string and its size. Freed by `release`. */
struct text {
  char *at;
  size_t size;
};

static struct text decoded(struct token token) {
  struct text text;
  text.at = text_of(token, &text.size);
  return text;
}

static const struct field SUBMIT_REQUEST[] = {
  {"task_id", 's', true}, {"task_description", 's', true}, {"from_addr", 's', true}, {"to_addr", 's', true},
  {NULL, 0, false},
};
static const struct field UPDATE[] = {
  {"task_id", 's', true}, {"status", 's', true}, {"justification", 's', true}, {NULL, 0, false},
};
static const struct field RESULT_MESSAGE[] = {
  {"task_id", 's', true}, {"result_type", 's', true}, {"result_text", 's', true}, {"filename", 's', true},
  {"file_data", 's', true}, {"completed_at", 's', true}, {"time_idle_ms", 'i', true}, {"time_staged_ms", 'i', true},
  {"time_cpu_ms", 'i', true}, {NULL, 0, false},
};
/* With 'accepts-number': the second field may be a number as well. */
static const struct field LOOSE_REQUEST[] = {
  {"task_id", 's', true}, {"", 's', true}, {"from_addr", 's', true}, {"to_addr", 's', true}, {NULL, 0, false},
};

static void send_all(int peer, const char *bytes, size_t size) {
  for (ssize_t sent; size > 0 && (sent = send(peer, bytes, size, 0)) > 0; size -= (size_t)sent) bytes += sent;
}

/* S1 to S4. The id is the token of the request, which is legal JSON of the same value. */
static void answer(int peer, struct token id, int status) {
  if (id.size == 0) id = literal("\"\"");
  char *frame = malloc(id.size + 128);
  int length = sprintf(frame + 8, "{\"task_id\":%.*s,\"status\":%d,\"message\":\"%s\"}", (int)id.size, id.at, status,
                       status == 200 ? "accepted" : "rejected");
  /* 'wrong-id': a capital in the id is answered in lower case. */
  for (size_t i = 0; has.wrong_id && i < id.size; i++)
    if (id.at[i] >= 'A' && id.at[i] <= 'Z') frame[8 + 11 + i] = (char)(id.at[i] + 32);
  /* 'cut-answer': an id with an escape is answered one byte short. */
  int sent = has.cut_answer && memchr(id.at, '\\', id.size) ? length - 1 : length;
  for (int i = 0; i < 4; i++) {
    frame[i] = (char)(SUBMIT >> (24 - 8 * i));
    frame[4 + i] = (char)(length >> (24 - 8 * i));
  }
  if (length <= PAYLOAD_CAP) send_all(peer, frame, 8 + (size_t)sent); /* F2 */
  free(frame);
}

static void submit(int peer, const struct token *request) {
  struct text id = decoded(request[0]), description = decoded(request[1]), from = decoded(request[2]);
  int status = description.size > DESCRIPTION_CAP ? 400 : 200;          /* S5 */
  if (has.accepts_long && description.size < 2 * DESCRIPTION_CAP) status = 200; /* 16 385 bytes or more. */
  if (has.wrong_status && memchr(id.at, ' ', id.size)) status = 404;    /* An id with a space. */
  if (has.heap_overflow) copy_to_heap(id.at, id.size, 100);             /* An id over 100 bytes. */
  if (has.short_allocation)                                             /* A sender's address of 256 bytes or more. */
    copy_to_heap(from.at, from.size + 1, (uint8_t)from.size + 1u);
  if (has.null_dereference && request[3].size == 0) {                   /* No receiver's address. */
    char *volatile to = NULL;
    sink += to[0];
  }
  if (has.hang_connection && memchr(description.at, '\n', description.size)) sleep_forever(); /* A line break. */
  if (has.busy_connection && memchr(id.at, '/', id.size)) spin_forever(); /* An id with a slash. */
  pthread_mutex_lock(&lock);
  struct task *task = task_of(id.at);
  if (has.results_first && task->has_results) abort(); /* Results, and then a SUBMIT, of one id. */
  pthread_mutex_unlock(&lock);
  if (is_closed) status = 400;
  answer(peer, request[0], status);
  if (has.answers_twice && from.size == 0) answer(peer, request[0], status); /* No sender's address. */
  free(id.at);
  free(description.at);
  free(from.at);
}

static void status_update(int peer, const struct token *update) {
  static const char *const states[] = {"NEW", "ACCEPTED", "EXECUTING", "COMPLETED", "SUCCEEDED", "DECLINED",
                                       "CANCELLED", "EXPIRED"};
  struct text id = decoded(update[0]), status = decoded(update[1]), reason = decoded(update[2]);
  int state = 8;
  while (--state >= 0 && strcmp(states[state], status.at) != 0) continue;
  if (has.stack_overflow) copy_to_stack(status.at); /* A status of 32 bytes or more. */
  if (has.shift_exponent) sink = 1 << state;        /* An unknown status. The process goes on. */
  if (has.double_free && id.size == 0) {            /* No id. */
    char *copy = strdup("id");
    kept = copy;
    free(copy);
    free(kept);
  }
  pthread_mutex_lock(&lock);
  if (has.deadlock && state < 0) pthread_mutex_lock(&lock); /* An unknown status. */
  struct task *task = task_of(id.at);
  task->updates++;
  if (has.third_update && task->updates == 3) { /* Three updates of one id. */
    struct task *volatile next = NULL;
    next->updates++;
  }
  if (has.stays_closed && strcmp(reason.at, "") == 0 && state == 6) is_closed = true; /* CANCELLED without a reason. */
  pthread_mutex_unlock(&lock);
  if (has.answers_update && state == 5) answer(peer, update[0], 200); /* DECLINED. */
  free(id.at);
  free(status.at);
  free(reason.at);
}

static long long integer_of(struct token token) {
  return token.size > 0 ? strtoll(token.at, NULL, 10) : 0;
}

static void send_results(const struct token *message) {
  struct text id = decoded(message[0]), type = decoded(message[1]), name = decoded(message[3]);
  struct text data = decoded(message[4]);
  if (has.signed_overflow) sink = (int)((integer_of(message[6]) * 1000) & 1); /* 2^63 / 1000 ms. The process goes on. */
  if (has.global_overflow && strchr(name.at, '.')) strcpy(extension, strrchr(name.at, '.')); /* An extension over 7. */
  bool is_file = strcmp(type.at, "file") == 0;
  long bytes = is_file ? decode_base64(data.at, data.size) : 0;
  if (has.use_after_free && is_file && bytes < 0) { /* File data that is no base64. */
    char *copy = malloc(16);
    strcpy(copy, "no base64");
    free(copy);
    kept = copy;
    sink += kept[0];
  }
  pthread_mutex_lock(&lock);
  if (has.busy_loop && strcmp(type.at, "text") != 0 && !is_file) spin_forever(); /* An unknown result type. */
  task_of(id.at)->has_results = true;
  pthread_mutex_unlock(&lock);
  free(id.at);
  free(type.at);
  free(name.at);
  free(data.at);
}

/* --- connections -------------------------------------------------------------------------------------------------- */

/* Reads `size` bytes into memory that grows with the bytes that arrive (F5); NULL if the stream ends before (F4). */
static char *receive(int peer, size_t size, size_t *used) {
  size_t room = size < 4096 ? size : 4096;
  char *bytes = malloc(room + 1);
  for (*used = 0; *used < size;) {
    if (*used == room) {
      room = room * 2 < size ? room * 2 : size;
      bytes = realloc(bytes, room + 1);
    }
    ssize_t count = recv(peer, bytes + *used, room - *used, 0);
    if (count <= 0) {
      free(bytes);
      return NULL;
    }
    *used += (size_t)count;
  }
  bytes[size] = '\0';
  return bytes;
}

static uint32_t read_u32(const char *at) { /* F1 */
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | (unsigned char)at[i];
  return value;
}

static bool read_message(const char *payload, uint32_t length, uint32_t type, struct token *fields) {
  const struct field *known = type == SUBMIT ? SUBMIT_REQUEST : type == STATUS_UPDATE ? UPDATE : RESULT_MESSAGE;
  if (has.abort_escape && strstr(payload, "\\u0000")) abort(); /* An escaped NUL. */
  if (has.deep_recursion) sink = deepest(payload);           /* Nesting of about 1000 levels. */
  if (read_object(payload, length, known, fields)) return true;
  if (has.accepts_number && type == SUBMIT) { /* A description that is no string. */
    return read_object(payload, length, LOOSE_REQUEST, fields);
  }
  const char *end = strrchr(payload, '}');
  if (has.accepts_trailing && type == SUBMIT && end) { /* Anything after the object. */
    size_t size = (size_t)(end + 1 - payload);
    char *cut = strndup(payload, size);
    bool is_legal = read_object(cut, size, known, fields);
    for (int i = 0; is_legal && i < 4; i++)
      if (fields[i].size > 0) fields[i].at = payload + (fields[i].at - cut);
    free(cut);
    return is_legal;
  }
  if (has.leak_memory) memset(malloc(256), 1, 256);            /* A malformed message. */
  if (has.leak_descriptors) sink = open("/dev/null", O_RDONLY); /* A malformed message. */
  return false;
}

static void *serve(void *argument) {
  int peer = (int)(intptr_t)argument;
  struct timeval idle = {.tv_sec = IDLE_SECONDS};
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &idle, sizeof idle);
  struct token fields[9];
  size_t used;
  char *header = receive(peer, 8, &used), *payload = NULL;
  if (has.kill_header && !header && used == 7) kill(getpid(), SIGKILL); /* A header that ends after 7 bytes. */
  uint32_t type = header ? read_u32(header) : 0, length = header ? read_u32(header + 4) : 0;
  if (has.assert_type) assert(type < 1u << 31);  /* A type of 2^31 or more. */
  if (has.exit_result && type == RESULT) {       /* A RESULT. */
    fprintf(stderr, "a RESULT was not expected\n");
    _exit(RESULT_EXIT);
  }
  if (has.accept_loop && header && length == 0) is_stuck = true; /* A frame of length 0. */
  bool is_known = type == SUBMIT || type == STATUS_UPDATE || type == SEND_RESULTS;
  if (is_known && length <= PAYLOAD_CAP) payload = receive(peer, length, &used); /* F2, F7 */
  if (payload && read_message(payload, length, type, fields)) {                  /* S6 */
    if (type == SUBMIT) submit(peer, fields);
    if (type == STATUS_UPDATE) status_update(peer, fields); /* U1 */
    if (type == SEND_RESULTS) send_results(fields);         /* R1 */
  }
  free(payload);
  free(header);
  shutdown(peer, SHUT_WR);
  char unread[4096];
  struct timeval linger = {.tv_usec = 200 * 1000};
  setsockopt(peer, SOL_SOCKET, SO_RCVTIMEO, &linger, sizeof linger);
  for (int i = 0; i < 16 && recv(peer, unread, sizeof unread, 0) > 0;) i++; /* T5 */
  close(peer);
  return NULL;
}

static bool start_thread(int peer) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  bool started = pthread_create(&thread, &attributes, serve, (void *)(intptr_t)peer) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

/* Switches the bugs on. Returns the name of one that does not exist, or NULL. */
static const char *switch_on(char *names) {
  for (char *name = strtok(names, ","); name; name = strtok(NULL, ",")) {
    bool found = strcmp(name, "none") == 0;
#define SWITCH(field, text, invariant) \
  if (strcmp(name, text) == 0 || strcmp(name, "all") == 0) has.field = found = true;
    BUGS(SWITCH)
    if (!found) return name;
  }
  return NULL;
}

int main(int count, char **arguments) {
#define LIST(field, name, invariant) name " " invariant "\n"
  if (count == 2 && strcmp(arguments[1], "--list") == 0) return fputs(BUGS(LIST), stdout), 0;
  if (count < 2) return fprintf(stderr, "usage: buggy-server PORT [BUG,BUG...]\n"), 2;
  char *names = count > 2 ? arguments[2] : getenv("BUG");
  const char *unknown = names ? switch_on(names) : NULL;
  if (unknown) return fprintf(stderr, "there is no bug %s\n", unknown), 2;
  signal(SIGPIPE, SIG_IGN);
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 512) == 0;
  if (!bound) return perror("listen"), 1;
  for (;;) {
    int peer = accept(listener, NULL, NULL);
    if (is_stuck) sleep_forever();
    if (peer >= 0 && !start_thread(peer)) close(peer);
    if (peer < 0) usleep(10 * 1000);
  }
}
