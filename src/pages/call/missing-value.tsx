/** A held call whose text lacks a value: the text, the field of the event, and the steps that let the call ring. */
import type { CallView } from "../../views/calls/call.ts";
import { Quoted, rulePagePath } from "../parts/bits.tsx";

/** Whether a call is held because a text of its rule lacks a value. Its texts cannot be released as they are. */
export function lacksValue({ status, reason }: Pick<CallView, "status" | "reason">): boolean {
  return status === "held" && reason === "placeholder";
}

/** Parts of a rule in the words of its form. */
const fieldWords: Readonly<Record<string, string>> = {
  about: "text “About”",
  prompt: "prompt",
  greeting: "greeting",
  "once_per.key": "key of “Once per”",
};

/** The text that lacks a value, in one sentence. */
export function MissingValue({ call: { detail } }: { call: CallView }) {
  const { field, path, detail: why } = detail ?? {};
  const text = typeof field === "string" ? (fieldWords[field] ?? field) : "rule's text";
  return (
    <>
      The {text}{" "}
      {typeof path === "string" ? (
        <>
          reads{" "}
          <code>
            <Quoted text={path} />
          </code>
          , which gives no text for this event
        </>
      ) : (
        "is incomplete"
      )}
      {typeof why === "string" ? (
        <>
          : <Quoted text={why} />
        </>
      ) : null}
      .
    </>
  );
}

/** The link to the form of the rule, for a reader who may edit rules. */
export function EditRule({ call: { source, rule }, scopes }: { call: CallView; scopes: readonly string[] }) {
  if (!scopes.includes("admin")) return null;
  return <a href={`${rulePagePath(source, rule)}/edit`}>Edit the rule</a>;
}

/** The steps after which the call, or a new one of the same event, can ring. */
export function NextSteps({ call, scopes }: { call: CallView; scopes: readonly string[] }) {
  const mayDecide = scopes.includes("calls:write");
  return (
    <div class="why">
      <p>
        <MissingValue call={call} /> <EditRule call={call} scopes={scopes} />
      </p>
      <p>
        {scopes.includes("admin")
          ? "Mend the rule, for example with a default for the value."
          : "Ask an administrator to mend the rule."}{" "}
        {mayDecide ? (
          <>
            Then <a href={`/calls/${call.id}/release`}>release the call by today's rule</a>. To replay{" "}
            <a href={`/events/${call.event_id}`}>its event</a> instead, cancel this call first: a replay makes no second
            call while this one waits.
          </>
        ) : (
          "Then somebody who may decide releases the call by today's rule."
        )}
      </p>
    </div>
  );
}
