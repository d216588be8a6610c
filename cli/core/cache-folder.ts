/** The folder for what makes a later run better, and may be deleted at any time. */

import { homedir } from 'node:os';
import { posix, win32 } from 'node:path';

const NAME = 'tasksubmit-conform';

/**
 * The absolute path of the folder, as the platform wants it; it may not exist yet. Undefined if the platform does not know
 * the home of the user. XDG_CACHE_HOME decides on every platform: a relative path in it does not count, as its
 * specification says.
 */
export function cacheFolder(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
  home: string | undefined = homeOfUser(),
): string | undefined {
  const { join, isAbsolute } = platform === 'win32' ? win32 : posix;
  const named = env['XDG_CACHE_HOME'] ?? '';
  if (isAbsolute(named)) return join(named, NAME);
  if (platform === 'win32' && isAbsolute(env['LOCALAPPDATA'] ?? ''))
    return join(env['LOCALAPPDATA'] ?? '', NAME, 'Cache');
  if (home === undefined || !isAbsolute(home)) return undefined;
  switch (platform) {
    case 'win32':
      return join(home, 'AppData', 'Local', NAME, 'Cache');
    case 'darwin':
      return join(home, 'Library', 'Caches', NAME);
    default:
      return join(home, '.cache', NAME);
  }
}

function homeOfUser(): string | undefined {
  try {
    return homedir();
  } catch {
    // A user without an entry in the system's list of users.
    return undefined;
  }
}
