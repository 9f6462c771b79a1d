/** The key-value part of an object's own storage. Values are copied in and out. */
export type Disk = Pick<DurableObjectState["storage"]["kv"], "get" | "put" | "delete">;
