import js from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

const nodeGlobals = {
  Buffer: 'readonly',
  URL: 'readonly',
  WebAssembly: 'readonly',
  console: 'readonly',
  process: 'readonly',
}

/** The rooms of src/ from the outermost in: each may import those after it. */
const ROOMS = ['cli', 'plugins', 'routes', 'http', 'engine', 'store', 'domain']
/** These import nothing of ours but themselves. */
const LEAVES = ['domain', 'config']
/** These are handed what they need of the configuration. */
const HANDED = ['engine', 'store']
const OUTSIDE = ['tools', 'test']
/** The files of src/ itself, which are outside of every room. */
const ROOT_FILES = ['app', 'cli', 'report', 'server', 'shutdown']
/** Rooms that may name Prisma's types, for what they hand on to store/. */
const NAMES_PRISMA = ['plugins', 'engine']
const MAKES_PRISMA = 'src/plugins/prisma.ts'

/** Imports that lead out of the folder of the importing file, to where `target` says. */
const upTo = (target) => `^(\\./)?(\\.\\./)+(src/)?${target}`
const anyOf = (names) => `(${names.join('|')})`

const OUT_OF_SRC = {
  regex: upTo(`${anyOf(OUTSIDE)}/`),
  message: 'What production runs does not know of tools/ and test/.',
}
// Otherwise `../domain/../store/rows.ts` would get by.
const ROUNDABOUT = { regex: '[^./]/\\.\\./', message: 'Write the shortest path.' }

const MEASURES = {
  regex: '^(prom-client$|@opentelemetry/)',
  message: 'What is measured or traced is told to an observer: only plugins/ know who measures.',
}

/** Whoever does not trace does not load the SDK either. */
const TRACES = {
  regex: '^(@fastify/otel|@opentelemetry/(?!api$))',
  allowTypeImports: true,
  message: 'Load it by import() where traces are to be sent; only the API is always there.',
}

function restrictImports(files, ...patterns) {
  const rule = ['error', { patterns: [OUT_OF_SRC, ROUNDABOUT, TRACES, ...patterns] }]
  return { files, rules: { 'no-restricted-imports': rule } }
}

/** Holds the arrows: cli → plugins → routes → http → engine → store → domain. */
function roomRules(room) {
  const all = [...ROOMS, 'config']
  const outer = LEAVES.includes(room)
    ? all.filter((other) => other !== room)
    : ROOMS.slice(0, ROOMS.indexOf(room)).concat(HANDED.includes(room) ? 'config' : [])
  const patterns = [
    {
      regex: upTo(`${anyOf(ROOT_FILES)}\\.`),
      message: `${room}/ must not import from the files that put the rooms together.`,
    },
  ]
  if (outer.length > 0) {
    patterns.push({
      regex: upTo(`${anyOf(outer)}/`),
      message: `Arrows run one way only: ${room}/ must not import from there.`,
    })
  }
  if (room !== 'store') patterns.push(...databaseRules(room))
  if (room !== 'plugins') patterns.push(MEASURES)
  return restrictImports([`src/${room}/**/*.{ts,mjs}`], ...patterns)
}

/** What has SQL in it, or can run some, stays in store/. */
function databaseRules(room) {
  const patterns = [
    {
      regex: '(^|/)(generated/|@prisma/|pg$)',
      allowTypeImports: NAMES_PRISMA.includes(room),
      message: 'The database is reached through store/; plugins/ and engine/ may name its types.',
    },
  ]
  if (room === 'routes') {
    patterns.push({
      regex: upTo('store/(?!reads/)'),
      allowTypeImports: true,
      message: 'A route goes through the engine, or a read of store/reads/.',
    })
  }
  return patterns
}

/** Loaded only where they are used: they are no rooms of ours. */
const LOADED_LATER = '/^(ioredis|@fastify\\u002fotel|@opentelemetry\\u002f.+)$/'
const DYNAMIC_IMPORT = {
  selector: `ImportExpression:not([source.value=${LOADED_LATER}])`,
  message: 'The arrows can be held for static imports only.',
}
const SQL_MESSAGE = 'SQL is written in store/ only.'
const SQL = [
  '[type=/^(Identifier|Literal)$/]:matches([name=/^\\$(query|execute)Raw/], [value=/^\\$(query|execute)Raw/])',
  'MemberExpression[object.name="Prisma"][property.name=/^(sql|raw|join|empty)$/]',
  'CallExpression[callee.property.name="query"]',
].map((selector) => ({ selector, message: SQL_MESSAGE }))

export default defineConfig(
  // A story is compiled with what its test generates.
  globalIgnores(['dist/', 'src/generated/', '.tap/', '.data/', 'test/clients/story/']),
  js.configs.recommended,
  { files: ['**/*.{js,mjs}'], languageOptions: { globals: nodeGlobals } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    },
  },
  ...[...ROOMS, 'config'].map(roomRules),
  restrictImports([MAKES_PRISMA], {
    regex: upTo(`${anyOf(ROOT_FILES)}\\.`),
    message: 'plugins/ must not import from the files that put the rooms together.',
  }),
  restrictImports(
    ['src/*.ts'],
    {
      regex: '^\\./(server|cli)\\.',
      message: 'The server imports the application, not the other way round.',
    },
    ...databaseRules('app'),
  ),
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', DYNAMIC_IMPORT, ...SQL] },
  },
  {
    files: ['src/store/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', DYNAMIC_IMPORT] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // tap waits for its subtests by itself; a function that is given to it is async by habit.
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafePromises: [
            { from: 'package', name: 'PromiseWithSubtest', package: '@tapjs/core' },
          ],
        },
      ],
      '@typescript-eslint/require-await': 'off',
      // Bodies of answers are looked at as they come.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
    },
  },
)
