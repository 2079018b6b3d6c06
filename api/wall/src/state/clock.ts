/** The time of this machine, once a second, for everything that shows one. */
import { onBeforeUnmount, shallowRef } from 'vue'
import type { Ref } from 'vue'

export function useNow(): Readonly<Ref<Date>> {
  const now = shallowRef(new Date())
  const timer = window.setInterval(() => { now.value = new Date() }, 1000)
  onBeforeUnmount(() => { window.clearInterval(timer) })
  return now
}
