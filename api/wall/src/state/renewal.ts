/** Work that is asked for again and again: done soon, once at a time, and once more when it was asked for meanwhile. */

/** A trigger for `work`: calls within `waitMs` of the first are one. */
export function createRenewal(work: () => Promise<unknown>, waitMs: number): () => void {
  let isWaiting = false
  let isWorking = false
  let isAskedAgain = false
  const begin = async (): Promise<void> => {
    isWaiting = false
    isWorking = true
    try {
      await work()
    } finally {
      isWorking = false
    }
    if (!isAskedAgain) return
    isAskedAgain = false
    ask()
  }
  const ask = (): void => {
    if (isWorking) isAskedAgain = true
    else if (!isWaiting) {
      isWaiting = true
      setTimeout(() => void begin(), waitMs)
    }
  }
  return ask
}
