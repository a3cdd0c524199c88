// The trace view of `reprompt show` in a real browser: accessible by axe-core, nothing wider than the screen,
// by the keyboard alone, with deep links, and of the same look as the report.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { get } from 'node:http'
import test, { after, before } from 'node:test'

import { page, program, read, runs } from './runs.mjs'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }
const violations = `${axe}; axe.run(document, ${JSON.stringify(rules)})
  .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 120) + ' ' + n.failureSummary).slice(0, 3).join(' | ')))`

let server, base
const proof = '01-application-administrator'

before(async () => {
  server = spawn(program, ['show', runs.traced], { stdio: ['ignore', 'pipe', 'pipe'] })
  base = await new Promise((resolve, reject) => {
    let said = ''
    server.stdout.on('data', (chunk) => {
      said += chunk
      const at = /^trace: +(\S+)trace\.html$/m.exec(said)
      if (at) resolve(at[1])
    })
    server.on('exit', (code) => reject(new Error(`reprompt show ended with ${code}: ${said}`)))
  })
})
after(() => { server.removeAllListeners('exit'); server.kill('SIGINT') })

for (const scheme of ['light', 'dark']) {
  for (const width of [320, 1440]) {
    for (const step of [1, 4, 12]) {
      test(`step ${step}, ${scheme}, ${width} pixels wide`, async () => {
        const seen = await page(`${base}trace.html#${proof}/${step}`, {
          width, scheme, run: `document.querySelectorAll('.step.shown details').forEach((d) => { d.open = true }); ${violations}`,
        })
        assert.deepEqual(seen.result, [])
        assert.deepEqual(seen.errors, [])
        assert.deepEqual(seen.broken, [])
        assert.ok(seen.scrollWidth <= width, `the page is ${seen.scrollWidth} pixels wide`)
      })
    }
  }
}

for (const width of [320, 1440]) {
  test(`the report as it is served, ${width} pixels wide: the one of the bundle, which runs nothing`, async () => {
    const seen = await page(base, { width, inert: true, run: '[...document.styleSheets].length' })
    assert.equal(seen.result, 1, 'its style is refused')
    assert.deepEqual(seen.broken, [])
    assert.ok(seen.scrollWidth <= width, `the page is ${seen.scrollWidth} pixels wide`)
    assert.ok(seen.text.includes('Three witnesses'))
    assert.equal(await (await fetch(base)).text(), read('report.html', runs.traced))
  })
}

test('by the keyboard alone: step to step, the first, the last, and what is folded', async () => {
  await page(`${base}trace.html`, {
    after: async (tab) => {
      const at = async () => ({ hash: new URL(tab.url()).hash, shown: await tab.locator('.step.shown').count(), heading: (await tab.locator('.step.shown h3').innerText()).replace(/\s+/g, ' '), focus: await tab.evaluate('document.activeElement.id') })
      await tab.keyboard.press('ArrowRight')
      assert.deepEqual(await at(), { hash: `#${proof}/2`, shown: 1, heading: '2 Ask What-If', focus: `${proof}/2` })
      await tab.keyboard.press('j')
      assert.equal((await at()).hash, `#${proof}/3`)
      await tab.keyboard.press('k')
      await tab.keyboard.press('ArrowLeft')
      assert.equal((await at()).heading, '1 Read the configuration')
      await tab.keyboard.press('ArrowLeft')
      assert.equal((await at()).heading, '1 Read the configuration', 'there is nothing before the first')
      await tab.keyboard.press('End')
      assert.match((await at()).heading, /Read the sign-in log/)
      await tab.keyboard.press('Home')
      assert.equal((await at()).focus, `${proof}/1`)
      await tab.keyboard.press('Tab')
      assert.equal(await tab.evaluate('document.activeElement.tagName'), 'SUMMARY')
      await tab.keyboard.press('Enter')
      assert.equal(await tab.locator('.step.shown details[open]').count(), 1)
      assert.match(await tab.locator('.step.shown details[open]').innerText(), /roles|scp/)
      await tab.goBack()
      assert.match((await at()).heading, /Read the sign-in log/, 'the way back leads through the steps')
    },
  })
})

test('a deep link opens its step, with what was seen before and after, and the elements on demand', async () => {
  await page(base, {
    after: async (tab) => {
      await tab.goto(`${base}trace.html`)
      const names = await tab.locator('.film .label').allInnerTexts()
      const n = names.findIndex((name) => name.endsWith('Step-up: password')) + 1
      assert.ok(n > 0, names.join(', '))
      await tab.goto(`${base}trace.html#${proof}/${n}`)
      await tab.waitForFunction(`document.querySelector('.step.shown')?.id === '${proof}/${n}'`)
      assert.equal(await tab.locator('.film a[aria-current=step] .label').innerText(), `${n} Step-up: password`)
      assert.equal(await tab.locator('.step.shown .look img').count(), 2)
      await tab.locator('.step.shown .markup a').first().click()
      const elements = tab.locator('.step.shown .markup pre')
      await elements.waitFor()
      assert.match(await elements.innerText(), /<input id="i0118" name="passwd" type="password"/)
      assert.deepEqual(await tab.evaluate(violations), [])
    },
  })
})

for (const width of [390, 768, 1280]) {
  test(`a deep link shows the film and the heading of its step, ${width} pixels wide, however late its pictures come`, async () => {
    const place = `(() => {
      const film = document.querySelector('.film').getBoundingClientRect(), heading = document.querySelector('.step.shown h3').getBoundingClientRect()
      return { film: film.top, heading: heading.bottom, sized: [...document.querySelectorAll('.look img')].every((i) => i.getAttribute('width') > 0 && i.getAttribute('height') > 0) }
    })()`
    const seen = await page(`${base}trace.html#${proof}/12`, { width, run: place })
    assert.ok(seen.result.film >= 0, `the film begins ${-seen.result.film} pixels above the screen`)
    assert.ok(seen.result.heading > 0 && seen.result.heading <= 900, `the heading ends at ${seen.result.heading}`)
    assert.ok(seen.result.sized, 'a picture has no size, and the page jumps when it comes')
  })
}

test('without a script every step is there to read', async () => {
  const seen = await page(`${base}trace.html`, { script: false, run: 'document.querySelectorAll(".step").length - [...document.querySelectorAll(".step")].filter((s) => s.offsetHeight === 0).length' })
  assert.ok(seen.result > 15, `${seen.result} steps can be seen`)
})

test('only its own address is answered', async () => {
  const { host } = new URL(base)
  const [address, port] = host.split(':')
  const status = await new Promise((resolve, reject) => {
    get({ host: address, port, path: '/', headers: { host: `evil.example:${port}` } }, (answer) => { answer.resume(); resolve(answer.statusCode) }).on('error', reject)
  })
  assert.equal(status, 421)
})
