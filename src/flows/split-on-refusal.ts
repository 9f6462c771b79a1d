/**
 * Writes many items at once, and by halves after a rejection, so that one rejected item does not block the others.
 *
 * @param write Writes some of the items. Its answers are concatenated in the items' order.
 * @param refuses Whether a thrown value means that these items are rejected for good. Any other is rethrown.
 * @param alone Answers for a single item that is rejected.
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
