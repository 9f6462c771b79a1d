/** Signing in and out. A token is exchanged for a session, which ends with its token at the latest. */
import type { Context } from "hono";
import type { PageDeps } from "../deps.ts";
import { ErrorPage } from "../error-page.tsx";
import { leaveFor, show } from "../response.ts";
import { clearSession, readSession, setSession } from "./cookie.ts";
import { readForm } from "./form.ts";
import { localPath } from "./local-path.ts";
import { isOwnWrite } from "./origin.ts";
import { SigninPage } from "./signin-page.tsx";

/** Length of a sign-in: a working day. */
const sessionMs = 43_200_000;

/** `GET /signin`. Needs no Postgres, so that it works while Postgres is down. */
export function signInForm(c: Context, deps: PageDeps): Promise<Response> {
  return show(c, <SigninPage next={localPath(c.req.query("next"))} refused={false} mode={deps.mode} />);
}

/** `POST /signin`. Ends the browser's earlier session, which prevents session fixation. */
export async function signIn(c: Context, deps: PageDeps): Promise<Response> {
  if (!isOwnWrite(c.req.raw, deps.publicUrl)) return show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={null} />, 413);
  const next = localPath(form.get("next"));
  const token = (form.get("token") ?? "").trim();
  const checked = token === "" ? { ok: false as const } : await deps.verifyToken(token);
  if (!checked.ok) return show(c, <SigninPage next={next} refused={true} mode={deps.mode} />, 401);

  const before = readSession(c);
  if (before !== null) await deps.sessions.end(before);
  const now = deps.clock.now();
  const expiresAt = Math.min(now + sessionMs, checked.expiresAt);
  setSession(c, await deps.sessions.create({ jti: checked.jti, expiresAt }), Math.floor((expiresAt - now) / 1000));
  return leaveFor(c, next);
}

/** `POST /signout`. Ends the session on the server, then clears the cookie. */
export async function signOut(c: Context, deps: PageDeps): Promise<Response> {
  if (!isOwnWrite(c.req.raw, deps.publicUrl)) return show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
  const session = readSession(c);
  if (session !== null) await deps.sessions.end(session);
  clearSession(c);
  return leaveFor(c, "/signin");
}
