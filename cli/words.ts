/** @returns a count with its noun: `1 token`, `2 tokens`. @param several the plural, if it is not the noun with an s */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}
