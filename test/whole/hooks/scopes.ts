import type { TokenScope } from "../../../cli/install/mint-token.ts";

/** Scopes of the routes about hooks, and of tasks. Each is enough alone, `hooks:write` for hooks of the token's own name. */
export const hookScopes: Readonly<Record<string, readonly TokenScope[]>> = {
  "GET /hooks": ["hooks:write", "admin"],
  "POST /hooks": ["hooks:write", "admin"],
  "DELETE /hooks": ["hooks:write", "admin"],
  "GET /hooks/:id": ["hooks:write", "admin"],
  "PATCH /hooks/:id": ["hooks:write", "admin"],
  "DELETE /hooks/:id": ["hooks:write", "admin"],
  "POST /hooks/:id/rotate": ["hooks:write", "admin"],
  "POST /hooks/:id/pause": ["hooks:write", "admin"],
  "POST /hooks/:id/resume": ["hooks:write", "admin"],
  "POST /hooks/:id/test": ["hooks:write", "admin"],
  "POST /hooks/:id/redeliver": ["hooks:write", "admin"],
  "GET /hooks/:id/deliveries": ["hooks:write", "admin"],
  "GET /hooks/:id/deliveries/export": ["hooks:write", "admin"],
  "GET /deliveries/:id": ["hooks:write", "admin"],
  "POST /deliveries/:id/redeliver": ["hooks:write", "admin"],
  "GET /tasks": ["calls:read", "calls:write", "hooks:write", "admin"],
  "GET /tasks/:id": ["calls:read", "calls:write", "hooks:write", "admin"],
  "POST /tasks/:id/cancel": ["calls:write", "hooks:write", "admin"],
};
