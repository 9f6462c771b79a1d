// The floors that the product is measured against, in one Worker: each is one route.
import { Hono } from "hono";
import { bare } from "./bare.ts";
import type { FloorEnv } from "./env.ts";
import { hop } from "./hop.ts";
import { insert } from "./insert.ts";

export { Hop } from "./hop.ts";

const app = new Hono<FloorEnv>();
app.post("/bare", bare);
app.post("/hop", hop);
app.post("/insert", insert);

export default app;
