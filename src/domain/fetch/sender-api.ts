/** The sender's own API, as far as thin payloads need it: what its preset says, and what a source adds. Types only. */

/** One record that can be fetched for webhooks that carry ids only. */
type Fetchable = {
  /** A Liquid text of the path and query, over `event`, `data` and the `record` that was fetched before it. Values in it must be plain ids. */
  readonly path: string;
  /** The path within the answer that holds the record; `""`: the whole. */
  readonly pick: string;
};

/** A preset's API. */
export type PresetApi = {
  /** `{tenant}` is the source's tenant, any other name in braces a setting. `null`: the source says it (`api.base_url`). */
  readonly baseUrl: string | null;
  /** The only hosts that may be asked: a name, or `.name` for all names below it. Empty: any public one. */
  readonly hosts: readonly string[];
  readonly auth: ApiAuth;
  readonly gets: Readonly<Record<string, Fetchable>>;
};

/** How a credential is presented. `basic`: the credential is `user:password`. */
export type ApiAuth =
  | { readonly as: "bearer" }
  | { readonly as: "basic" }
  | { readonly as: "header"; readonly name: string };

/** A source's `api`, as it is written: values that its preset leaves open, and further records to fetch by template. */
export type SourceApi = {
  readonly base_url?: string | undefined;
  readonly auth?: "bearer" | "basic" | { readonly header: string } | undefined;
  readonly get?: Readonly<Record<string, string>> | undefined;
};
