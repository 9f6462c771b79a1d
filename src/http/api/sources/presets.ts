import { type Context, Hono } from "hono";
import type { PresetAbout } from "../../../ports/config/presets.ts";
import { allow } from "../../auth/authenticate.ts";
import type { AppEnv } from "../../deps.ts";
import { problem } from "../../problem.ts";

/** `/v1/presets`: the supported CRMs with their signature schemes, settings and set-up steps. */
export function presetRoutes(): Hono<AppEnv> {
  const app = new Hono<AppEnv>();
  app.get("/", allow("calls:read", "admin"), (c) =>
    c.json({ data: c.var.deps.presetGuide.all(addressOf(c)).map(presetView) }),
  );
  app.get("/:name", allow("calls:read", "admin"), (c) => {
    const preset = c.var.deps.presetGuide.about(c.req.param("name"), addressOf(c));
    return preset === null
      ? problem("not_found", { detail: "There is no preset of this name." })
      : c.json(presetView(preset));
  });
  return app;
}

/** Address in the set-up steps. In production it is configured; until then a placeholder is shown. */
function addressOf(c: Context<AppEnv>): string {
  const { mode, publicUrl } = c.var.deps;
  return publicUrl ?? (mode === "local" ? new URL(c.req.url).origin : "https://<your Hookline>");
}

function presetView({ schemes, ...preset }: PresetAbout) {
  return {
    ...preset,
    schemes: schemes.map(({ unsigned, ...scheme }) => ({ ...scheme, unsigned_fields: unsigned })),
    tenant_mandatory: schemes.some(({ tenant }) => tenant === "mandatory"),
  };
}
