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

export default defineConfig({
  root: here,
  base: './',
  plugins: [vue(), swaggerFiles()],
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
        // MapLibre's worker is an .mjs file, which some proxies serve as octet-stream: a worker must be text/javascript.
        assetFileNames: (asset) =>
          asset.names.some((name) => name.endsWith('.mjs')) ? 'assets/[name]-[hash].js' : 'assets/[name]-[hash][extname]',
      },
    },
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'] },
})
