/** `ended` settles when the last statement is done, whether the file is complete, the client broke off or a part failed. */
export type PulledStream = { readonly body: ReadableStream<Uint8Array>; readonly ended: Promise<void> };

/**
 * A stream that makes the next part only when it is asked for one: it holds no part in advance. If a part fails, the stream fails: it never
 * ends as a whole one does.
 *
 * @param finish Called once, with whether all parts were handed over. If it fails at the end, the stream fails.
 */
export function pulled(
  parts: AsyncGenerator<string | Uint8Array, void>,
  finish: (complete: boolean) => Promise<void>,
): PulledStream {
  const utf8 = new TextEncoder();
  let settle = () => {};
  const ended = new Promise<void>((resolve) => {
    settle = resolve;
  });
  const stop = async (complete: boolean): Promise<void> => {
    try {
      await finish(complete);
    } finally {
      settle();
    }
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await parts.next();
          if (done !== true) return controller.enqueue(typeof value === "string" ? utf8.encode(value) : value);
        } catch (error) {
          // The entries' upper bound stands if Postgres does not take this one.
          await stop(false).catch(() => {});
          throw error;
        }
        await stop(true);
        return controller.close();
      },
      async cancel() {
        await parts.return().catch(() => {});
        await stop(false).catch(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  return { body, ended };
}
