/** `npm run bench [-- NAME …]`: the named benches, or all. */

import { benchCodec } from './codec.ts';
import { printMachine } from './report.ts';
import { benchSegmentation } from './segmentation.ts';
import { benchStartup } from './startup.ts';

const BENCHES: Readonly<Record<string, () => void | Promise<void>>> = {
  codec: benchCodec,
  segmentation: benchSegmentation,
  startup: benchStartup,
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in BENCHES));
if (unknown !== undefined) {
  process.stderr.write(
    `bench: no bench ${JSON.stringify(unknown)}; there are ${Object.keys(BENCHES).join(', ')}\n`,
  );
  process.exitCode = 2;
} else {
  printMachine();
  for (const name of asked.length > 0 ? asked : Object.keys(BENCHES)) {
    process.stdout.write(`\n${name}\n`);
    await BENCHES[name]?.();
  }
}
