/** Pages of which screenshots are made. A page whose id is missing in a state is left out there. */
import type { Seeded } from "./seed.ts";

type Page = { readonly name: string; path(seeded: Seeded): string | null };

const of = (id: string | undefined, path: (id: string) => string): string | null =>
  id === undefined ? null : path(id);
const fixed = (name: string, path: string): Page => ({ name, path: () => path });
/** A page of the shop, which is there from the first line on. */
const ofShop = (name: string, path: string): Page => ({ name, path: ({ hook }) => of(hook, () => path) });
const ofCall = (name: string, rest = ""): Page => ({
  name,
  path: ({ call }) => of(call, (id) => `/calls/${id}${rest}`),
});
const ofHook = (name: string, rest = ""): Page => ({
  name,
  path: ({ hook }) => of(hook, (id) => `/hooks/${id}${rest}`),
});

export const shownPages: readonly Page[] = [
  fixed("calls", "/calls"),
  fixed("find", "/find?q=1001"),
  ofShop("order", "/orders?order_number=1001"),
  fixed("order-unknown", "/orders?order_number=no-such-order"),
  ofCall("call"),
  ofCall("call-cancel", "/cancel"),
  { name: "event", path: ({ event }) => of(event, (id) => `/events/${id}`) },
  fixed("review", "/review"),
  fixed("sources", "/sources"),
  ofShop("source", "/sources/acme-orders"),
  fixed("lines", "/lines"),
  fixed("line-new", "/all-lines/new"),
  fixed("lines-pause", "/all-lines/pause"),
  ofShop("line", "/lines/support-en"),
  ofShop("line-settings", "/lines/support-en/settings"),
  ofShop("line-pause", "/lines/support-en/pause"),
  ofShop("line-remove", "/lines/support-en/remove"),
  fixed("hooks", "/hooks"),
  fixed("hook-new", "/hooks/new"),
  ofHook("hook"),
  ofHook("hook-pause", "/pause"),
  ofHook("hook-redeliver", "/redeliver"),
  { name: "delivery", path: ({ delivery }) => of(delivery, (id) => `/hooks/deliveries/${id}`) },
  fixed("health", "/health"),
  fixed("people", "/people"),
  fixed("erase", "/people/erase"),
  fixed("token-new", "/people/tokens/new"),
  fixed("readings", "/people/readings"),
  fixed("audit", "/people/audit"),
  fixed("not-found", "/no/such/page"),
];
