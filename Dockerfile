# Targets: the service (default) and `migrate`, which brings a database up to date and ends.
#
# Debian's slim image: the C library that the service is developed and measured on, and a shell for
# whoever has to look inside. Nothing that is installed below is native code.
ARG NODE_IMAGE=node:20-bookworm-slim

FROM ${NODE_IMAGE} AS base
WORKDIR /app

# Everything that building needs. What is optional here are binaries for development (the embedded
# PostgreSQL, a faster compiler).
FROM base AS deps
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=optional --no-audit --no-fund

FROM deps AS build
COPY tsconfig.json tsconfig.build.json prisma.config.ts ./
COPY prisma prisma
# Prisma's CLI asks for its schema engine, also to generate the client.
COPY tools/schema-engine.mjs tools/
COPY tools/schema-engine tools/schema-engine
COPY src src
RUN npm run build

# `optional` too: Prisma's CLI and TypeScript are optional peers of Prisma's client, and npm leaves
# such packages out only where both kinds are. Of the client's compilers only PostgreSQL's is used.
FROM base AS prod-deps
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --omit=optional --no-audit --no-fund \
  && find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*.postgresql.*' -delete

# What the CLI and the schema engine need, in the versions of the lock file.
FROM deps AS migrate-deps
RUN node -e " \
    const fs = require('node:fs'); \
    const { dependencies, devDependencies, ...rest } = JSON.parse(fs.readFileSync('package.json')); \
    const all = { ...dependencies, ...devDependencies }; \
    const needed = Object.keys(all).filter((name) => /^(pg|prisma|@prisma\/(adapter-pg|driver-adapter-utils|schema-engine-wasm))$/.test(name)); \
    rest.dependencies = Object.fromEntries(needed.map((name) => [name, all[name]])); \
    fs.writeFileSync('package.json', JSON.stringify(rest));" \
  && npm prune --omit=optional --omit=peer --offline --no-audit --no-fund

# Runs `prisma migrate deploy`; other arguments replace `migrate deploy`.
FROM base AS migrate
ENV CHECKPOINT_DISABLE=1 PRISMA_HIDE_UPDATE_MESSAGE=1
COPY --from=migrate-deps /app/node_modules node_modules
COPY --from=migrate-deps /app/package.json ./
COPY prisma.config.ts ./
COPY prisma prisma
COPY tools/schema-engine.mjs tools/
COPY tools/schema-engine tools/schema-engine
# The rules that the service holds DATABASE_URL to as well.
COPY src/config/database-url-rules.mjs src/config/
USER node
# Needs no database: fails the build where the CLI or the engine does not come up.
RUN node node_modules/prisma/build/index.js migrate diff --exit-code \
  --from-schema prisma/schema.prisma --to-schema prisma/schema.prisma
ENTRYPOINT ["node", "node_modules/prisma/build/index.js"]
CMD ["migrate", "deploy"]

FROM base AS runtime
# A burst's requests die young: with a larger young generation (in MiB) the collector copies less.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8000 NODE_OPTIONS=--max-semi-space-size=64
COPY --from=prod-deps /app/node_modules node_modules
COPY package.json ./
# Only their names are read: readiness compares them with what the database has had.
COPY prisma/migrations prisma/migrations
# Built from src/ alone: nothing of tools/ gets here.
COPY --from=build /app/dist dist
# The files belong to root: the service can read them and nothing else.
USER node
# The second port is that of METRICS_PORT, where it is set to that.
EXPOSE 8000 9464
# Liveness, not readiness: a restart does not mend a database.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8000) + '/livez').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# In this form node is process 1 and gets the signals itself; it starts no other processes.
CMD ["node", "dist/server.js"]
