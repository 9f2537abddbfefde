# Every target installs what it needs: npm packages, and from Debian nginx with njs when they are missing.

SHELL := /bin/sh
DEMO := node dist/demo.js

.DEFAULT_GOAL := help
.PHONY: help up down status logs test check build deps-nginx

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

test: build deps-nginx ## types, lint and every test
	@npm run --silent check
	@npm test --silent

check: node_modules/.installed ## types and lint alone
	@npm run --silent check

build: dist/.built ## bundle the executable

dist/.built: node_modules/.installed package.json build.js $(shell find src -name '*.ts' -o -name '*.tsx')
	@npm run --silent build
	@touch $@

node_modules/.installed: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

# nginx with the njs module; NGINX_BIN and NJS_MODULE may name others than the installed ones. Root installs; others are told what to ask for.
deps-nginx:
	@PATH="$$PATH:/usr/sbin"; \
	if test -n "$$NGINX_BIN"; then exit 0; fi; \
	if command -v nginx >/dev/null && test -e /usr/lib/nginx/modules/ngx_http_js_module.so; then exit 0; fi; \
	if ! command -v apt-get >/dev/null; then echo 'Install nginx and its njs module, then try again.' >&2; exit 1; fi; \
	if test "$$(id -u)" = 0; then as=; elif command -v sudo >/dev/null; then as=sudo; \
	else echo 'nginx is missing. Ask root for: apt-get install nginx libnginx-mod-http-js' >&2; exit 1; fi; \
	echo 'installing nginx and njs'; \
	$$as apt-get update -qq && RUNLEVEL=1 $$as apt-get install -y -qq --no-install-recommends nginx libnginx-mod-http-js >/dev/null
