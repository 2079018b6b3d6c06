/** The size of type by the screen's pixel pitch: a character needs 16′ of arc to be read from six metres (wall.md). */

/** The design's own: 16 px at 1.25 mm, where 28 px of tier A are 20′ from six metres. */
const REFERENCE_MM = 1.25
const REFERENCE_PX = 16
const LEAST_PX = 12
const MOST_PX = 32

/** The root's font size for a pitch; null where none is set: then the width decides. */
export function rootPx(pitchMm: number | null): number | null {
  if (pitchMm === null) return null
  return Math.round(Math.min(Math.max((REFERENCE_PX * REFERENCE_MM) / pitchMm, LEAST_PX), MOST_PX) * 10) / 10
}
