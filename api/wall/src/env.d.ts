/** Single-file components, for tools that read TypeScript only; vue-tsc looks into them itself. */
declare module '*.vue' {
  import type { DefineComponent } from 'vue'

  const component: DefineComponent
  export default component
}
