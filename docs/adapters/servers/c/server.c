/*
 * A conforming server of the task-submission protocol with a store, in C11 and POSIX.
 *
 *     cc -O2 -Wall -Wextra -Werror -pthread -o server server.c
 *     ./server PORT DIR      listens on 127.0.0.1 and keeps its tasks in DIR
 *
 * It is written from docs/protocol.md alone, and a comment names the clause that the code after it follows:
 *   T1 to T6   one thread for each connection, one frame for each connection, bounded idle time
 *   F1 to F8   the frame; a payload buffer that grows with the bytes that arrive
 *   M1 to M11  json.h, a strict JSON reader without recursion
 *   S1 to S9   SUBMIT           U1 to U4  STATUS_UPDATE           R1 to R6  SEND_RESULTS
 *   L1, L3     states and timeouts of the store (section 7)
 * It does not compute the reward (section 8) and does not execute tasks.
 */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "json.h"

enum { SUBMIT = 1, STATUS_UPDATE = 3, SEND_RESULTS = 4 };                    /* F6 */
enum { PAYLOAD_CAP = 16 << 20, DESCRIPTION_CAP = 16384 };                    /* F2, S5; both inclusive */
enum { JUSTIFICATION_CAP = 4096, TEXT_CAP = 1 << 20, FILE_CAP = 15 << 20 };  /* U4, R2; all inclusive */
enum { FILENAME_CAP = 256, ID_CAP = 64, STORED_NAME_CAP = 255 };             /* R2, and R5 for the last two */
enum { IDLE_SECONDS = 60, LINGER_SECONDS = 1, SWEEP_SECONDS = 10, TIMEOUT_SECONDS = 60 };

/* --- store (section 7); its folder is the working directory ------------------------------------------------------ */

enum {
  ID, DESCRIPTION, CREATED_AT, STATUS, JUSTIFICATION, FROM, TO, ACCEPTED_AT, STAGED_AT, EXECUTE_STARTED_AT,
  COMPLETED_AT, TIME_IDLE, TIME_STAGED, TIME_CPU, RESULT_TYPE, RESULTS, TASK_FIELDS
};
static const struct field TASK[] = {
  {"task_id", 's', true}, {"task_description", 's', true}, {"created_at", 's', true}, {"status", 's', true},
  {"status_justification", 's', true}, {"from", 's', true}, {"to", 's', true}, {"accepted_at", 's', false},
  {"staged_at", 's', false}, {"execute_started_at", 's', false}, {"completed_at", 's', false},
  {"time_idle_ms", 'i', false}, {"time_staged_ms", 'i', false}, {"time_cpu_ms", 'i', false},
  {"result_type", 's', false}, {"results", 's', false}, {NULL, 0, false},
};

/* L1: the states, and for each the set of states that it can reach. A submitter may miss updates in between. */
enum { NEW, ACCEPTED, EXECUTING, COMPLETED, SUCCEEDED, DECLINED, CANCELLED, EXPIRED, STATES };
static const char *const STATE_NAMES[] = {
  "\"NEW\"",       "\"ACCEPTED\"", "\"EXECUTING\"", "\"COMPLETED\"",
  "\"SUCCEEDED\"", "\"DECLINED\"", "\"CANCELLED\"", "\"EXPIRED\"",
};
static const unsigned REACHABLE[STATES] = {
  [NEW] = ~0u,
  [ACCEPTED] = 1 << ACCEPTED | 1 << EXECUTING | 1 << COMPLETED | 1 << SUCCEEDED | 1 << EXPIRED,
  [EXECUTING] = 1 << EXECUTING | 1 << COMPLETED | 1 << SUCCEEDED,
  [COMPLETED] = 1 << COMPLETED | 1 << SUCCEEDED,
};

/* A task file is read, changed and written by one thread at a time. */
static pthread_mutex_t store_lock = PTHREAD_MUTEX_INITIALIZER;

struct task {
  char path[ID_CAP + 32];
  char *text; /* The task file, which the tokens are parts of, or NULL. */
  struct token fields[TASK_FIELDS];
};

/* Whether the token and `json` are the same string, also if one of them has escapes. `json` has none. */
static bool is_text(struct token token, const char *json) {
  size_t size;
  char *text = text_of(token, &size);
  bool equal = text && size + 2 == strlen(json) && memcmp(text, json + 1, size) == 0;
  free(text);
  return equal;
}

static int state_of(struct token token) {
  int state = STATES;
  while (--state >= 0 && !is_text(token, STATE_NAMES[state])) continue;
  return state; /* -1 for an unknown one. */
}

/*
 * R5: an id that is safe in a file name. It has no separator and no dot; it has no "_", so that no two tasks share a
 * name <id>_<filename>; and it has no capital, so that no two ids are one on a file system that ignores case.
 */
static bool task_path(char path[ID_CAP + 32], const char *side, struct token id) {
  size_t size;
  char *text = text_of(id, &size);
  bool safe = text && size >= 1 && size <= ID_CAP && strspn(text, "0123456789abcdefghijklmnopqrstuvwxyz-") == size;
  if (safe) snprintf(path, ID_CAP + 32, "%s/%s.json", side, text);
  free(text);
  return safe;
}

/* Publishes a file at once: a reader sees the whole of it or nothing. A `fresh` file replaces none. */
static bool publish(const char *path, const char *bytes, size_t size, bool fresh) {
  static atomic_uint count;
  char temporary[64];
  int folder = (int)strcspn(path, "/");
  snprintf(temporary, sizeof temporary, "%.*s/.%ld-%u", folder, path, (long)getpid(), atomic_fetch_add(&count, 1));
  int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) return false;
  ssize_t written = 0;
  while (size > 0 && (written = write(file, bytes, size)) > 0) bytes += written, size -= (size_t)written;
  bool done = size == 0 && fsync(file) == 0;
  close(file);
  done = done && (fresh ? link(temporary, path) : rename(temporary, path)) == 0;
  if (fresh || !done) unlink(temporary);
  return done;
}

static bool save(const struct task *task, bool fresh) {
  char *text = NULL;
  size_t size = 0;
  FILE *out = open_memstream(&text, &size);
  if (!out) return false;
  const char *separator = "{\n";
  for (int i = 0; i < TASK_FIELDS; i++) { /* M13 */
    const char *empty = TASK[i].type == 's' ? "\"\"" : "0";
    struct token value = task->fields[i].size > 0 ? task->fields[i] : literal(empty);
    if (!TASK[i].keep && value.size == strlen(empty) && memcmp(value.at, empty, value.size) == 0) continue;
    fprintf(out, "%s  \"%s\": %.*s", separator, TASK[i].name, (int)value.size, value.at);
    separator = ",\n";
  }
  fputs("\n}", out);
  bool done = fclose(out) == 0 && publish(task->path, text, size, fresh);
  free(text);
  return done;
}

/* Loads the task whose `path` is set. The caller frees its text, also after false. */
static bool load(struct task *task) {
  struct stat info;
  FILE *file = fopen(task->path, "r");
  size_t size = 0;
  task->text = file && fstat(fileno(file), &info) == 0 ? malloc((size_t)info.st_size + 1) : NULL;
  if (task->text) {
    size = fread(task->text, 1, (size_t)info.st_size, file);
    task->text[size] = '\0';
  }
  if (file) fclose(file);
  return task->text && read_object(task->text, size, TASK, task->fields) && state_of(task->fields[STATUS]) >= 0;
}

static double seconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* The time as a JSON string: RFC 3339 in UTC with nanoseconds (L3). */
static struct token time_now(char buffer[40]) {
  struct timespec now;
  struct tm parts;
  char date[24];
  clock_gettime(CLOCK_REALTIME, &now);
  strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &parts));
  snprintf(buffer, 40, "\"%s.%09ldZ\"", date, now.tv_nsec);
  return literal(buffer);
}

/* The seconds since 1970 of an RFC 3339 time. For another text it is the present, so that nothing expires. */
static double seconds_of(struct token token) {
  struct tm parts = {0};
  int used = 0, hours = 0, minutes = 0, count = 0;
  double seconds;
  size_t size;
  char *text = text_of(token, &size);
  if (text)
    count = sscanf(text, "%d-%d-%dT%d:%d:%lf%n", &parts.tm_year, &parts.tm_mon, &parts.tm_mday, &parts.tm_hour,
                   &parts.tm_min, &seconds, &used);
  bool utc = count == 6 && text[used] == 'Z';
  bool offset = count == 6 && !utc && sscanf(text + used + 1, "%d:%d", &hours, &minutes) == 2;
  int sign = offset && text[used] == '-' ? -1 : 1;
  free(text);
  if (!utc && !offset) return seconds_now();
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return (double)mktime(&parts) + seconds - sign * (hours * 3600 + minutes * 60); /* main() sets the zone to UTC. */
}

/* The accept timeout of received tasks and the stall timeout of submitted ones (L1). */
static void expire(struct task *task, bool received) {
  char time[40], idle[24];
  int state = state_of(task->fields[STATUS]);
  if (received && state == NEW) {
    double age = seconds_now() - seconds_of(task->fields[CREATED_AT]);
    if (age <= TIMEOUT_SECONDS) return;
    snprintf(idle, sizeof idle, "%.0f", age * 1000);
    task->fields[STATUS] = literal(STATE_NAMES[CANCELLED]);
    task->fields[ACCEPTED_AT] = time_now(time); /* L3 */
    task->fields[TIME_IDLE] = literal(idle);
    save(task, false);
  } else if (!received && state == ACCEPTED) {
    if (seconds_now() - seconds_of(task->fields[ACCEPTED_AT]) <= TIMEOUT_SECONDS) return;
    task->fields[STATUS] = literal(STATE_NAMES[EXPIRED]);
    save(task, false);
  }
}

static void *sweep(void *unused) {
  (void)unused;
  for (;; sleep(SWEEP_SECONDS)) { /* L4 */
    for (int side = 0; side < 2; side++) {
      const char *name = side == 0 ? "received" : "submitted";
      DIR *folder = opendir(name);
      for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct task task;
        size_t size = strlen(entry->d_name);
        if (*entry->d_name == '.' || size > ID_CAP + 5) continue;
        snprintf(task.path, sizeof task.path, "%s/%.*s", name, ID_CAP + 5, entry->d_name);
        pthread_mutex_lock(&store_lock);
        if (load(&task)) expire(&task, side == 0);
        pthread_mutex_unlock(&store_lock);
        free(task.text);
      }
      if (folder) closedir(folder);
    }
  }
  return NULL;
}

/* --- messages ---------------------------------------------------------------------------------------------------- */

static const struct field SUBMIT_REQUEST[] = {
  {"task_id", 's', true},   {"task_description", 's', true}, {"from_addr", 's', true},
  {"to_addr", 's', true}, {NULL, 0, false},
};

/* Stores the task, and returns why it is rejected, or NULL. */
static const char *submit(const struct token *request) {
  char time[40];
  struct task task = {0};
  if (text_size(request[1]) > DESCRIPTION_CAP) return "the description is too long"; /* S5 */
  if (!task_path(task.path, "received", request[0])) return "the task id cannot be stored";
  task.fields[ID] = request[0];
  task.fields[DESCRIPTION] = request[1];
  task.fields[CREATED_AT] = time_now(time);
  task.fields[STATUS] = literal(STATE_NAMES[NEW]);
  task.fields[FROM] = request[2];
  task.fields[TO] = request[3];
  if (save(&task, true)) return NULL; /* S9: the task is on the disk before the answer is sent. */
  return access(task.path, F_OK) == 0 ? "the task id is known" : "the task cannot be stored";
}

static const struct field UPDATE[] = {
  {"task_id", 's', true}, {"status", 's', true}, {"justification", 's', true}, {NULL, 0, false},
};

static void status_update(const struct token *update) {
  char time[40];
  struct task task;
  int state = state_of(update[1]);
  if (state < 0 || text_size(update[2]) > JUSTIFICATION_CAP) return; /* U4 */
  if (!task_path(task.path, "submitted", update[0])) return;
  pthread_mutex_lock(&store_lock);
  if (load(&task) && REACHABLE[state_of(task.fields[STATUS])] & 1u << state) {
    task.fields[STATUS] = literal(STATE_NAMES[state]); /* U2 */
    task.fields[JUSTIFICATION] = update[2];
    bool first = state == ACCEPTED && text_size(task.fields[ACCEPTED_AT]) == 0;
    if (first) task.fields[ACCEPTED_AT] = time_now(time); /* U3 */
    save(&task, false);
  }
  pthread_mutex_unlock(&store_lock);
  free(task.text);
}

static const struct field RESULT_MESSAGE[] = {
  {"task_id", 's', true}, {"result_type", 's', true}, {"result_text", 's', true}, {"filename", 's', true},
  {"file_data", 's', true}, {"completed_at", 's', true}, {"time_idle_ms", 'i', true}, {"time_staged_ms", 'i', true},
  {"time_cpu_ms", 'i', true}, {NULL, 0, false},
};

/* R4, R5: an allowed extension; no separators, drive letters, control characters or leading dot. */
static bool is_safe_name(const char *name, size_t size) {
  static const char allowed[] = ".md.txt.rtf.docx.pdf.pptx.pth.pt.onnx.h5.pb.ckpt.safetensors.bin.csv.parquet.xlsx.xls"
                                ".jpg.jpeg.png.svg.gif.webp.";
  char extension[16] = "";
  const char *dot = strrchr(name, '.');
  if (strlen(name) != size || !dot || *name == '.' || strlen(dot) + 2 > sizeof extension) return false;
  for (const char *at = name; *at; at++)
    if ((unsigned char)*at < 0x20 || *at == 0x7f || strchr("/\\:", *at)) return false;
  for (size_t i = 0; dot[i]; i++) extension[i] = (char)(dot[i] >= 'A' && dot[i] <= 'Z' ? dot[i] + 32 : dot[i]);
  return strstr(allowed, strcat(extension, ".")) != NULL;
}

/* R6: publishes the file, and then the task. `name` is NULL for a text. */
static void store_result(struct task *task, const struct token *message, const char *name, const char *bytes,
                         size_t size) {
  char path[STORED_NAME_CAP + 16], id[ID_CAP + 1], time[40];
  sscanf(task->path, "submitted/%64[^.]", id);
  if (snprintf(path, sizeof path, "results/%s_%s", id, name ? name : "result.txt") > STORED_NAME_CAP + 8) return;
  if (!publish(path, bytes, size, false)) return;
  task->fields[STATUS] = literal(STATE_NAMES[SUCCEEDED]);
  task->fields[COMPLETED_AT] = time_now(time);
  for (int i = 0; i < 3; i++) task->fields[TIME_IDLE + i] = message[6 + i];
  task->fields[RESULT_TYPE] = literal(name ? "\"file\"" : "\"text\"");
  task->fields[RESULTS] = message[name ? 3 : 2];
  save(task, false);
}

static void send_results(const struct token *message) {
  struct task task;
  size_t text_size, name_size, data_size;
  char *text = text_of(message[2], &text_size), *name = text_of(message[3], &name_size);
  char *data = text_of(message[4], &data_size);
  long bytes = data ? decode_base64(data, data_size) : -1;
  bool bounded = text_size <= TEXT_CAP && name_size <= FILENAME_CAP && bytes <= FILE_CAP; /* R2 */
  bool file = is_text(message[1], "\"file\"") && bytes > 0; /* R6: a file without data is a text. */
  bool legal = is_text(message[1], "\"file\"") || is_text(message[1], "\"text\"");
  if (file) legal = name && is_safe_name(name, name_size);
  if (text && name && bytes >= 0 && bounded && legal && task_path(task.path, "submitted", message[0])) {
    pthread_mutex_lock(&store_lock);
    if (load(&task) && REACHABLE[state_of(task.fields[STATUS])] & 1 << SUCCEEDED)
      store_result(&task, message, file ? name : NULL, file ? data : text, file ? (size_t)bytes : text_size);
    pthread_mutex_unlock(&store_lock);
    free(task.text);
  }
  free(text);
  free(name);
  free(data);
}

/* --- connections ------------------------------------------------------------------------------------------------- */

static void set_timeout(int peer, int option, int seconds) {
  setsockopt(peer, SOL_SOCKET, option, &(struct timeval){.tv_sec = seconds}, sizeof(struct timeval));
}

/* F1: big-endian. */
static uint32_t read_u32(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value = value << 8 | (unsigned char)at[i];
  return value;
}

/* Reads `size` bytes into memory that grows with the bytes that arrive (F5); NULL if the stream ends before (F4). */
static char *receive(int peer, size_t size) {
  size_t room = size < 4096 ? size : 4096, used = 0;
  char *bytes = malloc(room + 1);
  while (bytes && used < size) {
    if (used == room) {
      room = room * 2 < size ? room * 2 : size;
      char *larger = realloc(bytes, room + 1);
      if (!larger) break;
      bytes = larger;
    }
    ssize_t count = recv(peer, bytes + used, room - used, 0);
    if (count <= 0) break;
    used += (size_t)count;
  }
  if (bytes && used == size) {
    bytes[size] = '\0';
    return bytes;
  }
  free(bytes);
  return NULL;
}

/* S1 to S4: the id in the answer is the token of the request, which is legal JSON of the same value. */
static void answer(int peer, struct token id, const char *rejection) {
  const char *message = rejection ? rejection : "accepted";
  size_t room = 8 + id.size + 128;
  char *frame = malloc(room), *at = frame;
  if (!frame) return;
  if (id.size == 0) id = literal("\"\"");
  int length = snprintf(frame + 8, room - 8, "{\"task_id\":%.*s,\"status\":%d,\"message\":\"%s\"}", (int)id.size,
                        id.at, rejection ? 400 : 200, message);
  for (int i = 0; i < 4; i++) {
    frame[i] = (char)(SUBMIT >> (24 - 8 * i)); /* S1 */
    frame[4 + i] = (char)(length >> (24 - 8 * i));
  }
  /* F2: an id that leaves no room for the rest of the answer in a legal frame cannot be answered. */
  size_t rest = length <= PAYLOAD_CAP ? 8 + (size_t)length : 0;
  for (ssize_t sent; rest > 0 && (sent = send(peer, at, rest, 0)) > 0; rest -= (size_t)sent) at += sent;
  free(frame);
  /* T5: a close with unread bytes makes the kernel send RST, which makes some peers lose the answer. Read some. */
  shutdown(peer, SHUT_WR);
  set_timeout(peer, SO_RCVTIMEO, LINGER_SECONDS);
  char unread[4096];
  for (int i = 0; i < 16 && recv(peer, unread, sizeof unread, 0) > 0;) i++;
}

static void *serve(void *argument) { /* T2: one frame */
  int peer = (int)(intptr_t)argument;
  struct token fields[TASK_FIELDS];
  set_timeout(peer, SO_RCVTIMEO, IDLE_SECONDS); /* T6 */
  set_timeout(peer, SO_SNDTIMEO, IDLE_SECONDS);
  char *header = receive(peer, 8), *payload = NULL;
  uint32_t type = header ? read_u32(header) : 0, length = header ? read_u32(header + 4) : 0;
  bool legal = type == SUBMIT || type == STATUS_UPDATE || type == SEND_RESULTS;
  const struct field *known = type == SUBMIT ? SUBMIT_REQUEST : type == STATUS_UPDATE ? UPDATE : RESULT_MESSAGE;
  if (legal && length <= PAYLOAD_CAP) payload = receive(peer, length);  /* F2, F7: any other payload stays unread. */
  if (payload && read_object(payload, length, known, fields)) {         /* S6: a malformed message gets no answer. */
    if (type == SUBMIT) answer(peer, fields[0], submit(fields));
    if (type == STATUS_UPDATE) status_update(fields); /* U1: no answer */
    if (type == SEND_RESULTS) send_results(fields);   /* R1: no answer */
  }
  free(payload);
  free(header);
  close(peer);
  return NULL;
}

static bool start_thread(void *(*run)(void *), intptr_t argument) {
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  bool started = pthread_create(&thread, &attributes, run, (void *)argument) == 0;
  pthread_attr_destroy(&attributes);
  return started;
}

int main(int count, char **arguments) {
  if (count != 3) return fprintf(stderr, "usage: server PORT DIR\n"), 2;
  const char *const folders[] = {arguments[2], "received", "submitted", "results"};
  umask(077);
  signal(SIGPIPE, SIG_IGN);
  setenv("TZ", "UTC0", 1);
  for (int i = 0; i < 4; i++) {
    bool made = mkdir(folders[i], 0700) == 0 || errno == EEXIST;
    if (!made || (i == 0 && chdir(folders[i]) != 0)) return perror(folders[i]), 1;
  }
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(arguments[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
  bool bound = bind(listener, (struct sockaddr *)&address, sizeof address) == 0 && listen(listener, 512) == 0;
  if (!bound) return perror("listen"), 1;
  if (!start_thread(sweep, 0)) return perror("pthread_create"), 1;
  for (;;) { /* T3: a thread for each connection, so that no peer delays another. */
    int peer = accept(listener, NULL, NULL);
    if (peer >= 0 && !start_thread(serve, peer)) close(peer);
    if (peer < 0) nanosleep(&(struct timespec){.tv_nsec = 10 * 1000 * 1000}, NULL); /* Probably out of descriptors. */
  }
}
