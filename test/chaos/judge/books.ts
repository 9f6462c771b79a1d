/** The product's own reports at the end: its books, its readiness, its chain. */
import { setTimeout as sleep } from "node:timers/promises";
import { verifyAuditCommand } from "../../../cli/audit/verify-audit.ts";
import { askApi, type ChaosWorld, type Instance } from "../world/world.ts";

export type Own = {
  readonly balanced: boolean;
  readonly ready: boolean;
  /** Whether the chain is intact against the heads of each instance's notary, and has every entry. */
  readonly chain: boolean;
  readonly detail: string;
  readonly chainDetail: string;
};

/** Deadline for the last entries to be linked and signed. */
const linkLimitMs = 30_000;
const lookEveryMs = 250;

/** Asks both instances for `/v1/balance` and `/readyz`, and walks the chain with the heads of both. */
export async function ownWord(world: ChaosWorld): Promise<Own> {
  const both = [world.first, world.second];
  const words = await Promise.all(both.map((instance) => wordOf(world, instance)));
  const unlinked = await waitLinked(world);
  const walks = await Promise.all(both.map((instance) => walkWith(world, instance)));
  return {
    balanced: words.every(({ balanced }) => balanced),
    ready: words.every(({ ready }) => ready),
    chain: unlinked === 0 && walks.every(({ good }) => good),
    detail: [...new Set(words.map(({ detail }) => detail))].join("; "),
    chainDetail: [`${unlinked} entries are not in it`, ...new Set(walks.map(({ said }) => said))].join("; "),
  };
}

async function wordOf(
  world: ChaosWorld,
  instance: Instance,
): Promise<{ balanced: boolean; ready: boolean; detail: string }> {
  const balance = await askApi(world, "GET", "/v1/balance", undefined, instance);
  const { balanced, gaps } = balance as { balanced: boolean; gaps: unknown[] };
  const answer = await fetch(new URL("/readyz", instance.worker.url), {
    headers: { authorization: `Bearer ${world.token}` },
  });
  const text = await answer.text();
  const ready = answer.ok && (JSON.parse(text) as { status: string }).status === "ready";
  const detail = `${balanced ? "balanced" : "not balanced"}, ${gaps.length} gaps, /readyz ${ready ? "ready" : text.slice(0, 300)}`;
  return { balanced, ready, detail };
}

async function waitLinked({ owner }: ChaosWorld): Promise<number> {
  for (const giveUp = Date.now() + linkLimitMs; ; await sleep(lookEveryMs)) {
    const [{ count }] = await owner<[{ count: number }]>`
      select count(*)::int as count from entries e where not exists (select 1 from links l where l.entry_id = e.id)`;
    if (count === 0 || Date.now() > giveUp) return count;
  }
}

/** `hookline verify-audit`, with the heads that this instance's notary stores outside of Postgres. */
async function walkWith(world: ChaosWorld, { name, worker }: Instance): Promise<{ good: boolean; said: string }> {
  const said: string[] = [];
  const env = { DATABASE_URL: world.ownerUrl, HOOKLINE_URL: worker.url, HOOKLINE_TOKEN: world.token };
  try {
    const code = await verifyAuditCommand.run([], { env, out: (line) => said.push(line), say: () => undefined });
    const [first] = said;
    const [verified] =
      /^\d+ entr(?:y|ies) verified/.exec(said.find((line) => /^\d+ entr(?:y|ies) verified/.test(line)) ?? "") ?? [];
    return { good: code === 0, said: code === 0 ? (verified ?? "") : `${name}: ${first ?? ""}` };
  } catch (error) {
    return { good: false, said: `${name}: ${error instanceof Error ? error.message : String(error)}` };
  }
}
