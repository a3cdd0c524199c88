// Makes the runs that the tests look at: scenarios of which one demands what is not so, a proof that is
// enforced, one that is inconclusive, and one that was recorded step by step.
import { spawnSync } from 'node:child_process'
import { readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { program } from './runs.mjs'

const here = import.meta.dirname
const out = join(here, 'out')
rmSync(out, { recursive: true, force: true })

const make = (name, exitCode, ...args) => {
  const evidence = join(out, `${name}.made`)
  const ended = spawnSync(program, [...args, '--evidence', evidence], { encoding: 'utf8' })
  if (ended.status !== exitCode) {
    throw new Error(`reprompt ${args.join(' ')} ended with ${ended.status}, want ${exitCode}: ${ended.error ?? ended.stderr}${ended.stdout}`)
  }
  const [run] = readdirSync(evidence)
  renameSync(join(evidence, run), join(out, name))
  rmSync(evidence, { recursive: true })
}

make('scenarios', 1, 'run', join(here, 'scenarios.feature'))
make('enforced', 0, 'prove', '--embedded', '--role', 'Application Administrator')
make('proof', 3, 'prove', '--embedded', '--role', 'Groups Administrator', '--way', 'graph')
make('traced', 0, 'prove', '--embedded', '--role', 'Application Administrator', '--trace')
