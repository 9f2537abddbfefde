# Every target installs what it needs: npm packages, and from Debian what is missing of nginx with njs and of the programs that tests use.

SHELL := /bin/sh
DEMO := node dist/demo.js

.DEFAULT_GOAL := help
.PHONY: help up down status logs test attack soak check build bench sbom docs deps-nginx deps-test deps-bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: build deps-nginx ## run the whole local stack on http://localhost:8000 (GATEWAY_PORT)
	@$(DEMO) up

down: build ## stop it
	@$(DEMO) down

status: build ## what runs where
	@$(DEMO) status

logs: build ## the last lines of every log, in .demo/logs
	@$(DEMO) logs

test: build deps-nginx deps-test ## types, lint and every test
	@npm run --silent check
	@npm test --silent

check: node_modules/.installed ## types and lint alone
	@npm run --silent check

bench: build deps-nginx deps-bench ## measure the gate against its limits (minutes; bench/README.md)
	@node --import tsx bench/main.ts $(BENCH)

attack: build deps-nginx deps-test ## every attack on the gate alone, and what is covered
	@node --import tsx tests/run.ts attacks/

soak: build deps-nginx ## ten minutes of mixed load, judged by slope (SOAK_MINUTES)
	@node --import tsx tests/soak/main.ts

sbom: node_modules/.installed ## what the product is made of, as CycloneDX: sbom.cdx.json
	@node sbom.js > sbom.cdx.json

docs: node_modules/.installed ## the documentation as a site: docs/.vitepress/dist
	@node --import tsx docs/site/reference/write.ts
	@npx --no-install vitepress build docs

build: dist/.built ## bundle the executable

dist/.built: node_modules/.installed package.json build.js bundle.js licences.js $(shell find src -name '*.ts' -o -name '*.tsx')
	@npm run --silent build
	@touch $@

node_modules/.installed: package.json package-lock.json
	npm ci --ignore-scripts --no-audit --no-fund
	@touch $@

# Root installs Debian packages; others are told what to ask for.   $(call debian,PACKAGES)
define debian
	@if ! command -v apt-get >/dev/null; then echo 'Install $(1), then try again.' >&2; exit 1; fi; \
	if test "$$(id -u)" = 0; then as=; elif command -v sudo >/dev/null; then as=sudo; \
	else echo 'Ask root for: apt-get install $(1)' >&2; exit 1; fi; \
	echo 'installing $(1)'; \
	$$as apt-get update -qq && RUNLEVEL=1 $$as apt-get install -y -qq --no-install-recommends $(1) >/dev/null
endef

# nginx with the njs module; NGINX_BIN and NJS_MODULE may name others than the installed ones.
ifneq ($(or $(NGINX_BIN),$(and $(wildcard /usr/sbin/nginx /usr/local/sbin/nginx /usr/bin/nginx),$(wildcard /usr/lib/nginx/modules/ngx_http_js_module.so))),)
deps-nginx:
else
deps-nginx:
	$(call debian,nginx libnginx-mod-http-js)
endif

# What tests play users and attackers with: curl, openssl, a browser, a store of sessions, other gates.
TOOLS := curl jq openssl chromium redis-server caddy haproxy
ifeq ($(strip $(foreach tool,$(TOOLS),$(if $(shell PATH="$$PATH:/usr/sbin" command -v $(tool)),,$(tool)))),)
deps-test:
else
deps-test:
	$(call debian,$(TOOLS))
endif

# The load generator, and what keeps it off the core that is measured.
ifneq ($(and $(shell command -v wrk),$(shell command -v taskset)),)
deps-bench:
else
deps-bench:
	$(call debian,wrk util-linux)
endif
