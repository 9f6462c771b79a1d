/**
 * Writes many at once; where that is refused, by halves, so that one that is refused keeps none of the others.
 *
 * @param write what is done with some of the items; its answers are put one after another, in the items' order
 * @param refuses whether what it threw means that it will not take these items, now or later; anything else is thrown on
 * @param alone what is answered for the one item that is refused by itself
 */
export async function splitOnRefusal<Item, Answer>(
  items: readonly Item[],
  write: (some: readonly Item[]) => Promise<readonly Answer[]>,
  refuses: (error: unknown) => boolean,
  alone: (item: Item, error: unknown) => Promise<readonly Answer[]> | readonly Answer[],
): Promise<Answer[]> {
  try {
    return [...(await write(items))];
  } catch (error) {
    if (!refuses(error)) throw error;
    const [only] = items;
    if (items.length === 1 && only !== undefined) return [...(await alone(only, error))];
    const half = Math.ceil(items.length / 2);
    const first = await splitOnRefusal(items.slice(0, half), write, refuses, alone);
    return [...first, ...(await splitOnRefusal(items.slice(half), write, refuses, alone))];
  }
}
