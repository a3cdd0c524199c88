// The report in a real browser: accessible by axe-core, nothing wider than the screen, no script.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'node:test'

import { page, runs } from './runs.mjs'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

for (const [name, folder] of Object.entries(runs)) {
  for (const scheme of ['light', 'dark']) {
    for (const width of [320, 1440]) {
      test(`report.html of ${name}, ${scheme}, ${width} pixels wide`, async () => {
        const seen = await page(pathToFileURL(join(folder, 'report.html')).href, {
          width, scheme, run: `${axe}; axe.run(document, ${JSON.stringify(rules)})
            .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')))`,
        })
        assert.deepEqual(seen.result, [])
        assert.deepEqual(seen.errors, [])
        assert.deepEqual(seen.broken, [])
        assert.ok(seen.scrollWidth <= width, `the page is ${seen.scrollWidth} pixels wide`)
      })
    }
  }
}

// Eyes that are shut see nothing wrong.
test('what is wrong with a page is seen', async () => {
  const wrong = '<!doctype html><title>x</title><img src="missing.png"><p style="width:900px">x</p><script>console.error("no")</script>'
  const seen = await page(`data:text/html,${encodeURIComponent(wrong)}`, {
    width: 360, run: `${axe}; axe.run(document, ${JSON.stringify(rules)}).then((r) => r.violations.map((v) => v.id))`,
  })
  assert.ok(seen.result.includes('image-alt') && seen.result.includes('html-has-lang'), `axe found ${seen.result}`)
  assert.ok(seen.errors.includes('no') && seen.broken.length === 1 && seen.scrollWidth > 360, JSON.stringify(seen))
})
