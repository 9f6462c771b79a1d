/** The circumstances of the person who looks at a page, for components that are far below it. */

import { getCookie } from "hono/cookie";
import { createContext, useContext } from "hono/jsx";
import { clockOf } from "../domain/people/zone-clock.ts";
import type { PageContext } from "./page.ts";

type Viewer = {
  /** IANA name of the zone in which times are shown. */
  readonly zone: string;
  readonly nowMs: number;
  /** Path of the page, for the mark of the present one in the navigation. */
  readonly path: string;
  /** Code of a message about what the person has just done. */
  readonly did: string | null;
  /** Scopes of the reader, so that components offer only what the API would allow. Empty if nobody is signed in. */
  readonly scopes: readonly string[];
  /** Calls that wait for the reader's decision, up to {@link reviewCountMax}; null if the reader may not decide, or it is not known. */
  readonly toReview: number | null;
};

/** Calls to review that are counted for the navigation. */
export const reviewCountMax = 100;

export const ViewerContext = createContext<Viewer>({
  zone: "UTC",
  nowMs: 0,
  path: "/",
  did: null,
  scopes: [],
  toReview: null,
});

export function useViewer(): Viewer {
  return useContext(ViewerContext);
}

/** The cookie that the pages' script sets to the browser's zone. Without a script, times are in UTC. */
const zoneForm = /^[A-Za-z_]+(?:[/+-][A-Za-z0-9_+-]+){0,3}$/;

export function viewerOf(c: PageContext): Omit<Viewer, "toReview"> {
  const asked = decodeZone(getCookie(c, "zone") ?? "");
  return {
    zone: zoneForm.test(asked) && clockOf(asked) !== null ? asked : "UTC",
    nowMs: c.var.page.clock.now(),
    path: c.req.path,
    did: c.req.query("did") ?? null,
    scopes: "reader" in c.var ? c.var.reader.scopes : [],
  };
}

function decodeZone(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return "";
  }
}
