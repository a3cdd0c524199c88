// What the tests share: where the runs are, and a browser that says what it saw of a page.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { chromium } from 'playwright-core'

const out = join(import.meta.dirname, 'out')

/** The program that is tried. */
export const program = process.env.REPROMPT ?? join(import.meta.dirname, '..', '..', 'bin', 'reprompt')

/** Folders of the runs that make-runs.mjs made, by name. */
export const runs = { scenarios: join(out, 'scenarios'), enforced: join(out, 'enforced'), proof: join(out, 'proof'), traced: join(out, 'traced') }

/** The content of a file of a run. */
export const read = (file, folder = runs.scenarios) => readFileSync(join(folder, file), 'utf8')

/** The lines of a file of a run. */
export const lines = (file, folder) => read(file, folder).trimEnd().split('\n')

export const browserPath = () => {
  const known = [process.env.REPROMPT_BROWSER, '/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/google-chrome']
  const found = known.find((path) => path && existsSync(path))
  if (!found) throw new Error('no browser: run make deps, or set REPROMPT_BROWSER')
  return found
}

/**
 * Opens a page and says what a reader would see: its text, what was written to the console as an error,
 * pictures that did not come, how wide it is in pixels, and what the expression `run` came to. A page in which no
 * script may run (`script`: false, or by its own policy: `inert`) is not waited for beyond its load: no promise ends there.
 */
export const page = async (url, { width = 1280, scheme = 'light', run = 'null', script = true, inert = !script, after = async () => {} } = {}) => {
  const browser = await chromium.launch({ executablePath: browserPath(), args: ['--no-sandbox'] })
  try {
    const tab = await browser.newPage({ viewport: { width, height: 900 }, colorScheme: scheme, javaScriptEnabled: script })
    const errors = []
    tab.on('console', (message) => { if (message.type() === 'error') errors.push(message.text()) })
    tab.on('pageerror', (error) => errors.push(String(error)))
    tab.on('requestfailed', (request) => errors.push(`${request.url()}: ${request.failure()?.errorText}`))
    await tab.goto(url, { waitUntil: 'load' })
    if (!inert) await tab.evaluate('Promise.allSettled([...document.images].map((i) => { i.loading = "eager"; return i.decode() }))')
    const seen = {
      errors,
      result: await tab.evaluate(run),
      text: await tab.evaluate('document.body.innerText'),
      broken: await tab.evaluate('[...document.images].filter((i) => !i.complete || i.naturalWidth === 0).map((i) => i.src.slice(0, 80))'),
      scrollWidth: await tab.evaluate('document.documentElement.scrollWidth'),
    }
    await after(tab)
    return seen
  } finally {
    await browser.close()
  }
}
