/** Holds every answer of the API that a test gets by `fetch` to the schemas that describe it. */
import type { undescribed } from "./described-answer.ts";

const { fetch } = globalThis;

/** Set by a test that also asks a Worker of another version, whose answers are described elsewhere. */
export const answersHeld = { toDescription: true };

/** Loaded by the first answer: most files ask the API nothing by `fetch`. */
let loaded: Promise<{ undescribed: typeof undescribed }> | undefined;

globalThis.fetch = async (input, init) => {
  const answer = await fetch(input, init);
  const url = input instanceof Request ? input.url : String(input);
  // A server that a test puts in the API's place has none of its headers.
  if (
    !answersHeld.toDescription ||
    !new URL(url).pathname.startsWith("/v1/") ||
    !answer.headers.has("x-content-type-options")
  )
    return answer;
  loaded ??= import("./described-answer.ts");
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const wrong = (await loaded).undescribed(method, url, answer, await answer.clone().text());
  if (wrong !== null) throw new Error(wrong);
  return answer;
};
