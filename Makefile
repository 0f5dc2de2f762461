GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOVULNCHECK := golang.org/x/vuln/cmd/govulncheck@v1.8.0

# The vulnerability database is a folder: nothing is fetched while testing.
VESTNIK_VULNDB ?= ../shared/vulndb

# Histories of real policies, for tests and benchmarks.
VESTNIK_CORPUS ?= ../shared/corpus

# What barriers for people with disabilities are looked for with.
AXE := cmd/vestnik/testdata/axe

.PHONY: build test packages format vet staticcheck vulnerabilities race bench

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o vestnik ./cmd/vestnik

test: packages $(AXE)/node_modules format vet staticcheck vulnerabilities race

# What the tests drive for real. Postfix is installed without a configuration,
# and PostgreSQL without the cluster that Debian makes otherwise, so that no
# server is started; each test brings its own.
packages:
	@export PATH="$$PATH:/usr/sbin"; missing=; \
	command -v chromium >/dev/null || missing="$$missing chromium fonts-noto-core fonts-dejavu-core"; \
	command -v postfix >/dev/null || missing="$$missing postfix"; \
	command -v npm >/dev/null || missing="$$missing npm"; \
	command -v strace >/dev/null || missing="$$missing strace"; \
	command -v gcc >/dev/null || missing="$$missing gcc libc6-dev"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing="$$missing postgresql"; \
	[ -n "$$missing" ] || exit 0; \
	command -v apt-get >/dev/null || { echo "install these first:$$missing" >&2; exit 1; }; \
	if [ "$$(id -u)" = 0 ]; then sudo=; else sudo=sudo; fi; \
	echo "postfix postfix/main_mailer_type select No configuration" | $$sudo debconf-set-selections; \
	none=/etc/postgresql-common/createcluster.d/vestnik.conf; \
	$$sudo mkdir -p $${none%/*} && echo "create_main_cluster = false" | $$sudo tee $$none >/dev/null; \
	$$sudo apt-get update -q && \
	$$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $$missing; \
	done=$$?; $$sudo rm -f $$none; exit $$done

# The version and its digest stand in package-lock.json.
$(AXE)/node_modules: $(AXE)/package-lock.json | packages
	cd $(AXE) && npm ci --ignore-scripts --no-audit --no-fund && touch node_modules

format:
	@bad=$$(gofmt -l .); [ -z "$$bad" ] || { echo "run gofmt -w on:" $$bad >&2; exit 1; }

vet:
	$(GO) vet ./...

staticcheck:
	$(GO) run $(STATICCHECK) ./...

vulnerabilities:
	@if [ -d "$(VESTNIK_VULNDB)" ]; then \
		$(GO) run $(GOVULNCHECK) -db "file://$$(cd "$(VESTNIK_VULNDB)" && pwd)" ./...; \
	else \
		echo "known vulnerabilities are not checked: $(VESTNIK_VULNDB) is no folder; set VESTNIK_VULNDB to a copy of the Go vulnerability database"; \
	fi

# -timeout is for each package. Those of cmd start the program hundreds of times,
# and PostgreSQL beside it: more than ten minutes on two cores. The race detector
# lets each binary linger for a second at its end unless told not to. Package redline
# compares at length without it. Vet has seen it all by then.
race:
	$(GO) test -vet=off ./documents/redline
	GORACE="atexit_sleep_ms=0 $$GORACE" $(GO) test -race -vet=off -timeout 40m ./...

# The last compares the redline with what others make of the same pairs.
bench:
	$(GO) test -run '^$$' -bench . -benchmem -timeout 60m ./...
	@if [ -d "$(VESTNIK_CORPUS)" ]; then $(GO) run ./documents/redline/bench -corpus "$(VESTNIK_CORPUS)"; \
	else echo "$(VESTNIK_CORPUS) is no folder: set VESTNIK_CORPUS to the corpus"; fi
