/** What this process undoes when it ends without having done so before: after an error, or at a second signal. */

const actions = new Set<() => void>();

/**
 * Registers an action for the end of this process, except by SIGKILL. It must not wait; its errors are ignored. The last
 * one that was registered runs first. Returns the function that takes it back.
 */
export function atExit(action: () => void): () => void {
  if (actions.size === 0) process.on('exit', runAll);
  actions.add(action);
  return () => {
    actions.delete(action);
    if (actions.size === 0) process.off('exit', runAll);
  };
}

function runAll(): void {
  for (const action of [...actions].toReversed()) {
    try {
      action();
    } catch {
      // The others run, too.
    }
  }
}
