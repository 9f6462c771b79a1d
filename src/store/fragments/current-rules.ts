import type { SourceCopy } from "../../ports/source-copy.ts";
import { columns, jsonFields } from "../postgres/columns.ts";
import type { Sql } from "../postgres/connection.ts";
import type { rules } from "../schema/rules.ts";

const ruleColumns = columns<typeof rules, SourceCopy["rules"][number]>({
  name: "name",
  version: "version",
  definition: "definition",
});

/** An expression: the rules of the source `s` that are in force, in their order, as JSON of a `SourceCopy`. */
export const currentRules = (sql: Sql) => sql`(
  select coalesce(json_agg(json_build_object(${jsonFields(sql, ruleColumns, "r")}) order by r.position, r.name), '[]')
  from rules r where r.source = s.slug and r.current)`;
