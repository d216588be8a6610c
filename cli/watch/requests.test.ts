import t from 'tap';
import { RequestQueue } from './requests.ts';

const NEVER = new AbortController().signal;

t.test('keys and changes wait until they are taken', async (t) => {
  const queue = new RequestQueue();
  queue.press('failed');
  queue.beginChange();
  queue.endChange(['a.js']);
  t.strictSame(await queue.take(NEVER), { keys: ['failed'], changed: ['a.js'] });
  t.equal(queue.isPending, false);
});

t.test('a burst of changes ends before it is taken, but a person may end at once', async (t) => {
  const queue = new RequestQueue();
  queue.beginChange();
  let isTaken = false;
  const taken = queue.take(NEVER).finally(() => {
    isTaken = true;
  });
  queue.press('all');
  await new Promise(setImmediate);
  t.equal(isTaken, false);
  queue.endChange(['a.js', 'b.js']);
  t.strictSame(await taken, { keys: ['all'], changed: ['a.js', 'b.js'] });
  queue.beginChange();
  queue.press('quit');
  t.strictSame(await queue.take(NEVER), { keys: ['quit'], changed: [] });
});

t.test('what is out of date is known at the begin of a burst', async (t) => {
  const queue = new RequestQueue();
  let calls = 0;
  const stop = queue.whenPending(() => {
    calls += 1;
  });
  queue.beginChange();
  t.equal(calls, 1);
  stop();
  queue.endChange(['a.js']);
  t.equal(calls, 1);
  queue.whenPending(() => {
    calls += 1;
  })();
  t.equal(calls, 2, 'a request that came before is reported at once');
});

t.test('a signal ends the wait', async (t) => {
  const controller = new AbortController();
  const taken = new RequestQueue().take(controller.signal);
  controller.abort(new Error('ended'));
  await t.rejects(taken, { message: 'ended' });
  await t.rejects(new RequestQueue().take(controller.signal), { message: 'ended' });
});
