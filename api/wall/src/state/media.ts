/** How wide the window is, for parts that only some widths have. */
import { onBeforeUnmount, ref } from 'vue'
import type { Ref } from 'vue'

/** Whether a media query holds, followed while the component lives. */
export function useMedia(query: string): Readonly<Ref<boolean>> {
  const media = window.matchMedia(query)
  const holds = ref(media.matches)
  const follow = (): void => { holds.value = media.matches }
  media.addEventListener('change', follow)
  onBeforeUnmount(() => { media.removeEventListener('change', follow) })
  return holds
}

export const IS_WALL = '(min-width: 2560px)'
export const IS_CITY = '(min-width: 1536px) and (max-width: 2559px)'
export const IS_TABLET = '(max-width: 1180px)'
