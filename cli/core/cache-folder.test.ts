import t from 'tap';
import { cacheFolder } from './cache-folder.ts';

const NAME = 'tasksubmit-conform';

t.test('the folder is the one of the platform', async (t) => {
  t.equal(cacheFolder({}, 'linux', '/home/a'), `/home/a/.cache/${NAME}`);
  t.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'linux', '/home/a'), `/c/${NAME}`);
  t.equal(cacheFolder({ XDG_CACHE_HOME: '' }, 'linux', '/home/a'), `/home/a/.cache/${NAME}`);
  t.equal(cacheFolder({ XDG_CACHE_HOME: 'relative' }, 'linux', '/home/a'), `/home/a/.cache/${NAME}`);
  t.equal(cacheFolder({}, 'darwin', '/Users/a'), `/Users/a/Library/Caches/${NAME}`);
  t.equal(cacheFolder({ XDG_CACHE_HOME: '/c' }, 'darwin', '/Users/a'), `/c/${NAME}`);
  const local = 'C:\\Users\\a\\AppData\\Local';
  t.equal(cacheFolder({ LOCALAPPDATA: local }, 'win32', 'C:\\Users\\a'), `${local}\\${NAME}\\Cache`);
  t.equal(cacheFolder({}, 'win32', 'C:\\Users\\a'), `${local}\\${NAME}\\Cache`);
});

t.test('there is none without an absolute home', async (t) => {
  t.equal(cacheFolder({}, 'linux', ''), undefined);
  t.equal(cacheFolder({}, 'linux', 'home'), undefined);
});
