/** The parts that all operations of exports share. */
import * as z from "zod";
import type { ApiOperation } from "./operation.ts";

export const aboutExports =
  "The answer is streamed, and has every row that matches. If Postgres fails meanwhile, the connection breaks: a response that ends " +
  "normally is whole. Audit entries have the filter and the number of rows. In CSV nested values are JSON, and a cell that a spreadsheet " +
  "would run as a formula begins with `'`.";

export const exportFormat =
  "`csv`: UTF-8 with a byte order mark, a header row and CRLF, for spreadsheets. `jsonl`: one JSON object a line, for programs.";

export const exportAnswer: NonNullable<ApiOperation["answers"][200]> = {
  description: "The file. Its rows are those of the list, masked in the same way.",
  schema: z.string(),
  type: ["text/csv", "application/jsonl"],
};
