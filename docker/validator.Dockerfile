# The validator; as the target "gatehouse" every command, of which the compose stack runs the registry, and as the target "demo" its MCP
# server. To be built from the project's folder:
#
#   docker build -f docker/validator.Dockerfile -t mcp-gatehouse .

# The newest LTS line. A tag moves; README.md says how to name a digest instead.
ARG NODE_IMAGE=node:26-slim

# JavaScript is the same for every processor: it is made once, on the processor that builds, for all platforms of the image.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS build
WORKDIR /build
# Packages first: a changed source file does not fetch them again.
COPY package.json package-lock.json ./
# None of the packages has to run anything of its own to be installed.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY build.js bundle.js licences.js sbom.js LICENSE tsconfig.json ./
COPY src src
# A folder each, so that the validator's image has its own files in it, and the list and the licences of what they are made of: scanners of
# images cannot see into a bundle.
RUN for program in validator gatehouse demo; do \
      node build.js $program && node sbom.js $program > dist/sbom.cdx.json && mv dist $program || exit 1; \
    done

# The files belong to root and the process does not: it cannot change its own program.
FROM ${NODE_IMAGE} AS runtime
ENV NODE_ENV=production
WORKDIR /app
COPY package.json LICENSE ./
# By number, so that Kubernetes can see that it is not root. The image calls this user "node".
USER 1000:1000

FROM runtime AS demo
COPY --from=build /build/demo dist
ENV HOST=0.0.0.0 PORT=8000
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.PORT + '/health').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/demo.js"]
CMD ["currenttime"]

FROM runtime AS gatehouse
COPY bin bin
COPY --from=build /build/gatehouse dist
ENTRYPOINT ["/app/bin/gatehouse"]
CMD ["--help"]

FROM runtime AS validator
COPY --from=build /build/validator dist
ENV VALIDATOR_LISTEN=0.0.0.0:8888 SCOPES_FILE=/etc/gatehouse/scopes.yml
EXPOSE 8888
# Not by fetch, which cannot speak to a unix socket.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "-e", "const at = process.env.VALIDATOR_LISTEN; require('node:http').get(at.startsWith('unix:') ? { socketPath: at.slice(5), path: '/health' } : 'http://' + at + '/health', (r) => process.exit(r.statusCode === 200 ? 0 : 1)).on('error', () => process.exit(1))"]
# Memory before speed: the allocator would rather keep what it once had, for each thread. tests/support/memory.ts measures what comes of it.
ENV MALLOC_ARENA_MAX=1
ENTRYPOINT ["node", "/app/dist/validator.js"]
