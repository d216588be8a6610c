/** Writes the text of `conform --help` to the file that help.ts reads. Part of the build. */

import { writeFileSync } from 'node:fs';
import { HELP_FILE, overviewText } from '../core/help.ts';
import { COMMAND_GROUPS } from '../main.ts';

writeFileSync(HELP_FILE, overviewText(COMMAND_GROUPS));
