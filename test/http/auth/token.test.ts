import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { checkToken, issueToken, type TokenPorts } from "../../../src/http/auth/token.ts";
import type { TokenRow } from "../../../src/ports/config/access.ts";

const tokenFreshMs = 30_000;
const hourMs = 3_600_000;
const startMs = Date.UTC(2026, 10, 23, 12);

/** One installation whose tokens are rows of a map and whose clock stands until it is set. */
function installation() {
  const clock = { ms: startMs, now: () => clock.ms };
  const rows = new Map<string, TokenRow>();
  let asked = 0;
  const ports: TokenPorts = {
    clock,
    tokenKeys: [{ kid: "t1", k: "A".repeat(42).padEnd(43, "E") }],
    tokens: {
      async find(jti) {
        asked += 1;
        return rows.get(jti) ?? null;
      },
      list: async () => [...rows.values()].map((row) => ({ ...row, replacedBy: null, endsSoon: false })),
      renew: async () => ({ kind: "ended" }),
      async add({ jti, name, scopes, expiresAt }, actor) {
        rows.set(jti, { jti, name, scopes, createdAt: clock.ms, createdBy: actor, expiresAt, revokedAt: null });
        return true;
      },
      revoke: async () => true,
    },
  };
  /** As another isolate revokes it: this one is not told. */
  const revoke = (jti: string) => {
    const row = rows.get(jti);
    if (row !== undefined) rows.set(jti, { ...row, revokedAt: clock.ms });
  };
  return { clock, ports, revoke, asked: () => asked };
}

async function issue({ ports, clock }: ReturnType<typeof installation>, lifeMs = hourMs) {
  const jti = randomUUID();
  const wanted = { jti, name: "one", scopes: ["calls:read" as const], expiresAt: clock.ms + lifeMs };
  return { jti, token: (await issueToken(ports, wanted, "test")) ?? "" };
}

test("A token that another isolate revoked is believed for half a minute at the most.", async () => {
  const here = installation();
  const { jti, token } = await issue(here);
  expect((await checkToken(here.ports, token)).ok).toBe(true);
  here.revoke(jti);
  here.clock.ms += tokenFreshMs;
  expect(await checkToken(here.ports, token)).toEqual({ ok: false, reason: "revoked" });
});

test("Within that time the store is asked once, so that a busy script costs no round trip per request.", async () => {
  const here = installation();
  const { token } = await issue(here);
  for (let request = 0; request < 5; request++) expect((await checkToken(here.ports, token)).ok).toBe(true);
  expect(here.asked()).toBe(1);
});

test("A token that ends is refused from that moment on, however fresh the memory of it is.", async () => {
  const here = installation();
  const { token } = await issue(here, 20_000);
  here.clock.ms += 19_000;
  expect((await checkToken(here.ports, token)).ok).toBe(true);
  here.clock.ms += 1_000;
  expect(await checkToken(here.ports, token)).toEqual({ ok: false, reason: "expired" });
});

test("A token that was never issued is looked for once in half a minute, and refused each time.", async () => {
  const [here, there] = [installation(), installation()];
  const { token } = await issue(there);
  for (let request = 0; request < 3; request++)
    expect(await checkToken(here.ports, token)).toEqual({ ok: false, reason: "unknown" });
  expect(here.asked()).toBe(1);
});
