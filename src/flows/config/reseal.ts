/** Reseal: what an older key has sealed is sealed with the newest, so that the older one can be dropped. */
import type { ResealedValue, Resealer, SealedStore } from "../../ports/config/sealed.ts";

/** Sealed values that one request seals with the new key. */
const resealedPerRequestMax = 200;

type Resealed = {
  readonly resealed: number;
  /** Values that no key of ours opens, by their names: they stay as they are. */
  readonly unreadable: readonly string[];
  /** Sources whose copies are old now. */
  readonly sources: readonly string[];
  /** Where to go on; `null`: all of them were looked at. */
  readonly next: string | null;
};

/** Seals a part of the values anew, those after `after`. */
export async function reseal(
  ports: { sealed: SealedStore; sealer: Resealer },
  after: string | null,
  actor: string,
): Promise<Resealed> {
  const { sealed: store, sealer } = ports;
  const values = await store.list(sealer.kid, resealedPerRequestMax, after);
  const old = values.filter(({ sealed }) => sealer.sealedBy(sealed) !== sealer.kid);
  const unreadable: string[] = [];
  const anew: ResealedValue[] = [];
  for (const { key, what, id, sealed } of old) {
    const opened = await sealer.open(sealed);
    if (!opened.ok) unreadable.push(key);
    else anew.push({ what, id, before: sealed, sealed: await sealer.seal(opened.text), kid: sealer.kid });
  }
  const written = anew.length === 0 ? { count: 0, sources: [] } : await store.write(anew, unreadable, actor);
  const last = values.at(-1);
  return {
    resealed: written.count,
    unreadable,
    sources: written.sources,
    next: values.length === resealedPerRequestMax && last !== undefined ? last.key : null,
  };
}
