/**
 * Extends the audit chain: links new entries and signs the head.
 *
 * A signed position never gets a second hash. A stored chain that is shorter than the notary's newest head, or differs
 * at that position, is reported. It is not extended until a person confirms that the database was restored.
 */
import { type ChainPoint, type Link, linkEntries, type Sha256 } from "../../domain/audit/chain.ts";
import type { ChainProblem, ChainStore, EntryPosition, Head, HeadMemory, Signer } from "../../ports/audit/chain.ts";
import type { Clock } from "../../ports/runtime.ts";

/** Entries that one statement links. */
const linksPerBatchMax = 1_024;

/** Entries under one signed head. A receipt carries the digests between a head and its entries, so this bounds its size. */
const linksPerHeadMax = 256;

export type ExtendChainPorts = {
  clock: Clock;
  chain: ChainStore;
  memory: HeadMemory;
  signer: Signer;
  identity: { sha256Hex: Sha256 };
};

/**
 * `again`: more entries can be linked, now or after a running transaction ends. `writing`: a running transaction may
 * still add entries, and the poke after its commit may be lost.
 */
type ChainExtension =
  | { readonly ok: true; readonly linked: number; readonly again: boolean; readonly writing: boolean }
  | { readonly ok: false; readonly problem: ChainProblem };

/** JWS type of a signed head. A receipt has another, so neither passes for the other. */
export const headType = "hookline-head+jws";
export const issuer = "hookline";

/**
 * Links all new entries, batch by batch.
 *
 * @param untilMs Time after which no further batch begins.
 */
export async function extendChain(ports: ExtendChainPorts, untilMs: number): Promise<ChainExtension> {
  let linked = 0;
  let from: EntryPosition | null = null;
  for (;;) {
    const known = ports.memory.last();
    const found = await ports.chain.next(linksPerBatchMax, known?.position ?? 0, from);
    if (known !== null && found.knownHash !== known.hash) {
      const kind = found.knownHash === null ? "behind" : "differs";
      return { ok: false, problem: problemOf(kind, known, found.last, ports.clock.now()) };
    }
    let wasBeaten = false;
    if (found.entries.length > 0) {
      const links = linkEntries(found.last, found.entries, ports.identity.sha256Hex);
      const heads = await signHeads(ports, found.last, links);
      // Another notary linked first. That notary may not have seen the newest of these entries.
      wasBeaten = !(await ports.chain.link(found.last, links, heads));
      if (!wasBeaten) {
        linked += links.length;
        const newest = heads.at(-1);
        if (newest !== undefined) ports.memory.store(newest);
      }
    }
    const more = wasBeaten || found.entries.length === linksPerBatchMax || found.walked !== null;
    // All positions read in this search are linked already. A stop inside the search would repeat it in the next run.
    const stop = found.entries.length > 0 && ports.clock.now() >= untilMs;
    if (!more || stop) return { ok: true, linked, again: more || found.waiting, writing: found.writing };
    from = found.entries.length > 0 ? null : found.walked;
  }
}

/** Signs the last link of a batch and some links before it, so that every entry is near a head. */
async function signHeads(ports: ExtendChainPorts, after: ChainPoint, links: readonly Link[]): Promise<Head[]> {
  const heads: Head[] = [];
  for (let end = Math.min(linksPerHeadMax, links.length); ; end = Math.min(end + linksPerHeadMax, links.length)) {
    const link = links[end - 1];
    if (link === undefined) return heads;
    heads.push(await signHead(ports, { position: after.position + end, hash: link.hash }));
    if (end === links.length) return heads;
  }
}

/** @param more Further claims of the head. */
async function signHead(
  { clock, signer }: Pick<ExtendChainPorts, "clock" | "signer">,
  { position, hash }: ChainPoint,
  more: Record<string, unknown> = {},
): Promise<Head> {
  const at = clock.now();
  const { kid, jws } = await signer.sign(headType, { iss: issuer, position, hash, at, ...more });
  return { position, hash, at, kid, jws };
}

/**
 * Signs the chain of a restored database from now on, after a person confirmed the restore. The new head says so, and
 * names the last position at which the stored heads still hold. Verifiers set later heads aside.
 *
 * @param kept The stored heads.
 * @returns The new head, and the last position of the stored heads that still holds.
 */
export async function acceptRestored(
  ports: Omit<ExtendChainPorts, "memory" | "identity">,
  kept: readonly Head[],
  actor: string,
  reason: string,
): Promise<{ head: Head; base: number }> {
  const stored = new Map(
    (await ports.chain.hashes(kept.map(({ position }) => position))).map(({ position, hash }) => [position, hash]),
  );
  const base = Math.max(
    0,
    ...kept.filter(({ position, hash }) => stored.get(position) === hash).map((h) => h.position),
  );
  const dropped = kept.filter(({ position }) => position > base);
  // The entry precedes the signature, so that the chain itself records the restore.
  const lost = dropped.map(({ position, hash }) => ({ position, hash })).at(-1) ?? null;
  await ports.chain.note("chain_restored", actor, { reason, base, lost });
  const { last } = await ports.chain.next(1, 0, null);
  return { head: await signHead(ports, last, { restored: { base, by: actor, reason } }), base };
}

function problemOf(kind: ChainProblem["kind"], known: Head, last: ChainPoint, since: number): ChainProblem {
  return { kind, position: known.position, found: last.position, since };
}
