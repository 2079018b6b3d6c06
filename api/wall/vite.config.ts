/** How the wall is built: hashed assets below dist/assets, the API's documentation page below dist/swagger. */
import { copyFileSync, mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

const here = dirname(fileURLToPath(import.meta.url))
const SWAGGER_FILES = ['swagger-ui.css', 'swagger-ui-bundle.js', 'LICENSE'] as const

/** Puts the parts of swagger-ui that an offline /docs needs beside the wall, under names that do not change. */
function swaggerFiles(): Plugin {
  return {
    name: 'onemap-swagger-files',
    apply: 'build',
    closeBundle() {
      const source = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
      const target = join(here, 'dist', 'swagger')
      mkdirSync(target, { recursive: true })
      for (const file of SWAGGER_FILES) copyFileSync(join(source, file), join(target, file))
      copyFileSync(join(here, 'src', 'symbols', 'mark.svg'), join(target, 'favicon.svg'))
    },
  }
}

/** Names in the page's head what its first script fetches: the browser need not wait for that script to say so. */
function preloads(): Plugin {
  return {
    name: 'onemap-preloads',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(_html, { bundle, chunk }) {
        // The import page fetches its map only when there is something to show.
        if (!bundle || chunk?.name !== 'index') return []
        const found = new Set<string>()
        const follow = (names: readonly string[]): void => {
          for (const name of names) {
            const next = bundle[name]
            if (next?.type !== 'chunk' || found.has(name)) continue
            found.add(name)
            follow(next.imports)
          }
        }
        const there = new Set([chunk.fileName, ...chunk.imports])
        follow(chunk.dynamicImports)
        const chunks = [...found].filter((name) => !there.has(name))
        const styles = chunks.flatMap((name) => {
          const each = bundle[name]
          return each?.type === 'chunk' ? [...(each.viteMetadata?.importedCss ?? [])] : []
        })
        return [
          ...chunks.map((name) => ({ tag: 'link', injectTo: 'head' as const, attrs: { rel: 'modulepreload', crossorigin: true, href: `./${name}` } })),
          ...[...new Set(styles)].map((name) => ({ tag: 'link', injectTo: 'head' as const, attrs: { rel: 'stylesheet', crossorigin: true, href: `./${name}` } })),
        ]
      },
    },
  }
}

export default defineConfig({
  root: here,
  base: './',
  plugins: [vue(), swaggerFiles(), preloads()],
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    assetsDir: 'assets',
    // The policy allows no inline script and images from data: only; the map's own code is one large chunk.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1400,
    rolldownOptions: {
      input: { index: join(here, 'index.html'), import: join(here, 'import.html') },
      output: {
        // Chunks by whose code it is: what changes seldom stays in the browser's cache, and a profile tells whose time it was.
        codeSplitting: {
          groups: [
            { name: 'maplibre', test: /node_modules[\\/](maplibre-gl|@maplibre)[\\/].*\.m?js$/ },
            { name: 'vue', test: /node_modules[\\/]@?vue[\\/]/ },
          ],
        },
        // MapLibre's worker is an .mjs file, which some proxies serve as octet-stream: a worker must be text/javascript.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith('.mjs')) ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
