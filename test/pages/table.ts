/** The authorisation table of the pages: every route, and the scopes of which each alone is enough. */
import type { TokenScope } from "../../cli/install/mint-token.ts";

type Row = {
  /** Scopes of which each alone opens the page, or lets its form be sent. Empty: the route needs several. */
  readonly alone: readonly TokenScope[];
  /** Scopes that are enough together, if no single one is. */
  readonly together?: readonly TokenScope[];
  /** Absent: a page for people. `part`: of an open page. `file`: a download. `leads`: redirects to Mihu. */
  readonly is?: "part" | "file" | "leads";
};

const reads: Row = { alone: ["calls:read"] };
const settings: Row = { alone: ["calls:read", "admin"] };
const decides: Row = { alone: ["calls:write"] };
const hooks: Row = { alone: ["hooks:write", "admin"] };
const ofTasks: Row = { alone: ["calls:read", "calls:write", "hooks:write", "admin"] };
const admin: Row = { alone: ["admin"] };
/** A form whose page reads calls, orders or events. */
const bothCalls: Row = { alone: [], together: ["calls:read", "calls:write"] };
/** A request that names a number needs `pii:read` too. */
const ofNumber: Row = { alone: [], together: ["calls:write", "pii:read"] };
const erases: Row = { alone: [], together: ["admin", "pii:read"] };

/** The routes of signing in and of static files, which need no session. */
export const signRoutes = ["GET /assets/:file", "GET /signin", "POST /signin", "POST /signout"] as const;

export const pageRows: Readonly<Record<string, Row>> = {
  // Readers of hooks are led to their hooks.
  "GET /": { alone: ["calls:read", "hooks:write", "admin"] },
  "GET /find": reads,
  "GET /find/suggestions": { ...reads, is: "part" },
  "GET /orders": reads,
  "GET /orders/evidence": { ...reads, is: "file" },
  "GET /orders/notes": bothCalls,
  // A form about an unknown order is refused by its page, which reads the order.
  "POST /orders/notes": bothCalls,
  "GET /orders/call": bothCalls,
  "POST /orders/call": bothCalls,
  "GET /calls": reads,
  "GET /calls/export": { ...reads, is: "file" },
  "GET /calls/decide": decides,
  "POST /calls/decide": decides,
  "GET /tasks": ofTasks,
  // A task of somebody else is 404 for a reader who may not see it.
  "GET /tasks/:id": ofTasks,
  "GET /tasks/:id/cancel": { alone: ["calls:write", "hooks:write", "admin"] },
  "POST /tasks/:id/cancel": { alone: ["calls:write", "hooks:write", "admin"] },
  "GET /calls/:id": reads,
  "GET /calls/:id/recording": { alone: [], together: ["calls:read", "pii:read"], is: "leads" },
  "GET /calls/:id/listen": { alone: ["pii:read"], is: "leads" },
  "GET /calls/:id/transcript": { alone: ["pii:read"] },
  "GET /calls/:id/receipt": { ...reads, is: "file" },
  "GET /calls/:id/cancel": decides,
  "POST /calls/:id/cancel": decides,
  "GET /calls/:id/release": decides,
  "POST /calls/:id/release": decides,
  "GET /calls/:id/resolve": decides,
  "POST /calls/:id/resolve": decides,
  "GET /calls/:id/again": decides,
  "POST /calls/:id/again": decides,
  "GET /events/:id": reads,
  "GET /events/:id/replay": bothCalls,
  "POST /events/:id/replay": bothCalls,
  "GET /review": reads,
  "POST /review/assign": decides,
  // A form without a call is answered with the queue.
  "POST /review/decide": bothCalls,
  "GET /sources": reads,
  "GET /sources/new": admin,
  "GET /sources/new/:preset": admin,
  "POST /sources/new/:preset": admin,
  "GET /sources/:slug": reads,
  "GET /sources/:slug/setup": settings,
  "GET /sources/:slug/settings": admin,
  "POST /sources/:slug/settings": admin,
  "GET /sources/:slug/events": reads,
  "GET /sources/:slug/events/export": { ...reads, is: "file" },
  "GET /sources/:slug/rejections": reads,
  "GET /sources/:slug/rejections/accept": admin,
  "POST /sources/:slug/rejections/accept": admin,
  "GET /sources/:slug/verify": admin,
  "POST /sources/:slug/verify": admin,
  "GET /sources/:slug/pause": admin,
  "POST /sources/:slug/pause": admin,
  "GET /sources/:slug/resume": admin,
  "POST /sources/:slug/resume": admin,
  "GET /sources/:slug/fetch-now": admin,
  "POST /sources/:slug/fetch-now": admin,
  "GET /sources/:slug/disconnect": admin,
  "POST /sources/:slug/disconnect": admin,
  "GET /sources/:slug/secrets/new": admin,
  "POST /sources/:slug/secrets/new": admin,
  "GET /sources/:slug/secrets/:id/remove": admin,
  "POST /sources/:slug/secrets/:id/remove": admin,
  "GET /sources/:slug/rules/new": admin,
  "POST /sources/:slug/rules/new": admin,
  "GET /sources/:slug/rules/:name": settings,
  "GET /sources/:slug/rules/:name/edit": admin,
  "POST /sources/:slug/rules/:name/edit": admin,
  "GET /sources/:slug/rules/:name/mode": admin,
  "POST /sources/:slug/rules/:name/mode": admin,
  "GET /receipts/check": reads,
  "POST /receipts/check": reads,
  "GET /lines": settings,
  "GET /lines/:slug": settings,
  "GET /lines/:slug/pause": admin,
  "POST /lines/:slug/pause": admin,
  "GET /lines/:slug/resume": admin,
  "POST /lines/:slug/resume": admin,
  "GET /lines/:slug/settings": admin,
  "POST /lines/:slug/settings": admin,
  "GET /lines/:slug/connect": admin,
  "POST /lines/:slug/connect": admin,
  "GET /lines/:slug/remove": admin,
  "POST /lines/:slug/remove": admin,
  "GET /all-lines/new": admin,
  "POST /all-lines/new": admin,
  "GET /all-lines/pause": admin,
  "POST /all-lines/pause": admin,
  "GET /all-lines/resume": admin,
  "POST /all-lines/resume": admin,
  "GET /hooks": hooks,
  "GET /hooks/new": hooks,
  "POST /hooks/new": hooks,
  "GET /hooks/:id": hooks,
  "GET /hooks/:id/pause": hooks,
  "POST /hooks/:id/pause": hooks,
  "GET /hooks/:id/resume": hooks,
  "POST /hooks/:id/resume": hooks,
  "GET /hooks/:id/test": hooks,
  "POST /hooks/:id/test": hooks,
  "GET /hooks/:id/rotate": hooks,
  "POST /hooks/:id/rotate": hooks,
  "GET /hooks/:id/redeliver": hooks,
  "POST /hooks/:id/redeliver": hooks,
  "GET /hooks/:id/remove": hooks,
  "POST /hooks/:id/remove": hooks,
  "GET /hooks/deliveries/:id": hooks,
  "GET /hooks/deliveries/:id/redeliver": hooks,
  "POST /hooks/deliveries/:id/redeliver": hooks,
  "GET /people": { alone: ["calls:write", "admin"] },
  "GET /people/audit": settings,
  "GET /people/readings": admin,
  "GET /people/readings/export": { ...admin, is: "file" },
  "GET /people/suppress": ofNumber,
  "POST /people/suppress": ofNumber,
  "GET /people/release": ofNumber,
  "POST /people/release": ofNumber,
  "GET /people/erase": erases,
  "POST /people/erase": erases,
  "GET /people/tokens/new": admin,
  "POST /people/tokens/new": admin,
  "GET /people/tokens/:jti/revoke": admin,
  "POST /people/tokens/:jti/revoke": admin,
  "GET /health": reads,
  "GET /health/books": reads,
};

/** Values of a shop for the parameters of patterns. */
export type Addressed = {
  /** Ids that stand for the first parameter of a pattern, by the pattern's beginning. */
  readonly ids: Readonly<Record<string, string>>;
  /** Addresses of patterns that need more. Null: the shop has none. */
  readonly addresses: Readonly<Record<string, string | null>>;
};

/** @returns The address of a route, with ids of the seeded shop. */
export function addressOf(route: string, seeded: Addressed): string {
  const path = pathOf(route, seeded);
  if (path === null) throw new Error(`the seeded shop has no address of ${route}`);
  return path;
}

/** @returns The same; null if the shop has no id for it. */
export function pathOf(route: string, { ids, addresses }: Addressed): string | null {
  const pattern = route.slice(route.indexOf(" ") + 1);
  const exact = addresses[pattern];
  if (exact !== undefined) return exact;
  const found = Object.entries(ids).find(([prefix]) => pattern.startsWith(prefix));
  const path = found === undefined ? pattern : pattern.replace(/:\w+/, found[1]);
  return path.includes(":") ? null : path;
}
