import { baseStyle } from "./base.ts";
import { formStyle } from "./forms.ts";

/** The stylesheet of all pages. */
export const style = baseStyle + formStyle;
