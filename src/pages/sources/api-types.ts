/** Answers of the API that the pages of sources read. The API's tests compare each answer with its schema. */
import type { PresetAbout } from "../../ports/config/presets.ts";
import type { rejectionView } from "../../views/sources/rejection.ts";

type Shown<View> = { readonly [Key in keyof View]: View[Key] };

/** A refused request, as JSON. */
export type ReadonlyRejection = Shown<ReturnType<typeof rejectionView>> & { readonly at: string };
export type RejectionList = { readonly data: readonly ReadonlyRejection[] };

/** A preset, as JSON. */
export type PresetView = Pick<PresetAbout, "name" | "title" | "settings" | "steps"> & {
  readonly schemes: readonly Pick<PresetAbout["schemes"][number], "name" | "title" | "tenant">[];
  readonly tenant_mandatory: boolean;
};

/** The verdict about a pasted request, as JSON. */
export type VerifyVerdict = {
  readonly ok: boolean;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly advice: string | null;
  readonly events_count: number;
  readonly handshake: boolean;
};
