/** The sender's own API, as presets and sources describe it. Types only. */
/** One thing that can be fetched where a webhook brings ids only. */
export type Fetchable = {
  /** A Liquid text of the path and query, over `event`, `data` and what was fetched before it (`record`). Values in it must be plain ids. */
  readonly path: string;
  /** The path within the answer that holds the thing; `""`: the whole. */
  readonly pick: string;
};

/** The sender's own API, as far as thin payloads need it. */
export type PresetApi = {
  /** `{tenant}` is the source's tenant, any other name in braces a setting. `null`: the source says it (`api.base_url`). */
  readonly baseUrl: string | null;
  /** The only hosts that may be asked: a name, or `.name` for whatever is below it. Empty: any public one. */
  readonly hosts: readonly string[];
  readonly auth: ApiAuth;
  readonly gets: Readonly<Record<string, Fetchable>>;
};

/** How a credential is presented. `basic`: the credential is `user:password`. */
export type ApiAuth =
  | { readonly as: "bearer" }
  | { readonly as: "basic" }
  | { readonly as: "header"; readonly name: string };

/** What a source says of its sender's API, as it is written: what its preset leaves open, and further things to fetch by template. */
export type SourceApi = {
  readonly base_url?: string | undefined;
  readonly auth?: "bearer" | "basic" | { readonly header: string } | undefined;
  readonly get?: Readonly<Record<string, string>> | undefined;
};
