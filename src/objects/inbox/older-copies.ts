/**
 * Copies of the source that Workers of an earlier version have. Such a Worker refuses by its copy without asking for the present source, and
 * does not say how it verified what it accepts: a change is true for it only once its copy has expired. It is told by its question, which
 * lacks what this version's has.
 *
 * Not guaranteed: if a deploy is rolled back and made again, copies that the earlier object gave in between are not known.
 */
import { directoryFreshMs } from "../../domain/limits.ts";
import type { Clock } from "../../ports/runtime.ts";
import type { Disk } from "../disk.ts";

export type OlderCopies = {
  /** A Worker of an earlier version was given the copy. */
  given(): void;
  /** This object stores its copy: it is of this version. */
  stored(): void;
  /** Milliseconds until the last of them has expired; `null`: there is none. */
  leftMs(): number | null;
};

const givenKey = "olderCopyAt";
/** No Worker of an earlier version has asked. */
const never = 0;

/** The lag of the time on the disk, at the most: one write serves many questions. */
const writeEveryMs = 1_000;

/** @param hasCopy whether the disk has a copy */
export function olderCopies(clock: Clock, disk: Disk, hasCopy: () => boolean): OlderCopies {
  let at = disk.get<number>(givenKey) ?? null;

  const write = (given: number): void => {
    at = given;
    disk.put(givenKey, given);
  };

  // The object had a copy before it knew of this: it was of an earlier version until now, and may have given the copy to anybody.
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
