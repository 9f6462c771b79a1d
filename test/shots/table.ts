/** Pages of which screenshots are made: every page of the table of pages, and some in further states. */
import { type Addressed, pageRows, pathOf } from "../pages/table.ts";

type Shown = { readonly name: string; readonly path: string };

const further: readonly Shown[] = [
  { name: "orders-unknown", path: "/orders?order_number=nothing-of-this-name" },
  { name: "calls-filtered", path: "/calls?source=acme-orders&status=ended&outcome=no_answer" },
  { name: "calls-none", path: "/calls?rule=nothing-of-this-name" },
  { name: "find-many", path: "/find?q=20" },
  { name: "orders-held", path: "/orders?order_number=2102" },
  { name: "orders-waiting", path: "/orders?order_number=2101" },
  { name: "find-nothing", path: "/find?q=nothing-of-this-name" },
  { name: "not-found", path: "/no/such/page" },
];

/** `/calls/:id/cancel` is `calls-id-cancel`. */
const nameOf = (pattern: string): string =>
  pattern.replace(/^\//, "").replaceAll("/", "-").replaceAll(":", "") || "home";

/** Pages of a call that waits, by the address of the decision that it waits for. */
function callsByStatus(seeded: Addressed): Shown[] {
  const statuses = { "calls-id-queued": "cancel", "calls-id-held": "release", "calls-id-unknown": "resolve" };
  return Object.entries(statuses).flatMap(([name, verb]): Shown[] => {
    const path = pathOf(`GET /calls/:id/${verb}`, seeded);
    return path === null ? [] : [{ name, path: path.slice(0, -verb.length - 1) }];
  });
}

/** @returns The pages that a shop has. A page of which it has no id is left out. */
export function shownPages(seeded: Addressed): Shown[] {
  const pages = Object.entries(pageRows).flatMap(([route, { is }]): Shown[] => {
    const [method, pattern = ""] = route.split(" ");
    const path = method === "GET" && is === undefined ? pathOf(route, seeded) : null;
    return path === null ? [] : [{ name: nameOf(pattern), path }];
  });
  return [...pages, ...callsByStatus(seeded), ...further];
}
