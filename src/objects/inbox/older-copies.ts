/**
 * Copies of the source in Workers of an earlier version. Such a Worker rejects by its copy without asking for the
 * current source, and does not say how it verified accepted events. A change applies to it only once its copy has
 * expired. It is recognised by its request, which lacks the parameters of this version.
 *
 * Not guaranteed: after a rollback and a second deploy, copies that the earlier object gave out in between are unknown.
 */
import { directoryFreshMs } from "../../domain/limits.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { Disk } from "../disk.ts";

export type OlderCopies = {
  /** A Worker of an earlier version was given the copy. */
  given(): void;
  /** This object, which has this version, stored its copy. */
  stored(): void;
  /** Milliseconds until the last of them has expired; null if there are none. */
  leftMs(): number | null;
};

const givenKey = "olderCopyAt";
/** No Worker of an earlier version has asked. */
const never = 0;

/** Highest lag of the stored time: one write serves many requests. */
const writeEveryMs = 1_000;

/** @param hasCopy Whether the disk has a copy. */
export function olderCopies(clock: Clock, disk: Disk, hasCopy: () => boolean): OlderCopies {
  let at = disk.get<number>(givenKey) ?? null;

  const write = (given: number): void => {
    at = given;
    disk.put(givenKey, given);
  };

  // A copy without this record is from an earlier version, which may have given it to any Worker until now.
  if (at === null && hasCopy()) write(clock.now());

  return {
    given() {
      if (at === null || at === never || clock.now() - at >= writeEveryMs) write(clock.now());
    },
    stored() {
      if (at === null) write(never);
    },
    leftMs() {
      if (at === null || at === never) return null;
      const left = at + writeEveryMs + directoryFreshMs - clock.now();
      return left > 0 ? left : null;
    },
  };
}
