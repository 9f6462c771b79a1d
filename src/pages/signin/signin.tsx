/**
 * Signing in and out: exchanges an API token for a session.
 *
 * Refused: a write from another origin, a form of over 16 KiB, and an invalid token. All invalid tokens get the same
 * page, which does not say why.
 *
 * A session ends with its token at the latest, and after twelve hours. Signing in ends the browser's earlier session
 * and creates a new one, which prevents session fixation (OWASP ASVS 5.0, 7.2.4). Signing out ends the session on the
 * server (ASVS 7.4.1).
 *
 * Not guaranteed: there is no limit of attempts here. A token has a signature, so guessing one is not feasible.
 */
import type { Context } from "hono";
import type { PageDeps } from "../deps.ts";
import { ErrorPage } from "../error-page.tsx";
import { leaveFor, show } from "../response.ts";
import { clearSession, readSession, setSession } from "./cookie.ts";
import { readForm } from "./form.ts";
import { localPath } from "./local-path.ts";
import { isOwnWrite } from "./origin.ts";
import { SigninPage } from "./signin-page.tsx";

/** Longest session: one working day. */
const sessionMs = 43_200_000;

/** `GET /signin`. Works while Postgres is down. */
export function signInForm(c: Context, deps: PageDeps): Promise<Response> {
  return show(c, <SigninPage next={localPath(c.req.query("next"))} refused={false} mode={deps.mode} />);
}

/** `POST /signin`. */
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

/** `POST /signout`. Ends the session before the cookie is cleared. */
export async function signOut(c: Context, deps: PageDeps): Promise<Response> {
  if (!isOwnWrite(c.req.raw, deps.publicUrl)) return show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
  const session = readSession(c);
  if (session !== null) await deps.sessions.end(session);
  clearSession(c);
  return leaveFor(c, "/signin");
}
