/** Pages of which screenshots are made: every page of the table of pages, and some in further states. */
import { type Addressed, pageRows, pathOf } from "../pages/table.ts";

type Shown = { readonly name: string; readonly path: string };

const further: readonly Shown[] = [
  { name: "orders-unknown", path: "/orders?order_number=nothing-of-this-name" },
  { name: "find-nothing", path: "/find?q=nothing-of-this-name" },
  { name: "not-found", path: "/no/such/page" },
];

/** `/calls/:id/cancel` is `calls-id-cancel`. */
const nameOf = (pattern: string): string =>
  pattern.replace(/^\//, "").replaceAll("/", "-").replaceAll(":", "") || "home";

/** @returns The pages that a shop has. A page of which it has no id is left out. */
export function shownPages(seeded: Addressed): Shown[] {
  const pages = Object.entries(pageRows).flatMap(([route, { is }]): Shown[] => {
    const [method, pattern = ""] = route.split(" ");
    const path = method === "GET" && is === undefined ? pathOf(route, seeded) : null;
    return path === null ? [] : [{ name: nameOf(pattern), path }];
  });
  return [...pages, ...further];
}
