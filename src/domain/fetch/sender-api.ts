/** The sender's own API, for thin payloads: the preset's part and the source's part. Types only. */

/** A record that can be fetched for webhooks with ids only. */
type Fetchable = {
  /**
   * Liquid template of path and query, over `event`, `data` and previously fetched `record`. Values in it must be plain
   * ids.
   */
  readonly path: string;
  /** Path of the record within the response; `""` for the whole response. */
  readonly pick: string;
};

/** A preset's API. */
export type PresetApi = {
  /**
   * `{tenant}` is the source's tenant, any other name in braces a setting. `null`: the source sets it (`api.base_url`).
   */
  readonly baseUrl: string | null;
  /** The only allowed hosts: a name, or `.name` for all subdomains. Empty: any public one. */
  readonly hosts: readonly string[];
  readonly auth: ApiAuth;
  readonly gets: Readonly<Record<string, Fetchable>>;
};

/** Form of the credential. `basic`: it is `user:password`. */
export type ApiAuth =
  | { readonly as: "bearer" }
  | { readonly as: "basic" }
  | { readonly as: "header"; readonly name: string };

/** A source's `api` as written: values that its preset leaves open, and further records by template. */
export type SourceApi = {
  readonly base_url?: string | undefined;
  readonly auth?: "bearer" | "basic" | { readonly header: string } | undefined;
  readonly get?: Readonly<Record<string, string>> | undefined;
};
