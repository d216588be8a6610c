/** Starts a target, prints its port and never stops it. Runs until it is killed if the second argument is `lives`. */

import { launch } from '../observers/launch.ts';

const [, , command = '', fate] = process.argv;
const { address } = await launch(command);
process.stdout.write(`${address.port}\n`);
if (fate === 'lives') process.stdin.resume();
