// The documents as pages (make site) in a real browser: accessible by axe-core, nothing wider than the screen,
// by the keyboard alone.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'node:test'

import { page } from './runs.mjs'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
const violations = `${axe}; axe.run(document, ${JSON.stringify(rules)})
  .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')))`

const site = join(import.meta.dirname, 'out', 'site')
execFileSync('go', ['run', '.', '-out', site], { cwd: join(import.meta.dirname, '..', '..', 'docs', 'site') })
const at = (name) => pathToFileURL(join(site, name)).href

const pages = readdirSync(site).filter((name) => name.endsWith('.html') && name !== 'index.html')
test('the site has its pages', () => assert.ok(pages.length > 20, pages.join(' ')))

for (const [n, name] of pages.entries()) {
  // Each page at one of the four, all four over the pages: they share a template and a style.
  const [width, scheme] = [[320, 'light'], [1280, 'dark'], [320, 'dark'], [1280, 'light']][n % 4]
  test(`${name}, ${scheme}, ${width} pixels wide`, async () => {
    const seen = await page(at(name), { width, scheme, run: violations })
    assert.deepEqual(seen.result, [])
    assert.deepEqual(seen.errors, [])
    assert.deepEqual(seen.broken, [])
    assert.ok(seen.scrollWidth <= width, `the page is ${seen.scrollWidth} pixels wide`)
  })
}

test('by the keyboard: past the navigation to the text, and through it', async () => {
  await page(at('index.html'), {
    after: async (tab) => {
      await tab.keyboard.press('Tab')
      assert.equal(await tab.evaluate('document.activeElement.className'), 'skip')
      await tab.keyboard.press('Enter')
      assert.equal(await tab.evaluate('document.activeElement.id'), 'text')
      await tab.keyboard.press('Tab')
      assert.ok(await tab.evaluate('document.querySelector("main").contains(document.activeElement) && document.activeElement !== document.querySelector("main")'))
    },
  })
})
