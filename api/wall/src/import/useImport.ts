/** One import from the file to the confirmed rows: checked first, then confirmed; cancelled at any moment. */
import { computed, ref, watch } from 'vue'
import type { Ref } from 'vue'

import { ApiError } from '../api'
import { explain } from '../i18n'
import type { Lang } from '../model'
import type { Imports, Report, Run } from './client'
import { nothingDeclared, toFields } from './declared'
import type { Declared } from './declared'

const LOOK_MS = 400

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms))

/** The form of a dry run: with the file, or with the id of the run that brought it. */
function formOf(declared: Declared, brought: File | string): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(toFields(declared))) form.append(name, value)
  form.append(typeof brought === 'string' ? 'again' : 'file', brought)
  return form
}

export function useImport(imports: Imports, lang: Ref<Lang>) {
  const file = ref<File | null>(null)
  const declared = ref<Declared>(nothingDeclared())
  const run = ref<Run | null>(null)
  const report = ref<Report | null>(null)
  const problem = ref('')
  /** The declaration that the service asks for: the control to go to. */
  const wanted = ref<string | null>(null)
  /** The run whose file the service keeps, so that it need not be sent twice. */
  const sent = ref<string | null>(null)
  /** Whether anything was declared anew since the file was checked. */
  const stale = ref(false)
  const busy = computed(() => run.value?.state === 'waiting' || run.value?.state === 'running')

  watch(declared, () => { stale.value = true }, { deep: true })

  async function follow(form: FormData): Promise<void> {
    problem.value = ''
    wanted.value = null
    try {
      run.value = await imports.send(form, lang.value)
      const { id, dry_run: checking } = run.value
      while (busy.value && run.value.id === id) {
        await wait(LOOK_MS)
        run.value = await imports.look(id, lang.value)
      }
      if (checking) sent.value = id
      if (run.value.error) {
        problem.value = run.value.error[lang.value]
        wanted.value = run.value.error.field
        report.value = null
      }
      if (run.value.state === 'done') report.value = await imports.report(id, lang.value)
    } catch (reason) {
      if (!(reason instanceof ApiError)) throw reason
      problem.value = explain(lang.value, reason)
    }
  }

  function choose(chosen: File | null | undefined): void {
    file.value = chosen ?? null
    run.value = report.value = sent.value = null
    problem.value = ''
    declared.value.mapping = {}
  }

  async function check(): Promise<void> {
    if (!file.value) return
    stale.value = false
    await follow(formOf(declared.value, sent.value ?? file.value))
  }

  async function confirm(profile: string): Promise<void> {
    if (!run.value) return
    const form = new FormData()
    form.append('confirm', run.value.id)
    if (profile.trim() !== '') form.append('save_profile', profile.trim())
    sent.value = null
    await follow(form)
  }

  async function cancel(): Promise<void> {
    if (run.value) run.value = await imports.cancel(run.value.id, lang.value)
  }

  return { file, declared, run, report, problem, wanted, stale, busy, choose, check, confirm, cancel }
}
