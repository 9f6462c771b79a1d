/** Small charts of one number. The number stands beside each as text, so the drawing is hidden from screen readers. */

import { groupedNumber } from "../../views/numbers.ts";

/** Units of a meter's drawing. */
const whole = 100;

type Props = { used: number; limit: number };

/** Use of a limit: `3 of 10` with a bar. A full one is marked by its words too. */
export function LimitMeter({ used, limit }: Props) {
  const full = used >= limit;
  const share = limit === 0 ? whole : Math.min(whole, (used / limit) * whole);
  return (
    <span class={full ? "meter full" : "meter"}>
      <span class="meter-text">
        {groupedNumber(used)} <span class="of">of {groupedNumber(limit)}</span>
        {full ? <span class="meter-full"> full</span> : null}
      </span>
      <svg viewBox={`0 0 ${whole} 4`} preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <rect class="track" width={whole} height="4" />
        <rect class="fill" width={share} height="4" />
      </svg>
    </span>
  );
}
