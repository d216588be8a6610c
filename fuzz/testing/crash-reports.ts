/**
 * What programs wrote when they failed, and the cause that it names. Real programs in C, Python, JavaScript, Rust, Java and Go
 * wrote them, but for four of Go that follow the format that its runtime documents.
 */

/** An output; a tab is escaped, as the observer escapes it. */
export interface CrashReport {
  readonly name: string;
  /** As `causeText` says it. */
  readonly cause: string;
  readonly output: string;
  readonly ended?: string;
}

export const CRASH_REPORTS: readonly CrashReport[] = [
  {
    name: 'ASan, heap overflow in an interceptor',
    cause: 'AddressSanitizer heap-buffer-overflow WRITE in copy_field < parse',
    output: `
=================================================================
==27648==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018 at pc 0x7f2bf4048061 bp 0x7fff6a481df0 sp 0x7fff6a4815a0
WRITE of size 20 at 0x602000000018 thread T0
    #0 0x7f2bf4048060 in __interceptor_memcpy ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors.inc:827
    #1 0x557880328344 in copy_field /src/a.c:8
    #2 0x5578803286b5 in parse /src/a.c:11
    #3 0x557880329183 in main /src/a.c:27
    #4 0x7f2bf3645249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #5 0x7f2bf3645304 in __libc_start_main_impl ../csu/libc-start.c:360
    #6 0x557880328220 in _start (/src/asan+0x3220)
0x602000000018 is located 0 bytes to the right of 8-byte region [0x602000000010,0x602000000018)
allocated by thread T0 here:
    #0 0x7f2bf40b89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x557880328690 in parse /src/a.c:11
    #2 0x557880329183 in main /src/a.c:27
    #3 0x7f2bf3645249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
SUMMARY: AddressSanitizer: heap-buffer-overflow ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors.inc:827 in __interceptor_memcpy`,
  },
  {
    name: 'ASan, use after free',
    cause: 'AddressSanitizer heap-use-after-free READ in parse < main',
    output: `
=================================================================
==27921==ERROR: AddressSanitizer: heap-use-after-free on address 0x602000000010 at pc 0x55a6b8b479ed bp 0x7ffe73547780 sp 0x7ffe73547778
READ of size 1 at 0x602000000010 thread T0
    #0 0x55a6b8b479ec in parse /src/a.c:14
    #1 0x55a6b8b48183 in main /src/a.c:27
    #2 0x7f2d37045249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #3 0x7f2d37045304 in __libc_start_main_impl ../csu/libc-start.c:360
    #4 0x55a6b8b47220 in _start (/src/asan+0x3220)
0x602000000010 is located 0 bytes inside of 8-byte region [0x602000000010,0x602000000018)
freed by thread T0 here:
    #0 0x7f2d37ab76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x55a6b8b47997 in parse /src/a.c:14
    #2 0x55a6b8b48183 in main /src/a.c:27
    #3 0x7f2d37045249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
previously allocated by thread T0 here:
    #0 0x7f2d37ab89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55a6b8b47981 in parse /src/a.c:14
    #2 0x55a6b8b48183 in main /src/a.c:27
    #3 0x7f2d37045249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
SUMMARY: AddressSanitizer: heap-use-after-free /src/a.c:14 in parse`,
  },
  {
    name: 'ASan, double free',
    cause: 'AddressSanitizer double-free in parse < main',
    output: `
=================================================================
==28106==ERROR: AddressSanitizer: attempting double-free on 0x602000000010 in thread T0:
    #0 0x7fd5784b76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x55b499361a63 in parse /src/a.c:15
    #2 0x55b499362183 in main /src/a.c:27
    #3 0x7fd577a45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #4 0x7fd577a45304 in __libc_start_main_impl ../csu/libc-start.c:360
    #5 0x55b499361220 in _start (/src/asan+0x3220)
0x602000000010 is located 0 bytes inside of 8-byte region [0x602000000010,0x602000000018)
freed by thread T0 here:
    #0 0x7fd5784b76a8 in __interceptor_free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52
    #1 0x55b499361a54 in parse /src/a.c:15
    #2 0x55b499362183 in main /src/a.c:27
    #3 0x7fd577a45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
previously allocated by thread T0 here:
    #0 0x7fd5784b89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55b499361a3e in parse /src/a.c:15
    #2 0x55b499362183 in main /src/a.c:27
    #3 0x7fd577a45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
SUMMARY: AddressSanitizer: double-free ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:52 in __interceptor_free
==28106==ABORTING`,
  },
  {
    name: 'ASan with UBSan, null pointer',
    cause: 'AddressSanitizer SEGV READ in parse < main',
    output: `
a.c:16:30: runtime error: load of null pointer of type 'volatile int'
AddressSanitizer:DEADLYSIGNAL
=================================================================
==28139==ERROR: AddressSanitizer: SEGV on unknown address 0x000000000000 (pc 0x55f2100a9afb bp 0x7ffd379be010 sp 0x7ffd379bdf50 T0)
==28139==The signal is caused by a READ memory access.
==28139==Hint: address points to the zero page.
    #0 0x55f2100a9afb in parse /src/a.c:16
    #1 0x55f2100aa183 in main /src/a.c:27
    #2 0x7fab4f045249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #3 0x7fab4f045304 in __libc_start_main_impl ../csu/libc-start.c:360
    #4 0x55f2100a9220 in _start (/src/asan+0x3220)
AddressSanitizer can not provide additional info.
SUMMARY: AddressSanitizer: SEGV /src/a.c:16 in parse
==28139==ABORTING`,
  },
  {
    name: 'ASan, recursion',
    cause: 'AddressSanitizer stack-overflow in rec',
    output: `
AddressSanitizer:DEADLYSIGNAL
=================================================================
==28198==ERROR: AddressSanitizer: stack-overflow on address 0x7ffe2eb45bac (pc 0x563b4c934360 bp 0x7ffe2eb46080 sp 0x7ffe2eb45ba0 T0)
    #0 0x563b4c934360 in rec /src/a.c:9
    #1 0x563b4c9344cc in rec /src/a.c:9
    #2 0x563b4c9344cc in rec /src/a.c:9
    #3 0x563b4c9344cc in rec /src/a.c:9
    #4 0x563b4c9344cc in rec /src/a.c:9
    #5 0x563b4c9344cc in rec /src/a.c:9
    #6 0x563b4c9344cc in rec /src/a.c:9
    #7 0x563b4c9344cc in rec /src/a.c:9
    #8 0x563b4c9344cc in rec /src/a.c:9
    #9 0x563b4c9344cc in rec /src/a.c:9
    #10 0x563b4c9344cc in rec /src/a.c:9
    #11 0x563b4c9344cc in rec /src/a.c:9
    #12 0x563b4c9344cc in rec /src/a.c:9
    #13 0x563b4c9344cc in rec /src/a.c:9
    #14 0x563b4c9344cc in rec /src/a.c:9
    #15 0x563b4c9344cc in rec /src/a.c:9
    #16 0x563b4c9344cc in rec /src/a.c:9
    #17 0x563b4c9344cc in rec /src/a.c:9
    #18 0x563b4c9344cc in rec /src/a.c:9
    #19 0x563b4c9344cc in rec /src/a.c:9
    #20 0x563b4c9344cc in rec /src/a.c:9`,
  },
  {
    name: 'ASan, size too large',
    cause: 'AddressSanitizer allocation-size-too-big in parse < main',
    output: `
=================================================================
==28367==ERROR: AddressSanitizer: requested allocation size 0xffffffffffffffff (0x800 after adjustments for alignment, red zones etc.) exceeds maximum supported size of 0x10000000000 (thread T0)
    #0 0x7f25cc0b89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x556d6587ed99 in parse /src/a.c:23
    #2 0x556d6587f183 in main /src/a.c:27
    #3 0x7f25cb645249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
==28367==HINT: if you don't care about these errors you may set allocator_may_return_null=1
SUMMARY: AddressSanitizer: allocation-size-too-big ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69 in __interceptor_malloc
==28367==ABORTING`,
  },
  {
    name: 'ASan, stripped binary',
    cause: 'AddressSanitizer heap-buffer-overflow WRITE in asans+0x22b4 < asans+0x24b9',
    output: `
=================================================================
==28680==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018 at pc 0x7f24b2e48061 bp 0x7fff27f72530 sp 0x7fff27f71ce0
WRITE of size 20 at 0x602000000018 thread T0
    #0 0x7f24b2e48060 in __interceptor_memcpy ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors.inc:827
    #1 0x55670d2462b4  (/src/asans+0x22b4)
    #2 0x55670d2464b9  (/src/asans+0x24b9)
    #3 0x55670d246b1a  (/src/asans+0x2b1a)
    #4 0x7f24b2c45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #5 0x7f24b2c45304 in __libc_start_main_impl ../csu/libc-start.c:360
    #6 0x55670d2461c0  (/src/asans+0x21c0)
0x602000000018 is located 0 bytes to the right of 8-byte region [0x602000000010,0x602000000018)
allocated by thread T0 here:
    #0 0x7f24b2eb89cf in __interceptor_malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69
    #1 0x55670d246494  (/src/asans+0x2494)
    #2 0x55670d246b1a  (/src/asans+0x2b1a)
    #3 0x7f24b2c45249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
SUMMARY: AddressSanitizer: heap-buffer-overflow ../../../../src/libsanitizer/sanitizer_common/sanitizer_common_interceptors.inc:827 in __interceptor_memcpy`,
  },
  {
    name: 'ASan, symbolize=0',
    cause: 'AddressSanitizer heap-buffer-overflow WRITE in asan+0x3344 < asan+0x36b5',
    output: `
=================================================================
==28977==ERROR: AddressSanitizer: heap-buffer-overflow on address 0x602000000018 at pc 0x7fafc1048061 bp 0x7fff669e6a80 sp 0x7fff669e6230
WRITE of size 20 at 0x602000000018 thread T0
    #0 0x7fafc1048060  (/lib/x86_64-linux-gnu/libasan.so.8+0x48060)
    #1 0x55eb85067344  (/src/asan+0x3344)
    #2 0x55eb850676b5  (/src/asan+0x36b5)
    #3 0x55eb85068183  (/src/asan+0x4183)
    #4 0x7fafc0645249  (/lib/x86_64-linux-gnu/libc.so.6+0x27249)
    #5 0x7fafc0645304  (/lib/x86_64-linux-gnu/libc.so.6+0x27304)
    #6 0x55eb85067220  (/src/asan+0x3220)
0x602000000018 is located 0 bytes to the right of 8-byte region [0x602000000010,0x602000000018)
allocated by thread T0 here:
    #0 0x7fafc10b89cf  (/lib/x86_64-linux-gnu/libasan.so.8+0xb89cf)
    #1 0x55eb85067690  (/src/asan+0x3690)
    #2 0x55eb85068183  (/src/asan+0x4183)
    #3 0x7fafc0645249  (/lib/x86_64-linux-gnu/libc.so.6+0x27249)
SUMMARY: AddressSanitizer: heap-buffer-overflow (/lib/x86_64-linux-gnu/libasan.so.8+0x48060)`,
  },
  {
    name: 'UBSan',
    cause: 'UndefinedBehaviorSanitizer signed integer overflow in a.c:19',
    output: `
a.c:19:48: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'`,
  },
  {
    name: 'UBSan with stack',
    cause: 'UndefinedBehaviorSanitizer signed integer overflow in parse < main',
    output: `
a.c:19:48: runtime error: signed integer overflow: 2147483647 + 1 cannot be represented in type 'int'
    #0 0x562a032297e8 in parse /src/a.c:19
    #1 0x562a03229b54 in main /src/a.c:27
    #2 0x7f9170245249 in __libc_start_call_main ../sysdeps/nptl/libc_start_call_main.h:58
    #3 0x7f9170245304 in __libc_start_main_impl ../csu/libc-start.c:360
    #4 0x562a03229150 in _start (/src/ubsan+0x1150)`,
  },
  {
    name: 'TSan',
    cause: 'ThreadSanitizer data race in th',
    output: `
==================
WARNING: ThreadSanitizer: data race (pid=29244)
  Read of size 4 at 0x55555555809c by thread T2:
    #0 th /src/a.c:26 (tsan+0x166a)
  Previous write of size 4 at 0x55555555809c by thread T1:
    #0 th /src/a.c:26 (tsan+0x1682)
  Location is global 'shared' of size 4 at 0x55555555809c (tsan+0x409c)
  Thread T2 (tid=29282, running) created by main thread at:
    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 (libtsan.so.2+0x5e686)
    #1 main /src/a.c:27 (tsan+0x171c)
  Thread T1 (tid=29280, finished) created by main thread at:
    #0 pthread_create ../../../../src/libsanitizer/tsan/tsan_interceptors_posix.cpp:1001 (libtsan.so.2+0x5e686)
    #1 main /src/a.c:27 (tsan+0x16ff)
SUMMARY: ThreadSanitizer: data race /src/a.c:26 in th
==================
ThreadSanitizer: reported 1 warnings`,
  },
  {
    name: 'assert of libc',
    cause: 'assertion n==1 in parse',
    output: `
asan: a.c:21: parse: Assertion ${'`'}n==1' failed.`,
  },
  {
    name: 'Python',
    cause: 'Python JSONDecodeError in p.parse < p.handle',
    output: `
Traceback (most recent call last):
  File "/src/p.py", line 12, in <module>
    handle(sys.argv[1])
  File "/src/p.py", line 4, in handle
    if k=='json': parse('{"a":')
                  ^^^^^^^^^^^^^^
  File "/src/p.py", line 2, in parse
    def parse(x): return json.loads(x)["a"][0]
                         ^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/decoder.py", line 337, in decode
    obj, end = self.raw_decode(s, idx=_w(s, 0).end())
               ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/usr/lib/python3.11/json/decoder.py", line 355, in raw_decode
    raise JSONDecodeError("Expecting value", s, err.value) from None
json.decoder.JSONDecodeError: Expecting value: line 1 column 6 (char 5)`,
  },
  {
    name: 'Python, recursion',
    cause: 'Python RecursionError in p.handle',
    output: `
Traceback (most recent call last):
  File "/src/p.py", line 12, in <module>
    handle(sys.argv[1])
  File "/src/p.py", line 6, in handle
    if k=='rec': return handle(k)
                        ^^^^^^^^^
  File "/src/p.py", line 6, in handle
    if k=='rec': return handle(k)
                        ^^^^^^^^^
  File "/src/p.py", line 6, in handle
    if k=='rec': return handle(k)
                        ^^^^^^^^^
  [Previous line repeated 996 more times]
RecursionError: maximum recursion depth exceeded`,
  },
  {
    name: 'Python, cause of another exception',
    cause: 'Python KeyError in p.parse < p.handle',
    output: `
Traceback (most recent call last):
  File "/src/p.py", line 8, in handle
    try: parse('{}')
         ^^^^^^^^^^^
  File "/src/p.py", line 2, in parse
    def parse(x): return json.loads(x)["a"][0]
                         ~~~~~~~~~~~~~^^^^^
KeyError: 'a'
The above exception was the direct cause of the following exception:
Traceback (most recent call last):
  File "/src/p.py", line 12, in <module>
    handle(sys.argv[1])
  File "/src/p.py", line 9, in handle
    except KeyError as e: raise ValueError("bad 17 task 'x'") from e
                          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
ValueError: bad 17 task 'x'`,
  },
  {
    name: 'Python, thread',
    cause: 'Python KeyError in p.parse',
    output: `
Exception in thread Thread-1 (parse):
Traceback (most recent call last):
  File "/usr/lib/python3.11/threading.py", line 1045, in _bootstrap_inner
    self.run()
  File "/usr/lib/python3.11/threading.py", line 982, in run
    self._target(*self._args, **self._kwargs)
  File "/src/p.py", line 2, in parse
    def parse(x): return json.loads(x)["a"][0]
                         ~~~~~~~~~~~~~^^^^^
KeyError: 'a'`,
  },
  {
    name: 'Node.js',
    cause: 'Node.js SyntaxError in parse < Server.handle',
    output: `
<anonymous_script>:1
{"a":
SyntaxError: Unexpected end of JSON input
    at JSON.parse (<anonymous>)
    at parse (file:///src/n.mjs:1:23)
    at Server.handle (file:///src/n.mjs:4:16)
    at Timeout._onTimeout (file:///src/n.mjs:14:29)
    at listOnTimeout (node:internal/timers:581:17)
    at process.processTimers (node:internal/timers:519:7)
Node.js v20.20.2`,
  },
  {
    name: 'Node.js, recursion',
    cause: 'Node.js stack overflow in rec',
    output: `
file:///src/n.mjs:2
function rec(n){return rec(n+1)+1}
                ^
RangeError: Maximum call stack size exceeded
    at rec (file:///src/n.mjs:2:17)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
    at rec (file:///src/n.mjs:2:24)
Node.js v20.20.2`,
  },
  {
    name: 'Node.js, abort',
    cause: 'Node.js abort in Server.handle',
    output: `
----- Native stack trace -----
 1: 0xd3a3c0  [node]
 2: 0xf50bdf v8::internal::FunctionCallbackArguments::Call(v8::internal::CallHandlerInfo) [node]
----- JavaScript stack trace -----
1: Server.handle (file:///src/n.mjs:63:73)
2: emit (node:events:519:28)
3: addChunk (node:internal/streams/readable:559:12)`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'Node.js, no Error',
    cause: 'Node.js exception in n.mjs:8',
    output: `
file:///src/n.mjs:8
 if(k==='str')throw 'plain';
              ^
plain
(Use ${'`'}node --trace-uncaught ...${'`'} to show where the exception was thrown)
Node.js v20.20.2`,
  },
  {
    name: 'Node.js, event without a listener',
    cause: 'Node.js Error: connect ECONNREFUSED N.N:N in TCPConnectWrap.afterConnect < emitErrorNT',
    output: `
node:events:502
      throw er; // Unhandled 'error' event
      ^
Error: connect ECONNREFUSED 127.0.0.1:1
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16)
Emitted 'error' event on Socket instance at:
    at emitErrorNT (node:internal/streams/destroy:169:8)
    at emitErrorCloseNT (node:internal/streams/destroy:128:3)
    at process.processTicksAndRejections (node:internal/process/task_queues:82:21) {
  errno: -111,
  code: 'ECONNREFUSED',
  syscall: 'connect',
  address: '127.0.0.1',
  port: 1
}
Node.js v20.20.2`,
  },
  {
    name: 'Node.js, in a function of the runtime',
    cause: 'Node.js RangeError ERR_OUT_OF_RANGE in Server.handle < Timeout._onTimeout',
    output: `
node:internal/buffer:88
  throw new ERR_OUT_OF_RANGE(type || 'offset',
  ^
RangeError [ERR_OUT_OF_RANGE]: The value of "offset" is out of range. It must be >= 0 and <= 4. Received 7
    at boundsError (node:internal/buffer:88:9)
    at checkBounds (node:internal/buffer:57:5)
    at checkInt (node:internal/buffer:76:3)
    at writeU_Int32BE (node:internal/buffer:804:3)
    at Buffer.writeUInt32BE (node:internal/buffer:817:10)
    at Server.handle (file:///src/n.mjs:12:33)
    at Timeout._onTimeout (file:///src/n.mjs:14:29)
    at listOnTimeout (node:internal/timers:581:17)
    at process.processTimers (node:internal/timers:519:7) {
  code: 'ERR_OUT_OF_RANGE'
}
Node.js v20.20.2`,
  },
  {
    name: 'Rust',
    cause: 'Rust panic: index out of bounds in r.rs:2',
    output: `
thread 'main' (32422) panicked at r.rs:2:45:
index out of bounds: the len is 2 but the index is 6
note: run with ${'`'}RUST_BACKTRACE=1${'`'} environment variable to display a backtrace`,
  },
  {
    name: 'Rust with stack',
    cause: 'Rust panic: called `Option::unwrap()` on a `None` value in r::handle < r::main',
    output: `
thread 'main' (32425) panicked at r.rs:4:73:
called ${'`'}Option::unwrap()${'`'} on a ${'`'}None${'`'} value
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14
   2: core::panicking::panic
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:150:5
   3: core::option::unwrap_failed
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs:2236:5
   4: core::option::Option<T>::unwrap
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/option.rs:1016:21
   5: r::handle
             at ./r.rs:4:73
   6: r::main
             at ./r.rs:9:45
   7: core::ops::function::FnOnce::call_once
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/ops/function.rs:250:5
note: Some details are omitted, run with ${'`'}RUST_BACKTRACE=full${'`'} for a verbose backtrace.`,
  },
  {
    name: 'Rust, stack overflow',
    cause: 'Rust stack overflow',
    output: `
thread 'main' (32563) has overflowed its stack
fatal runtime error: stack overflow, aborting`,
  },
  {
    name: 'Java',
    cause: 'Java NullPointerException in J$Parser.run < J.main',
    output: String.raw`
Exception in thread "main" java.lang.NullPointerException: Cannot invoke "Object.toString()" because the return value of "J$Parser.get(String)" is null
\tat J$Parser.run(J.java:4)
\tat J.main(J.java:6)`,
  },
  {
    name: 'Java, cause of another exception',
    cause: 'Java ArrayIndexOutOfBoundsException in J.at',
    output: String.raw`
Exception in thread "main" java.lang.IllegalStateException: task 17 bad
\tat J$Parser.run(J.java:5)
\tat J.main(J.java:6)
Caused by: java.lang.ArrayIndexOutOfBoundsException: Index 7 out of bounds for length 2
\tat J.at(J.java:1)
\t... 2 more`,
  },
  {
    name: 'Go',
    cause: 'Go runtime error: index out of range in main.field < main.handle',
    output: String.raw`
panic: runtime error: index out of range [5] with length 3
goroutine 18 [running]:
main.field(...)
\t/src/main.go:12
main.handle({0xc000012345, 0x5, 0x8}, 0x3)
\t/src/main.go:20 +0x1d
created by main.serve in goroutine 1
\t/src/main.go:31 +0x85
exit status 2`,
  },
  {
    name: 'Go, in the standard library',
    cause: 'Go runtime error: invalid memory address or nil pointer dereference in main.(*Server).read',
    output: String.raw`
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x47ab21]
goroutine 7 [running]:
encoding/json.Unmarshal({0xc000014090, 0x2, 0x2}, {0x0, 0x0})
\t/usr/local/go/src/encoding/json/decode.go:108 +0x1d
main.(*Server).read(0xc0000140a0, {0xc000014090, 0x2, 0x2})
\t/src/server.go:44 +0x51
created by main.(*Server).serve in goroutine 1
\t/src/server.go:31 +0x85
exit status 2`,
  },
  {
    name: 'Go, type of a value',
    cause: 'Go interface conversion in main.text',
    output: String.raw`
panic: interface conversion: interface {} is float64, not string
goroutine 1 [running]:
main.text({0x4a8f60?, 0xc00001c0b8?})
\t/src/main.go:8 +0x2f`,
  },
  {
    name: 'Go, map that two goroutines write',
    cause: 'Go concurrent map writes in main.(*Store).put < main.handle',
    output: String.raw`
fatal error: concurrent map writes
goroutine 646 [running]:
runtime.throw(0x75fd38, 0x15)
\t/usr/local/go/src/runtime/panic.go:774 +0x72 fp=0xc000315e60 sp=0xc000315e30 pc=0x42ecf2
runtime.mapassign_faststr(0x6f0800, 0xc00008ad50, 0x2b3e)
\t/usr/local/go/src/runtime/map_faststr.go:291 +0x3de
main.(*Store).put(0xc00008ad50, {0xc000014090, 0x24})
\t/src/store.go:19 +0x45
main.handle(0xc00008ad50)
\t/src/main.go:40 +0x1d`,
  },
  {
    name: 'Go, recursion',
    cause: 'Go stack overflow in main.array < main.value',
    output: String.raw`
runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0xc0200e0390 stack=[0xc0200e0000, 0xc0400e0000]
fatal error: stack overflow
runtime stack:
runtime.throw({0x48f0a3?, 0x0?})
\t/usr/local/go/src/runtime/panic.go:1047 +0x5d
goroutine 1 [running]:
main.value({0xc0, 0x1})
\t/src/main.go:4 +0x55
main.array({0xc0, 0x1})
\t/src/main.go:9 +0x25
main.value({0xc0, 0x1})
\t/src/main.go:5 +0x25
main.array({0xc0, 0x1})
\t/src/main.go:9 +0x25`,
  },
  {
    name: 'Go, nil pointer',
    cause:
      'Go runtime error: invalid memory address or nil pointer dereference in main.(*Store).title < main.handle',
    output: String.raw`
panic: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4f5e1f]
goroutine 19 [running]:
main.(*Store).title(...)
\t/src/server.go:18
main.handle(0xe95b1818?, {0xc00010c008?, 0xc00010c008?, 0x2?})
\t/src/server.go:27 +0x17f
main.serve({0x552e30?, 0xc000106008})
\t/src/server.go:59 +0x16c
created by main.main
\t/src/server.go:74 +0xe5`,
    ended: 'exit status 2',
  },
  {
    name: 'Go, an error with the input',
    cause: 'Go panic in main.handle < main.serve',
    output: String.raw`
panic: task {"task_id":"a"} is unknown
goroutine 19 [running]:
main.handle(0x92aef98?, {0xc00001e2f0?, 0xc00001e2f0?, 0x2?})
\t/src/server.go:40 +0x248
main.serve({0x552e30?, 0xc000106008})
\t/src/server.go:59 +0x16c
created by main.main
\t/src/server.go:74 +0xe5`,
    ended: 'exit status 2',
  },
  {
    name: 'Go, a panic while another is handled',
    cause:
      'Go runtime error: invalid memory address or nil pointer dereference in main.handle.func2.1 < main.(*Store).title',
    output: String.raw`
panic: runtime error: invalid memory address or nil pointer dereference
\tpanic: while cleaning: runtime error: invalid memory address or nil pointer dereference
[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc=0x4f5b3b]
goroutine 20 [running]:
main.handle.func2.1()
\t/src/server.go:44 +0x74
panic({0x509180, 0x603670})
\t/usr/lib/go-1.19/src/runtime/panic.go:884 +0x212
main.(*Store).title(...)
\t/src/server.go:18
main.handle.func2()
\t/src/server.go:44 +0x5b
main.handle(0x59892798?, {0xc0000a8258?, 0xc0000a8258?, 0x2?})
\t/src/server.go:44 +0x57
main.serve({0x552e30?, 0xc0000a2028})
\t/src/server.go:59 +0x16c
created by main.main
\t/src/server.go:74 +0xe5`,
    ended: 'exit status 2',
  },
  {
    name: 'Go, endless recursion',
    cause: 'Go stack overflow in main.depth',
    output: String.raw`
runtime: goroutine stack exceeds 1000000000-byte limit
runtime: sp=0xc020100388 stack=[0xc020100000, 0xc040100000]
fatal error: stack overflow
runtime stack:
runtime.throw({0x5254df?, 0x5f6580?})
\t/usr/lib/go-1.19/src/runtime/panic.go:1047 +0x5d fp=0x7ffce1356950 sp=0x7ffce1356920 pc=0x4354dd
runtime.newstack()
\t/usr/lib/go-1.19/src/runtime/stack.go:1103 +0x5cc fp=0x7ffce1356b08 sp=0x7ffce1356950 pc=0x44e54c
goroutine 19 [running]:
main.depth(0x155551f?)
\t/src/server.go:22 +0x45 fp=0xc020100398 sp=0xc020100390 pc=0x4f59e5
main.depth(0x0?)
\t/src/server.go:22 +0x2d fp=0xc0201003b0 sp=0xc020100398 pc=0x4f59cd
main.depth(0x0?)
\t/src/server.go:22 +0x2d fp=0xc0201003c8 sp=0xc0201003b0 pc=0x4f59cd`,
    ended: 'exit status 2',
  },
  {
    name: 'Go, a fault in C',
    cause: 'Go unexpected signal during runtime execution in main._Cfunc_field < main.parse',
    output: String.raw`
fatal error: unexpected signal during runtime execution
[signal SIGSEGV: segmentation violation code=0x1 addr=0x8 pc=0x4624a2]
runtime stack:
runtime.throw({0x4783d1?, 0x4dc0c0?})
\t/usr/lib/go-1.19/src/runtime/panic.go:1047 +0x5d fp=0x7ffe3607e0a0 sp=0x7ffe3607e070 pc=0x4312fd
goroutine 1 [syscall]:
runtime.cgocall(0x462490, 0xc000046f58)
\t/usr/lib/go-1.19/src/runtime/cgocall.go:158 +0x5c fp=0xc000046f30 sp=0xc000046ef8 pc=0x40463c
main._Cfunc_field(0x8)
\t_cgo_gotypes.go:45 +0x48 fp=0xc000046f58 sp=0xc000046f30 pc=0x462348
main.parse(...)
\t/src/main.go:12
main.main()
\t/src/main.go:13 +0x45 fp=0xc000046f80 sp=0xc000046f58 pc=0x462445`,
    ended: 'exit status 2',
  },
  {
    name: 'Go, an abort in C',
    cause: 'Go SIGABRT: abort in main._Cfunc_stop < main.main',
    output: String.raw`
SIGABRT: abort
PC=0x7f5583a73eec m=0 sigcode=18446744073709551610
signal arrived during cgo execution
goroutine 1 [syscall]:
runtime.cgocall(0x4022a0, 0xc00004df58)
\t/usr/lib/go-1.19/src/runtime/cgocall.go:158 +0x5c fp=0xc00004df30 sp=0xc00004def8 pc=0x40463c
main._Cfunc_stop()
\t_cgo_gotypes.go:58 +0x45 fp=0xc00004df58 sp=0xc00004df30 pc=0x4623e5
main.main()
\t/src/main.go:13 +0x25 fp=0xc00004df80 sp=0xc00004df58 pc=0x462425
runtime.main()
\t/usr/lib/go-1.19/src/runtime/proc.go:250 +0x212 fp=0xc00004dfe0 sp=0xc00004df80 pc=0x433b52`,
    ended: 'exit status 2',
  },
  {
    name: 'Rust, a message with the input',
    cause: 'Rust panic in server::handle < server::serve',
    output: `
thread '<unnamed>' (1767) panicked at server.rs:16:69:
a payload is UTF-8: Utf8Error { valid_up_to: 0, error_len: Some(1) }
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/panicking.rs:689:5
   1: core::panicking::panic_fmt
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/panicking.rs:80:14
   2: core::result::unwrap_failed
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/core/src/result.rs:1867:5
   3: core::result::Result<T,E>::expect
   4: server::handle
   5: server::serve
   6: server::main::{{closure}}
note: Some details are omitted, run with ${'`'}RUST_BACKTRACE=full${'`'} for a verbose backtrace.`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'Rust, memory',
    cause: 'Rust allocation failure in server::handle < server::serve',
    output: `
memory allocation of 4611686018427387903 bytes failed
stack backtrace:
   0: std::alloc::rust_oom
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/alloc.rs:424:5
   1: __rustc::__rust_alloc_error_handler
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/std/src/alloc.rs:423:1
   2: alloc::raw_vec::handle_error
             at /rustc/59807616e1fa2540724bfbac14d7976d7e4a3860/library/alloc/src/raw_vec/mod.rs:888:38
   3: alloc::raw_vec::RawVecInner<A>::with_capacity_in
   4: alloc::vec::Vec<T>::with_capacity
   5: server::handle
   6: server::serve
   7: server::main::{{closure}}`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'Java, memory, in a lambda',
    cause: 'Java OutOfMemoryError in Server.handle',
    output: String.raw`
Exception in thread "Thread-1" java.lang.OutOfMemoryError: Java heap space
\tat Server.handle(Server.java:20)
\tat Server$$Lambda$3/0x00007fc6f8000a08.run(Unknown Source)
\tat java.base/java.lang.Thread.run(Thread.java:840)`,
  },
  {
    name: 'Java, memory, which ends the process',
    cause: 'Java OutOfMemoryError',
    output: 'Terminating due to java.lang.OutOfMemoryError: Java heap space',
    ended: 'exit status 3',
  },
  {
    name: 'JVM, a fault in the virtual machine',
    cause: 'JVM SIGSEGV in Unsafe_PutLong',
    output: `
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007f007bed2f94, pid=30962, tid=1150
#
# JRE version: OpenJDK Runtime Environment (17.0.15+6) (build 17.0.15+6-Debian-1deb12u1)
# Java VM: OpenJDK 64-Bit Server VM (17.0.15+6-Debian-1deb12u1, mixed mode, sharing, tiered, compressed oops, compressed class ptrs, g1 gc, linux-amd64)
# Problematic frame:
# V  [libjvm.so+0xed2f94]  Unsafe_PutLong+0x124
#
# No core dump will be written. Core dumps have been disabled. To enable core dumping, try "ulimit -c unlimited" before starting Java again`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'JVM, a fault in C',
    cause: 'JVM SIGSEGV in field',
    output: `
# A fatal error has been detected by the Java Runtime Environment:
#
#  SIGSEGV (0xb) at pc=0x00007fcfdc28b125, pid=14056, tid=14058
#
# Problematic frame:
# C  [libparse.so+0x1125]  field+0xc
#
# The crash happened outside the Java Virtual Machine in native code.`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'JVM, memory',
    cause: 'JVM fatal error: OutOfMemory encountered: Java heap space',
    output: `
Aborting due to java.lang.OutOfMemoryError: Java heap space
#
# A fatal error has been detected by the Java Runtime Environment:
#
#  Internal Error (debug.cpp:362), pid=16474, tid=16476
#  fatal error: OutOfMemory encountered: Java heap space
#`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'Python, a fault in C',
    cause: 'Python fatal error: Segmentation fault in p.field < p.handle',
    output: `
Fatal Python error: Segmentation fault
Current thread 0x00007f39fea426c0 (most recent call first):
  File "/usr/lib/python3.11/ctypes/__init__.py", line 519 in string_at
  File "/src/p.py", line 3 in field
  File "/src/p.py", line 4 in handle
  File "/usr/lib/python3.11/threading.py", line 982 in run
  File "/usr/lib/python3.11/threading.py", line 1045 in _bootstrap_inner
Thread 0x00007f39ff7d6b80 (most recent call first):
  File "/usr/lib/python3.11/threading.py", line 327 in wait
  File "/src/p.py", line 5 in <module>`,
    ended: 'signal SIGSEGV',
  },
  {
    name: 'C++',
    cause: 'std::out_of_range',
    output: `
terminate called after throwing an instance of 'std::out_of_range'
  what():  vector::_M_range_check: __n (which is 5) >= this->size() (which is 3)`,
    ended: 'signal SIGABRT',
  },
  {
    name: 'heap check of libc',
    cause: 'free(): invalid pointer',
    output: 'free(): invalid pointer',
    ended: 'signal SIGABRT',
  },
  {
    name: 'stack check of libc',
    cause: 'stack smashing detected',
    output: '*** stack smashing detected ***: terminated',
  },
  {
    name: 'no report',
    cause: 'signal SIGSEGV',
    output: 'listening on port 4711\nserved 17 frames',
    ended: 'signal SIGSEGV',
  },
  {
    name: 'no report, of a child',
    cause: 'signal SIGABRT',
    output: '',
    ended: 'exit status 134 (128 + SIGABRT)',
  },
];
