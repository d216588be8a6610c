/**
 * Counts which blocks of a Node.js target run, in a file that `conform fuzz --coverage FILE` reads:
 *
 *   node --import ./node-coverage.mjs server.js
 *
 * CONFORM_COVERAGE in the environment names the file; without it, nothing is counted. The file is made if it does not exist.
 * What ran is counted before each write and each close of a socket, so that it is in the file before the kit sees the reaction.
 * Code of Node.js and of node_modules is not counted. Costs about a millisecond each time.
 */

import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { Socket } from 'node:net';

/** A power of two. */
const COUNTERS = 64 * 1024;
const MOST = 255;

const path = process.env.CONFORM_COVERAGE;
if (path) count(openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600));

function count(file) {
  if (fstatSync(file).size === 0) ftruncateSync(file, COUNTERS);
  const counters = new Uint8Array(fstatSync(file).size);
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  const flush = () => {
    session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error) return;
      // The kit sets the counters to zero between two looks.
      readSync(file, counters, 0, counters.length, 0);
      for (const { url, functions } of taken.result) if (isOwn(url)) addScript(counters, url, functions);
      writeSync(file, counters, 0, counters.length, 0);
    });
  };
  // `end` calls the others in the same turn, when nothing else has run.
  let isFresh = false;
  for (const name of ['write', 'end', 'destroy']) {
    const original = Socket.prototype[name];
    Socket.prototype[name] = function (...args) {
      if (!isFresh) flush();
      isFresh = true;
      process.nextTick(() => {
        isFresh = false;
      });
      return original.apply(this, args);
    };
  }
  process.on('exit', () => {
    flush();
    closeSync(file);
  });
}

function isOwn(url) {
  return url.startsWith('file:') && !url.includes('/node_modules/') && url !== import.meta.url;
}

function addScript(counters, url, functions) {
  const script = hash(url, 0);
  for (const { ranges } of functions)
    for (const { startOffset, endOffset, count } of ranges) {
      const at = hash(`${startOffset}-${endOffset}`, script) & (counters.length - 1);
      counters[at] = Math.min(MOST, counters[at] + count);
    }
}

/** FNV-1a. */
function hash(text, seed) {
  let value = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  return value >>> 0;
}
