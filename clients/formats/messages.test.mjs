// Cucumber Messages: each line against the published schema, the whole through Cucumber's HTML formatter,
// and the page that comes of it in a real browser.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename } from 'node:path'
import { pathToFileURL } from 'node:url'
import test from 'node:test'

import { CucumberHtmlStream } from '@cucumber/html-formatter'
import { parseEnvelope, version } from '@cucumber/messages'
import { Ajv2020 } from 'ajv/dist/2020.js'

import { lines, page, runs } from './runs.mjs'

const require = createRequire(import.meta.url)
const schema = require('@cucumber/messages/schema')
const validate = new Ajv2020({ strict: false }).compile(schema)

test('every line is valid against the schema of the version that it states', () => {
  const all = lines('cucumber.ndjson')
  assert.equal(JSON.parse(all[0]).meta.protocolVersion, version)
  for (const line of all) {
    assert.ok(validate(JSON.parse(line)), `${JSON.stringify(validate.errors)} in ${line}`)
  }
})

test('the validator refuses what is wrong', () => {
  assert.equal(validate({ testRunFinished: { success: 'yes' } }), false)
})

test('each scenario is there once, with its steps, its attempt, its pictures and its verdict', () => {
  const all = lines('cucumber.ndjson').map((line) => JSON.parse(line))
  const of = (kind) => all.filter((message) => message[kind]).map((message) => message[kind])
  assert.deepEqual(of('pickle').map((p) => p.name), ['asked again', 'expected to be asked for nothing', 'demands what is not so'])
  assert.deepEqual(of('testCaseStarted').map((c) => c.attempt), [0, 0, 0])
  const statuses = of('testStepFinished').map((s) => s.testStepResult.status)
  assert.equal(statuses.filter((s) => s === 'FAILED').length, 1)
  assert.ok(of('testStepFinished').some((s) => /the verdict is not-enforced, expected enforced/.test(s.testStepResult.message)))
  assert.equal(of('testRunFinished')[0].success, false)
  const attachments = of('attachment')
  assert.equal(attachments.filter((a) => a.fileName === 'verdict.txt').length, 3)
  assert.ok(attachments.filter((a) => a.mediaType === 'image/png' && a.url.startsWith('scenarios/')).length >= 9)
})

test('the HTML formatter renders it, in a browser, with every picture', async () => {
  const html = await new Promise((resolve, reject) => {
    const stream = new CucumberHtmlStream()
    let text = ''
    stream.on('data', (chunk) => { text += chunk })
    stream.on('end', () => resolve(text))
    stream.on('error', reject)
    for (const line of lines('cucumber.ndjson')) {
      const message = parseEnvelope(line)
      if (message.attachment?.url) message.attachment.url = `${basename(runs.scenarios)}/${message.attachment.url}`
      stream.write(message)
    }
    stream.end()
  })
  const file = `${runs.scenarios}.html` // beside the bundle: in it, a file more would be found
  writeFileSync(file, html)
  const seen = await page(pathToFileURL(file).href, { run: 'document.images.length' })
  for (const text of ['asked again', 'report-only', 'PASSED 2', 'FAILED 1', 'the verdict is not-enforced, expected enforced']) {
    assert.ok(seen.text.includes(text), `the page lacks ${text}`)
  }
  assert.ok(seen.result >= 9, `the page has ${seen.result} pictures`)
  assert.deepEqual(seen.errors, [])
  assert.deepEqual(seen.broken, [])
})
