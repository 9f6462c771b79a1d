/** Stubs of the dispatcher and the notifiers. */
import type { Dispatcher, Notifiers } from "../ports/hooks/dispatcher.ts";
import type { DispatcherRpc } from "./dispatcher/dispatcher.ts";
import type { NotifierRpc } from "./notifier/notifier.ts";
import type { reach } from "./stubs.ts";

/** Shortest pause between two pokes of one isolate. The dispatcher looks again for a little longer. */
const hookPokeMs = 100;

/** @param to reaches the dispatcher's namespace */
export function dispatcherStub(to: ReturnType<typeof reach>, now: () => number): Dispatcher {
  const dispatcher = () => to("dispatcher") as unknown as DispatcherRpc;
  let pokedAt = 0;
  return {
    async poke() {
      if (now() - pokedAt < hookPokeMs) return;
      pokedAt = now();
      await dispatcher()
        .poke()
        .catch(() => dispatcher().poke())
        .catch(() => {
          pokedAt = 0;
        });
    },
    async changed() {
      await dispatcher()
        .changed()
        .catch(() => dispatcher().changed())
        // The change is stored. The sweep's poke announces it within a minute.
        .catch(() => {});
    },
  };
}

/** @param to reaches the notifiers' namespace: one object for each hook */
export function notifierStubs(to: ReturnType<typeof reach>): Notifiers {
  return {
    post: (deliveries) => (to(deliveries[0]?.hook ?? "") as unknown as NotifierRpc).post(deliveries),
  };
}
