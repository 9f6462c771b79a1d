import { post } from "../notify/post.ts";
import type { NotifierDeps } from "../objects/notifier/notifier.ts";
import { realClock } from "../platform/clock.ts";
import { request } from "../platform/http-client.ts";
import { bindingsOf, isolate } from "./isolate.ts";

/** Dependencies of a notifier object. */
export function notifierDeps(env: unknown): NotifierDeps {
  const { environment, sealer } = isolate(bindingsOf(env));
  const { publicUrl } = environment;
  const ports = {
    clock: realClock,
    sealer,
    ownUrls: publicUrl === null ? [] : [publicUrl],
    local: environment.mode === "local",
    request,
  };
  return { post: (deliveries) => post(ports, deliveries) };
}
