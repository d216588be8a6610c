/** What a test file in a group imports as `tap`. It is loaded once for each file. */

import { currentFile } from './current-file.ts';

export default currentFile();
