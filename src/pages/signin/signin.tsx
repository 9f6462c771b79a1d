/**
 * Signing in and out: exchanges an API token for a session.
 *
 * Refused: a write from another origin, a form of over 384 KiB, and an invalid token. All invalid tokens get the same
 * page, which does not say why.
 *
 * A session ends with its token at the latest, and after twelve hours. Signing in ends the browser's earlier session
 * and creates a new one, which prevents session fixation (OWASP ASVS 5.0, 7.2.4). Signing out ends the session on the
 * server (ASVS 7.4.1).
 *
 * Not guaranteed: there is no limit of attempts here. A token has a signature, so guessing one is not feasible.
 */

import { readForm } from "../forms/form.ts";
import { isOwnWrite } from "../forms/origin.ts";
import { ErrorPage } from "../frame/error-page.tsx";
import { leaveFor, show } from "../frame/response.tsx";
import type { PageContext } from "../page.ts";
import { clearSession, readSession, setSession } from "./cookie.ts";
import { KeptFormPage, keptForm, SendAgainPage } from "./kept-form.tsx";
import { localPath } from "./local-path.ts";
import { SigninPage } from "./signin-page.tsx";

/** Longest session: one working day. */
const sessionMs = 43_200_000;

/** `GET /signin`. Works while Postgres is down. */
export function signInForm(c: PageContext): Promise<Response> {
  return show(c, <SigninPage next={localPath(c.req.query("next"))} refused={false} mode={c.var.page.mode} />);
}

/** `POST /signin`. */
export async function signIn(c: PageContext): Promise<Response> {
  const deps = c.var.page;
  if (!isOwnWrite(c.req.raw, deps.publicUrl)) return show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
  const form = await readForm(c.req.raw);
  if (form === null) return show(c, <ErrorPage failure="too_large" reader={null} />, 413);
  const next = localPath(form.get("next"));
  const token = (form.get("token") ?? "").trim();
  const checked = token === "" ? { ok: false as const } : await deps.verifyToken(token);
  const kept = keptForm(form);
  const path = localPath(kept?.resume);
  if (!checked.ok)
    return kept === null
      ? show(c, <SigninPage next={next} refused={true} mode={deps.mode} />, 401)
      : show(c, <KeptFormPage path={path} fields={kept.fields} refused={true} />, 401);

  const before = readSession(c);
  if (before !== null) await deps.sessions.end(before);
  const now = deps.clock.now();
  const expiresAt = Math.min(now + sessionMs, checked.expiresAt);
  setSession(c, await deps.sessions.create({ jti: checked.jti, expiresAt }), Math.floor((expiresAt - now) / 1000));
  return kept === null ? leaveFor(c, next) : show(c, <SendAgainPage path={path} fields={kept.fields} />);
}

/** `POST /signout`. Ends the session before the cookie is cleared. */
export async function signOut(c: PageContext): Promise<Response> {
  const deps = c.var.page;
  if (!isOwnWrite(c.req.raw, deps.publicUrl)) return show(c, <ErrorPage failure="not_ours" reader={null} />, 403);
  const session = readSession(c);
  if (session !== null) await deps.sessions.end(session);
  clearSession(c);
  return leaveFor(c, "/signin");
}
