// The pages of the embedded tenant that are ours to shape, in a real browser: sign-in page after sign-in page
// and the admin centre, accessible by axe-core, nothing wider than the screen, by the keyboard alone.
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import test, { after, before } from 'node:test'

import { chromium } from 'playwright-core'

import { browserPath, program } from './runs.mjs'

const require = createRequire(import.meta.url)
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')
const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

const dir = mkdtempSync(join(tmpdir(), 'tenant-'))
let server, lab
before(async () => {
  server = spawn(program, ['emulator', '--dir', dir, '--sample'], { stdio: ['ignore', 'ignore', 'pipe'] })
  await new Promise((resolve, reject) => {
    let said = ''
    server.stderr.on('data', (chunk) => { said += chunk; if (/serving/.test(said)) resolve() })
    server.on('exit', (code) => reject(new Error(`reprompt emulator ended with ${code}: ${said}`)))
  })
  lab = JSON.parse(readFileSync(join(dir, 'emulator.json'), 'utf8'))
})
after(() => { server.removeAllListeners('exit'); server.kill('SIGINT'); rmSync(dir, { recursive: true, force: true }) })

/** The one-time code of now, after RFC 6238. */
const code = async (now) => {
  const bits = [...lab.admin.totp_secret.replace(/=+$/, '')].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('')
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)))
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(now / 30000)))
  const sum = createHmac('sha1', key).update(counter).digest()
  const at = sum[19] & 15
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** The tenant's clock. */
const now = async () => Date.parse((await (await fetch(`${lab.control}/clock`, { headers: { authorization: `Bearer ${lab.control_token}` } })).json()).now)

const open = async (width, scheme) => {
  const browser = await chromium.launch({ executablePath: browserPath(), proxy: { server: lab.proxy }, args: ['--no-sandbox'] })
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width, height: 800 }, colorScheme: scheme, bypassCSP: true })
  return { browser, tab: await context.newPage() }
}

const look = async (tab, what, width) => {
  for (const frame of tab.frames()) {
    if (!/^https:/.test(frame.url())) continue
    const found = await frame.evaluate(`${axe}; axe.run(document, ${JSON.stringify({ ...rules, iframes: false })})
      .then((r) => r.violations.map((v) => v.id + ': ' + v.nodes.map((n) => n.html.slice(0, 160) + ' ' + n.failureSummary).slice(0, 3).join(' | ')))`)
    assert.deepEqual(found, [], `${what}, ${new URL(frame.url()).host}`)
  }
  const wide = await tab.evaluate('document.documentElement.scrollWidth')
  assert.ok(wide <= width, `${what}: the page is ${wide} pixels wide`)
}

/** Goes to an element by the tabulator, as somebody without a mouse does. */
const tabTo = async (tab, id) => {
  for (let n = 0; n < 8; n++) {
    if (await tab.evaluate('document.activeElement?.id') === id) return
    await tab.keyboard.press('Tab')
  }
  assert.fail(`the tabulator does not lead to ${id}`)
}

const portal = 'https://entra.microsoft.com/#view/Microsoft_Azure_PIMCommon/ActivationMenuBlade/~/aadmigratedroles'

for (const [width, scheme] of [[320, 'light'], [1280, 'dark']]) {
  test(`sign-in and admin centre by the keyboard alone, ${width} pixels wide`, async () => {
    const { browser, tab } = await open(width, scheme)
    try {
      await tab.goto(portal)
      await tab.waitForSelector('input[name=loginfmt]:not([type=hidden])')
      await look(tab, 'the user name', width)
      await tab.keyboard.type(lab.admin.upn)
      await tab.keyboard.press('Enter')
      await tab.waitForSelector('input[name=passwd]')
      await look(tab, 'the password', width)
      await tab.keyboard.type(lab.admin.password)
      await tab.keyboard.press('Enter')
      await tab.waitForSelector('#KmsiCheckboxField, input[name=otc]')
      if (await tab.locator('input[name=otc]').count()) {
        await look(tab, 'the one-time code', width)
        await tab.keyboard.type(await code(await now()))
        await tab.keyboard.press('Enter')
        await tab.waitForSelector('#KmsiCheckboxField')
      }
      await look(tab, 'stay signed in', width)
      await tabTo(tab, 'idSIButton9')
      await tab.keyboard.press('Enter')
      await tab.waitForURL((url) => url.host === 'entra.microsoft.com')
      const frame = await (await tab.waitForSelector('iframe')).contentFrame()
      await frame.waitForSelector('table, [role=grid]')
      await look(tab, 'the roles', width)
      const activate = frame.getByRole('button', { name: 'Activate' }).or(frame.getByRole('link', { name: 'Activate' })).first()
      await activate.focus()
      await tab.keyboard.press('Enter')
      await frame.getByText('may require additional verification').waitFor()
      await look(tab, 'the pane of an activation', width)
    } finally {
      await browser.close()
    }
  })
}
