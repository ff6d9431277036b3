import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { projectDir } from '../helpers/run-state.ts'

const imageDir = join(projectDir, 'deploy', 'image')
const run = promisify(execFile)

export const SERVICE_IMAGE = 'localhost/reservation-system-api'
export const MIGRATE_IMAGE = 'localhost/reservation-system-api-migrate'

/** As a container is run by `deploy/kubernetes/`, but for its network: the database is on this machine. */
const RESTRICTED = [
  ...['--network', 'host', '--read-only', '--read-only-tmpfs=false'],
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
]

type Variables = Record<string, string>

/** Builds both images; what is printed meanwhile is printed by the test. */
export async function buildImages(): Promise<number | null> {
  const child = spawn(join(imageDir, 'build.sh'), { stdio: ['ignore', 'inherit', 'inherit'] })
  await once(child, 'close')
  return child.exitCode
}

/** Runs a container to its end. @returns what it has printed @throws where its status is not 0 */
export async function runToEnd(
  image: string,
  args: readonly string[],
  variables: Variables = {},
): Promise<string> {
  const options = ['run', '--rm', ...RESTRICTED, ...namesOf(variables)]
  const { stdout } = await run('podman', [...options, image, ...args], optionsOf(variables))
  return stdout
}

/** What is in a file of the image; nothing where it is not there. */
export async function contentOf(image: string, path: string): Promise<string> {
  const command = ['-c', 'test ! -e "$0" || cat "$0"', path]
  const args = ['run', '--rm', '--network', 'host', '--entrypoint', 'sh', image, ...command]
  return (await run('podman', args, optionsOf({}))).stdout
}

/** What the image says of itself, by a template of Go's. */
export async function inspect(image: string, template: string): Promise<unknown> {
  const args = ['image', 'inspect', '--format', `{{json ${template}}}`, image]
  const { stdout } = await run('podman', args, optionsOf({}))
  return JSON.parse(stdout)
}

/** A service in a container, on any free port of this machine; the teardown removes it. */
export async function startContainer(t: Test, variables: Variables) {
  const name = `reservation-check-${process.pid}`
  const all = { HOST: '127.0.0.1', PORT: '0', ...variables }
  // Podman would have systemd carry out the image's health check.
  const named = ['--name', name, '--no-healthcheck']
  const args = ['run', '--rm', ...named, ...RESTRICTED, ...namesOf(all), SERVICE_IMAGE]
  const options = optionsOf(all)
  const child = spawn('podman', args, { ...options, stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  t.teardown(() => run('podman', ['rm', '--force', '--ignore', name], options))
  const port = await Promise.race([portIn(child.stdout), closed.then(() => undefined)])
  if (port === undefined) throw new Error('The service did not start')
  return {
    url: `http://127.0.0.1:${port}`,
    /** Stops it as Kubernetes does. @returns its exit status */
    stop: async () => {
      await run('podman', ['stop', '--time', '30', name], options)
      await closed
      return child.exitCode
    },
  }
}

function portIn(output: NodeJS.ReadableStream): Promise<string> {
  return new Promise((resolve) => {
    createInterface({ input: output }).on('line', (line) => {
      const port = /^Server running on port (\d+)$/.exec(line)?.[1]
      if (port !== undefined) resolve(port)
    })
  })
}

/** Names alone: the values, of which one has a password, are no arguments that others see. */
function namesOf(variables: Variables): string[] {
  return Object.keys(variables).flatMap((name) => ['--env', name])
}

function optionsOf(variables: Variables) {
  const CONTAINERS_CONF = process.env.CONTAINERS_CONF ?? join(imageDir, 'containers.conf')
  return { env: { ...process.env, CONTAINERS_CONF, ...variables } }
}
