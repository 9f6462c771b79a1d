import type { Notify } from "../flows/hooks/post.ts";
import { realClock } from "../platform/clock.ts";
import { request } from "../platform/http-client.ts";
import { bindingsOf, isolate } from "./isolate.ts";

/** Dependencies of a notifier object. */
export function notifierDeps(env: unknown): Notify {
  const { environment, sealer } = isolate(bindingsOf(env));
  const { publicUrl } = environment;
  return {
    clock: realClock,
    sealer,
    ownUrls: publicUrl === null ? [] : [publicUrl],
    local: environment.mode === "local",
    request,
  };
}
