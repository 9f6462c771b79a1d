import { shortTimeText, timeText } from "../../views/times.ts";
import { useViewer } from "../viewer.ts";

/**
 * A time in a list, with seconds and without the year of today. The page's foot names the zone, and pointing at the time
 * shows all of it in UTC.
 */
export function Moment({ at }: { at: string }) {
  const { zone, nowMs } = useViewer();
  return (
    <time datetime={at} title={timeText(at, "seconds")}>
      {shortTimeText(at, nowMs, zone)}
    </time>
  );
}
