/** The processor time of this process. Servers that are measured load this file, so it imports nothing. */

/** Milliseconds that this process has spent on a processor since it started, in user and in system mode. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
