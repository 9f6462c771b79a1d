/** Reseal: encrypts values of older keys with the newest key, so that the older keys can be dropped. */
import type { ResealedValue, Resealer, SealedStore } from "../../ports/config/sealed.ts";

/** Values resealed per request. */
const resealedPerRequestMax = 200;

type Resealed = {
  readonly resealed: number;
  /** Names of values that no key opens. They are not changed. */
  readonly unreadable: readonly string[];
  /** Sources whose copies are outdated by the reseal. */
  readonly sources: readonly string[];
  /** Cursor of the next request; null at the end. */
  readonly next: string | null;
};

/** Reseals a part of the values: those after `after`. */
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
