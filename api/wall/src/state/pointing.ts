/** What is pointed at, in a list or on the map: each marks it in the other. */
import { ref, shallowRef } from 'vue'
import type { Ref } from 'vue'

import type { RiskFeature } from '../model'

export interface Pointing {
  /** The feature under the pointer or the focus. */
  readonly pointed: Ref<string | null>
  /** The row that was pointed at last: the map knows from it where a feature lies that no answer holds. */
  readonly row: Ref<RiskFeature | null>
}

export function createPointing(): Pointing {
  return { pointed: ref(null), row: shallowRef(null) }
}
