import { post } from "../notify/post.ts";
import type { NotifierDeps } from "../objects/notifier/notifier.ts";
import { realClock } from "../platform/clock.ts";
import { request } from "../platform/http-client.ts";
import { lru } from "../platform/lru.ts";
import { bindingsOf, isolate } from "./isolate.ts";

/** Secrets that a notifier keeps open: the present one of its hook, and the one before a rotation. */
const openedMax = 2;

/** Dependencies of a notifier object. */
export function notifierDeps(env: unknown): NotifierDeps {
  const { environment, sealer } = isolate(bindingsOf(env));
  const { publicUrl, mail } = environment;
  const opened = lru<Awaited<ReturnType<typeof sealer.open>>>(openedMax);
  const ports = {
    clock: realClock,
    sealer: {
      async open(sealed: string) {
        const known = opened.get(sealed) ?? (await sealer.open(sealed));
        opened.set(sealed, known);
        return known;
      },
    },
    ownUrls: publicUrl === null ? [] : [publicUrl],
    local: environment.mode === "local",
    publicUrl,
    mail,
    request,
  };
  return { post: (deliveries) => post(ports, deliveries) };
}
