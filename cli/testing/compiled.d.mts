/** The JavaScript of the TypeScript file at this path, which is kept as long as the file is the same. */
export function compiled(path: string): Promise<string>;
