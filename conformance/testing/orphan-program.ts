/** A kit that starts a target, says where it listens, and never stops it: killed, or left with nothing to do. */

import { launch } from '../observers/launch.ts';

const [, , command = '', fate] = process.argv;
const { address } = await launch(command);
process.stdout.write(`${address.port}\n`);
if (fate === 'lives') process.stdin.resume();
