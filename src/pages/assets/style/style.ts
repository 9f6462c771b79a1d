import { baseStyle } from "./base.ts";
import { deskStyle } from "./desk.ts";
import { formStyle } from "./forms.ts";
import { operationsStyle } from "./operations.ts";
import { reviewStyle } from "./review.ts";
import { ruleStyle } from "./rules.ts";
import { sourceStyle } from "./sources.ts";

/** The stylesheet of all pages. */
export const style = baseStyle + formStyle + deskStyle + sourceStyle + ruleStyle + operationsStyle + reviewStyle;
