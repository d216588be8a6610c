/** Adapters for tests, each as the line that starts it. */

import { OPS } from '../pipe/interface.ts';

/** An adapter that answers hello, and then each request by this line of JavaScript, which holds no single quote. */
export function adapter(on: string, hello: object = {}): string {
  const own = { name: 'x', version: '1', language: 'js', ops: OPS, ...hello };
  const program = `
    require("node:readline").createInterface({ input: process.stdin }).on("line", (text) => {
      const { id, op, args } = JSON.parse(text);
      const answer = (rest) => console.log(JSON.stringify({ id, ...rest }));
      if (op === "hello") return answer({ ok: true, value: ${JSON.stringify(own)} });
      ${on}
    });`;
  return `exec '${process.execPath}' -e '${program}'`;
}

/** An adapter that answers hello, and does this in the shell at the next request. It starts faster than one in Node.js. */
export function shellAdapter(then: string): string {
  const value = { name: 'x', version: '1', language: 'sh', ops: OPS };
  return `read hello; echo '${JSON.stringify({ id: 1, ok: true, value })}'; read request; ${then}`;
}

/** Refuses this many requests, does that once, and then answers no more. */
export function countingAdapter(count: number, then: string): string {
  const refusal = String.raw`printf '{"id":%d,"ok":false,"error":""}\n' $id`;
  const each = `if [ $id -le ${count + 1} ]; then ${refusal}; elif [ $id -eq ${count + 2} ]; then ${then}; fi`;
  return shellAdapter(`id=2; while :; do ${each}; id=$((id+1)); read request || exit 0; done`);
}
